//! The trace of a fixed run against the format, as [`support::Trace`] reads it; tests/ticket-mutex has that of a
//! real one.

use serde_json::{Value, json};
use support::Trace;

use super::*;
use crate::lanes::synthetic::{Script, everything};

fn trace(run: &Run) -> Vec<Value> {
    let mut bytes = Vec::new();
    write(run, &mut bytes).expect("memory");
    Trace::parse(&bytes).events
}

fn of<'a>(trace: &'a [Value], phase: &str) -> Vec<&'a Value> {
    trace.iter().filter(|event| event["ph"] == phase).collect()
}

#[test]
fn every_lane_has_its_name_and_its_life() {
    let trace = trace(&everything("zh"));
    let about_threads: Vec<_> = of(&trace, "M").into_iter().filter(|event| event["name"] == "thread_name").collect();
    let names: Vec<_> = about_threads.iter().map(|event| event["args"]["name"].as_str().expect("a text")).collect();
    assert_eq!(names, ["主进程", "用户1", "用户2", "八戒", "悟空"]);
    let lives: Vec<_> = trace.iter().filter(|event| event["cat"] == "life").map(|event| &event["name"]).collect();
    assert_eq!(lives, ["locked", "用户1", "用户2", "八戒", "悟空"]);
}

#[test]
fn every_span_is_a_slice_and_so_is_every_life() {
    assert_eq!(of(&trace(&everything("en")), "X").len(), 5 + 8);
}

#[test]
fn spans_that_do_not_nest_are_slices_that_do() {
    let script = Script::new("en").begin(10, 1, 1, "hold-lock", "a").begin(20, 1, 2, "hold-lock", "b").end(30, 1, 1);
    let trace = trace(&script.end(50, 1, 2).say(60, 1, "the end").read());
    assert_eq!(of(&trace, "X").iter().filter(|event| event["args"]["on"] == "b").count(), 2);
}

#[test]
fn an_arrow_begins_with_the_slice_that_it_leaves_and_ends_with_the_one_that_it_enters() {
    let trace = trace(&everything("en"));
    let ends = |phase: &str| -> Vec<_> {
        of(&trace, phase)
            .iter()
            .map(|event| (event["id"].as_u64(), event["tid"].as_i64(), event["ts"].as_f64()))
            .collect()
    };
    assert_eq!(ends("s"), [(Some(2), Some(11), Some(100_000.0)), (Some(1), Some(13), Some(100_000.0))]);
    assert_eq!(ends("f"), [(Some(1), Some(14), Some(510_000.0)), (Some(2), Some(12), Some(600_000.0))]);
}

#[test]
fn a_value_that_no_span_held_has_an_instant_to_leave_from_and_one_to_enter() {
    let got = json!({ "what": "handed over", "on": "queue 1", "from_pid": 1, "from_tid": 1, "from_t": 20_000_000 });
    let script = Script::new("en").born(5, 9, "eater").pause(10, 1, 5).line(30, 9, "", "mark", got);
    let trace = trace(&script.say(50, 1, "the end").read());
    let at = |ts: f64| -> Vec<_> {
        let there = trace.iter().filter(|event| event["ts"] == ts && event["ph"] != "M");
        there.map(|event| (event["ph"].as_str().expect("a phase"), event["tid"].as_i64().expect("a thread"))).collect()
    };
    assert_eq!((at(20_000.0), at(30_000.0)), (vec![("i", 1), ("s", 1)], vec![("i", 9), ("f", 9)]));
}

#[test]
fn what_the_record_lacks_is_an_instant_of_the_whole_trace() {
    let full = Script::new("en").line(40, 1, "main", "mark", json!({ "what": "record full", "on": "" })).read();
    let events = trace(&full);
    let told: Vec<_> = events.iter().filter(|event| event["cat"] == "caveat").collect();
    assert!(
        told[0]["name"].as_str().is_some_and(|name| name.starts_with("the record was full at 40.0 ms")),
        "{told:?}"
    );
    assert_eq!((told.len(), &told[0]["s"], told[0]["ts"].as_f64()), (1, &"g".into(), Some(40_000.0)));
    assert!(trace(&everything("en")).iter().all(|event| event["cat"] != "caveat"));
}

#[test]
fn what_was_said_and_what_happened_are_instants() {
    let trace = trace(&everything("en"));
    let names: Vec<_> = of(&trace, "i").iter().map(|event| event["name"].as_str().expect("a text")).collect();
    let expected = ["the end", "bought", "done", "owner died", "dies: SIGKILL", "redelivered", "dies: code 7"];
    assert_eq!(names, expected);
}
