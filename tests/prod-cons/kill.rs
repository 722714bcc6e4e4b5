//! The scene `kill`: eaters die, and no dish is lost.

use std::collections::BTreeSet;

use support::serde_json::{self, Value};
use support::{Program, Report, Running, program};

use crate::{kill_9, next_born};

fn scene() -> Program {
    program!().args(["--scene", "kill"])
}

/// Kills, restarts and dishes that were served twice.
fn figures(report: &Report) -> [u64; 3] {
    ["kills", "restarts", "served_twice"].map(|name| report.figure("kill", name).as_u64().expect("a number"))
}

#[test]
fn an_eater_is_killed_and_nothing_is_lost_at_any_speed() {
    for speed in ["inf", "1000", "20"] {
        let report = scene().args(["--speed", speed, "--format", "json"]).run().expect_held();
        assert_eq!(figures(&report), [1, 1, 1], "speed {speed}");
    }
}

#[test]
fn eaters_are_killed_again_and_again_and_nothing_is_lost_at_any_speed() {
    for (speed, dishes, at_least) in [("inf", "8", 1), ("100", "8", 1), ("5", "5", 2)] {
        let run = scene().args(["--kill-every", "50", "--speed", speed, "--dishes", dishes, "--format", "json"]).run();
        let [kills, restarts, served_twice] = figures(&run.expect_held());
        assert!(kills >= at_least, "speed {speed}: {kills} kills");
        assert_eq!((restarts, served_twice), (kills, kills), "speed {speed}");
    }
}

#[test]
fn a_dish_kills_once_at_most_however_short_the_time() {
    let run = scene().args(["--kill-every", "1", "--speed", "20", "--capacity", "1", "--format", "json"]).run();
    let [kills, restarts, served_twice] = figures(&run.expect_held());
    assert!((2..=16).contains(&kills), "{kills}");
    assert_eq!((restarts, served_twice), (kills, kills));
}

#[test]
fn one_dish_is_enough() {
    for options in [&["--kill-every", "1"][..], &[]] {
        let run = scene().args(["--dishes", "1", "--capacity", "1", "--speed", "inf", "--format", "json"]);
        let [kills, ..] = figures(&run.args(options).run().expect_held());
        assert!((1..=2).contains(&kills), "{kills}");
    }
}

#[test]
fn the_output_names_each_dish_that_was_served_twice_and_why() {
    let run = scene().args(["--speed", "20", "--kill-every", "50", "--format", "jsonl"]).run();
    run.expect_code(0);
    let journal = run.journal();
    let is_killed = |event: &&Value| event["kind"] == "ended" && event["exit"] == "signal SIGKILL";
    let killed: BTreeSet<_> = journal.iter().filter(is_killed).map(|event| event["child_pid"].as_i64()).collect();
    let mut said = journal.clone();
    said.retain(|event| event["kind"] == "say");
    said.sort_by_key(|event| event["t"].as_u64());
    let place = |is_it: &dyn Fn(&Value) -> bool| said.iter().position(is_it).unwrap_or_else(|| panic!("{said:?}"));
    let mut named = BTreeSet::new();
    for (at, event) in said.iter().enumerate().filter(|(_, event)| event["key"] == "served_again") {
        let served = &event["args"];
        let born = journal.iter().find(|event| event["kind"] == "born" && event["child_pid"] == served["pid"]);
        assert_eq!(born.expect("a birth")["key"], served["dead"], "{event}");
        let kill = place(&|event| event["key"] == "kills_eater" && event["args"]["pid"] == served["pid"]);
        assert_eq!(said[kill]["args"]["name"], served["dead"], "{event}");
        let meal = place(&|event| {
            event["key"] == "ate" && ["name", "food", "number"].iter().all(|arg| event["args"][arg] == served[arg])
        });
        assert!(kill < at && at < meal, "{event}");
        assert_eq!(said[meal]["pid"], event["pid"], "{event}");
        named.insert(served["pid"].as_i64());
    }
    assert_eq!(named, killed);
    assert_eq!(run.report().figure("kill", "kills"), named.len());
}

#[test]
fn it_speaks_the_language_of_the_notes() {
    let run = scene().args(["--speed", "inf", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["主进程杀死正在吃菜的", "又分到", "没吃完就被杀了\n", "接替\n", "菜都吃完了\n"]);
}

#[test]
fn an_eater_that_another_process_kills_has_a_successor_too() {
    let mut run = scene().args(["--speed", "5", "--dishes", "5", "--format", "jsonl"]).start();
    kill_9(next_successor(&mut run));
    next_successor(&mut run);
    let run = run.wait();
    run.expect_code(0);
    let [kills, restarts, served_twice] = figures(&run.report());
    assert_eq!((kills, restarts), (1, 2));
    assert!((1..=2).contains(&served_twice), "{served_twice}");
}

/// The process id of the next eater that takes the place of a dead one.
fn next_successor(run: &mut Running) -> i64 {
    let line = run.line_with(r#""key":"takes_its_place""#);
    let event: Value = serde_json::from_str(&line).expect("an event");
    event["args"]["pid"].as_i64().expect("a process id")
}

#[test]
fn an_eater_that_cannot_live_is_given_up() {
    // So slow that no dish is cooked before.
    let mut run = scene().args(["--dishes", "1", "--speed", "0.01", "--format", "jsonl"]).start();
    for _ in 0..=2 {
        kill_9(next_born(&mut run, "Bajie"));
    }
    run.wait().expect_error(1, "cannot restart Bajie: 3 deaths in 60 s, and 2 restarts are allowed: Bajie (pid ");
}

#[test]
fn a_signal_ends_it_for_all() {
    // Before the first kill.
    scene().args(["--speed", "0.01"]).expect_clean_ends("forced");
    // Between two of very many.
    let run = scene().args(["--dishes", "1000", "--speed", "20", "--kill-every", "1"]);
    run.expect_clean_ends("takes its place");
}

#[test]
fn to_kill_in_the_feast_is_refused() {
    let run = program!().args(["--scene", "feast", "--kill-every", "50"]).run();
    run.expect_error(2, "--kill-every is for the scene kill: leave out --scene, or add --scene kill");
    let run = program!().args(["--scene", "feast", "--scene", "kill", "--kill-every", "50", "--speed", "inf"]).run();
    run.expect_code(0);
}

#[test]
fn the_journal_has_the_work_that_was_cut_and_the_eater_that_did_it_again() {
    let run = scene().args(["--speed", "20", "--kill-every", "50", "--format", "jsonl"]).run();
    run.expect_code(0);
    let record = run.record();
    let [kills, ..] = figures(&run.report());
    let cut: Vec<_> = record.doing("work").filter(|span| span.cut).collect();
    assert_eq!(cut.len() as u64, kills);
    let redelivered: Vec<_> = record.marked("redelivered").collect();
    assert_eq!(redelivered.len() as u64, kills);
    for mark in redelivered {
        let dead = cut.iter().find(|span| mark["from_pid"] == span.who.0).expect("the eater that was killed");
        assert!(mark["t"].as_u64() > Some(dead.from) && mark["on"] == *dead.on, "{mark} after {dead:?}");
    }
    // Every dish came from a cook once, and was worked on at least once.
    assert_eq!(record.marked("handed over").count() + cut.len(), record.doing("work").count());
}
