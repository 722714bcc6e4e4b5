//! A section that hangs, crashes or is refused something is a row, and the tour goes on.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use support::serde_json::Value;
use support::{Signal, program};

use crate::{cells, endless, object, rows};

#[test]
fn a_section_that_hangs_is_a_row_and_the_tour_goes_on() {
    let slow = endless("spawn,race").args(["--deadline", "1"]);
    let run = slow.clone().run();
    run.expect_code(1).expect_text(&["not held: 0 of 2 sections"]);
    let printed = run.stdout();
    let table = cells(&printed);
    assert_eq!(table.iter().map(|row| row[0]).collect::<Vec<_>>(), ["spawn", "race"]);
    assert!(table.iter().all(|row| row[2].starts_with("hung, ") && row[3] == "–"), "{printed}");
    let tour = object(&slow.args(["--format", "json"]).run().expect_code(1).stdout());
    assert_eq!(tour["held"], false);
    for row in rows(&tour) {
        assert_eq!((&row["outcome"], &row["report"], &row["held"]), (&"hung".into(), &Value::Null, &false.into()));
        assert!(row["elapsed_ms"].as_f64() >= Some(1000.0), "{row}");
    }
}

#[test]
fn a_section_that_cannot_listen_to_sigterm_is_ended_all_the_same() {
    let tour = endless("spawn").args(["--deadline", "3", "--format", "json"]).start();
    // If the machine is so busy that the time is over already, it has hung as well.
    if let Some(section) = process_of(tour.pid().as_raw(), "spawn") {
        signal(section, Signal::SIGSTOP);
    }
    let tour = object(&tour.wait().expect_code(1).stdout());
    assert_eq!(rows(&tour)[0]["outcome"], "hung");
}

// Not SIGSEGV: the runtime of Rust takes the first one that comes from outside for its own, and lives on.
const CRASHES: [Signal; 2] = [Signal::SIGABRT, Signal::SIGKILL];

#[test]
fn a_section_that_crashes_is_a_row_and_the_tour_goes_on() {
    for crash in CRASHES {
        let run = endless("spawn,zombie").start();
        for section in ["spawn", "zombie"] {
            signal(process_of(run.pid().as_raw(), section).expect("a section"), crash);
        }
        let run = run.wait();
        run.expect_code(1).expect_text(&["not held: 0 of 2 sections"]);
        let printed = run.stdout();
        let told = format!("crashed by {crash}, ");
        assert!(cells(&printed).iter().all(|row| row[2].starts_with(&told)), "{printed}");
    }
}

#[test]
fn a_crash_has_its_signal_in_the_json() {
    for crash in CRASHES {
        let run = endless("spawn").args(["--format", "json"]).start();
        signal(process_of(run.pid().as_raw(), "spawn").expect("a section"), crash);
        let tour = object(&run.wait().expect_code(1).stdout());
        let row = &rows(&tour)[0];
        assert_eq!((&row["outcome"], &row["signal"]), (&"crashed".into(), &crash.as_str().into()));
    }
}

#[test]
fn a_server_and_a_client_that_crash_are_a_row_each() {
    let run = endless("tcp-server").args(["--format", "json"]).start();
    let tour = run.pid().as_raw();
    let client = process_of(tour, "tcp-client").expect("a client");
    // A stopped client cannot end by itself when its server is gone.
    signal(client, Signal::SIGSTOP);
    signal(process_of(tour, "tcp-server").expect("a server"), Signal::SIGABRT);
    signal(client, Signal::SIGKILL);
    let tour = object(&run.wait().expect_code(1).stdout());
    let told: Vec<_> = rows(&tour).iter().map(|row| (row["section"].as_str(), row["signal"].as_str())).collect();
    assert_eq!(told, [(Some("tcp-server"), Some("SIGABRT")), (Some("tcp-client"), Some("SIGKILL"))]);
}

#[test]
fn what_the_system_refuses_a_section_is_in_its_row() {
    let tour = program!().args(["--only", "race", "--speed", "inf", "--format", "json"]).limit("nproc", 1);
    let run = tour.as_ordinary_user().run();
    let tour = object(&run.expect_code(1).stdout());
    let row = &rows(&tour)[0];
    assert_eq!(row["held"], false);
    assert!(row["error"].as_str().is_some_and(|error| error.contains("cannot start ")), "{row}");
}

/// The process of a section, once the tour's child has become it. `None`: the tour has ended.
pub(crate) fn process_of(tour: i32, section: &str) -> Option<i32> {
    let began = Instant::now();
    while let Ok(children) = fs::read_to_string(format!("/proc/{tour}/task/{tour}/children")) {
        let is_it = |pid: &&str| {
            let called = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            called.split('\0').nth(1) == Some(section)
        };
        if let Some(pid) = children.split_whitespace().find(is_it) {
            return pid.parse().ok();
        }
        if fs::read_to_string(format!("/proc/{tour}/stat")).unwrap_or_default().contains(") Z ") {
            return None;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{section} does not run");
        thread::park_timeout(Duration::from_millis(2));
    }
    None
}

/// Sends a signal to a process, if it still runs.
fn signal(pid: i32, signal: Signal) {
    let sent = Command::new("kill").args([format!("-{}", signal as i32), pid.to_string()]).output();
    assert!(sent.is_ok(), "kill(1)");
}
