//! Writers of events that are killed while they write.

use std::time::Instant;

use journal::{Event, Journal, Kind};
use killproof::crashpoint::{self, CrashPoint};
use killproof::process::{Exit, Process};
use nix::sys::signal::Signal;
use support::serde_json::{Map, from_slice};

use crate::wait_until;

const KILLS: usize = 1_000;

fn say(journal: &Journal, actor: &str, text: String) {
    journal.record(Instant::now(), actor, Kind::Say, Some(text), Map::new()).expect("a line");
}

/// Every line is an event: returns them.
#[track_caller]
fn whole(journal: &Journal) -> Vec<Event> {
    let lines = journal.lines_since(0).expect("a record");
    let lines = lines.split_inclusive(|byte| *byte == b'\n');
    let event = |line: &[u8]| from_slice(line).unwrap_or_else(|_| panic!("torn: {}", String::from_utf8_lossy(line)));
    lines.map(event).collect()
}

pub(crate) fn a_thousand_killed_writers_of_long_lines_tear_no_line() {
    let journal = Journal::new().expect("memory");
    let text = "x".repeat(2_000);
    let mut said = 0;
    for round in 0..KILLS {
        let before = journal.offset();
        let victim = format!("victim {round}");
        let speak = || -> u8 {
            loop {
                say(&journal, &victim, text.clone());
            }
        };
        let mut child = Process::new(victim.as_str(), speak).start().expect("a process");
        wait_until("its first line", || journal.offset() > before);
        // Beside it, and right behind what its death leaves.
        say(&journal, "other", said.to_string());
        child.kill().expect("a signal");
        assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
        say(&journal, "other", (said + 1).to_string());
        said += 2;
    }
    let events = whole(&journal);
    let (others, victims): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.actor == "other");
    let numbers: Vec<_> = others.iter().map(|event| event.text.clone().unwrap_or_default()).collect();
    assert_eq!(numbers, (0..said).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(victims.iter().all(|event| event.text.as_deref() == Some(text.as_str())));
    // Each victim leaves one at most.
    let holes = journal.holes().expect("a record");
    assert!(holes <= KILLS as u64, "{holes}");
}

pub(crate) fn an_event_whose_writer_was_killed_in_the_middle_is_counted() {
    let journal = Journal::new().expect("memory");
    say(&journal, "other", "before".to_owned());
    let speak = || {
        crashpoint::arm(CrashPoint::LogHalf, 1);
        say(&journal, "victim", "x".repeat(2_000));
    };
    for _ in 0..3 {
        let exit = Process::new("victim", speak).start().expect("a process").join().expect("its end");
        assert_eq!(exit, Exit::Signal(Signal::SIGKILL));
    }
    say(&journal, "other", "after".to_owned());
    let said: Vec<_> = whole(&journal).into_iter().filter_map(|event| event.text).collect();
    assert_eq!((said, journal.holes().expect("a record")), (vec!["before".to_owned(), "after".to_owned()], 3));
}

pub(crate) fn a_full_record_says_so_even_if_the_writer_that_would_is_killed() {
    let journal = Journal::bounded(300, |_| ()).expect("memory");
    let speak = || -> u8 {
        // The first event fits, and the second one would not.
        crashpoint::arm(CrashPoint::LogHalf, 2);
        (0..3).for_each(|_| say(&journal, "victim", "x".repeat(100)));
        0
    };
    let exit = Process::new("victim", speak).start().expect("a process").join().expect("its end");
    assert_eq!(exit, Exit::Signal(Signal::SIGKILL));
    say(&journal, "other", "too late".to_owned());
    let events = whole(&journal);
    let full = events.iter().position(|event| event.data.get("what").is_some_and(|what| what == "record full"));
    assert_eq!(full, Some(events.len() - 1), "{events:?}");
    assert!(events.iter().all(|event| event.actor == "victim"));
}
