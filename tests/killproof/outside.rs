//! The crate alone: what a project gets that depends on it and on nothing else, and what one finds that comes from
//! Python.

use std::fs;
use std::path::Path;
use std::process::Command;

use support::outside::{Package, published_files};

const KILLPROOF: &str = env!("CARGO_MANIFEST_DIR");

/// What a queue needs no part of: command lines, JSON, terminals, locales, random numbers.
const UNWANTED: [&str; 9] =
    ["clap", "serde_json", "anstyle", "anstream", "console", "indicatif", "unicode-width", "sys-locale", "rand"];

pub(crate) fn a_program_outside_the_workspace_has_a_queue_between_processes() {
    let main = program_of_the_readme();
    assert!(main.lines().count() <= 20, "a reader wants no more than 20 lines:\n{main}");
    let run = Package::new(Path::new(KILLPROOF), &main).build(env!("CARGO_TARGET_TMPDIR")).run();
    run.expect_code(0);
    let printed = run.stdout();
    for dish in 1..=8 {
        assert!(printed.lines().any(|line| line.ends_with(&format!(" eats dish {dish}"))), "{dish}:\n{printed}");
    }
    assert_eq!(printed.lines().last(), Some("0 dishes are not done"));
}

pub(crate) fn a_program_that_depends_on_it_gets_no_command_line_json_or_terminal() {
    let tree = Package::new(Path::new(KILLPROOF), "fn main() {}").tree();
    assert!(tree.iter().any(|name| name == "killproof"), "{tree:?}");
    for name in UNWANTED {
        assert!(!tree.iter().any(|used| used == name), "{name} is in the tree: {tree:?}");
    }
}

pub(crate) fn what_is_published_is_complete_and_no_more() {
    let files = published_files(Path::new(KILLPROOF));
    for file in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "examples/work_queue.rs", "src/lib.rs"] {
        assert!(files.iter().any(|published| published == file), "{file} is missing: {files:?}");
    }
    let folders = ["src", "examples"];
    let is_known = |file: &String| file.split_once('/').is_none_or(|(folder, _)| folders.contains(&folder));
    assert!(files.iter().all(is_known), "{files:?}");
}

pub(crate) fn every_public_name_of_pythons_multiprocessing_is_in_a_table_of_the_readme() {
    let asks = "import multiprocessing; print(*multiprocessing.__all__)";
    let Ok(python) = Command::new("python3").args(["-c", asks]).output() else {
        eprintln!("not tested: there is no python3");
        return;
    };
    assert!(python.status.success(), "{python:?}");
    let names = String::from_utf8(python.stdout).expect("names");
    let readme = fs::read_to_string(Path::new(KILLPROOF).join("README.md")).expect("the README");
    let tables = readme.split("## From Python").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a chapter");
    let pythons: Vec<&str> = tables.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
    let is_listed = |name: &&str| pythons.iter().any(|cell| words_of_code(cell).any(|word| word == *name));
    let missing: Vec<&str> = names.split_whitespace().filter(|name| !is_listed(name)).collect();
    assert!(missing.is_empty(), "the tables do not say what becomes of {missing:?}");
}

/// The words in the code of a cell: those of `Value('i', 0)` are Value, i and 0.
fn words_of_code(cell: &str) -> impl Iterator<Item = &str> {
    let code = cell.split('`').skip(1).step_by(2);
    code.flat_map(|code| code.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
}

/// The first listing of the README: what a reader copies.
fn program_of_the_readme() -> String {
    let readme = fs::read_to_string(Path::new(KILLPROOF).join("README.md")).expect("the README");
    let listing = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
    listing.expect("a listing in the README").to_owned()
}
