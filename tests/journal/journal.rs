//! The record of a run.

use std::collections::HashMap;
use std::time::Instant;

use journal::{Event, Journal, Kind, LINE};
use killproof::process::{Child, Process};
use support::serde_json::{Map, Value};

fn say(journal: &Journal, actor: &str, text: String) -> Event {
    journal.record(Instant::now(), actor, Kind::Say, Some(text), Map::new()).expect("a line")
}

fn four_processes_of_500_lines() -> Vec<Event> {
    let journal = Journal::new().expect("memory");
    let start = |number: usize| {
        let journal = journal.clone();
        let speak = move || {
            for i in 0..500 {
                say(&journal, &format!("actor {number}"), "x".repeat(i * number));
            }
        };
        Process::new("speaks", speak).start().expect("a process")
    };
    let mut children: Vec<Child> = (0..4).map(start).collect();
    for child in &mut children {
        assert!(child.join().expect("its end").success());
    }
    journal.events_since(0).expect("a record")
}

pub(crate) fn lines_of_several_processes_do_not_mix() {
    let events = four_processes_of_500_lines();
    assert_eq!(events.len(), 2_000);
    for number in 0..4_usize {
        let name = format!("actor {number}");
        let lengths =
            events.iter().filter(|event| event.actor == name).map(|event| event.text.as_ref().map_or(0, String::len));
        assert!(lengths.eq((0..500).map(|i| i * number)), "{name}'s lines are not as it said them");
    }
}

pub(crate) fn times_rise_for_every_actor() {
    let mut last = HashMap::new();
    for event in four_processes_of_500_lines() {
        let before = last.insert(event.actor.clone(), event.t).unwrap_or(0);
        assert!(before <= event.t, "{event:?} is before {before}");
    }
    assert_eq!(last.len(), 4);
}

pub(crate) fn a_line_is_never_longer_than_a_pipe_takes() {
    let journal = Journal::new().expect("memory");
    for text in ["x".repeat(10_000), "汉".repeat(3_000), "\u{1}".repeat(3_000)] {
        let event = say(&journal, "talker", text.clone());
        assert!(event.line().len() < LINE, "{}", event.line().len());
        let kept = journal.events_since(0).expect("a record").pop().expect("an event").text.expect("a text");
        assert!(kept.ends_with('…') && text.starts_with(kept.trim_end_matches('…')));
    }
}

pub(crate) fn an_offset_inside_of_an_event_is_that_of_the_next_one() {
    let journal = Journal::new().expect("memory");
    say(&journal, "a", "first".to_owned());
    let middle = journal.offset();
    let second = say(&journal, "a", "second".to_owned());
    for offset in [1, 8, middle - 1, middle] {
        assert_eq!(journal.events_since(offset).expect("a record"), std::slice::from_ref(&second), "{offset}");
    }
    assert_eq!(journal.events_since(journal.offset()).expect("a record"), []);
}

pub(crate) fn it_knows_the_names_of_the_living_and_of_the_dead() {
    let journal = Journal::new().expect("memory");
    let born = |name: &str, pid: i32| {
        let keys = [("child", Value::from(name)), ("child_pid", pid.into()), ("child_tid", pid.into())];
        let data = keys.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        journal.record(Instant::now(), "main", Kind::Born, None, data).expect("a line");
    };
    born("first", 10);
    born("second", 11);
    say(&journal, "third", r#"{"kind":"born","child":"third","child_tid":10}"#.to_owned());
    let name = |pid| journal.name_of(pid).expect("a record");
    assert_eq!((name(10).as_deref(), name(11).as_deref(), name(12)), (Some("first"), Some("second"), None));
    // The system gave the number to another process.
    born("fourth", 10);
    assert_eq!(name(10).as_deref(), Some("fourth"));
}

pub(crate) fn a_bounded_one_keeps_the_beginning_and_says_once_that_it_is_full() {
    const MOST: u64 = 20_000;
    let journal = Journal::bounded(MOST, |_| ()).expect("memory");
    let speak = |name: &'static str| {
        let journal = journal.clone();
        let speak = move || (0..300).for_each(|number| drop(say(&journal, name, format!("{name} says {number}"))));
        Process::new(name, speak).start().expect("a process")
    };
    for child in &mut [speak("a \"kind\":\"b\""), speak("b")] {
        assert!(child.join().expect("its end").success());
    }
    let events = journal.events_since(0).expect("a record");
    let full = |event: &&Event| event.data.get("what").is_some_and(|what| what == "record full");
    assert_eq!(events.iter().filter(full).count(), 1);
    assert!((100..600).contains(&events.len()), "{}", events.len());
    assert!(journal.offset() <= MOST + 200);
    for name in ["a \"kind\":\"b\"", "b"] {
        let said = events.iter().filter(|event| event.actor == name).filter_map(|event| event.text.clone());
        let said: Vec<_> = said.collect();
        let first: Vec<_> = (0..said.len()).map(|number| format!("{name} says {number}")).collect();
        assert_eq!(said, first, "the beginning, and nothing left out of it");
    }
}
