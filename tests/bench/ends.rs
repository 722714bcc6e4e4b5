//! How a run ends, and what it leaves: nothing.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use support::{Signal, program};

use super::{has_python, only, python_that, small};

#[test]
fn a_signal_ends_it_and_its_peer() {
    // The script says on the bench's own output that it runs.
    let folder = python_that("echo it began > /proc/$PPID/fd/1; exec /bin/sleep 1000");
    let files = support::open_folder();
    let program = only(small(), &["Python's Process"]).env("PATH", folder.path()).env("TMPDIR", files.path());
    program.expect_clean_ends("it began");
    assert!(is_empty(files.path()), "a file was left behind");
}

#[test]
fn a_signal_ends_a_peer_that_does_not_listen_and_its_child() {
    let folder = python_that("trap '' TERM; echo it began > /proc/$PPID/fd/1; /bin/sleep 1000 & wait; wait");
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut run = only(small(), &["Python's Process"]).env("PATH", folder.path()).start();
        run.line_with("it began");
        run.signal(signal);
        run.wait().expect_error(code, &format!("ended by {signal}"));
    }
}

#[test]
fn a_kill_ends_the_processes_of_a_script_too() {
    if !has_python() {
        eprintln!("skipped: no python3");
        return;
    }
    let run = program!().args(["--rounds", "1", "--only", "tickets, 8 processes, --sync never"]).start();
    await_pythons(run.pid().as_raw(), 9);
    run.signal(Signal::SIGKILL);
    assert_eq!(run.wait().code(), None); // and it looks whether any process of the group is left
}

/// Waits until `count` processes of this group are Python.
fn await_pythons(group: i32, count: usize) {
    let began = Instant::now();
    let is_one = |stat: &String| {
        let (head, rest) = stat.rsplit_once(") ").unwrap_or_default();
        head.contains("(python3") && rest.split(' ').nth(2) == Some(group.to_string().as_str())
    };
    loop {
        let processes = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
        let stats = processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
        if stats.filter(is_one).count() >= count {
            return;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "no {count} processes of python3");
        thread::park_timeout(Duration::from_millis(2));
    }
}

#[test]
fn a_run_leaves_no_file() {
    let files = support::open_folder();
    let run = only(small(), &["sync"]).env("TMPDIR", files.path()).run();
    run.expect_code(1);
    assert!(is_empty(files.path()), "a file was left behind");
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let run = only(small(), &["pipes"]).env("TMPDIR", "/nowhere").run();
    run.expect_error(3, "cannot make /nowhere/bench-");
}

#[test]
fn no_more_processes_is_told() {
    let program = program!().args(["--rounds", "1", "--work", "0.01", "--only", "pipes"]);
    for processes in 0..4 {
        let run = program.clone().limit("nproc", processes).as_ordinary_user().run();
        assert!(matches!(run.code(), Some(1 | 3)), "{run:?}");
        let said = run.stdout() + &run.stderr();
        assert!(said.contains("cannot start "), "{said}");
    }
}

#[test]
fn a_missing_reader_is_no_failure() {
    program!().arg("--list").expect_quiet_without_reader();
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

#[test]
fn an_error_of_a_contestants_process_is_in_its_row_and_no_line_of_its_own() {
    // Too few descriptors for the process that is the peer's server.
    let program = program!().args(["--rounds", "1", "--work", "0.01"]).limit("nofile", 30);
    let run = only(program, &["tcp threads, 1 connection against tokio"]).run();
    run.expect_error(1, "not every row was measured").expect_text(&["FAILED: cannot drive a load: 1 connection is"]);
}
