//! What `cpu-io` promises: right sums by every way, an honest table, and Python beside it or the reason why not.

#[path = "cpu-io/verdict.rs"]
mod verdict;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use support::tempfile::TempDir;
use support::{Program, Signal, Terminal, listing, listing_without_key_line, program};

const WAYS: [&str; 3] = ["serial", "threads", "processes"];

/// Small tasks, and no Python unless the test brings one.
fn small() -> Program {
    program!().args(["--tasks", "8", "--work", "2000"]).env("PATH", "")
}

/// A folder with a `python3` in it that is this shell script.
fn python_that(script: &str) -> TempDir {
    let folder = support::open_folder();
    let path = folder.path().join("python3");
    // By another process: a file that this one, full of threads, still had open for writing in a
    // child of its own could not be executed.
    let text = format!("#!/bin/sh\n{script}\n");
    let source = folder.path().join("source");
    fs::write(&source, text).expect("a new file");
    let copied = std::process::Command::new("cp").arg(&source).arg(&path).status();
    assert!(copied.is_ok_and(|status| status.success()));
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("its own file");
    folder
}

#[test]
fn every_scene_holds_without_delays() {
    let arguments = ["--speed", "inf", "--work", "20000", "--format", "json"];
    let report = program!().args(arguments).run().expect_held();
    assert_eq!(report.scenes(), ["cpu", "io"]);
}

#[test]
fn every_way_has_its_place_in_the_table() {
    let report = small().args(["--format", "json"]).run().expect_held();
    for scene in ["cpu", "io"] {
        for way in WAYS {
            assert!(report.figure(scene, &format!("rust_{way}, wall_time")).as_f64() > Some(0.0), "{scene} {way}");
            assert!(report.figure(scene, &format!("rust_{way}, cpu_time")).as_f64() >= Some(0.0), "{scene} {way}");
        }
        for way in &WAYS[1..] {
            assert!(report.figure(scene, &format!("rust_{way}, speed_up")).as_f64() > Some(0.0), "{scene} {way}");
        }
    }
    for way in &WAYS[1..] {
        assert!(report.figure("cpu", &format!("rust_{way}, speed_up_at_notes_size")).as_f64() > Some(0.0), "{way}");
        assert!(report.figure("cpu", &format!("notes_clock_{way}")).as_f64() > Some(0.0), "{way}");
    }
}

#[test]
fn waits_one_after_the_other_add_up_and_waits_at_once_take_at_least_one() {
    let arguments = ["--scene", "io", "--io", "20", "--speed", "2", "--format", "json"];
    let report = small().args(arguments).run().expect_held();
    let wall = |way: &str| report.figure("io", &format!("rust_{way}, wall_time")).as_f64();
    assert!(wall("serial") >= Some(80.0), "{:?}", wall("serial"));
    assert!(wall("threads") >= Some(10.0), "{:?}", wall("threads"));
    assert!(wall("processes") >= Some(10.0), "{:?}", wall("processes"));
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let run = small().args(["--speed", "inf", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&[
        "计算密集型",
        "IO密集型",
        "多进程",
        "多线程",
        "串行",
        "强制的调度",
        "没有找到 python3",
    ]);
}

#[test]
fn it_speaks_english_and_says_that_python_was_not_found() {
    let run = small().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&[
        "CPU-bound",
        "I/O-bound",
        "| wall ms | rounds ",
        "forced: no task begins",
        "python3 not found",
    ]);
}

#[test]
fn what_the_table_shows_is_not_listed_again() {
    let printed = small().args(["--speed", "inf", "--lang", "en"]).run().expect_code(0).stdout();
    assert_eq!(printed.matches("| wall ms | rounds ").count(), 3, "{printed}");
    assert!(!printed.contains("· Rust serial") && !printed.contains("· Rust threads"), "{printed}");
    assert!(printed.contains("· the notes' clock, threads"), "what is in no table is listed: {printed}");
}

#[test]
fn the_same_work_is_measured_in_python_if_there_is_one() {
    let run = program!().args(["--tasks", "4", "--work", "2000", "--format", "json"]).run();
    let report = run.expect_held();
    let found = std::process::Command::new("python3")
        .args(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"])
        .stderr(std::process::Stdio::null())
        .status();
    let figures = report.scene("io")["figures"].as_object().expect("figures");
    let pythons = figures.keys().filter(|name| name.starts_with("python_")).count();
    assert_eq!(pythons, if found.is_ok_and(|status| status.success()) { 11 } else { 0 });
}

#[test]
fn a_python_that_fails_is_named_and_the_run_goes_on() {
    let cases = [
        ("exit 7", "python3: code 7"),
        ("echo not json; echo '{\"way\": \"fast\"}'", "python3: code 0"),
        ("echo '{\"error\": \"older than 3.8\"}'", "python3: older than 3.8"),
        ("echo '{\"way\": \"serial\", \"wall\": 1, \"cpu\": 1, \"right\": 7}'", "7 of 8 results are right"),
        ("kill -KILL $$", "python3: signal SIGKILL"),
    ];
    for (script, told) in cases {
        let folder = python_that(script);
        let run = small().args(["--speed", "inf"]).env("PATH", folder.path()).run();
        run.expect_code(0).expect_text(&[told]);
    }
}

#[test]
fn the_journal_has_the_birth_and_the_end_of_every_task() {
    let run = small().args(["--scene", "io", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    for kind in ["born", "ended"] {
        let of = |thread: bool| {
            let is = |event: &&support::serde_json::Value| {
                event["kind"] == kind
                    && event["child"] != "python3"
                    && (event["child_pid"] != event["child_tid"]) == thread
            };
            journal.iter().filter(is).count()
        };
        assert_eq!((of(true), of(false)), (3 * 8, 3 * 8), "{kind}");
    }
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    for option in ["--tasks=0", "--work=0", "--work=5000000000", "--io=-1", "--io=soon", "--tasks=4294967296"] {
        let (name, _) = option.split_once('=').expect("an option with a value");
        program!().args([option]).run().expect_error(2, name);
    }
}

#[test]
fn more_tasks_than_the_system_gives_are_refused() {
    for scene in ["cpu", "io"] {
        let many = program!().args(["--scene", scene, "--tasks", "4000000000"]);
        many.run().expect_error(3, "cannot start 4000000000 threads: they need");
        let few = program!().limit("nproc", 30).as_ordinary_user();
        few.args(["--scene", scene]).run().expect_error(3, "cannot start thread ");
    }
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are cpu, io");
}

#[test]
fn a_signal_ends_it_while_tasks_compute_or_wait() {
    let long = [("cpu", "--work=4000000000", "iterations"), ("io", "--io=80000000", "\"born\"")];
    for (scene, option, sign) in long {
        for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
            let program = program!().args(["--scene", scene, option, "--tasks", "20", "--format", "jsonl"]);
            let mut running = program.env("PATH", "").start();
            running.line_with(sign);
            running.signal(signal);
            running.wait().expect_error(code, &format!("ended by {signal}"));
        }
    }
}

#[test]
fn a_signal_ends_python_too() {
    // The second one does not listen, and leaves a child of its own behind when it is killed.
    for script in ["exec /bin/sleep 1000", "trap '' TERM; /bin/sleep 1000 & wait; wait"] {
        let folder = python_that(script);
        for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
            let program = small().args(["--scene", "io", "--format", "jsonl"]).env("PATH", folder.path());
            let mut running = program.start();
            running.line_with("python3");
            running.signal(signal);
            running.wait().expect_error(code, &format!("ended by {signal}"));
        }
    }
}

#[test]
fn a_kill_ends_python_too() {
    let folder = python_that("exec /bin/sleep 1000");
    let mut running = small().args(["--scene", "io", "--format", "jsonl"]).env("PATH", folder.path()).start();
    running.line_with("python3");
    running.signal(Signal::SIGKILL);
    assert_eq!(running.wait().code(), None);
}

support::ends_in_every_trouble!(small());

#[test]
fn it_measures_to_its_end_though_the_terminal_of_its_bar_was_stopped() {
    let run = small().args(["--speed", "inf"]).start_with_error_on(&Terminal::stopped());
    run.wait_within(Duration::from_secs(40)).expect_code(0);
}

#[test]
fn each_row_of_its_table_is_one_line_of_a_terminal_of_80_columns() {
    let named = |debug: &'static str| if cfg!(debug_assertions) { debug } else { "Rust" };
    for (lang, name, ways) in
        [("en", named("Rust, unoptimised"), WAYS), ("zh", named("Rust(未优化)"), ["串行", "多线程", "多进程"])]
    {
        let terminal = Terminal::with_columns(80);
        small().args(["--scene", "io", "--lang", lang]).start_on(&terminal).wait().expect_code(0);
        let shown = terminal.shown();
        let lines: Vec<_> = shown.lines().map(str::trim_end).collect();
        for way in ways {
            let is_row = |line: &&&str| {
                line.contains(name) && line.contains(way) && line.ends_with(|end: char| end.is_ascii_digit())
            };
            assert_eq!(lines.iter().filter(is_row).count(), 1, "{way}: {shown}");
        }
    }
}

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "they never joined"]);
}

#[test]
fn the_journal_of_every_scene_keeps_its_promises() {
    let record = small().args(["--speed", "100"]).record();
    let named = |name: &str| record.born.iter().filter(|(child, _)| child.starts_with(name)).count();
    assert!(named("thread ") >= 16 && named("process ") >= 16, "{:?}", record.born);
}

#[test]
fn the_listing_of_a_hundred_tasks_joins_what_its_list_has_which_is_nothing_without_its_key_line() {
    for (run, joined) in [
        (listing!("hundred_threads").run(), "joined 100 of 100 threads: "),
        (listing_without_key_line!("hundred_threads").run(), "joined 0 of 100 threads: "),
        (listing!("hundred_processes").run(), "joined 100 of 100 processes: "),
        (listing_without_key_line!("hundred_processes").run(), "joined 0 of 100 processes: "),
    ] {
        run.expect_code(0).expect_text(&[joined]);
    }
}
