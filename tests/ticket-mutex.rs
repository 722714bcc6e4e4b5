//! What `ticket-mutex` promises: no ticket is sold twice under the lock, tickets are oversold
//! without it, the commands are safe beside it, and bad input changes nothing.

#[path = "ticket-mutex/answers.rs"]
mod answers;
#[path = "ticket-mutex/commands.rs"]
mod commands;
#[path = "ticket-mutex/foreign.rs"]
mod foreign;
#[path = "ticket-mutex/hostile.rs"]
mod hostile;
#[path = "ticket-mutex/installed.rs"]
mod installed;
#[path = "ticket-mutex/journal.rs"]
mod journal;
#[path = "ticket-mutex/lesson.rs"]
mod lesson;
#[path = "ticket-mutex/listing.rs"]
mod listing;
#[path = "ticket-mutex/names.rs"]
mod names;
#[path = "ticket-mutex/pictures.rs"]
mod pictures;
#[path = "ticket-mutex/refusals.rs"]
mod refusals;
#[path = "ticket-mutex/sizes.rs"]
mod sizes;
#[path = "ticket-mutex/troubles.rs"]
mod troubles;

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use support::tempfile::TempDir;
use support::{Program, Signal, open_folder, program};

/// A tickets' file in a folder of its own.
struct Tickets {
    folder: TempDir,
}

impl Tickets {
    fn none() -> Self {
        Self { folder: open_folder() }
    }

    fn with(content: impl AsRef<[u8]>) -> Self {
        let tickets = Self::none();
        fs::write(tickets.path(), content).expect("a new folder");
        tickets
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("tickets.json")
    }

    /// The program on this file.
    fn program(&self) -> Program {
        program!().arg("--file").arg(self.path())
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).expect("a tickets' file")
    }

    fn left(&self) -> u64 {
        left(&self.text())
    }

    /// Everything in the folder, with its bytes (none for a folder).
    fn everything(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let entries = fs::read_dir(self.folder.path()).expect("our own folder");
        let mut all: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .map(|path| (path.clone(), fs::read(path).ok()))
            .collect();
        all.sort();
        all
    }
}

fn left(text: &str) -> u64 {
    let value: support::serde_json::Value =
        support::serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    value["tickets_num"].as_u64().unwrap_or_else(|| panic!("no number in {text:?}"))
}

#[test]
fn the_final_ticket_count_is_0() {
    let tickets = Tickets::none();
    tickets.program().args(["--speed", "inf"]).run().assert().success();
    assert_eq!(tickets.text().trim_end(), r#"{"tickets_num": 0}"#);
}

#[test]
fn five_buyers_get_a_ticket_and_three_do_not() {
    let tickets = Tickets::none();
    let report = tickets.program().args(["--speed", "inf", "--format", "json"]).run().expect_held();
    assert_eq!(report.scenes(), ["locked"]);
    for (figure, value) in [("sold", 5), ("refused", 3), ("left", 0), ("oversold", 0)] {
        assert_eq!(report.figure("locked", figure), value, "{figure}");
    }
}

#[test]
fn without_the_lock_tickets_are_oversold_at_every_speed() {
    for speed in ["inf", "100", "50"] {
        let tickets = Tickets::none();
        let run = tickets.program().args(["--lock", "none", "--speed", speed, "--format", "json"]).run();
        let report = run.expect_held();
        for (figure, value) in [("sold", 8), ("refused", 0), ("left", 4), ("oversold", 3)] {
            assert_eq!(report.figure("unlocked", figure), value, "{figure} at speed {speed}");
        }
    }
}

#[test]
fn the_output_says_that_the_bad_schedule_was_forced() {
    let tickets = Tickets::none();
    tickets.program().args(["--lock", "none", "--speed", "inf"]).run().expect_code(0).expect_text(&["forced"]);
    let chinese = tickets.program().args(["--lock", "none", "--speed", "inf", "--lang", "zh"]).run();
    chinese.expect_code(0).expect_text(&["强制"]);
}

#[test]
fn the_two_scenes_hold_for_any_number_of_tickets_and_buyers() {
    for (tickets, buyers) in [("0", "3"), ("1", "1"), ("3", "3"), ("7", "2")] {
        let file = Tickets::none();
        let both = ["--scene", "locked", "--scene", "unlocked"];
        let run = file.program().args(["--tickets", tickets, "--buyers", buyers, "--speed", "inf", "--format", "json"]);
        assert_eq!(run.args(both).run().expect_held().scenes(), ["locked", "unlocked"]);
    }
}

#[test]
fn two_hundred_buyers_share_fifty_tickets() {
    let tickets = Tickets::none();
    let run = tickets.program().args(["--tickets", "50", "--buyers", "200", "--speed", "inf", "--format", "json"]);
    let report = run.run().expect_held();
    assert_eq!((report.figure("locked", "sold"), report.figure("locked", "refused")), (&50.into(), &150.into()));
    assert_eq!(tickets.left(), 0);
}

#[test]
fn two_demonstrations_at_once_both_tell_the_truth() {
    let tickets = Tickets::none();
    let program = tickets.program().args(["--speed", "200", "--format", "json"]);
    let running: Vec<_> = (0..3).map(|_| program.start()).collect();
    for run in running {
        let report = run.wait().expect_held();
        assert_eq!(report.figure("locked", "sold"), 5);
    }
    assert_eq!(tickets.left(), 0);
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let tickets = Tickets::none();
    let run = tickets.program().args(["--speed", "inf", "--lang", "zh"]).run();
    let printed = run.expect_code(0).expect_text(&["用户3查询余票:", "买票成功"]).stdout();
    assert_eq!(printed.matches("买票成功").count(), 5, "{printed}");
    assert_eq!(printed.matches("余票不足,用户").count(), 3, "{printed}");
}

#[test]
fn it_speaks_english_too() {
    let tickets = Tickets::none();
    let run = tickets.program().args(["--speed", "inf", "--lang", "en"]).run();
    run.expect_code(0).expect_text(&["user 3 queries: ", "bought ticket ", "no tickets left, user "]);
}

#[test]
fn the_same_seed_gives_the_same_delays_in_any_language() {
    let delays = |seed: &str, lang: &str| {
        let tickets = Tickets::none();
        let program = tickets.program().args(["--seed", seed, "--lang", lang]);
        let run = program.args(["--speed", "1000", "--format", "jsonl"]).run();
        let mut delays: Vec<_> = run
            .expect_code(0)
            .journal()
            .iter()
            .filter(|event| event["kind"] == "pause")
            .map(|event| {
                // "user 3", "用户3"
                let number: String = event["actor"].to_string().chars().filter(char::is_ascii_digit).collect();
                (number, event["ns"].as_u64())
            })
            .collect();
        delays.sort();
        delays
    };
    let english = delays("7", "en");
    assert_eq!(english.len(), 8);
    assert!(english.iter().any(|(_, ns)| *ns != english[0].1), "eight buyers with the same delay: {english:?}");
    assert_eq!(english, delays("7", "en"));
    assert_eq!(english, delays("7", "zh"));
    assert_ne!(english, delays("8", "en"));
}

#[test]
fn kills_at_random_instants_leave_a_whole_file_and_no_process() {
    // One that is made, one that is too short for two digits, and one that has room.
    kill_again_and_again(&Tickets::none());
    kill_again_and_again(&Tickets::with(r#"{"tickets_num": 3}"#));
    // And one that is longer than a sector.
    kill_again_and_again(&Tickets::with(format!(r#"{{"note": "{}", "tickets_num": 3}}"#, "x".repeat(3_000))));
}

fn kill_again_and_again(tickets: &Tickets) {
    let program = tickets.program().args(["--tickets", "20", "--buyers", "6", "--speed", "2000"]);
    // Spread over the whole run, and a little beyond its end.
    for i in 0..40_u64 {
        let mut run = program.start();
        run.let_run(Duration::from_micros(i * 800));
        run.signal(Signal::SIGKILL);
        let _ = run.wait();
        assert!(!tickets.path().exists() || tickets.left() <= 20, "{}", tickets.text());
        let names: Vec<_> = tickets.everything().into_iter().map(|(path, _)| path).collect();
        assert!(names.iter().all(|name| *name == tickets.path()), "{names:?}");
    }
}

#[test]
fn ctrl_c_and_sigterm_end_it_cleanly_with_their_codes() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let tickets = Tickets::none();
        let mut run = tickets.program().args(["--speed", "0.1"]).start();
        run.line_with("user 5 queries");
        run.signal(signal);
        run.wait().expect_error(code, "ended by SIG");
        assert!(tickets.left() <= 5);
        assert_eq!(tickets.everything().len(), 1, "{:?}", tickets.everything());
    }
}

#[test]
fn a_signal_in_the_middle_of_any_scene_leaves_no_process_behind() {
    for lock in ["file", "none"] {
        let tickets = Tickets::none();
        tickets.program().args(["--lock", lock, "--speed", "0.01"]).expect_clean_ends("user 5 queries");
        assert!(tickets.left() <= 5);
    }
}

#[test]
fn a_signal_ends_it_while_its_output_is_full_and_unread() {
    Tickets::none().program().args(["--format", "jsonl", "--speed", "100"]).expect_end_while_unread();
}

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    let tickets = Tickets::none();
    tickets.program().args(["--speed", "0.01"]).expect_quiet_without_reader();
    assert_eq!(tickets.everything().len(), 0);
}

#[test]
fn a_full_standard_output_is_said() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let run = Tickets::none().program().start_with_output(Stdio::from(full)).wait();
    run.expect_error(3, "cannot write to standard output: no space left on device");
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "--lock none", "restock"]);
}
