//! What `race` promises: right with a lock, right with an atomic, forced wrong without, and honest in between.

use support::{Program, Terminal, listing, listing_without_key_line, program};

const SCENES: [&str; 4] = ["mutex", "unlocked", "unlocked-slow", "atomic"];

#[test]
fn every_scene_holds_without_delays() {
    let report = program!().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), SCENES);
    assert_eq!(report.figure("mutex", "left"), 0);
    assert_eq!(report.figure("unlocked-slow", "left_when_forced"), 179);
    assert_eq!(report.figure("atomic", "left"), 0);
}

#[test]
fn it_speaks_chinese() {
    let run = program!().args(["--speed", "inf", "--rounds", "3", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["主进程", "剩 0", "3 轮,每轮 180 个线程", "强制的调度", "180 剩 179", "互斥锁"]);
}

#[test]
fn it_speaks_english_and_says_which_schedule_was_forced() {
    let run = program!().args(["--speed", "inf", "--rounds", "3", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&["0 is left", "nothing forced", "forced: no thread writes before all have read"]);
}

#[test]
fn under_the_lock_the_pauses_add_up() {
    let report = program!().args(["--scene", "mutex", "--speed", "50", "--format", "json"]).run().expect_held();
    let seconds = report.scene("mutex")["checks"][1]["observed"].as_f64();
    assert!(seconds >= Some(0.18), "{seconds:?}");
}

#[test]
fn the_distribution_accounts_for_every_round() {
    let arguments = ["--scene", "unlocked", "--threads", "40", "--rounds", "70", "--format", "json"];
    let report = program!().args(arguments).run().expect_held();
    let bins = ["ended_at_0", "ended_at_1", "ended_at_2_to_5", "ended_at_6_to_20", "ended_at_21_or_more"];
    let rounds = bins.map(|bin| report.figure("unlocked", bin).as_u64().expect("a count"));
    assert_eq!(rounds.iter().sum::<u64>(), 70);
    let [lowest, median, highest] =
        ["lowest", "median", "highest"].map(|name| report.figure("unlocked", name).as_i64().expect("a number"));
    assert!(0 <= lowest && lowest <= median && median <= highest && highest < 40, "{lowest} {median} {highest}");
}

#[test]
fn what_a_table_shows_is_not_listed_again() {
    let run = program!().args(["--rounds", "3", "--speed", "inf", "--lang", "en"]).run();
    let printed = run.expect_code(0).stdout();
    let lines = |begins: &str| printed.lines().filter(|line| line.contains(begins)).count();
    assert_eq!((lines("left 0 "), lines("ended at 0")), (1, 0), "{printed}");
    assert_eq!((lines(": atomic fetch_sub"), lines("· atomic fetch_sub, one thread")), (1, 0), "{printed}");
    assert_eq!((lines("· lowest "), lines("· lost by load and store ")), (1, 1), "{printed}");
}

#[test]
fn each_cost_is_one_line_of_a_terminal_of_80_columns() {
    for (lang, names) in [
        ("en", ["load and store (wrong)", "atomic fetch_sub", "mutex"]),
        ("zh", ["load 再 store(错误)", "atomic fetch_sub", "mutex"]),
    ] {
        let terminal = Terminal::with_columns(80);
        let run = program!().args(["--scene", "atomic", "--lang", lang]).start_on(&terminal);
        run.wait().expect_code(0);
        let shown = terminal.shown();
        let lines: Vec<_> = shown.lines().map(str::trim_end).collect();
        for name in names {
            let is_whole =
                |line: &&&str| line.ends_with(name) && (line.contains("ns alone") || line.contains("单线程"));
            assert_eq!(lines.iter().filter(is_whole).count(), 1, "{name}: {shown}");
        }
    }
}

#[test]
fn one_thread_and_one_round_are_no_plural() {
    let args = ["--scene", "unlocked", "--threads", "1", "--rounds", "1", "--speed", "inf", "--lang", "en"];
    let printed = program!().args(args).run().expect_code(0).stdout();
    assert!(printed.contains("1 round of 1 thread, nothing forced"), "{printed}");
    assert!(printed.lines().any(|line| line.contains("left 0          1 round  █")), "{printed}");
}

#[test]
fn any_number_of_threads_from_one_up_will_do() {
    for threads in ["1", "2", "1000"] {
        let arguments = ["--threads", threads, "--rounds", "2", "--speed", "inf", "--format", "json"];
        let report = program!().args(arguments).run().expect_held();
        let left = report.figure("unlocked-slow", "left_when_forced").as_i64();
        assert_eq!(left.map(|left| left + 1), threads.parse().ok());
    }
}

#[test]
fn the_journal_tells_of_every_thread_of_one_process() {
    let arguments = ["--scene", "mutex", "--threads", "20", "--speed", "inf", "--format", "jsonl"];
    let journal = program!().args(arguments).run().journal();
    let of = |kind: &str| journal.iter().filter(|event| event["kind"] == kind).collect::<Vec<_>>();
    assert_eq!((of("born").len(), of("ended").len()), (20, 20));
    assert!(of("born").iter().all(|event| event["child_pid"] == event["pid"] && event["child_tid"] != event["pid"]));
}

#[test]
fn no_threads_and_no_rounds_are_refused() {
    for option in ["--threads=0", "--rounds=0", "--threads=-1", "--rounds=many"] {
        let (name, _) = option.split_once('=').expect("an option with a value");
        program!().args([option]).run().expect_error(2, name);
    }
}

#[test]
fn more_threads_than_there_is_room_for_are_refused() {
    for scene in SCENES {
        let run = program!().args(["--threads", "4000000000", "--scene", scene]).run();
        run.expect_error(3, "cannot start 4000000000 threads: they need");
    }
}

#[test]
fn where_the_system_refuses_a_thread_the_others_end() {
    for scene in SCENES {
        let few = program!().limit("nproc", 60).as_ordinary_user();
        few.args(["--scene", scene]).run().expect_error(3, "cannot start thread ");
    }
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_ones_are_named() {
    let run = program!().args(["--scene", "nope"]).run();
    run.expect_error(2, "the scenes are mutex, unlocked, unlocked-slow, atomic");
}

#[test]
fn a_signal_ends_it_in_the_middle_of_a_scene() {
    let long: [(&str, Program, &str); 3] = [
        ("mutex", program!().args(["--speed", "0.01"]), "\"born\""),
        ("unlocked", program!().args(["--rounds", "1000000"]), "\"say\""),
        ("unlocked-slow", program!().args(["--speed", "0.01"]), "\"born\""),
    ];
    for (scene, program, sign) in long {
        program.args(["--scene", scene, "--format", "jsonl"]).expect_clean_ends(sign);
    }
}

support::ends_in_every_trouble!(program!(), program!().args(["--rounds", "5"]));

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    program!().args(["--speed", "0.01"]).expect_quiet_without_reader();
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "its update is lost"]);
}

#[test]
fn the_journal_proves_that_one_thread_at_a_time_held_the_lock() {
    let run = program!().args(["--scene", "mutex", "--threads", "40", "--speed", "500", "--format", "jsonl"]).run();
    run.expect_code(0);
    let record = run.record();
    let held: Vec<_> = record.doing("hold-lock").filter(|span| span.actor.starts_with("thread ")).collect();
    assert_eq!(held.len(), 40);
    assert!(held.iter().all(|span| span.on == "mutex 1" && !span.cut));
    // The threads begin together, and each pauses under the lock: at least one of them waits for it.
    assert!(record.doing("wait-lock").count() > 0);
}

#[test]
fn the_journal_tells_of_all_180_threads_of_every_scene_and_keeps_its_promises() {
    for (scene, births) in [("mutex", 180), ("unlocked-slow", 2 * 180), ("atomic", 180)] {
        let record = program!().args(["--scene", scene, "--speed", "inf"]).record();
        assert!(record.births() >= births, "{scene}: {} births", record.births());
        assert!(record.born.iter().all(|(_, exit)| exit == "returned"), "{scene}");
    }
    // Of the threads of its rounds the journal has nothing: writing it would take longer than the rounds. Main waits
    // for all of them.
    let record = program!().args(["--scene", "unlocked", "--rounds", "20"]).record();
    let waits: Vec<_> = record.spans.iter().map(|span| (span.doing.as_str(), span.on.as_str())).collect();
    assert_eq!((record.births(), waits), (0, vec![("wait-thread", "all threads"); 20]));
}

/// The number that a listing prints: what is left of 180.
fn left(listing: &Program) -> i64 {
    let run = listing.run();
    run.expect_code(0).stdout().trim().parse().expect("a number")
}

#[test]
fn the_listing_with_the_lock_leaves_0() {
    assert_eq!(left(&listing!("countdown")), 0);
}

#[test]
fn the_listing_without_its_lock_loses_updates_and_so_does_the_notes_own() {
    // For 0 to be left, each of 180 threads would have to read after the one before had paused and written.
    for listing in [listing_without_key_line!("countdown"), listing!("countdown_unlocked_slow")] {
        let left = left(&listing);
        assert!((1..180).contains(&left), "{left}");
    }
}

#[test]
fn the_listing_without_lock_and_pause_leaves_what_chance_decides() {
    let left = left(&listing!("countdown_unlocked"));
    assert!((0..180).contains(&left), "{left}");
}
