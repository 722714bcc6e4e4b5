//! What `threads` promises: where threads and processes work, what they share, and what they cost.

use support::{Signal, program};

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
    let said = run.said();
    let orders = [
        ("a thread: I am first", "main second"),
        ("a process: I am first", "main process second"),
        ("main first", "a thread: I am second"),
        ("main process first", "a process: I am second"),
    ];
    for (first, second) in orders {
        let place = |words: &str| said.iter().position(|(_, text)| text == words).expect("a line of this scene");
        assert!(place(first) < place(second), "{first:?} before {second:?} in {said:?}");
    }
}

#[test]
fn a_process_writes_to_its_copy_at_the_same_address() {
    let run = program!().args(["--scene", "memory", "--speed", "inf", "--format", "jsonl"]).run();
    let said = run.said();
    let address = |words: &str| {
        let (_, text) = said.iter().find(|(_, text)| text.contains(words)).expect("a line of this scene");
        text.split_whitespace().find(|word| word.starts_with("0x")).expect("an address").to_owned()
    };
    assert_eq!(address("I write 1"), address("I write 2"));
    assert_ne!(address("I write 2"), address("I write 3"));
    let observed = run.report().scene("memory")["checks"].as_array().expect("checks").clone();
    let observed: Vec<_> = observed.iter().map(|check| check["observed"].as_u64()).collect();
    assert_eq!(observed, [Some(1), Some(1), Some(3)]);
}

#[test]
fn the_cost_is_measured_in_time_and_memory() {
    let report = program!().args(["--scene", "cost", "--format", "json"]).run().expect_held();
    for what in ["start and join a thread", "start and join a process", "memory of a thread", "memory of a process"] {
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
