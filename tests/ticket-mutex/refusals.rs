//! Bad input and a system that refuses: one clear line, the documented code, and nothing changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use support::{Program, Signal, program};

use crate::Tickets;

/// Every way to use a file: the demonstrations and the commands.
const USES: [&[&str]; 5] = [&[], &["--lock", "none"], &["query"], &["buy", "--user", "Ann"], &["restock", "3"]];

/// Asserts that every use in `uses` is refused with `code` and `message`, and changes nothing.
#[track_caller]
fn refused(tickets: &Tickets, program: &Program, uses: &[&[&str]], code: i32, message: &str) {
    let before = tickets.everything();
    for arguments in uses {
        let run = program.clone().args(["--speed", "inf"]).args(*arguments).run();
        run.expect_error(code, message);
        assert_eq!(run.stdout().lines().filter(|line| line.contains("bought")).count(), 0);
        assert_eq!(tickets.everything(), before, "{arguments:?} changed something");
    }
}

#[test]
fn a_file_that_is_no_record_is_refused_and_left_alone() {
    let cases: [(&[u8], &str); 10] = [
        (b"", "it is empty"),
        (b"tickets", "not a JSON object"),
        (b"{\"tickets_num\": 5", "not a JSON object"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"{\"tickets\": 5}", "key tickets_num is missing"),
        (b"{\"tickets_num\": -1}", "tickets_num is -1"),
        (b"{\"tickets_num\": 1.5}", "tickets_num is 1.5"),
        (b"{\"tickets_num\": \"5\"}", "tickets_num is \"5\""),
        (b"{\"tickets_num\": 1000000000000000000000000000000}", "tickets_num is 1000000000000000000000000000000"),
        (b"{\"tickets_num\": null}", "tickets_num is null"),
    ];
    for (content, message) in cases {
        let tickets = Tickets::with(content);
        refused(&tickets, &tickets.program(), &USES, 2, message);
    }
}

#[test]
fn a_missing_file_is_refused_by_query_and_buy() {
    let tickets = Tickets::none();
    refused(&tickets, &tickets.program(), &USES[2..4], 2, "no such file; 'ticket-mutex restock 5' makes one");
}

#[test]
fn a_directory_or_a_pipe_in_its_place_is_refused() {
    let tickets = Tickets::none();
    fs::create_dir(tickets.path()).expect("a new folder");
    refused(&tickets, &tickets.program(), &USES, 2, "it is a directory");

    let tickets = Tickets::none();
    let made = Command::new("mkfifo").arg(tickets.path()).status().expect("mkfifo");
    assert!(made.success());
    for arguments in USES {
        tickets.program().args(arguments).run().expect_error(2, "it is not a regular file");
    }
}

#[test]
fn a_missing_folder_is_refused() {
    let tickets = Tickets::none();
    let program = program!().arg("--file").arg(tickets.folder.path().join("no/tickets.json"));
    refused(&tickets, &program, &[&[], &["restock", "3"]], 2, "there is no folder");
    refused(&tickets, &program, &USES[2..4], 2, "no such file");
}

#[test]
fn what_the_system_does_not_allow_is_refused() {
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own");

    let unreadable = Tickets::with(r#"{"tickets_num": 5}"#);
    set(&unreadable.path(), 0o000);
    refused(&unreadable, &unreadable.program().as_ordinary_user(), &USES, 3, "permission denied");

    let read_only = Tickets::with(r#"{"tickets_num": 5}"#);
    set(&read_only.path(), 0o444);
    let program = read_only.program().as_ordinary_user();
    refused(&read_only, &program, &[USES[0], USES[1], USES[4]], 3, "permission denied");
    refused(&read_only, &program, &[USES[3]], 3, "permission denied");
    program.args(["query"]).run().expect_code(0).expect_text(&["5 tickets left"]);

    let closed = Tickets::with(r#"{"tickets_num": 5}"#);
    set(&closed.path(), 0o666);
    set(closed.folder.path(), 0o555);
    let program = closed.program().as_ordinary_user();
    // The file is all that is needed.
    for arguments in USES {
        program.clone().args(["--speed", "inf"]).args(arguments).run().expect_code(0);
    }
    fs::set_permissions(closed.folder.path(), fs::Permissions::from_mode(0o777)).expect("our own");
    fs::remove_file(closed.path()).expect("our own");
    set(closed.folder.path(), 0o555);
    refused(&closed, &program, &[USES[0], USES[1], USES[4]], 3, "permission denied");
    set(closed.folder.path(), 0o777);
}

#[test]
fn on_a_read_only_file_system_the_file_can_be_read() {
    let program = support::assert_cmd::cargo::cargo_bin!();
    // Of a run that was killed in the middle there may be lock files of older versions.
    let script = r#"
        echo '{"tickets_num": 5}' > tickets.json; : > tickets.json.lock; : > tickets.json.demo.lock
        mount -o remount,bind,ro "$PWD"
        "$1" --file tickets.json query; echo "code $?"
        "$1" --file tickets.json buy --user Ann; echo "code $?"
    "#;
    let Some((out, err)) = support::on_a_small_disk(script, &[program]) else { return };
    assert_eq!(out, "5 tickets left\ncode 0\ncode 3\n", "{err}");
    assert_eq!(err, "ticket-mutex: cannot write tickets.json: read-only file system\n");
}

#[test]
fn a_full_disk_is_said_and_nothing_is_left_on_it() {
    let program = support::assert_cmd::cargo::cargo_bin!();
    let script = r#"
        head -c 1000000 /dev/zero > filling 2>/dev/null
        "$1" --file tickets.json --speed inf; echo "code $?"
        "$1" --file tickets.json restock 3; echo "code $?"
        ls
    "#;
    let Some((out, err)) = support::on_a_small_disk(script, &[program]) else { return };
    assert_eq!(out.matches("code 3").count(), 2, "{out}\n{err}");
    assert_eq!(err.matches("cannot write tickets.json: no space left on device").count(), 2, "{out}\n{err}");
    assert_eq!(out.lines().last(), Some("filling"), "{out}\n{err}");
}

#[test]
fn bad_options_are_refused() {
    let cases: [(&[&str], &str); 8] = [
        (&["--tickets=-1"], "'-1' for '--tickets"),
        (&["--tickets", "4294967296"], "--tickets"),
        (&["--buyers", "0"], "'0' for '--buyers"),
        (&["--lock", "maybe"], "[possible values: file, none]"),
        (&["--lock", "none", "--scene", "locked"], "--lock is the scene 'unlocked'"),
        (&["--scene", "third"], "the scenes are locked, unlocked"),
        (&["buy"], "--user <NAME>"),
        (&["restock", "-5"], "-5"),
    ];
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    for (arguments, message) in cases {
        refused(&tickets, &tickets.program(), &[arguments], 2, message);
    }
}

#[test]
fn more_buyers_than_the_system_gives_are_refused_and_nothing_is_left() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    refused(&tickets, &tickets.program(), &[&["--buyers", "100000"]], 3, "cannot start 100000 buyers");
}

#[test]
fn a_refused_fork_in_the_middle_changes_nothing() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    fs::set_permissions(tickets.path(), fs::Permissions::from_mode(0o666)).expect("our own file");
    // The limit has room for all buyers, and the user's other process takes a place of it.
    let other = Program::new("/bin/sleep").arg("600").as_ordinary_user().start();
    let program = tickets.program().as_ordinary_user().limit("nproc", 61);
    refused(&tickets, &program, &[&["--buyers", "60"]], 3, "cannot start user ");
    other.signal(Signal::SIGKILL);
    assert_eq!(other.wait().signal(), Some(Signal::SIGKILL));
}

#[test]
fn more_buyers_than_the_user_may_have_processes_are_refused() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    fs::set_permissions(tickets.path(), fs::Permissions::from_mode(0o666)).expect("our own file");
    let program = tickets.program().as_ordinary_user().limit("nproc", 4);
    let message = "cannot start 60 buyers: the limit of processes of this user is 4";
    refused(&tickets, &program, &[&["--buyers", "60"]], 3, message);
}

#[test]
fn too_few_descriptors_for_the_buyers_are_refused() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    let program = tickets.program().limit("nofile", 30);
    refused(&tickets, &program, &[&["--buyers", "60"]], 3, "the limit of open files is 30");
}
