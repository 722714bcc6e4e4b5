//! What `prod-cons` promises: every dish is cooked and eaten once, and no process is left at the table.

#[path = "prod-cons/kill.rs"]
mod kill;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use support::serde_json::{self, Value};
use support::{Running, listing, listing_without_key_line, program};

#[test]
fn the_feast_holds_without_delays() {
    let report = program!().args(["--scene", "feast", "--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["feast"]);
    assert_eq!(report.figure("feast", "dishes_cooked"), 16);
}

#[test]
fn without_a_choice_both_scenes_are_played() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["feast", "kill"]);
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let run = program!().args(["--speed", "inf", "--lang", "zh"]).run();
    let words = ["神厨小福贵做了佛跳墙0\n", "中华小当家做了黄金炒饭7\n", "吃了佛跳墙7\n", "吃了黄金炒饭0\n"];
    run.expect_code(0).expect_text(&words);
}

#[test]
fn it_speaks_english_too() {
    let run = program!().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0)
        .expect_text(&["Xiao Dangjia cooked golden fried rice 7\n", " ate Buddha jumps over the wall 0\n"]);
}

#[test]
fn every_dish_is_cooked_and_then_eaten_once() {
    let mut said =
        program!().args(["--scene", "feast", "--speed", "500", "--lang", "zh", "--format", "jsonl"]).run().journal();
    said.retain(|event| event["kind"] == "say");
    said.sort_by_key(|event| event["t"].as_u64());
    let place = |key: &str, food: &str, number: u64| {
        let is_it =
            |event: &Value| event["key"] == key && event["args"]["food"] == food && event["args"]["number"] == number;
        let mut places = (0..said.len()).filter(|place| is_it(&said[*place]));
        let place = places.next().unwrap_or_else(|| panic!("{food} {number} was not {key}: {said:?}"));
        assert_eq!(places.next(), None, "{food} {number} was {key} twice: {said:?}");
        place
    };
    for food in ["golden_fried_rice", "buddha_jumps_over_the_wall"] {
        for number in 0..8 {
            assert!(place("cooked", food, number) < place("ate", food, number), "{said:?}");
        }
    }
}

#[test]
fn the_seed_repeats_what_each_cook_does() {
    let pauses = || {
        let run = program!().args(["--scene", "feast", "--seed", "7", "--speed", "1000", "--dishes", "3"]);
        let run = run.args(["--format", "jsonl"]).run();
        let is_pause = |event: &&Value| event["kind"] == "pause" && event["actor"] == "Xiao Fugui";
        run.journal().iter().filter(is_pause).map(|event| event["ns"].clone()).collect::<Vec<_>>()
    };
    let first = pauses();
    assert_eq!((first.len(), &first), (3, &pauses()));
}

#[test]
fn the_smallest_table_and_many_dishes_are_enough() {
    let arguments = ["--capacity", "1", "--dishes", "100", "--speed", "inf", "--format", "json"];
    let report = program!().args(arguments).run().expect_held();
    assert_eq!(report.figure("feast", "dishes_cooked"), 200);
    let eaten = |name| report.figure("feast", name).as_u64().expect("a number");
    assert_eq!(eaten("eaten_by_bajie") + eaten("eaten_by_wukong"), 200);
}

#[test]
fn cooks_and_eaters_are_four_processes_and_the_eaters_end_by_sigterm() {
    let journal = program!().args(["--scene", "feast", "--speed", "inf", "--format", "jsonl"]).run().journal();
    let born = journal.iter().filter(|event| event["kind"] == "born");
    let pids: BTreeSet<_> = born.filter_map(|event| event["child_pid"].as_i64()).collect();
    assert_eq!(pids.len(), 4);
    let ended = journal.iter().filter(|event| event["kind"] == "ended");
    for (name, exit) in [
        ("Xiao Dangjia", "code 0"),
        ("Xiao Fugui", "code 0"),
        ("Bajie", "signal SIGTERM"),
        ("Wukong", "signal SIGTERM"),
    ] {
        let ends: Vec<_> = ended.clone().filter(|event| event["child"] == name).map(|event| &event["exit"]).collect();
        assert_eq!(ends, [exit], "{name}");
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    for (option, too_many) in [("--dishes", "10001"), ("--capacity", "10001"), ("--kill-every", "4294967296")] {
        for number in ["0", "-1", "1.5", "many", "", too_many] {
            program!().arg(format!("{option}={number}")).run().expect_error(2, option);
        }
    }
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are feast, kill");
}

#[test]
fn a_signal_ends_the_feast_for_all() {
    program!().args(["--scene", "feast", "--speed", "1"]).expect_clean_ends("cooked");
}

#[test]
fn a_feast_without_eaters_is_given_up() {
    let mut run = program!().args(["--speed", "5", "--capacity", "1", "--format", "jsonl"]).start();
    let eaters = ["Bajie", "Wukong"].map(|name| next_born(&mut run, name));
    run.line_with("cooked");
    for pid in eaters {
        kill_9(pid);
    }
    run.wait().expect_error(1, "ended with signal SIGKILL");
}

/// The process id of the next actor of this name in a journal.
fn next_born(run: &mut Running, name: &str) -> i64 {
    loop {
        let line = run.line_with(r#""kind":"born""#);
        let born: Value = serde_json::from_str(&line).expect("an event");
        if born["child"] == name {
            return born["child_pid"].as_i64().expect("a process id");
        }
    }
}

fn kill_9(pid: i64) {
    let killed = Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status();
    assert!(killed.expect("a shell").success());
}

support::ends_in_every_trouble!(program!(), program!().args(["--dishes", "4"]));

#[test]
fn a_reader_that_leaves_ends_the_feast() {
    for (scene, middle) in [("feast", "cooked"), ("kill", "takes its place")] {
        let mut run = program!().args(["--scene", scene, "--speed", "20", "--capacity", "1"]).start();
        run.line_with(middle);
        run.close_output();
        let ended = run.wait();
        assert_eq!((ended.code(), ended.stderr().as_str()), (Some(141), ""), "{scene}");
    }
}

#[test]
fn a_refused_process_is_an_error_and_leaves_none_behind() {
    for scene in ["feast", "kill"] {
        for processes in 1..=4 {
            let run = program!().args(["--scene", scene, "--speed", "inf"]);
            run.limit("nproc", processes).as_ordinary_user().run().expect_error(3, "cannot start");
        }
    }
}

#[test]
fn a_refused_restart_is_an_error_and_leaves_no_process_behind() {
    let arguments = ["--scene", "kill", "--speed", "1", "--format", "jsonl"];
    let mut run = program!().args(arguments).as_ordinary_user().start();
    let eaters = ["Bajie", "Wukong"].map(|name| next_born(&mut run, name));
    run.line_with("takes its place");
    // Its user has five processes, and gets no more.
    run.limit("nproc", 1);
    // One of the first two is dead already.
    let kills = format!("kill -9 {} {} 2>/dev/null", eaters[0], eaters[1]);
    Command::new("sh").args(["-c", &kills]).status().expect("a shell");
    run.wait().expect_error(3, ": resource temporarily unavailable").expect_error(3, "cannot start");
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&[
        "Scenes:",
        "Examples:",
        "--dishes",
        "--capacity",
        "--kill-every",
    ]);
}

#[test]
fn the_journal_of_every_scene_keeps_its_promises() {
    let record = program!().args(["--speed", "100"]).record();
    assert!(record.born.iter().any(|(_, exit)| exit == "signal SIGKILL"), "{:?}", record.born);
    assert_eq!(record.marked("redelivered").count(), 1);
}

#[test]
fn the_listing_of_a_feast_ends_when_every_dish_is_eaten() {
    let printed = listing!("feast").run().expect_code(0).stdout();
    let mut dishes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in printed.lines() {
        let verb = [" cooked ", " ate "].into_iter().find(|verb| line.contains(verb)).expect("a verb");
        let (_, dish) = line.split_once(verb).expect("a dish");
        dishes.entry(dish).or_default().push(verb.trim());
    }
    assert_eq!(dishes.len(), 16, "{printed}");
    assert!(dishes.values().all(|fate| *fate == ["cooked", "ate"]), "{printed}");
}

#[test]
fn the_listing_that_never_says_done_serves_a_dish_again_and_never_ends() {
    let mut run = listing_without_key_line!("feast").start();
    let meal = run.line_with(" ate ");
    let (_, dish) = meal.split_once(" ate ").expect("a dish");
    // What is not done goes back to the front of the table, where its eater finds it next.
    for _ in 0..2 {
        run.line_with(&format!(" ate {dish}"));
    }
}
