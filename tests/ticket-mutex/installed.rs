//! The program in a folder that is no workspace: installed, it works in any.

use std::fs;
use std::path::Path;

use support::serde_json::Value;
use support::{Program, open_folder, program};

use crate::left;

/// The program in this folder, as if cargo had not started it.
fn installed_in(folder: &Path) -> Program {
    program!().in_folder(folder).env("CARGO_MANIFEST_DIR", "").args(["--speed", "inf"])
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("our own folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_demonstration_works_in_any_folder_and_leaves_nothing_there() {
    let here = open_folder();
    let both = ["--scene", "unlocked", "--scene", "locked", "--format", "json"];
    let report = installed_in(here.path()).args(both).run().expect_held();
    assert_eq!(report.figure("locked", "sold"), 5);
    assert_eq!(names(here.path()), Vec::<String>::new());
    let root = Path::new("/");
    installed_in(root).args(both).as_ordinary_user().run().expect_held();
}

#[test]
fn its_temporary_file_has_the_usual_name_in_the_record() {
    let here = open_folder();
    let run = installed_in(here.path()).args(["--format", "jsonl"]).run();
    let printed = run.expect_code(0).stdout();
    let events = printed.lines().map(|line| support::serde_json::from_str::<Value>(line).expect("JSON"));
    let locks = events.filter(|event| event["doing"] == "hold-lock" && event["on"] == "tickets.json");
    assert!(locks.count() >= 8, "each buyer holds it: {printed}");
}

#[test]
fn two_demonstrations_at_once_have_a_file_each() {
    let here = open_folder();
    let program = installed_in(here.path()).args(["--format", "json"]);
    let other = program.start();
    program.run().expect_held();
    other.wait().expect_held();
}

#[test]
fn restock_makes_the_folder_and_the_other_commands_say_so() {
    let here = open_folder();
    let program = installed_in(here.path());
    for command in [&["query"][..], &["buy", "--user", "Ann"]] {
        let run = program.clone().args(command).run();
        run.expect_error(2, "cannot read data/tickets.json: no such file; 'ticket-mutex restock 5' makes one");
        assert_eq!(names(here.path()), Vec::<String>::new());
    }
    program.clone().args(["restock", "4"]).run().expect_code(0);
    program.clone().args(["buy", "--user", "Ann"]).run().expect_code(0);
    assert_eq!(left(&fs::read_to_string(here.path().join("data/tickets.json")).expect("made")), 3);
    // From now on a demonstration has this file, as in the workspace.
    program.run().expect_code(0);
    assert_eq!(left(&fs::read_to_string(here.path().join("data/tickets.json")).expect("still there")), 0);
}

#[test]
fn where_no_folder_can_be_made_restock_says_what_to_do() {
    let run = installed_in(Path::new("/proc")).args(["restock", "4"]).as_ordinary_user().run();
    run.expect_error(2, "cannot create data/tickets.json: no folder data can be made: ");
    run.expect_error(2, "; name another file with --file");
}
