//! What `zombie` promises: its scenes hold, in both languages, and no process is left after any end of it.

use support::serde_json::Value;
use support::{listing, listing_without_key_line, program};

#[test]
fn every_scene_holds_without_delays() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["zombie", "orphan", "cures"]);
}

#[test]
fn every_scene_holds_at_the_default_speed() {
    let _ = program!().args(["--format", "json"]).run().expect_held();
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let run = program!().args(["--speed", "inf", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&[
        "任务开始",
        "主进程",
        "任务结束",
        "僵尸",
        "孤儿",
        "的状态是 Z",
        "join 之后:已消失",
    ]);
}

#[test]
fn it_speaks_english_too() {
    let run = program!().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&[
        "task begins",
        "main process",
        "task ends",
        "is in state Z",
        "after kill -9: state Z",
        "after join: gone",
    ]);
}

#[test]
fn a_zombie_keeps_its_entry_and_no_memory() {
    let report = program!().args(["--scene", "zombie", "--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.figure("zombie", "memory_of_zombie").as_u64(), Some(0));
    assert!(report.figure("zombie", "memory_of_task").as_u64() > Some(0));
}

#[test]
fn the_orphan_goes_on_after_its_parent_was_reaped() {
    let run = program!().args(["--scene", "orphan", "--speed", "inf", "--format", "jsonl"]).run();
    let mut journal = run.journal();
    journal.sort_by_key(|event| event["t"].as_u64());
    let parent_ended = journal.iter().position(|event| event["kind"] == "ended" && event["child"] == "parent");
    let orphan_ends = journal.iter().position(|event| event["actor"] == "orphan" && event["key"] == "task_ends");
    assert!(parent_ended.is_some() && parent_ended < orphan_ends, "{journal:#?}");
}

#[test]
fn the_orphan_is_adopted_by_the_process_that_speaks_as_main() {
    let run = program!().args(["--scene", "orphan", "--speed", "inf", "--format", "jsonl"]).run();
    let main = run.journal()[0]["pid"].clone();
    let report = run.report();
    let checks = report.scene("orphan")["checks"].as_array().expect("a list of checks");
    let adopter = checks.iter().find(|check| check["observed"].is_i64() && check["observed"] != 0);
    assert_eq!(adopter.map(|check| &check["observed"]), Some(&main));
}

#[test]
fn a_parent_that_ignores_sigchld_learns_that_its_child_ended_and_not_how() {
    let run = program!().args(["--scene", "cures", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let ends = |actor: &str| -> Vec<_> {
        let is_its = |event: &&Value| event["kind"] == "ended" && event["actor"] == actor && event["child"] == "task";
        journal.iter().filter(is_its).map(|event| event["exit"].as_str().expect("an end").to_owned()).collect()
    };
    assert_eq!((ends("waits"), ends("ignores")), (vec!["code 0".to_owned()], vec!["unknown".to_owned()]));
}

/// A line of each scene at which processes of all its generations live.
const MIDDLES: [(&str, &str); 3] =
    [("zombie", "task begins"), ("orphan", "its parent ended with signal SIGKILL"), ("cures", "task begins")];

#[test]
fn a_signal_in_the_middle_of_any_scene_leaves_nothing_behind() {
    for (scene, middle) in MIDDLES {
        // So slow that no scene comes to its end before it is ended.
        program!().args(["--scene", scene, "--speed", "0.01"]).expect_clean_ends(middle);
    }
}

#[test]
fn a_system_that_gives_no_process_ends_the_run_with_code_3() {
    for most in [1, 2] {
        let run = program!().args(["--scene", "cures", "--speed", "inf"]).limit("nproc", most).as_ordinary_user().run();
        run.expect_error(3, "cannot start");
    }
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are zombie, orphan, cures");
}

support::ends_in_every_trouble!(program!());

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "subreaper"]);
}

#[test]
fn the_journal_of_every_scene_keeps_its_promises() {
    let record = program!().args(["--speed", "100"]).record();
    for (name, end) in [("parent", "signal SIGKILL"), ("orphan", "code 0")] {
        assert!(record.born.contains(&(name.to_owned(), end.to_owned())), "{:?}", record.born);
    }
}

#[test]
fn the_listing_leaves_no_zombie_because_it_joins() {
    let run = listing!("reap").run();
    run.expect_code(0).expect_text(&["main process", "task begins", "task ends", "states of the children: []"]);
    let run = listing_without_key_line!("reap").run();
    run.expect_code(0).expect_text(&["task ends", "states of the children: ['Z']"]);
}
