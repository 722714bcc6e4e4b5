//! One file is one lock, whatever it is called, and nothing beside it is touched.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Program, Signal, open_folder, program};

use crate::Tickets;

/// The tickets' file by each of its other names: a symbolic link, a hard link, a link to a link from elsewhere.
fn other_names(tickets: &Tickets) -> [PathBuf; 3] {
    let folder = tickets.folder.path();
    let [soft, hard, far] = ["soft.json", "hard.json", "elsewhere/far.json"].map(|name| folder.join(name));
    fs::create_dir(folder.join("elsewhere")).expect("our own folder");
    symlink("tickets.json", &soft).expect("our own folder");
    fs::hard_link(tickets.path(), &hard).expect("our own folder");
    symlink("../soft.json", &far).expect("our own folder");
    [soft, hard, far]
}

fn named(path: &Path) -> Program {
    program!().arg("--file").arg(path)
}

#[test]
fn a_command_waits_for_a_demonstration_on_the_same_file_by_any_name() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    for name in other_names(&tickets) {
        let mut demonstration = tickets.program().args(["--speed", "0.1"]).start();
        demonstration.line_with("user 5 queries");
        let mut buy = named(&name).args(["buy", "--user", "Ann"]).start();
        buy.error_with(&format!("waiting: a demonstration runs on {}", name.display()));
        demonstration.signal(Signal::SIGTERM);
        demonstration.wait().expect_code(143);
        buy.wait().expect_code(0);
    }
}

#[test]
fn a_command_waits_for_the_lock_on_the_file_by_any_name() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    let file = File::open(tickets.path()).expect("our own file");
    for (name, left) in other_names(&tickets).into_iter().zip([4, 3, 2]) {
        file.lock().expect("a lock");
        let mut buy = named(&name).args(["buy", "--user", "Ann"]).start();
        buy.error_with(&format!("waiting: {} is in use", name.display()));
        file.unlock().expect("our own lock");
        buy.wait().expect_code(0);
        assert_eq!(tickets.left(), left);
    }
}

#[test]
fn every_ticket_is_sold_once_by_buyers_that_call_the_file_by_different_names() {
    let tickets = Tickets::with(r#"{"tickets_num": 40}"#);
    let [soft, hard, far] = other_names(&tickets);
    let names = [tickets.path(), soft, hard, far];
    let running: Vec<_> = (0..48).map(|i| named(&names[i % 4]).args(["buy", "--user", "Ann"]).start()).collect();
    let codes: Vec<_> = running.into_iter().map(|run| run.wait().code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 40, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 8, "{codes:?}");
    assert_eq!(tickets.left(), 0);
}

#[test]
fn a_long_file_keeps_its_names_too() {
    let long = "x".repeat(3_000);
    let tickets = Tickets::with(format!(r#"{{"note": "{long}", "tickets_num": 10}}"#));
    let [_, hard, _] = other_names(&tickets);
    named(&hard).args(["buy", "--user", "Ann"]).run().expect_code(0);
    tickets.program().args(["buy", "--user", "Bob"]).run().expect_code(0);
    assert_eq!(tickets.left(), 8);
    assert_eq!(fs::read(&hard).expect("its other name"), fs::read(tickets.path()).expect("its name"));
}

#[test]
fn what_lies_beside_the_file_is_neither_used_nor_removed() {
    let folder = open_folder();
    let file = |name: &str| folder.path().join(name);
    // "Cargo" as a tickets' file has "Cargo.lock" beside it.
    let others = ["Cargo.lock", "Cargo.demo.lock", ".Cargo.4711.0", "Cargo.4711.new"];
    for name in others {
        fs::write(file(name), name).expect("our own folder");
    }
    fs::write(file("Cargo"), "no record").expect("our own folder");
    named(&file("Cargo")).arg("query").run().expect_error(2, "not a JSON object");
    fs::remove_file(file("Cargo")).expect("our own file");
    for arguments in [vec!["restock", "3"], vec!["buy", "--user", "Ann"], vec!["query"], vec!["--speed", "inf"]] {
        named(&file("Cargo")).args(&arguments).run().expect_code(0);
        for name in others {
            assert_eq!(fs::read_to_string(file(name)).expect("still there"), name, "{arguments:?}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).expect("our own folder").count(), others.len() + 1);
}

#[test]
fn a_lock_on_a_file_beside_it_is_no_demonstration() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    for ending in ["lock", "demo.lock"] {
        let path = tickets.folder.path().join(format!("tickets.json.{ending}"));
        let beside = File::create(path).expect("our own folder");
        beside.lock().expect("a lock");
        for arguments in [vec!["query"], vec!["buy", "--user", "Ann"], vec!["restock", "5"]] {
            let run = tickets.program().args(&arguments).run();
            run.expect_code(0);
            assert_eq!(run.stderr(), "", "{arguments:?}");
        }
    }
}

#[test]
fn a_record_lock_of_another_program_is_no_demonstration() {
    let tickets = Tickets::with(r#"{"tickets_num": 5}"#);
    let code = "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()";
    let mut python = Command::new("python3");
    let python = python.args(["-c", code]).arg(tickets.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut python = python.expect("python3");
    BufReader::new(python.stdout.take().expect("a pipe")).read_line(&mut String::new()).expect("a line");
    let uses =
        [vec!["query"], vec!["buy", "--user", "Ann"], vec!["restock", "5"], vec!["--tickets", "20", "--speed", "inf"]];
    let mut waiting: Vec<_> = uses.iter().map(|arguments| tickets.program().args(arguments).start()).collect();
    for run in &mut waiting {
        assert!(run.error_with("waiting: ").ends_with("tickets.json is in use"));
    }
    drop(python.stdin.take());
    assert!(python.wait().expect("its end").success());
    for run in waiting {
        run.wait().expect_code(0);
    }
}

#[test]
fn a_link_whose_file_is_not_there_yet_stays_a_link() {
    let tickets = Tickets::none();
    let link = tickets.folder.path().join("link.json");
    symlink("tickets.json", &link).expect("our own folder");
    named(&link).arg("query").run().expect_error(2, "no such file; 'ticket-mutex restock 5' makes one");
    named(&link).args(["restock", "7"]).run().expect_code(0);
    assert!(fs::symlink_metadata(&link).expect("still there").is_symlink());
    assert_eq!(tickets.left(), 7);
}
