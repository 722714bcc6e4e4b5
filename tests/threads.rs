//! What `threads` promises: where threads and processes work, what they share, and what they cost.

use std::collections::BTreeSet;

use support::serde_json::Value;
use support::{Ended, Running, Signal, listing, listing_without_key_line, program};

const SCENES: [&str; 5] = ["function", "object", "order", "memory", "cost"];

#[test]
fn every_scene_holds_without_delays() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), SCENES);
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let run = program!().args(["--speed", "inf", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["悟空 任务开始", "悟空 任务结束", "主线程"]);
}

#[test]
fn it_speaks_english_and_says_which_orders_were_forced() {
    let run = program!().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&["Wukong: task begins", "main thread", "nothing forced", "now forced"]);
}

#[test]
fn a_thread_has_mains_pid_and_a_process_its_own() {
    let run = program!().args(["--scene", "function", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let main = &journal[0]["pid"];
    let born: Vec<_> = journal.iter().filter(|event| event["kind"] == "born").collect();
    let [thread, process] = born[..] else { panic!("two were expected: {born:?}") };
    assert_eq!((&thread["child_pid"], &thread["parent"]), (main, main));
    assert_ne!(&thread["child_tid"], main);
    assert_eq!(&process["parent"], main);
    assert_ne!(&process["child_pid"], main);
    let ended = journal.iter().filter(|event| event["kind"] == "ended");
    let exits: Vec<_> = ended.filter_map(|event| event["exit"].as_str()).collect();
    assert_eq!(exits, ["returned", "code 0"]);
}

#[test]
fn both_orders_are_forced_with_both_kinds() {
    let run = program!().args(["--scene", "order", "--speed", "inf", "--format", "jsonl"]).run();
    let mut said = run.journal();
    said.retain(|event| event["kind"] == "say");
    let orders = [
        ("thread_first", "main_second"),
        ("process_first", "main_process_second"),
        ("main_first", "thread_second"),
        ("main_process_first", "process_second"),
    ];
    for (first, second) in orders {
        let place = |key: &str| said.iter().position(|event| event["key"] == key).expect("a line of this scene");
        assert!(place(first) < place(second), "{first:?} before {second:?} in {said:?}");
    }
}

#[test]
fn a_process_writes_to_its_copy_at_the_same_address() {
    let run = program!().args(["--scene", "memory", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let address = |value: u32| {
        let is_it = |event: &&Value| event["key"] == "writes" && event["args"]["value"] == value;
        let event = journal.iter().find(is_it).expect("a line of this scene");
        event["args"]["address"].as_str().filter(|address| address.starts_with("0x")).expect("an address").to_owned()
    };
    assert_eq!(address(1), address(2));
    assert_ne!(address(2), address(3));
    let observed = run.report().scene("memory")["checks"].as_array().expect("checks").clone();
    let observed: Vec<_> = observed.iter().map(|check| check["observed"].as_u64()).collect();
    assert_eq!(observed, [Some(1), Some(1), Some(3)]);
}

#[test]
fn each_process_of_the_crowd_has_a_name_of_its_own_and_no_thread_is_called_main() {
    let run = program!().args(["--scene", "cost", "--lang", "en", "--format", "jsonl"]).run();
    let record = run.record();
    let crowd: BTreeSet<_> = record.doing("wait-event").map(|span| span.actor.as_str()).collect();
    let names: BTreeSet<_> = (1..=16).map(|number| format!("process {number}")).collect();
    assert_eq!(crowd, names.iter().map(String::as_str).collect());
}

#[test]
fn the_cost_is_measured_in_time_and_memory() {
    let report = program!().args(["--scene", "cost", "--format", "json"]).run().expect_held();
    for what in ["start_and_join_thread", "start_and_join_process", "memory_of_thread", "memory_of_process"] {
        assert!(report.figure("cost", what).as_f64() > Some(0.0), "{what}");
    }
}

#[test]
fn a_thread_or_process_that_the_system_refuses_ends_the_run() {
    for scene in SCENES {
        let alone = program!().limit("nproc", 1).as_ordinary_user();
        alone.args(["--scene", scene, "--speed", "inf"]).run().expect_error(3, "cannot start ");
    }
    // Here the crowd is cut short in the middle, and those that live already wait for the others.
    let few = program!().limit("nproc", 8).as_ordinary_user();
    few.args(["--scene", "cost"]).run().expect_error(3, "cannot start ");
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    let run = program!().args(["--scene", "nope"]).run();
    run.expect_error(2, "the scenes are function, object, order, memory, cost");
}

#[test]
fn a_signal_ends_it_while_a_thread_works() {
    program!().args(["--scene", "function", "--speed", "0.01"]).expect_clean_ends("task begins");
}

#[test]
fn a_signal_ends_it_while_a_process_works() {
    // The thread's task comes before the process's, so this one takes the notes' three seconds.
    let signals = [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)];
    let start = |_| program!().args(["--scene", "function", "--speed", "1"]).start();
    for (mut running, (signal, code)) in signals.map(start).into_iter().zip(signals) {
        running.line_with("task begins");
        running.line_with("task begins");
        running.signal(signal);
        running.wait().expect_error(code, &format!("ended by {signal}"));
    }
}

/// The cost scene, stopped in the middle: processes of its crowd live, and main does nothing.
fn stopped_with_its_crowd() -> Running {
    // It may have joined its crowd before the stop.
    for _ in 0..100 {
        let run = program!().args(["--scene", "cost"]).start();
        while !run.has_member("process 1") && !run.has_ended() {
            std::thread::yield_now();
        }
        if !run.has_ended() {
            run.signal(Signal::SIGSTOP);
            if run.has_member("process 1") {
                return run;
            }
        }
    }
    panic!("no run was stopped in time");
}

#[test]
fn a_signal_while_its_crowd_lives_ends_it_with_one_line() {
    for to_group in [false, true] {
        let run = stopped_with_its_crowd();
        if to_group {
            run.signal_group(Signal::SIGINT);
        } else {
            run.signal(Signal::SIGINT);
        }
        run.signal(Signal::SIGCONT);
        run.wait().expect_error(130, "threads: ended by SIGINT");
    }
}

support::ends_in_every_trouble!(program!());

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "A process owns resources"]);
}

#[test]
fn the_journal_of_every_scene_keeps_its_promises() {
    let record = program!().args(["--speed", "100"]).record();
    let (threads, processes): (Vec<_>, Vec<_>) = record.born.iter().partition(|(_, exit)| exit == "returned");
    assert!(threads.len() >= 5 && processes.len() >= 5, "{:?}", record.born);
    assert!(processes.iter().all(|(_, exit)| exit == "code 0"), "{processes:?}");
}

/// The process in which a listing's task began, and that of its main.
fn processes(run: &Ended) -> [u32; 2] {
    let printed = run.expect_code(0).expect_text(&["Wukong: task done"]).stdout();
    let place = |line: &str| {
        let (_, pid) = printed.lines().find_map(|found| found.split_once(line)).unwrap_or_else(|| panic!("{printed}"));
        pid.trim().parse().unwrap_or_else(|error| panic!("{error}: {printed}"))
    };
    [place("Wukong: task begins in process"), place("main thread in process")]
}

#[test]
fn the_listings_of_threads_work_in_mains_process() {
    for run in [listing!("wukong").run(), listing!("my_thread").run()] {
        let [task, main] = processes(&run);
        assert_eq!(task, main);
    }
}

#[test]
fn the_thread_of_the_listing_ends_with_main_unless_main_joins_it() {
    // A machine that holds main up may let the task come to its end before main's line, and never after it.
    let run = listing_without_key_line!("wukong").run();
    let printed = run.expect_code(0).stdout();
    let (_, after_main) = printed.split_once("main thread in process").unwrap_or_else(|| panic!("{printed}"));
    assert!(!after_main.contains("task done"), "{printed}");
}

#[test]
fn the_listing_of_a_process_works_in_one_of_its_own() {
    let [task, main] = processes(&listing!("wukong_process").run());
    assert_ne!(task, main);
}
