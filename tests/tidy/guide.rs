//! The guide for contributors and the map name checks that exist.

use super::finding::{Finding, assert_none, places};
use super::folder::Folder;

const GUIDE: &str = ".github/CONTRIBUTING.md";
const MAP: &str = "crates/README.md";

#[test]
fn the_guide_names_checks_that_exist() {
    let folder = Folder::of_the_workspace();
    assert!(folder.has(GUIDE), "{GUIDE}:1: the guide is missing");
    assert_none(unknown_checks(&folder, GUIDE, |_| true));
}

#[test]
fn the_map_names_checks_that_exist() {
    let folder = Folder::of_the_workspace();
    assert!(folder.has(MAP), "{MAP}:1: the map is missing");
    // Its tables name checks, and its sentences name functions as well.
    assert_none(unknown_checks(&folder, MAP, |line| line.starts_with('|')));
}

/// Names in the lines of a page that look like a check, while no test and no lint has them.
fn unknown_checks(folder: &Folder, page: &str, has_checks: fn(&str) -> bool) -> Vec<Finding> {
    let manifest = folder.text("Cargo.toml").unwrap_or_default();
    let is_test = |name: &str| folder.rust_below("tests").any(|(_, text)| text.contains(&format!("fn {name}()")));
    let mut findings = Vec::new();
    let lines = folder.text(page).unwrap_or_default().lines().enumerate();
    for (at, line) in lines.filter(|(_, line)| has_checks(line)) {
        // Every second part of a line is in backticks.
        let names = line.split('`').skip(1).step_by(2).filter(|name| is_a_check(name));
        let unknown =
            names.filter(|name| !is_test(name) && !manifest.contains(&format!("{name} =")) && !is_pedantic(name));
        let advice = |name| format!("no test and no lint is called `{name}`: name the one that checks this rule");
        findings.extend(unknown.map(|name| Finding::new(page, at + 1, advice(name))));
    }
    findings
}

fn is_a_check(name: &str) -> bool {
    name.contains('_')
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// Whether the lint belongs to the group that the workspace turns on as a whole.
fn is_pedantic(name: &str) -> bool {
    ["missing_errors_doc", "missing_panics_doc"].contains(&name)
}

#[test]
fn a_check_that_does_not_exist_is_found() {
    let folder = Folder::of([
        (
            GUIDE,
            "`cargo test` runs\n| a rule | `it_is_checked`, `no_such_test` |\n| a rule | `unsafe_code`, `no_such_lint` |",
        ),
        ("tests/tidy.rs", "#[test]\nfn it_is_checked() {}"),
        ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"deny\""),
    ]);
    let found = |has_checks| places(&unknown_checks(&folder, GUIDE, has_checks));
    assert_eq!(found(|_| true), [format!("{GUIDE}:2"), format!("{GUIDE}:3")]);
    assert_eq!(found(|line| line.contains("such_test")), [format!("{GUIDE}:2")]);
}
