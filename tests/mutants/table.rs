//! The fates of the mutants as rows, and their numbers by file.

use std::collections::BTreeMap;
use std::fmt;

use super::fates::Fate;
use super::mutant::Mutant;

/// A mutant's row without its fate.
pub(crate) fn row(number: usize, mutant: &Mutant) -> String {
    let Mutant { file, line, function, change, text, .. } = mutant;
    let text: String = text.chars().take(60).collect();
    format!("{number:>4}  {:32} {:38} {:24} {text:60}", format!("{file}:{line}"), function, change.to_string())
}

/// How many mutants have which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    by_scenarios: usize,
    by_tests: usize,
    argued: usize,
    otherwise: usize,
}

#[derive(Default)]
pub(crate) struct Table {
    files: BTreeMap<String, Count>,
    all: Count,
}

impl Table {
    /// Counts a fate. Returns how it is said in the mutant's row.
    pub(crate) fn add(&mut self, mutant: &Mutant, fate: &Fate, argument: Option<&String>) -> String {
        let of_file = self.files.entry(mutant.file.clone()).or_default();
        let mut counts = [of_file, &mut self.all];
        let mut count = |field: fn(&mut Count) -> &mut usize| counts.iter_mut().for_each(|count| *field(count) += 1);
        match (fate, argument) {
            (Fate::Killed { by, because }, None) => {
                let is_test = by.starts_with("test ");
                count(if is_test { |count| &mut count.by_tests } else { |count| &mut count.by_scenarios });
                format!("noticed by {by}: {because}")
            }
            (Fate::Survived, Some(argument)) => {
                count(|count| &mut count.argued);
                format!("survives, as argued: {argument}")
            }
            (fate, argument) => {
                count(|count| &mut count.otherwise);
                let fate = match fate {
                    Fate::Killed { by, .. } => format!("NOTICED by {by}"),
                    Fate::Survived => "SURVIVES".to_owned(),
                    Fate::NotReached => "NOT REACHED".to_owned(),
                };
                let but = if argument.is_some() { ", and survivors.txt says that it survives" } else { "" };
                format!("{fate}{but}")
            }
        }
    }

    pub(crate) fn has_only_what_it_should(&self) -> bool {
        self.all.otherwise == 0
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:32} {:>12} {:>8} {:>8} {:>10}", "file", "by scenarios", "by tests", "argued", "otherwise")?;
        let all = ("all".to_owned(), self.all);
        for (file, Count { by_scenarios, by_tests, argued, otherwise }) in self.files.clone().into_iter().chain([all]) {
            writeln!(f, "{file:32} {by_scenarios:>12} {by_tests:>8} {argued:>8} {otherwise:>10}")?;
        }
        Ok(())
    }
}

/// A mutant counts once in its file and once in all, under its fate.
pub(crate) fn every_fate_is_counted_and_what_contradicts_its_argument_is_wrong() {
    let mutant = |file: &str| Mutant {
        file: file.to_owned(),
        function: "f".to_owned(),
        line: 1,
        change: super::mutant::Change::Dropped,
        text: "g();".to_owned(),
        wraps: Vec::new(),
    };
    let killed = |by: &str| Fate::Killed { by: by.to_owned(), because: String::new() };
    let argument = "it is needless".to_owned();
    let mut table = Table::default();
    table.add(&mutant("a.rs"), &killed("join p0d0s0"), None);
    table.add(&mutant("a.rs"), &killed("test queue::x"), None);
    table.add(&mutant("b.rs"), &Fate::Survived, Some(&argument));
    assert!(table.has_only_what_it_should());
    for (fate, argued) in [
        (killed("join p0d0s0"), Some(&argument)),
        (Fate::NotReached, Some(&argument)),
        (Fate::Survived, None),
        (Fate::NotReached, None),
    ] {
        table.add(&mutant("b.rs"), &fate, argued);
    }
    assert_eq!(table.all, Count { by_scenarios: 1, by_tests: 1, argued: 1, otherwise: 4 });
    assert_eq!(table.files["b.rs"], Count { by_scenarios: 0, by_tests: 0, argued: 1, otherwise: 4 });
    assert!(!table.has_only_what_it_should());
}
