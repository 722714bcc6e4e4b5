//! The commands: what they sell and leave in the file, alone, at once, and beside a demonstration.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use support::{Signal, open_folder, program};

use crate::{Tickets, left};

#[test]
fn the_commands_buy_until_there_is_none() {
    let tickets = Tickets::none();
    tickets.program().args(["restock", "2"]).run().expect_code(0).expect_text(&["2 tickets from now on"]);
    tickets.program().arg("query").run().expect_code(0).expect_text(&["2 tickets left"]);
    for (user, ticket) in [("Ann", 2), ("Bob", 1)] {
        let run = tickets.program().args(["buy", "--user", user]).run();
        assert_eq!(run.expect_code(0).stdout(), format!("user {user} bought ticket {ticket}\n"));
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
    let ended: Vec<_> = running.into_iter().map(support::Running::wait).collect();
    assert!(ended.iter().all(|run| !run.stderr().contains("demonstration")), "none runs: {ended:?}");
    let codes: Vec<_> = ended.iter().map(support::Ended::code).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 10, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 4, "{codes:?}");
    let mut sold: Vec<_> = ended.iter().filter(|run| run.code() == Some(0)).map(support::Ended::stdout).collect();
    sold.sort();
    sold.dedup();
    assert_eq!(sold.len(), 10, "each sale names a ticket of its own: {sold:?}");
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
fn the_owner_and_the_rights_of_a_long_file_survive() {
    let tickets = Tickets::with(format!(r#"{{"tickets_num": 10, "note": "{}"}}"#, "x".repeat(3_000)));
    fs::set_permissions(tickets.path(), fs::Permissions::from_mode(0o600)).expect("our own file");
    // Root may give it away. Any other user has it already.
    let owner = if fs::metadata("/proc/self").expect("/proc").uid() == 0 { Some(65534) } else { None };
    chown(tickets.path(), owner, owner).expect("our own file");
    let look = || fs::metadata(tickets.path()).map(|found| (found.ino(), found.uid(), found.gid(), found.mode()));
    let before = look().expect("a file");
    tickets.program().args(["buy", "--user", "Root"]).run().expect_code(0);
    tickets.program().args(["--speed", "inf"]).run().expect_code(0);
    tickets.program().args(["restock", "99"]).run().expect_code(0);
    assert_eq!(look().expect("a file"), before);
    tickets.program().as_ordinary_user().args(["buy", "--user", "Ann"]).run().expect_code(0);
    assert_eq!(tickets.left(), 98);
}

#[test]
fn a_long_file_has_room_for_a_number_or_says_where_to_make_it() {
    let keys = (0..99).map(|i| format!(r#""key {i}": {i}, "#)).collect::<Vec<_>>().concat();
    let roomy = Tickets::with(format!(r#"{{{keys}"tickets_num": 9, "more": [1, 2, 3, 4], "most": 5}}"#));
    roomy.program().args(["restock", "1000000"]).run().expect_code(0);
    assert_eq!(roomy.left(), 1_000_000);
    let last = Tickets::with(format!(r#"{{"note":"{}","tickets_num":9}}"#, "x".repeat(3_000)));
    last.program().args(["restock", "1000000"]).run().expect_code(0);
    assert_eq!(last.left(), 1_000_000);
    let tight = Tickets::with(format!(r#"{{"tickets_num":9,"note":"{}"}}"#, "x".repeat(3_000)));
    let before = tight.everything();
    let message = "there is no room for the number 10 there; put blanks before the old number";
    tight.program().args(["restock", "10"]).run().expect_error(2, message);
    assert_eq!(tight.everything(), before);
    tight.program().args(["buy", "--user", "Ann"]).run().expect_code(0);
    assert_eq!(tight.left(), 8);
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
