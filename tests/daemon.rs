//! What `daemon` promises: its scenes hold, in both languages, and no process is left after any end of it.

use support::{Signal, listing, listing_without_key_line, program};

#[test]
fn every_scene_holds_without_delays() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["daemon", "ordinary", "killed-parent"]);
}

#[test]
fn every_scene_holds_at_the_default_speed() {
    let _ = program!().args(["--format", "json"]).run().expect_held();
}

#[test]
fn the_daemon_dies_with_her_parent_in_the_words_of_the_notes() {
    let run = program!().args(["--scene", "daemon", "--speed", "inf", "--lang", "zh", "--format", "jsonl"]).run();
    let said = run.said();
    let words: Vec<_> = said.iter().map(|(actor, text)| (actor.as_str(), text.as_str())).collect();
    let of_the_court: Vec<_> = words.into_iter().filter(|(actor, _)| *actor != "主进程").collect();
    assert_eq!(of_the_court, [("苏妲己", "苏妲己 还活着"), ("纣王", "纣王驾崩了")]);
}

#[test]
fn an_ordinary_child_lives_on_to_her_end_in_the_words_of_the_notes() {
    let run = program!().args(["--scene", "ordinary", "--speed", "inf", "--lang", "zh", "--format", "jsonl"]).run();
    let said = run.said();
    let words: Vec<_> = said.iter().map(|(actor, text)| (actor.as_str(), text.as_str())).collect();
    let of_the_court: Vec<_> = words.into_iter().filter(|(actor, _)| *actor != "主进程").collect();
    assert_eq!(of_the_court, [("苏妲己", "苏妲己 还活着"), ("纣王", "纣王驾崩了"), ("苏妲己", "苏妲己 正常死亡")]);
}

#[test]
fn it_speaks_english_too() {
    let run = program!().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&[
        "Daji is still alive",
        "King Zhou has died",
        "Daji ended with signal SIGTERM",
        "Daji dies a natural death",
        "Daji ended with signal SIGKILL",
        "Wu Geng dies a natural death",
    ]);
}

#[test]
fn a_forced_order_is_said_to_be_forced() {
    for scene in ["daemon", "ordinary", "killed-parent"] {
        let run = program!().args(["--scene", scene, "--speed", "inf"]).run();
        run.expect_code(0).expect_text(&["the order is forced"]);
    }
}

#[test]
fn the_parent_reaps_his_daemon_before_he_ends() {
    let run = program!().args(["--scene", "daemon", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let ends: Vec<_> = journal.iter().filter(|event| event["kind"] == "ended").collect();
    let ends: Vec<_> = ends.iter().map(|event| (event["child"].as_str(), event["exit"].as_str())).collect();
    assert_eq!(ends, [(Some("Daji"), Some("signal SIGTERM")), (Some("King Zhou"), Some("code 0"))]);
}

#[test]
fn a_killed_parent_takes_his_daemon_with_him_and_no_other_child() {
    let run = program!().args(["--scene", "killed-parent", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let natural = journal.iter().filter(|event| event["key"] == "dies_naturally");
    let names: Vec<_> = natural.map(|event| event["args"]["name"].as_str()).collect();
    assert_eq!(names, [Some("heir")]);
}

/// A line of each scene at which processes of all its generations live.
const MIDDLES: [(&str, &str); 3] = [
    ("daemon", "Daji is still alive"),
    ("ordinary", "Daji is still alive"),
    ("killed-parent", "Wu Geng is still alive"),
];

#[test]
fn a_signal_in_the_middle_of_any_scene_leaves_nothing_behind() {
    for (scene, middle) in MIDDLES {
        // So slow that no scene comes to its end before it is ended.
        program!().args(["--scene", scene, "--speed", "0.01"]).expect_clean_ends(middle);
    }
}

#[test]
fn an_orphan_notices_that_its_run_was_killed() {
    // Fast enough that the king dies, slow enough that his heir waits for seconds then.
    let mut run = program!().args(["--scene", "killed-parent", "--speed", "0.2"]).start();
    run.line_with("the parent of Wu Geng is");
    run.signal(Signal::SIGKILL);
    assert_eq!(run.wait().code(), None);
}

#[test]
fn a_system_that_gives_no_process_ends_the_run_with_code_3() {
    for most in [1, 2] {
        let run =
            program!().args(["--scene", "daemon", "--speed", "inf"]).limit("nproc", most).as_ordinary_user().run();
        run.expect_error(3, "cannot start");
    }
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are daemon, ordinary, killed-parent");
}

support::ends_in_every_trouble!(program!());

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "parent-death signal"]);
}

#[test]
fn the_journal_of_every_scene_keeps_its_promises() {
    let record = program!().args(["--speed", "100"]).record();
    assert_eq!(record.born.iter().filter(|(name, _)| name == "Daji").count(), 3);
    assert!(record.born.contains(&("King Zhou".to_owned(), "signal SIGKILL".to_owned())));
}

/// What is printed after King Zhou's last word.
fn after_the_king(printed: &str) -> &str {
    printed.split_once("King Zhou has died\n").unwrap_or_else(|| panic!("{printed}")).1
}

#[test]
fn the_daemon_of_the_listing_does_not_outlive_her_parent() {
    // She may come to her end before his on a machine that holds him up, and never after it.
    let run = listing!("daemon").run();
    assert_eq!(after_the_king(&run.expect_code(0).stdout()), "");
    let run = listing_without_key_line!("daemon").run();
    run.expect_code(0).expect_text(&["Daji dies a natural death"]);
}

#[test]
fn the_ordinary_child_of_the_listing_comes_to_her_own_end() {
    let run = listing!("ordinary").run();
    run.expect_code(0).expect_text(&["Daji is still alive", "King Zhou has died", "Daji dies a natural death"]);
}
