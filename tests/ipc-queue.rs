//! What `ipc-queue` promises: first in, first out, between threads and between processes.

use support::serde_json::Value;
use support::{listing, program};

#[test]
fn every_scene_holds_without_delays() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["fifo", "full", "processes"]);
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let run = program!().args(["--speed", "inf", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["放入 a", "a b c d e f\n", "先进先出", "g 放进去了", "宫保鸡丁"]);
}

#[test]
fn it_speaks_english_too() {
    let run = program!().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&["puts a\n", "a b c d e f\n", "g is in\n", "kung pao chicken\n"]);
}

#[test]
fn two_threads_of_one_process_pass_the_letters_in_order() {
    let run = program!().args(["--scene", "fifo", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let of = |actor: &str| journal.iter().find(|event| event["kind"] == "say" && event["actor"] == actor);
    let (producer, consumer) = (of("producer").expect("a producer"), of("consumer").expect("a consumer"));
    assert_eq!(producer["pid"], consumer["pid"]);
    assert_ne!(producer["tid"], consumer["tid"]);
    assert_eq!((&consumer["key"], &consumer["args"]["value"]), (&"printed".into(), &"a b c d e f".into()));
}

#[test]
fn a_put_on_the_full_queue_waits_at_least_its_timeout() {
    let report = program!().args(["--scene", "full", "--speed", "20", "--format", "json"]).run().expect_held();
    let seconds = report.figure("full", "waited").as_f64();
    assert!(seconds >= Some(0.05), "{seconds:?}");
}

#[test]
fn the_waiting_put_succeeds_after_the_get_and_not_before() {
    let mut said = program!().args(["--scene", "full", "--speed", "inf", "--format", "jsonl"]).run().journal();
    said.retain(|event| event["kind"] == "say");
    said.sort_by_key(|event| event["t"].as_u64());
    let place = |key: &str, arg: &str, value: &str| {
        let place = said.iter().position(|event| event["key"] == key && event["args"][arg] == value);
        place.unwrap_or_else(|| panic!("no {key} of {value} in {said:?}"))
    };
    assert!(place("puts_and_waits", "letter", "g") < place("gets", "letter", "a"));
    assert!(place("gets", "letter", "a") < place("is_in", "letter", "g"));
    assert!(place("is_in", "letter", "g") < place("printed", "value", "a b c d e f g"));
}

#[test]
fn the_dish_travels_from_one_process_to_another() {
    let run = program!().args(["--scene", "processes", "--lang", "zh", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let of = |actor: &str| journal.iter().find(|event| event["kind"] == "say" && event["actor"] == actor);
    let (put, printed) = (of("task1").expect("task1 speaks"), of("task2").expect("task2 speaks"));
    assert_eq!(put["args"]["dish"], "kung_pao_chicken");
    assert_eq!(printed["args"]["value"], "宫保鸡丁");
    assert_ne!(put["pid"], printed["pid"]);
    let ends_before_birth = |event: &&Value| {
        (event["kind"] == "ended" && event["child"] == "task1'")
            || (event["kind"] == "born" && event["child"] == "task2'")
    };
    let kinds: Vec<_> = journal.iter().filter(ends_before_birth).map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["ended", "born"]);
}

#[test]
fn a_signal_at_the_full_queue_ends_the_run_and_its_producer() {
    // First main itself waits for room, then it pauses while another process waits for room.
    for (speed, middle) in [("0.01", "the queue is full"), ("0.5", "the producer waits")] {
        program!().args(["--scene", "full", "--speed", speed]).expect_clean_ends(middle);
    }
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are fifo, full, processes");
}

#[test]
fn a_speed_that_is_none_is_refused() {
    program!().args(["--speed", "0"]).run().expect_error(2, "a speed is a number from 0.01 up, or inf");
}

#[test]
fn a_refused_process_is_an_error_and_leaves_none_behind() {
    let run = program!().args(["--scene", "processes", "--speed", "inf"]).limit("nproc", 1).as_ordinary_user().run();
    run.expect_error(3, "cannot start task1");
}

support::ends_in_every_trouble!(program!());

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "first in, first out"]);
}

#[test]
fn the_journal_names_the_waiter_at_the_queue_and_the_producer_of_each_value() {
    let run = program!().args(["--speed", "100", "--format", "jsonl"]).run();
    run.expect_code(0);
    let (journal, record) = (run.journal(), run.record());
    let waits: Vec<_> = record.doing("wait-put").map(|span| (&*span.actor, span.how.as_deref())).collect();
    assert_eq!(waits, [("main", Some("timed out")), ("producer", None)]);
    let got = journal.iter().find(|event| event["key"] == "gets").expect("a get");
    assert!(record.doing("wait-put").last().map(|span| span.to) > got["t"].as_u64());
    let pid = |name: &str| &journal.iter().find(|event| event["child"] == name).expect("a birth")["child_pid"];
    for (from, to) in [("task1", "task2"), ("task1'", "task2'")] {
        let mark = record.marked("handed over").find(|mark| mark["actor"] == to).expect("a hand-over");
        assert_eq!((&mark["from_pid"], &mark["from_tid"]), (pid(from), pid(from)));
        assert!(mark["from_t"].as_u64() < mark["t"].as_u64(), "{mark}");
    }
}

#[test]
fn the_listing_of_a_queue_prints_the_letters_in_order() {
    assert_eq!(listing!("fifo").run().expect_code(0).stdout(), "a b c d e f\n");
}

#[test]
fn the_listing_of_two_processes_prints_in_one_what_the_other_has_put() {
    assert_eq!(listing!("dish").run().expect_code(0).stdout(), "kung pao chicken\n");
}
