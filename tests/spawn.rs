//! What `spawn` promises: its scenes hold, in both languages, and its bad options are refused.

use std::io::Read;
use std::process::{Command, Stdio};

use support::{listing, listing_without_key_line, program};

#[test]
fn every_scene_holds_without_delays() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["function", "object", "many", "pids", "exits"]);
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let run = program!().args(["--speed", "inf", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&[
        "写讲话稿进程开始",
        "主进程",
        "写讲话稿任务执行完毕",
        "玩原神任务开始",
        "任务结束",
        "写演讲稿1进程开始",
        "写演讲稿3任务执行完毕",
        "执行中",
    ]);
}

#[test]
fn it_speaks_english_too() {
    let run = program!().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&["write a speech: process begins", "main process", "speech 3: task done"]);
}

#[test]
fn the_locale_decides_the_language() {
    let run = program!().args(["--speed", "inf", "--scene", "function"]).env("LC_ALL", "zh_CN.UTF-8").run();
    run.expect_code(0).expect_text(&["写讲话稿进程开始"]);
}

#[test]
fn joining_in_the_loop_takes_at_least_the_sum_of_the_delays() {
    let report = program!().args(["--scene", "many", "--speed", "100", "--format", "json"]).run().expect_held();
    let seconds = report.figure("many", "in_the_loop").as_f64();
    assert!(seconds >= Some(0.06), "{seconds:?}");
}

#[test]
fn the_journal_tells_who_was_born_and_how_it_ended() {
    let run = program!().args(["--scene", "exits", "--speed", "inf", "--format", "jsonl"]).run();
    let journal = run.journal();
    let of = |kind: &str| journal.iter().filter(|event| event["kind"] == kind).count();
    assert_eq!((of("born"), of("ended")), (3, 3));
    let exits = |key: &str, what: &str| -> Vec<_> {
        let its = journal.iter().filter(|event| event[key] == what);
        its.filter_map(|event| event["exit"].as_str()).collect()
    };
    assert_eq!(exits("kind", "ended"), ["code 7", "code 101", "signal SIGKILL"]);
    assert_eq!(exits("what", "exits"), ["code 7", "code 101"], "who is killed has no last word");
}

#[test]
fn a_panic_is_told_in_one_line_under_the_name_of_its_process() {
    let run = program!().args(["--scene", "exits", "--speed", "inf"]).run();
    run.expect_error(0, "panics: panicked at").expect_error(0, "this panic is part of the lesson");
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are function, object, many, pids, exits");
}

#[test]
fn a_speed_that_is_none_is_refused() {
    for speed in ["0", "nan", "-1", "fast", "0.001"] {
        let run = program!().args([&format!("--speed={speed}")]).run();
        run.expect_error(2, "a speed is a number from 0.01 up, or inf");
    }
}

#[test]
fn a_refused_fork_is_said() {
    let run = program!().args(["--speed", "inf"]).as_ordinary_user().limit("nproc", 1).run();
    run.expect_error(3, "spawn: cannot start write a speech: resource temporarily unavailable");
}

#[test]
fn a_signal_in_the_middle_of_any_scene_leaves_nothing_behind() {
    for (scene, middle) in [("function", "main process"), ("object", "begins"), ("many", "begins"), ("pids", "at work")]
    {
        program!().args(["--scene", scene, "--speed", "0.01"]).expect_clean_ends(middle);
    }
}

#[test]
fn a_child_that_it_was_given_is_none_of_its_business() {
    for (arguments, code) in [("--scene function --speed inf", 0), ("--scene nope", 2)] {
        // The shell has a child and becomes the program, whose child it is from then on. The child
        // waits for the end of a pipe, and has a last word if it lives until then.
        let script = format!("{{ read line; echo alive >&3; }} 3>&1 <&0 & exec \"$0\" {arguments} >/dev/null 2>&1");
        let mut shell = Command::new("bash")
            .arg("-c")
            .arg(&script)
            .arg(support::assert_cmd::cargo::cargo_bin!())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let open_until_it_ends = shell.stdin.take();
        assert_eq!(shell.wait().expect("our own child").code(), Some(code), "{arguments}");
        drop(open_until_it_ends);
        let mut last_word = String::new();
        shell.stdout.take().expect("piped").read_to_string(&mut last_word).expect("text");
        assert_eq!(last_word, "alive\n", "{arguments}");
    }
}

support::ends_in_every_trouble!(program!());

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "a join waits"]);
}

#[test]
fn the_journal_of_every_scene_keeps_its_promises() {
    let record = program!().args(["--speed", "100"]).record();
    let ends: Vec<_> = record.born.iter().rev().take(3).map(|(_, exit)| exit.as_str()).collect();
    assert_eq!(ends, ["signal SIGKILL", "code 101", "code 7"]);
}

#[test]
fn the_listing_of_a_function_goes_on_in_main_while_its_process_works() {
    let run = listing!("speech").run();
    let printed = run.expect_code(0).stdout();
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{printed}");
    assert_eq!(lines[2], "write a speech: task done", "main does not wait for it");
}

#[test]
fn the_listing_of_a_type_runs_in_main_and_starts_in_a_process() {
    let run = listing!("game").run();
    let printed = run.expect_code(0).stdout();
    let pids: Vec<_> = printed.lines().filter_map(|line| line.split_once("process ")).map(|(_, pid)| pid).collect();
    assert_eq!(pids.len(), 3, "{printed}");
    assert!(pids[0] == pids[1] && pids[1] != pids[2], "{printed}");
}

#[test]
fn the_listing_with_a_join_in_the_loop_does_one_task_after_the_other_and_without_it_all_at_once() {
    let begins_before_the_first_is_done = |printed: &str| {
        let lines = printed.lines().take_while(|line| *line != "speech 1: task done");
        lines.filter(|line| line.ends_with("begins")).count()
    };
    let run = listing!("speeches").run();
    assert_eq!(begins_before_the_first_is_done(&run.expect_code(0).stdout()), 1);
    let run = listing_without_key_line!("speeches").run();
    assert_eq!(begins_before_the_first_is_done(&run.expect_code(0).stdout()), 3);
}

#[test]
fn the_listing_of_pids_names_parent_and_child_alike() {
    let run = listing!("pid").run();
    let printed = run.expect_code(0).stdout();
    let numbers = |line: &str| -> Vec<u32> {
        line.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    };
    let mut lines: Vec<_> = printed.lines().collect();
    lines.sort_unstable();
    let [main, task] = lines[..] else { panic!("{printed}") };
    let (main, task) = (numbers(main), numbers(task));
    assert!(main.len() == 2 && task.len() == 2 && main[0] == task[1] && main[1] == task[0], "{printed}");
}
