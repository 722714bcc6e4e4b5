//! The mutants that nothing notices, each with an argument.

use std::collections::BTreeMap;

use super::copy;
use super::mutant::Mutant;

/// A name of a mutant on a line, and below it, indented, why it changes nothing that is promised.
const ARGUED: &str = include_str!("survivors.txt");

/// The argument for each survivor, by its name. Of several mutants of one name all are argued at once.
pub(crate) fn argued() -> BTreeMap<String, String> {
    read(ARGUED)
}

fn read(text: &str) -> BTreeMap<String, String> {
    let mut argued: BTreeMap<String, String> = BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut is_in_argument = true;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(argument) = line.strip_prefix("    ") {
            is_in_argument = true;
            for name in &names {
                let before = argued.entry(name.clone()).or_default();
                before.push_str(if before.is_empty() { "" } else { " " });
                before.push_str(argument);
            }
        } else {
            if is_in_argument {
                names.clear();
            }
            is_in_argument = false;
            names.push(line.to_owned());
            argued.insert(line.to_owned(), String::new());
        }
    }
    argued
}

/// What is wrong with the arguments.
fn faults(argued: &BTreeMap<String, String>, mutants: &[Mutant]) -> Vec<String> {
    let is_one = |name: &String| mutants.iter().any(|mutant| mutant.name() == *name);
    let of_none = argued.keys().filter(|name| !is_one(name)).map(|name| format!("no mutant is called {name}"));
    let empty = argued.iter().filter(|(_, argument)| argument.is_empty());
    of_none.chain(empty.map(|(name, _)| format!("there is no argument for {name}"))).collect()
}

pub(crate) fn every_argument_is_about_a_mutant_that_there_is() {
    let faults = faults(&argued(), &copy::list());
    assert!(faults.is_empty(), "tests/mutants/survivors.txt:\n{}", faults.join("\n"));
}

pub(crate) fn an_argument_about_no_mutant_is_found() {
    let argued =
        read("# A comment.\n\na b: dropped: c();\nd e: dropped: f();\n    Because of this,\n    and that.\ng h: i\n");
    assert_eq!(argued["a b: dropped: c();"], "Because of this, and that.");
    assert_eq!(argued["a b: dropped: c();"], argued["d e: dropped: f();"]);
    assert_eq!(faults(&argued, &[]).len(), 4);
}
