//! The rules of the house that no compiler checks. `.github/CONTRIBUTING.md` lists them.
//!
//! Each rule is a function over the workspace's files. The tests beside it run that function on a few made-up files,
//! in which it must find something.

#[path = "tidy/algorithms.rs"]
mod algorithms;
#[path = "tidy/bans.rs"]
mod bans;
#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/english.rs"]
mod english;
#[path = "tidy/finding.rs"]
mod finding;
#[path = "tidy/folder.rs"]
mod folder;
#[path = "tidy/guide.rs"]
mod guide;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/made_up_circles.rs"]
mod made_up_circles;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/pages.rs"]
mod pages;
#[path = "tidy/plurals.rs"]
mod plurals;
#[path = "tidy/promises.rs"]
mod promises;
#[path = "tidy/quotations.rs"]
mod quotations;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/spoken.rs"]
mod spoken;
#[path = "tidy/streams.rs"]
mod streams;
#[path = "tidy/tokens.rs"]
mod tokens;
#[path = "tidy/unsafe_code.rs"]
mod unsafe_code;

use std::process::Command;

use finding::{Finding, assert_none, places};
use folder::{Folder, root};

/// What a test may not contain: a test waits for a signal with a deadline, and runs always.
const NOT_IN_TESTS: [&str; 3] = [concat!("thread::", "sleep"), concat!("#[", "ignore"), concat!("should_", "panic")];

/// The names at the top level, beside those that begin with a dot.
const AT_THE_TOP: [&str; 7] = ["Cargo.toml", "Cargo.lock", "justfile", "README.md", "crates", "data", "tests"];

#[test]
fn tests_neither_sleep_nor_look_away() {
    assert_none(sleepers(&Folder::of_the_workspace()));
}

#[test]
fn only_the_fixed_names_stand_at_the_top() {
    let tracked = Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Some(tracked) = tracked.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: not a git checkout");
        return;
    };
    assert_none(misplaced(&String::from_utf8_lossy(&tracked.stdout)));
}

fn sleepers(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in folder.rust_below("tests") {
        for (at, line) in text.lines().enumerate() {
            let words = NOT_IN_TESTS.iter().filter(|word| line.contains(**word));
            findings.extend(words.map(|word| {
                Finding::new(
                    path,
                    at + 1,
                    format!("`{word}`: wait for what must happen, with a deadline, and assert it"),
                )
            }));
        }
    }
    findings
}

/// `tracked`: a path a line.
fn misplaced(tracked: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in tracked.lines() {
        let top = path.split('/').next().unwrap_or_default();
        if !top.starts_with('.') && !AT_THE_TOP.contains(&top) {
            findings.push(Finding::new(path, 1, format!("the top level has fixed names, and {top} is none of them")));
        }
        if path.ends_with("tickets.json") {
            findings.push(Finding::new(path, 1, "the state of a run is not tracked: git rm --cached"));
        }
    }
    findings
}

#[test]
fn a_test_that_sleeps_or_looks_away_is_found() {
    let text = NOT_IN_TESTS.join("\n");
    let folder = Folder::of([("tests/spawn/more.rs", text.as_str()), ("crates/x/src/lib.rs", &text)]);
    assert_eq!(places(&sleepers(&folder)), [1, 2, 3].map(|line| format!("tests/spawn/more.rs:{line}")));
}

#[test]
fn a_file_at_the_top_that_is_none_of_the_fixed_ones_is_found() {
    let tracked = ".github/CONTRIBUTING.md\nCargo.toml\nLICENSE\ncrates/x/src/lib.rs\ndata/tickets.json\nsrc/main.rs";
    assert_eq!(places(&misplaced(tracked)), ["LICENSE:1", "data/tickets.json:1", "src/main.rs:1"]);
}
