//! What is promised names checks that there are, and every scenario is there for a promise.

use super::finding::{Finding, assert_none, places};
use super::folder::Folder;

const PAGE: &str = "crates/killproof/PROMISES.md";
const SCENARIOS: &str = "tests/prove/rows.rs";

/// The columns of its tables that name scenarios and tests.
const EXPLORED: usize = 3;
const TRIED: usize = 4;

#[test]
fn the_promises_name_checks_that_exist() {
    let folder = Folder::of_the_workspace();
    assert!(folder.has(PAGE), "{PAGE}:1: the page is missing");
    assert_none(faults(&folder));
}

fn faults(folder: &Folder) -> Vec<Finding> {
    let page = folder.text(PAGE).unwrap_or_default();
    let scenarios = scenarios(folder.text(SCENARIOS).unwrap_or_default());
    let sources = || folder.rust_below("tests").chain(folder.rust_below("crates/killproof"));
    let is_test = |name: &str| sources().any(|(_, text)| text.contains(&format!("fn {name}()")));
    let mut findings = Vec::new();
    let mut named = Vec::new();
    for (line, text) in (1..).zip(page.lines()).filter(|(_, text)| text.starts_with('|')) {
        for name in names(text, EXPLORED) {
            if !scenarios.contains(&name) {
                findings.push(Finding::new(PAGE, line, format!("no scenario is called `{name}`")));
            }
            named.push(name);
        }
        for name in names(text, TRIED).into_iter().filter(|name| !is_test(name)) {
            findings.push(Finding::new(PAGE, line, format!("no test is called `{name}`")));
        }
    }
    let missing = scenarios.iter().filter(|name| !named.contains(name));
    findings.extend(missing.map(|name| Finding::new(SCENARIOS, 1, format!("no promise of {PAGE} names \"{name}\""))));
    findings
}

/// What stands in backticks in a column of a table's line.
fn names(line: &str, column: usize) -> Vec<&str> {
    line.split('|').nth(column).unwrap_or_default().split('`').skip(1).step_by(2).collect()
}

/// `name: "put and get",`
fn scenarios(rows: &str) -> Vec<&str> {
    rows.split("name: \"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name).collect()
}

#[test]
fn a_check_of_a_promise_that_does_not_exist_is_found() {
    let page =
        "| promise | made to | explored | tried |\n| a | b | `put` | `it_is_put`, `it_is_lost` |\n| a | b | `get` | |";
    let folder = Folder::of([
        (PAGE, page),
        (SCENARIOS, "Scenario { name: \"put\", f }\nScenario { name: \"close\", f }"),
        ("tests/killproof/queue.rs", "fn it_is_put() {}"),
    ]);
    let found = [format!("{PAGE}:2"), format!("{PAGE}:3"), format!("{SCENARIOS}:1")];
    assert_eq!(places(&faults(&folder)), found);
}
