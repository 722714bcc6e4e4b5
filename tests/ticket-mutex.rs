//! What `ticket-mutex` promises: no ticket is sold twice under the lock, tickets are oversold
//! without it, the commands are safe beside it, and bad input changes nothing.

#[path = "ticket-mutex/pictures.rs"]
mod pictures;
#[path = "ticket-mutex/refusals.rs"]
mod refusals;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use support::serde_json::Value;
use support::tempfile::TempDir;
use support::{Program, Signal, listing, listing_without_key_line, open_folder, program};

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
    run.expect_code(0).expect_text(&["user 3 queries: ", "bought a ticket", "no tickets left, user "]);
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
        let names = tickets.everything().into_iter().map(|(path, _)| path);
        let ours = ["tickets.json", "tickets.json.lock", "tickets.json.demo.lock"];
        assert!(
            names.clone().all(|path| ours.iter().any(|ours| path.ends_with(ours))),
            "{:?}",
            names.collect::<Vec<_>>()
        );
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
fn the_commands_buy_until_there_is_none() {
    let tickets = Tickets::none();
    tickets.program().args(["restock", "2"]).run().expect_code(0).expect_text(&["2 tickets from now on"]);
    tickets.program().arg("query").run().expect_code(0).expect_text(&["2 tickets left"]);
    for user in ["Ann", "Bob"] {
        let run = tickets.program().args(["buy", "--user", user]).run();
        assert_eq!(run.expect_code(0).stdout(), format!("user {user} bought a ticket\n"));
    }
    let refused = tickets.program().args(["buy", "--user", "Cy", "--lang", "zh"]).run();
    assert_eq!(refused.expect_code(1).stdout(), "余票不足,用户Cy买票失败\n");
    assert_eq!(tickets.left(), 0);
}

#[test]
fn many_commands_at_once_sell_every_ticket_once() {
    let tickets = Tickets::with(r#"{"tickets_num": 10}"#);
    let buy = tickets.program().args(["buy", "--user", "Ann"]);
    let running: Vec<_> = (0..14).map(|_| buy.start()).collect();
    let codes: Vec<_> = running.into_iter().map(|run| run.wait().code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 10, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 4, "{codes:?}");
    assert_eq!(tickets.left(), 0);
}

#[test]
fn commands_wait_for_a_demonstration_and_say_so() {
    let tickets = Tickets::none();
    let mut demonstration = tickets.program().args(["--speed", "0.1"]).start();
    demonstration.line_with("user 5 queries");
    let commands = [vec!["query"], vec!["buy", "--user", "Ann"], vec!["restock", "9"]];
    let mut waiting: Vec<_> = commands.iter().map(|command| tickets.program().args(command).start()).collect();
    for command in &mut waiting {
        command.error_with("waiting: a demonstration runs on");
    }
    demonstration.signal(Signal::SIGTERM);
    demonstration.wait().expect_code(143);
    for command in waiting {
        command.wait().expect_code(0);
    }
}

#[test]
fn a_command_that_waits_ends_on_ctrl_c() {
    let tickets = Tickets::none();
    let mut demonstration = tickets.program().args(["--speed", "0.1"]).start();
    demonstration.line_with("user 5 queries");
    let mut command = tickets.program().arg("query").start();
    command.error_with("waiting");
    command.signal(Signal::SIGINT);
    command.wait().expect_code(130);
}

#[test]
fn other_keys_and_the_files_rights_survive() {
    let tickets = Tickets::with(r#"{"train": "G7", "tickets_num": 9, "price": 1.50}"#);
    fs::set_permissions(tickets.path(), fs::Permissions::from_mode(0o640)).expect("our own file");
    tickets.program().args(["restock", "100000"]).run().expect_code(0);
    assert_eq!(tickets.text().trim_end(), r#"{"train": "G7", "tickets_num": 100000, "price": 1.50}"#);
    let mode = fs::metadata(tickets.path()).expect("still there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn a_record_above_a_sector_survives_too() {
    let long = "x".repeat(3_000);
    let tickets = Tickets::with(format!(r#"{{"tickets_num": 9, "note": "{long}"}}"#));
    tickets.program().args(["buy", "--user", "Ann"]).run().expect_code(0);
    assert_eq!(tickets.text().trim_end(), format!(r#"{{"tickets_num": 8, "note": "{long}"}}"#));
    assert_eq!(tickets.everything().len(), 1, "{:?}", tickets.everything());
}

#[test]
fn a_link_stays_a_link() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    let link = tickets.folder.path().join("link.json");
    std::os::unix::fs::symlink(tickets.path(), &link).expect("a new link");
    program!().arg("--file").arg(&link).args(["restock", "1000"]).run().expect_code(0);
    assert!(fs::symlink_metadata(&link).expect("still there").is_symlink());
    assert_eq!(tickets.left(), 1000);
}

#[test]
fn without_a_file_option_it_is_the_workspaces_own() {
    let root = open_folder();
    let inside = root.path().join("crates/common");
    fs::create_dir_all(&inside).expect("a new folder");
    fs::create_dir(root.path().join("data")).expect("a new folder");
    fs::write(inside.join("Cargo.toml"), "").expect("a new file");
    let restock = program!().in_folder(&inside).env("CARGO_MANIFEST_DIR", &inside).args(["restock", "4"]);
    restock.run().expect_code(0);
    assert_eq!(left(&fs::read_to_string(root.path().join("data/tickets.json")).expect("made")), 4);
}

#[test]
fn outside_a_workspace_it_is_below_the_current_folder() {
    let here = open_folder();
    let restock = program!().in_folder(here.path()).env("CARGO_MANIFEST_DIR", "").args(["restock", "4"]);
    restock.run().expect_error(2, "cannot create data/tickets.json: there is no folder data");
    fs::create_dir(here.path().join("data")).expect("a new folder");
    restock.run().expect_code(0);
    assert_eq!(left(&fs::read_to_string(here.path().join("data/tickets.json")).expect("made")), 4);
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "--lock none", "restock"]);
}

#[test]
fn the_journal_proves_that_one_buyer_at_a_time_held_the_lock() {
    let tickets = Tickets::none();
    let run = tickets.program().args(["--speed", "100", "--format", "jsonl"]).run();
    run.expect_code(0);
    let record = run.record();
    let held: Vec<_> = record.doing("hold-lock").filter(|span| span.actor.starts_with("user ")).collect();
    assert_eq!(held.len(), 8);
    assert!(held.iter().all(|span| span.on == "tickets.json.lock" && !span.cut), "{held:?}");
    // Each waited for the lock before it held it, if it had to.
    for wait in record.doing("wait-lock") {
        assert!(held.iter().any(|span| span.who == wait.who && span.from >= wait.to), "{wait:?}");
    }
}

#[test]
fn without_the_lock_the_journal_keeps_its_promises_and_no_buyer_holds_a_lock() {
    let record = Tickets::none().program().args(["--lock", "none", "--speed", "100"]).record();
    assert_eq!(record.births(), 8);
    assert!(record.doing("hold-lock").all(|span| !span.actor.starts_with("user ")), "{:?}", record.spans);
}

#[test]
fn the_journal_has_every_claim_in_the_other_language_too() {
    let [english, chinese] = ["en", "zh"].map(|lang| {
        let run = Tickets::none().program().args(["--lang", lang, "--speed", "inf", "--format", "jsonl"]).run();
        run.expect_code(0).journal()
    });
    let told = |journal: &[Value], kind: &str, keys: [&str; 2]| -> Vec<_> {
        let of_kind = journal.iter().filter(|event| event["kind"] == kind);
        let pair =
            |event: &Value| keys.map(|key| event.pointer(key).and_then(Value::as_str).unwrap_or_default().to_owned());
        let mut told: Vec<_> = of_kind.map(pair).collect();
        told.sort();
        told
    };
    for (kind, text) in [("claim", "/text"), ("check", "/text"), ("born", "/child")] {
        let pairs = told(&english, kind, [text, "/words/zh"]);
        assert_eq!(pairs, told(&chinese, kind, ["/words/en", text]), "{kind}");
        assert!(!pairs.is_empty() && pairs.iter().flatten().all(|text| !text.is_empty()), "{kind}: {pairs:?}");
    }
    let said = told(&english, "say", ["/text", "/words/zh"]);
    let sold = |[english, chinese]: &[String; 2]| english.ends_with("bought a ticket") && chinese.ends_with("买票成功");
    assert_eq!(said.iter().filter(|said| sold(said)).count(), 5, "{said:?}");
}

/// The numbers of the tickets that a listing sold, in its order, and how many buyers got none.
fn sales(listing: &Program) -> (Vec<u32>, usize) {
    let folder = open_folder();
    let run = listing.clone().in_folder(folder.path()).run();
    let printed = run.expect_code(0).stdout();
    assert_eq!(fs::read_dir(folder.path()).expect("our own folder").count(), 0, "it leaves nothing behind");
    let numbers = printed.lines().filter_map(|line| line.split_once("bought ticket number "));
    let numbers = numbers.map(|(_, number)| number.parse().expect("a number")).collect();
    (numbers, printed.lines().filter(|line| line.ends_with("bought none")).count())
}

#[test]
fn the_listing_of_the_sale_sells_each_ticket_once() {
    assert_eq!(sales(&listing!("sale")), (vec![5, 4, 3, 2, 1], 3));
}

#[test]
fn the_listing_of_the_sale_without_its_lock_sells_more_tickets_than_there_are() {
    // For five sales alone, at least three buyers would have to read after five others had read and written
    // one by one, and each of those took 100 ms or more in between.
    let (numbers, refused) = sales(&listing_without_key_line!("sale"));
    assert!(numbers.len() > 5, "{numbers:?}");
    assert_eq!(numbers.len() + refused, 8);
}
