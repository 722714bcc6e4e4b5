//! Tests of the list of mutants.

use super::copy;
use super::finder::mutants;
use super::mutant::with_all;

const ENOUGH: usize = 60;

pub(crate) fn there_are_at_least_sixty_mutants() {
    let list = copy::list();
    assert!(list.len() >= ENOUGH, "{} mutants", list.len());
    for part in ["queue", "mutex", "sync"] {
        assert!(list.iter().any(|mutant| mutant.file.starts_with(part)), "no mutant of {part}");
    }
}

/// A made-up source with a line for each kind.
const SOURCE: &str = "
impl Door {
    fn open(&self) {
        self.a.store(1, Ordering::Release);
        hit(CrashPoint::Half);
        self.b.store(2, Ordering::Relaxed);
        if self.a.load(Ordering::Acquire) == 1 && self.is_open() {
            futex::wake(&self.a, 1);
        }
        match self.state() {
            State::New if self.is_open() => self.b.swap(1, Ordering::AcqRel),
            _ => 0,
        };
    }
}
";

pub(crate) fn every_kind_of_change_is_found() {
    let found = mutants("door.rs", SOURCE).expect("Rust");
    let found: Vec<String> =
        found.iter().map(|mutant| format!("{} {}: {}", mutant.line, mutant.change, mutant.text)).collect();
    let wanted = [
        "4 Release to Relaxed: self.a.store(1, Ordering::Release)",
        "4 dropped: self.a.store(1, Ordering::Release);",
        "4 swapped with the next: self.a.store(1, Ordering::Release); hit(CrashPoint::Half); self.b.store(2, Ordering::Relaxed);",
        "6 dropped: self.b.store(2, Ordering::Relaxed);",
        "7 Acquire to Relaxed: self.a.load(Ordering::Acquire)",
        "7 always true: self.a.load(Ordering::Acquire) == 1",
        "7 always true: self.a.load(Ordering::Acquire) == 1 && self.is_open()",
        "7 always false: self.a.load(Ordering::Acquire) == 1 && self.is_open()",
        "7 always true: self.is_open()",
        "8 dropped: futex::wake(&self.a, 1)",
        "11 always true: self.is_open()",
        "11 always false: self.is_open()",
        "11 AcqRel to Acquire: self.b.swap(1, Ordering::AcqRel)",
        "11 AcqRel to Release: self.b.swap(1, Ordering::AcqRel)",
    ];
    for wanted in wanted {
        assert!(found.iter().any(|found| found == wanted), "{wanted} is not among {found:#?}");
    }
}

pub(crate) fn a_changed_file_is_rust_and_says_what_it_said() {
    let found = mutants("door.rs", SOURCE).expect("Rust");
    let changed = with_all(SOURCE, &found, 1);
    assert!(syn::parse_file(&changed).is_ok(), "{changed}");
    assert_eq!(changed.matches('\n').count(), SOURCE.matches('\n').count(), "a line keeps its number");
    for number in 1..=found.len() {
        assert!(
            changed.contains(&format!("({number})")) || changed.contains(&format!("({number},")),
            "{number}: {changed}"
        );
    }
}
