//! No file and no crate becomes the place for everything.

use std::collections::BTreeMap;

use super::finding::{Finding, assert_none, places};
use super::folder::{Folder, extension};

const MOST_LINES: usize = 400;
const MEDIAN_BELOW: usize = 150;
const MOST_PERCENT: usize = 30;
/// A listing of the notes as an example, and an example of the toolkit.
const MOST_LINES_OF_A_LISTING: usize = 30;
const MOST_LINES_OF_THE_TOOLKIT: usize = 40;
const CODE: [&str; 5] = ["rs", "js", "css", "html", "py"];

#[test]
fn no_file_has_more_than_400_lines() {
    assert_none(long_files(&Folder::of_the_workspace()));
}

#[test]
fn an_example_fits_on_a_screen() {
    assert_none(long_examples(&Folder::of_the_workspace()));
}

#[test]
fn half_of_the_files_have_fewer_than_150_lines() {
    let folder = Folder::of_the_workspace();
    let median = median(folder.rust_below("crates").map(|(_, text)| text.lines().count()));
    assert!(median < MEDIAN_BELOW, "the median of crates/**/*.rs is {median} lines: split the longest files by idea");
}

#[test]
fn no_crate_has_more_than_30_percent_of_the_code() {
    assert_none(large_crates(&Folder::of_the_workspace()));
}

fn long_files(folder: &Folder) -> Vec<Finding> {
    let all = folder.below("crates").chain(folder.below("tests"));
    let counted =
        all.filter(|(path, _)| CODE.contains(&extension(path))).map(|(path, text)| (path, text.lines().count()));
    let advice = |lines| format!("{lines} lines are two ideas: split the file by idea, {MOST_LINES} at most");
    counted
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| Finding::new(path, lines, advice(lines)))
        .collect()
}

fn long_examples(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in folder.rust_below("crates").filter(|(path, _)| path.contains("/examples/")) {
        let is_of_the_toolkit = path.starts_with("crates/killproof/");
        let most = if is_of_the_toolkit { MOST_LINES_OF_THE_TOOLKIT } else { MOST_LINES_OF_A_LISTING };
        let lines = text.lines().count();
        if lines > most {
            findings.push(Finding::new(path, lines, format!("{lines} lines, {most} at most: show one idea alone")));
        }
    }
    findings
}

fn large_crates(folder: &Folder) -> Vec<Finding> {
    let mut sizes = BTreeMap::new();
    for (path, text) in folder.below("crates").filter(|(path, _)| CODE.contains(&extension(path))) {
        let name = path.split('/').nth(1).unwrap_or_default();
        *sizes.entry(name).or_insert(0) += text.lines().count();
    }
    let all: usize = sizes.values().sum();
    let large = sizes.into_iter().filter(|(_, lines)| lines * 100 > all * MOST_PERCENT);
    let advice = |lines| format!("{lines} of {all} lines of code: move an idea of its own into a crate of its own");
    large.map(|(name, lines)| Finding::new(&format!("crates/{name}"), 1, advice(lines))).collect()
}

fn median(sizes: impl Iterator<Item = usize>) -> usize {
    let mut sizes: Vec<_> = sizes.collect();
    sizes.sort_unstable();
    sizes.get(sizes.len() / 2).copied().unwrap_or_default()
}

#[test]
fn a_file_and_a_crate_that_are_too_large_are_found() {
    let (most, more) = ("\n".repeat(MOST_LINES), "\n".repeat(MOST_LINES + 1));
    let folder = Folder::of([
        ("crates/a/src/lib.rs", most.as_str()),
        ("crates/b/report/page.js", &more),
        ("crates/c/src/lib.rs", &most),
        ("crates/d/README.md", &more),
        ("crates/e/src/lib.rs", "\n"),
        ("tests/a.rs", &more),
    ]);
    assert_eq!(places(&long_files(&folder)), ["crates/b/report/page.js:401", "tests/a.rs:401"]);
    assert_eq!(places(&large_crates(&folder)), ["crates/a:1", "crates/b:1", "crates/c:1"]);
    assert_eq!(median([1, 200, 150].into_iter()), 150);
}

#[test]
fn an_example_that_is_too_long_is_found() {
    let (listing, toolkit) = ("\n".repeat(31), "\n".repeat(41));
    let folder = Folder::of([
        ("crates/race/examples/race.rs", listing.as_str()),
        ("crates/race/src/lib.rs", &listing),
        ("crates/killproof/examples/counter.rs", &listing),
        ("crates/killproof/examples/workers.rs", &toolkit),
    ]);
    assert_eq!(
        places(&long_examples(&folder)),
        ["crates/killproof/examples/workers.rs:41", "crates/race/examples/race.rs:31"]
    );
}
