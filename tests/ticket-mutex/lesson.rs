//! What a picture of the sale shows, and what it leaves out unless it is asked for.

use support::Trace;
use support::serde_json::Value;

use crate::Tickets;

fn trace(arguments: &[&str]) -> Trace {
    let tickets = Tickets::none();
    let path = tickets.folder.path().join("trace.json");
    tickets.program().args(["--speed", "100"]).args(arguments).arg("--trace").arg(&path).run().expect_code(0);
    Trace::read(&path)
}

/// What the spans of a trace are about: the lock, the queue, the event.
fn objects(trace: &Trace) -> Vec<String> {
    let about = |event: &Value| event["args"]["on"].as_str().filter(|on| !on.is_empty()).map(str::to_owned);
    let mut objects: Vec<_> = trace.events.iter().filter_map(about).collect();
    objects.sort();
    objects.dedup();
    objects
}

#[test]
fn what_serves_the_demonstration_alone_is_drawn_only_if_it_is_asked_for() {
    let has = |objects: &[String], name: &str| objects.iter().any(|object| object.starts_with(name));
    for lock in ["file", "none"] {
        let (lesson, all) = (trace(&["--lock", lock]), trace(&["--lock", lock, "--all-lanes"]));
        for name in ["event ", "barrier ", "queue "] {
            assert!(!has(&objects(&lesson), name), "{lock}: {:?}", objects(&lesson));
        }
        assert!(has(&objects(&all), "event "), "{lock}: {:?}", objects(&all));
        assert_eq!(has(&objects(&all), "barrier "), lock == "none", "{:?}", objects(&all));
        // Main holds the lock while it fills the file and while it counts what is left.
        let buyers = if lock == "file" { 8 } else { 0 };
        assert_eq!(lesson.of("hold").count(), buyers, "{lock}");
        assert!(all.of("hold").count() > buyers, "{lock}");
    }
}

#[test]
fn each_read_and_each_write_of_the_file_is_a_mark_with_its_number() {
    let marks = |trace: &Trace, what: &str| {
        let marks = trace.of("mark").filter(|mark| mark["name"] == what);
        let mut told: Vec<_> = marks.map(|mark| mark["args"]["text"].as_str().unwrap_or_default().to_owned()).collect();
        told.sort();
        told
    };
    let unlocked = trace(&["--lock", "none"]);
    assert_eq!(marks(&unlocked, "write"), vec!["tickets.json: 4"; 8], "each sells ticket 5");
    // Each buyer queries, and reads again when it buys.
    assert_eq!(marks(&unlocked, "read"), vec!["tickets.json: 5"; 16]);
    let locked = trace(&["--lock", "file"]);
    assert_eq!(
        marks(&locked, "write"),
        [4, 3, 2, 1, 0].map(|left| format!("tickets.json: {left}")).into_iter().rev().collect::<Vec<_>>()
    );
    assert_eq!(marks(&locked, "read").len(), 16);
}
