//! What `chaos` promises: hundreds of kills, at every crash point and at random instants, and nothing is
//! lost, stuck or left behind; and the comparison with Python.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use support::{Ended, Program, Signal, program};

/// Far longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// The last line before the kills begin.
const LAST_CLAIM: &str = "no call takes";

fn chaos(arguments: &[&str]) -> Program {
    program!().args(["--format", "json"]).args(arguments)
}

/// What a check of the only scene observed.
#[track_caller]
fn observed(run: &Ended, claim: &str) -> f64 {
    let report = run.report();
    let checks = report.scene("chaos")["checks"].as_array().expect("checks").clone();
    let check = checks.iter().find(|check| check["key"] == claim);
    check.and_then(|check| check["observed"].as_f64()).unwrap_or_else(|| panic!("no check about {claim:?}"))
}

#[test]
fn six_hundred_kills_lose_nothing_and_leave_nothing() {
    let run = chaos(&["600", "--seed", "1"]).run();
    let report = run.expect_held();
    let figure = |name: &str| report.figure("chaos", name).as_f64().expect("a number");
    assert!(figure("kills") >= 600.0);
    assert!(figure("longest_stall") < 1000.0);
    assert!(figure("lost") < 1.0);
    for none in ["no_item_torn", "no_process_left", "no_zombie_left", "no_descriptor_left"] {
        assert!(observed(&run, none) < 1.0, "{none}");
    }
    let figures = report.scene("chaos")["figures"].as_object().expect("figures");
    for what in ["kills_at_", "stops_at_"] {
        let points: Vec<_> = figures.iter().filter(|(name, _)| name.starts_with(what)).collect();
        assert!(points.len() > 38, "{points:?}");
        for (name, times) in points {
            assert!(times["value"].as_u64() > Some(0), "{name}: {times}");
        }
    }
    let some = ["put", "done", "redelivered", "tickets_sold", "deaths_inside", "daemons_gone", "appended", "holes"];
    for some in some.into_iter().chain(["stopped_inside", "executed", "without_proc"]) {
        assert!(figure(some) > 0.0, "{some}");
    }
}

#[test]
fn a_chinese_run_has_nothing_english_but_names() {
    let run = program!().args(["500", "--only", "mutex", "--lang", "zh"]).run();
    // The name of each crash point is that of the code.
    let (printed, mut names) = (run.expect_code(0).stdout(), vec!["chaos".to_owned()]);
    let is_one = |word: &&str| {
        word.chars().all(char::is_alphabetic) && word.chars().filter(char::is_ascii_uppercase).count() > 1
    };
    names.extend(printed.split_whitespace().filter(is_one).map(str::to_owned));
    support::chinese::expect_no_english("chaos", &printed, &names);
}

#[test]
fn a_missing_tour_is_named_in_chinese() {
    // Alone in a folder, there is no tour beside it.
    let folder = support::open_folder();
    let alone = folder.path().join("chaos");
    fs::copy(support::assert_cmd::cargo::cargo_bin!(), &alone).expect("a copy");
    let run = Program::new(&alone).args(["500", "--only", "sections", "--lang", "zh"]).run();
    let line = run
        .expect_code(2)
        .stderr()
        .replace(&folder.path().display().to_string(), "")
        .replace("cargo build -p tour", "");
    support::chinese::expect_no_english("chaos", &line, &["chaos".to_owned()]);
}

#[test]
fn a_single_workload_can_be_asked_for() {
    let report = chaos(&["500", "--only", "mutex"]).run().expect_held();
    assert!(report.figure("chaos", "killed_as_lock_holder").as_u64() >= Some(500));
    assert_eq!(report.figure("chaos", "put"), 0);
}

#[test]
fn a_single_round_can_be_repeated() {
    let report = chaos(&["500", "--seed", "1", "--round", "4"]).run().expect_held();
    assert!(report.figure("chaos", "killed_as_ticket_buyer").as_u64() >= Some(200));
    assert_eq!(report.figure("chaos", "killed_as_consumer"), 0);
}

#[test]
fn an_error_of_many_workers_is_one_line() {
    // Each writer of the log meets the limit.
    let run = chaos(&["500", "--seed", "1", "--only", "log"]).limit("fsize", 70_000).run();
    run.expect_error(3, "chaos: cannot append to a log: file too large");
}

#[test]
fn a_run_that_is_interrupted_leaves_nothing() {
    let mut run = program!().arg("1000000").start();
    run.line_with(LAST_CLAIM);
    run.signal(Signal::SIGINT);
    run.wait().expect_error(130, "chaos: ended by SIGINT");
}

#[test]
fn a_killed_run_leaves_no_process() {
    let mut run = program!().args(["1000000", "--only", "joinable"]).start();
    run.line_with(LAST_CLAIM);
    run.signal(Signal::SIGKILL);
    assert_eq!(run.wait().code(), None);
}

#[test]
fn a_killed_run_leaves_no_folder() {
    let mut run = program!().args(["1000000", "--only", "tickets"]).start();
    let name = format!("chaos-{}-", run.pid());
    // Where there is no file system in memory, `chaos` takes the temporary folder.
    let folders = ["/dev/shm".into(), std::env::temp_dir()];
    let is_there = || {
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(&name))
    };
    let began = Instant::now();
    while !is_there() {
        assert!(began.elapsed() < PATIENCE, "no folder {name}");
        run.let_run(Duration::from_millis(1));
    }
    run.signal_group(Signal::SIGKILL);
    // Its caretaker holds the output open until it has removed the folder.
    assert_eq!(run.wait().code(), None);
    assert!(!is_there());
}

#[test]
fn it_speaks_chinese_too() {
    let run = program!().args(["500", "--only", "mutex", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["? 1. 500 个进程被杀死", "被杀死的持锁者", "没有留下僵尸进程", "全部成立"]);
}

#[test]
fn too_few_kills_and_unknown_workloads_are_refused() {
    program!().arg("499").run().expect_error(2, "499 is below 500");
    program!().args(["--only", "kitchen"]).run().expect_error(2, "invalid value 'kitchen'");
    program!().args(["500", "--compare"]).run().expect_error(2, "cannot be used with");
}

/// A folder with `chaos` in it, and beside it this script in the place of the sections.
fn with_sections_that(script: &str) -> (support::tempfile::TempDir, std::path::PathBuf) {
    let folder = support::tempfile::tempdir().expect("a folder");
    let chaos = folder.path().join("chaos");
    // By another process: a child of a test beside this one would hold open what is written here.
    let copies = r#"cp "$0" "$1"; [ -z "$3" ] || { printf '#!/bin/sh\n%s\n' "$3" > "$2"; chmod +x "$2"; }"#;
    let mut shell = Command::new("sh");
    shell.args(["-euc", copies, env!("CARGO_BIN_EXE_chaos")]).args([&chaos, &folder.path().join("tour")]).arg(script);
    assert!(shell.status().expect("a shell").success());
    (folder, chaos)
}

fn kill_sections(chaos: &std::path::Path) -> (Option<i32>, String, String) {
    let arguments = ["500", "--only", "sections", "--format", "json", "--lang", "en"];
    let ended = Command::new(chaos).args(arguments).output().expect("a program");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ended.status.code(), text(&ended.stdout), text(&ended.stderr))
}

fn broken(report: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(report).expect("a report");
    let checks = report["scenes"][0]["checks"].as_array().expect("checks").clone();
    let broken = checks.iter().filter(|check| check["held"] == false);
    broken.map(|check| check["key"].as_str().expect("a key").to_owned()).collect()
}

#[test]
fn without_the_sections_it_says_what_builds_them() {
    let (folder, chaos) = with_sections_that("");
    let missing = folder.path().join("tour");
    let says = format!("{} is missing; `cargo build -p tour` builds it", missing.display());
    let (code, _, errors) = kill_sections(&chaos);
    assert_eq!((code, errors.lines().count()), (Some(2), 1), "{errors}");
    assert!(errors.contains(&says), "{errors}");
}

#[test]
fn a_section_that_ends_without_a_verdict_breaks_its_promise() {
    let (_folder, chaos) = with_sections_that("/bin/sleep 0.02 & wait; exit 9");
    let (code, report, errors) = kill_sections(&chaos);
    assert!(code == Some(1) && broken(&report).contains(&"sections_say_how".to_owned()), "{code:?} {errors}");
}

#[test]
fn a_section_that_ends_well_keeps_every_promise() {
    let (_folder, chaos) = with_sections_that("echo a line; /bin/sleep 0.02 & wait; exit 1");
    let (code, report, errors) = kill_sections(&chaos);
    assert_eq!((code, broken(&report)), (Some(0), Vec::new()), "{errors}");
}

const SCENARIOS: [&str; 6] =
    ["join_returns", "others_can_get", "others_can_lock", "daemon_ends", "map_returns", "no_task_is_lost"];

#[test]
fn six_kills_that_wedge_python_do_no_harm_here() {
    let report = chaos(&["--compare"]).run().expect_held();
    for scenario in SCENARIOS {
        assert_eq!(report.figure("compare", &format!("ours_{scenario}")), 5);
    }
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: Python's column, because python3 is missing");
        return;
    }
    for scenario in SCENARIOS {
        assert_eq!(report.figure("compare", &format!("python_{scenario}")), 0, "{scenario}");
    }
}

#[test]
fn the_table_says_it_when_python_is_missing() {
    let run = program!().arg("--compare").env("PATH", "/nonexistent").run();
    run.expect_code(0).expect_text(&["python3 is missing", "5 of 5 tries"]);
    assert_eq!(run.stdout().lines().count(), 2 + SCENARIOS.len());
    let table = run.stdout();
    let tries = table.lines().filter_map(|line| line.split_once(" at most")?.0.split(' ').next_back());
    let units: Vec<_> = tries.collect();
    assert!(units.len() == SCENARIOS.len() && units.iter().all(|unit| ["ms", "µs"].contains(unit)), "{table}");
}
