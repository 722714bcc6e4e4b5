//! What `bench` promises: every row measured on both sides or a word why not, and nothing left behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::serde_json::{self, Value};
use support::tempfile::TempDir;
use support::{Program, Signal, program};

/// Rows that need no Python.
const RUST: [&str; 5] = ["waitid", "std's", "ipc-channel", "crossbeam", "pipes"];

/// One short round, and no Python unless the test brings one.
fn small() -> Program {
    rounds("1")
}

fn rounds(count: &str) -> Program {
    program!().args(["--rounds", count, "--work", "0.01"]).env("PATH", "")
}

fn only(program: Program, names: &[&str]) -> Program {
    names.iter().fold(program, |program, name| program.args(["--only", name]))
}

/// A folder with a `python3` in it that tells a version, and is this shell script otherwise.
fn python_that(script: &str) -> TempDir {
    python(&format!(r#"case "$3" in *'{{"version"'*) echo '{{"version": "0"}}'; exit ;; esac; {script}"#))
}

/// A folder with a `python3` in it that is this shell script.
fn python(script: &str) -> TempDir {
    let folder = support::open_folder();
    let path = folder.path().join("python3");
    // By another process: a file that this one, full of threads, still had open for writing in a
    // child of its own could not be executed.
    let source = folder.path().join("source");
    fs::write(&source, format!("#!/bin/sh\n{script}\n")).expect("a new file");
    let copied = Command::new("cp").arg(&source).arg(&path).status();
    assert!(copied.is_ok_and(|status| status.success()));
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("its own file");
    folder
}

fn has_python() -> bool {
    let found = Command::new("python3").args(["-c", "import multiprocessing"]).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn object(printed: &str) -> Value {
    assert_eq!(printed.lines().count(), 1, "one object was expected:\n{printed}");
    serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}:\n{printed}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("a list was expected: {value}"))
}

/// The cells of a row of the table.
fn cells(table: &str, number: usize) -> Vec<&str> {
    let row = table.lines().find(|line| line.starts_with(&format!("| {number} ")));
    let row = row.unwrap_or_else(|| panic!("no row {number} in\n{table}"));
    row.trim_matches('|').split('|').map(str::trim).collect()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

#[test]
fn every_row_has_its_name() {
    let listed = program!().arg("--list").run();
    let names = listed.expect_code(0).stdout();
    let names: Vec<_> = names.lines().collect();
    assert_eq!(names.len(), 44, "{names:?}");
    for (part, rows) in [
        ("against Python", 13),
        ("in Python", 9),
        ("against tokio", 16),
        ("soak", 3),
        ("p99", 2),
        ("Process, ", 2),
        ("SharedMutex, ", 3),
        ("Queue, u64, 1/1", 4),
    ] {
        assert_eq!(names.iter().filter(|name| name.contains(part)).count(), rows, "{part}: {names:?}");
    }
    for part in [
        "JoinableQueue, 1 KiB, 4/4",
        "JoinableQueue, 64 KiB, 1/1",
        "--sync never",
        "--sync always",
        "blocked",
        "Journal, ",
        "tcp events, memory of 10,000",
        "tcp threads, memory of 5,000",
    ] {
        assert_eq!(names.iter().filter(|name| name.contains(part)).count(), 1, "{part}: {names:?}");
    }
}

#[test]
fn every_round_of_every_side_is_in_the_json_and_the_medians_are_theirs() {
    let run = only(rounds("3").arg("--json"), &RUST).run();
    let found = object(&run.expect_code(0).stdout());
    assert_eq!((&found["rounds"], &found["complete"]), (&3.into(), &true.into()));
    assert_eq!(list(&found["rows"]).len(), RUST.len(), "{found}");
    for row in list(&found["rows"]) {
        let firsts: Vec<_> = list(&row["pairs"]).iter().map(|pair| pair["first"].as_str().unwrap()).collect();
        assert_eq!(firsts, ["ours", "peer", "ours"]);
        let mut ratios = Vec::new();
        for (round, pair) in list(&row["pairs"]).iter().enumerate() {
            let value = |side: &str| {
                let sample = &list(&row[side]["rounds"])[round];
                let (count, seconds) = (sample["count"].as_f64().unwrap(), sample["seconds"].as_f64().unwrap());
                assert!(count > 0.0 && seconds > 0.0, "{row}");
                let value = if row["unit"] == "s" { seconds / count } else { count / seconds };
                assert!((pair[side].as_f64().unwrap() / value - 1.0).abs() < 1e-9, "{row}");
                value
            };
            let (ours, peer) = (value("ours"), value("peer"));
            let upward = (row["unit"] == "s") == row["wanted"]["at_most"].is_number();
            let expected = if upward { ours / peer } else { peer / ours };
            let ratio = pair["ratio"].as_f64().unwrap();
            assert!((ratio / expected - 1.0).abs() < 1e-9, "{row}");
            ratios.push(ratio);
        }
        ratios.sort_by(f64::total_cmp);
        assert_eq!(row["ratio"]["median"].as_f64(), Some(ratios[1]), "{row}");
        assert_eq!(row["ratio"]["highest"].as_f64(), Some(ratios[2]), "{row}");
        let wanted = &row["wanted"];
        let reached = match (wanted["at_least"].as_f64(), wanted["at_most"].as_f64()) {
            (Some(least), None) => ratios[1] >= least,
            (None, Some(most)) => ratios[1] <= most,
            _ => panic!("{row}"),
        };
        assert_eq!(row["reached"], reached, "{row}");
    }
}

#[test]
fn every_row_is_measured_if_there_is_a_python() {
    let has_python = has_python();
    let run = program!().args(["--rounds", "1", "--work", "0.001", "--soak", "1", "--json"]).run();
    let found = object(&run.expect_code(i32::from(!has_python)).stdout());
    assert_eq!(list(&found["rows"]).len(), 44);
    for row in list(&found["rows"]) {
        for side in ["ours", "peer"] {
            let measured = list(&row[side]["rounds"]).len();
            let expected = usize::from(has_python || side == "ours" || !row["peer"]["missing"].is_string());
            assert_eq!(measured, expected, "{row}");
        }
    }
}

#[test]
fn the_table_names_the_machine_and_what_was_wanted_and_whether_it_was_reached() {
    let run = only(small(), &["crossbeam"]).run();
    let table = run.expect_code(0).stdout();
    run.expect_text(&[
        "rustc 1.",
        "Linux ",
        " core",
        "tickets on ",
        "at least 0.5 ×",
        "- 1: crossbeam's two are threads",
    ]);
    let row = cells(&table, 1);
    assert_eq!((row[1], row[3]), ("Queue, u64, 1/1", "crossbeam-channel"));
    for (column, unit) in [(2, "/s"), (4, "/s"), (5, " ×")] {
        assert!(row[column].ends_with(unit) && row[column].contains(" – "), "{row:?}");
    }
    assert!(["yes", "NO"].contains(&row[7]), "{row:?}");
}

#[test]
fn a_debug_build_is_labelled() {
    let text = only(small(), &["pipes"]).run();
    let json = only(small().arg("--json"), &["pipes"]).run();
    let is_debug = text.expect_code(0).stdout().starts_with("DEBUG BUILD: no figure");
    assert_eq!(is_debug, cfg!(debug_assertions), "{}", text.stdout());
    let build = &object(&json.expect_code(0).stdout())["machine"]["build"];
    assert_eq!(build, if is_debug { "debug" } else { "release" });
}

#[test]
fn without_python_ours_is_measured_and_the_peer_is_said_to_be_missing() {
    let program = only(small(), &["start and join"]);
    let run = program.run();
    run.expect_error(1, "not every row was measured");
    let table = run.stdout();
    let row = cells(&table, 2);
    assert!(row[2].ends_with('s') && row[2].contains(" – "), "{row:?}");
    assert_eq!(row[3..], ["Python's Process", "python3 is missing", "–", "at least 8 ×", "–"]);
    let found = object(&program.arg("--json").run().expect_code(1).stdout());
    let row = &list(&found["rows"])[1];
    assert_eq!((&row["peer"]["missing"], &found["complete"]), (&"python3 is missing".into(), &false.into()));
    assert_eq!((&row["ratio"], &row["reached"]), (&Value::Null, &Value::Null));
    assert_eq!(list(&row["ours"]["rounds"]).len(), 1);
}

#[test]
fn servers_are_asked_by_one_client_and_the_slow_answers_are_told() {
    let program =
        only(rounds("1"), &["tcp events, 64 connections against tokio", "tcp pool, 1 connection against tokio"]);
    let found = object(&program.clone().arg("--json").run().expect_code(0).stdout());
    for row in list(&found["rows"]) {
        assert_eq!(row["unit"], "answers/s");
        for side in ["ours", "peer"] {
            let sample = &list(&row[side]["rounds"])[0];
            let (count, p99) = (sample["count"].as_f64().unwrap(), sample["p99_seconds"].as_f64().unwrap());
            assert!(count > 0.0 && p99 > 0.0, "{row}");
            assert!(sample["seconds"].as_f64() >= Some(0.005), "{row}");
        }
    }
    assert_eq!(list(&found["rows"])[0]["wanted"], Value::Null);
    program.run().expect_code(0).expect_text(&["- 1: 99 of 100 answers within ", "at least 1 ×"]);
}

#[test]
fn without_python_the_notes_server_is_said_to_be_missing() {
    let run = only(small(), &["tcp threads, 64 connections against the notes'"]).run();
    run.expect_error(1, "not every row was measured");
    let table = run.stdout();
    let row = cells(&table, 1);
    assert!(row[2].ends_with("/s"), "{row:?}");
    assert_eq!(row[3..], ["the notes' in Python", "python3 is missing", "–", "at least 2 ×", "–"]);
}

#[test]
fn what_a_server_takes_is_told_in_bytes_and_held_against_what_is_wanted() {
    let run = only(small().args(["--soak", "1", "--json"]), &["tcp events, soak", "tcp threads, memory"]).run();
    let found = object(&run.expect_code(0).stdout());
    let [memory, soak] = list(&found["rows"]) else { panic!("{found}") };
    // A program, and 5,000 threads that have a kilobyte each at the very least.
    assert!(memory["ours"]["value"]["median"].as_f64() > Some(5e6), "{memory}");
    assert_eq!((&memory["unit"], &memory["reached"]), (&"bytes".into(), &Value::Null));
    assert!(soak["ours"]["rounds"][0]["seconds"].as_f64() >= Some(1.0), "{soak}");
    assert_eq!(soak["wanted"]["ours_below"].as_f64(), Some(1_048_576.0));
}

#[test]
fn a_peer_that_does_not_do_its_part_is_told() {
    let cases = [
        ("exit 7", "FAILED: ended with code 7"),
        ("echo not json", "FAILED: no answer: \"not json\""),
        ("echo '{\"error\": \"the sum is 3 and must be 4\"}'", "FAILED: the sum is 3 and must be 4"),
        ("echo '{\"count\": 1, \"seconds\": 0}'", "FAILED: 1 in 0 s is no measurement"),
        ("echo '{\"count\": 1, \"seconds\": 1}'; exit 9", "FAILED: ended with code 9"),
        ("kill -KILL $$", "FAILED: ended with signal SIGKILL"),
    ];
    for (script, told) in cases {
        let folder = python_that(script);
        let run = only(small(), &["Python's Process"]).env("PATH", folder.path()).run();
        run.expect_error(1, "not every row").expect_text(&[told, "Python 0;"]);
    }
}

#[test]
fn a_peer_that_hangs_is_ended_with_its_children() {
    let folder = python_that("trap '' TERM; /bin/sleep 1000 & /bin/sleep 1000");
    let program = only(small().args(["--deadline", "1"]), &["Python's Process"]);
    let run = program.env("PATH", folder.path()).run();
    run.expect_error(1, "not every row").expect_text(&["FAILED: not done after 1 s, and ended"]);
}

#[test]
fn a_python_that_hangs_at_once_is_told_too() {
    let folder = python("exec /bin/sleep 1000");
    let program = only(small().args(["--deadline", "1"]), &["waitid"]);
    let run = program.env("PATH", folder.path()).run();
    run.expect_code(0).expect_text(&["python3: not done after 1 s"]);
}

#[test]
fn a_signal_ends_it_and_its_peer() {
    // It tells on the bench's own output that it is at it.
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

/// Waits until so many processes of this group are Python.
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
fn bad_input_is_refused_in_one_line() {
    for (option, told) in [
        ("--only=nope", "no row's name contains 'nope'; see --list"),
        ("--rounds=0", "--rounds"),
        ("--rounds=-1", "--rounds"),
        ("--rounds=1001", "--rounds"),
        ("--work=0", "a factor is a number from 0.001 to 100"),
        ("--work=nan", "a factor is a number"),
        ("--deadline=0", "--deadline"),
        ("--soak=0", "--soak"),
        ("--fast", "--fast"),
    ] {
        program!().arg(option).run().expect_error(2, told);
    }
    program!().args(["--list", "--json"]).run().expect_error(2, "cannot be used with");
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let run = only(small(), &["pipes"]).env("TMPDIR", "/nowhere").run();
    run.expect_error(3, "cannot make a temporary folder");
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
fn nobody_reading_is_no_failure_of_ours() {
    program!().arg("--list").expect_quiet_without_reader();
}

#[test]
fn the_help_says_how_it_measures_with_examples() {
    let help = program!().arg("--help").run();
    help.expect_code(0).expect_text(&["Each row", "Examples:", "--only", "--rounds", "--quick", "--json", "--list"]);
}
