//! What `bench` promises: both contestants of every row measured or a word why not, and nothing left behind.

#[path = "bench/ends.rs"]
mod ends;
#[path = "bench/page.rs"]
mod page;
#[path = "bench/peers.rs"]
mod peers;
#[path = "bench/servers.rs"]
mod servers;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use support::serde_json::{self, Value};
use support::tempfile::TempDir;
use support::{Program, program};

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

/// A folder with a `python3` that answers the question for its version, and is this shell script otherwise.
fn python_that(script: &str) -> TempDir {
    python(&format!(r#"case "$3" in *'{{"version"'*) echo '{{"version": "0"}}'; exit ;; esac; {script}"#))
}

/// A folder with a `python3` that is this shell script.
fn python(script: &str) -> TempDir {
    let folder = support::open_folder();
    let path = folder.path().join("python3");
    // Another process writes the file. A child that another thread of this process forks meanwhile would
    // inherit a file open for writing, and a file open for writing cannot be executed.
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

#[test]
fn every_row_has_its_name() {
    let listed = program!().arg("--list").run();
    let names = listed.expect_code(0).stdout();
    let names: Vec<_> = names.lines().collect();
    assert_eq!(names.len(), 55, "{names:?}");
    for (part, rows) in [
        ("against Python", 24),
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
    assert_eq!(list(&found["rows"]).len(), 55);
    for row in list(&found["rows"]) {
        for side in ["ours", "peer"] {
            let measured = list(&row[side]["rounds"]).len();
            let expected = usize::from(has_python || side == "ours" || !row["peer"]["missing"].is_string());
            assert_eq!(measured, expected, "{row}");
        }
    }
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
fn the_help_says_how_it_measures_with_examples() {
    let help = program!().arg("--help").run();
    help.expect_code(0).expect_text(&["Each row", "Examples:", "--only", "--rounds", "--quick", "--json", "--list"]);
}
