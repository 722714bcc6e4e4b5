//! One system call fails in the middle of a run: the first of its kind after the program's start, the second..

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::libc::{
    EDQUOT, EINTR, EINVAL, EIO, ENOLCK, ENOMEM, SYS_close, SYS_fcntl, SYS_getdents64, SYS_newfstatat, SYS_openat,
    SYS_statx, SYS_unlinkat,
};
use support::{Program, tempfile};

use crate::faults::{self, CALLS, Call};
use crate::runs::{Run, Section};
use crate::tracer::{Fault, TRACER};

/// What the removal of a folder needs: where one of them fails from some place on, the folder stays.
const OF_A_REMOVAL: [i64; 6] = [SYS_openat, SYS_fcntl, SYS_newfstatat, SYS_statx, SYS_getdents64, SYS_unlinkat];

/// How many runs of a section there are in the short form.
const FEW: usize = 30;

/// A call that fails, at one place of a run or from there on.
#[derive(Clone, Debug)]
struct Case {
    call: &'static Call,
    error: i32,
    place: usize,
    on: bool,
}

impl Case {
    fn fault(&self) -> Fault {
        Fault::Refused { place: self.place, on: self.on, result: self.call.result(self.error) }
    }

    /// What is wrong with the end of a run in which the call failed so.
    fn fault_of(&self, section: &Section, run: &Run) -> Option<String> {
        // Elsewhere fcntl is asked for other things than locks, too.
        let locks = section.title.starts_with("ticket-mutex");
        let is_lock = locks && self.call.number == SYS_fcntl && self.error == EINTR;
        let not_again = is_lock && run.ended.code() != Some(0);
        run.fault().or(not_again.then(|| "a lock that a signal interrupted was not asked for again".to_owned()))
    }

    fn run(&self, section: &Section) -> Run {
        let mut run = section.run(&tracer(&self.fault(), &[self.call]));
        run.removes_nothing = self.on && OF_A_REMOVAL.contains(&self.call.number);
        run
    }
}

fn tracer(fault: &Fault, calls: &[&Call]) -> Vec<String> {
    let numbers: Vec<_> = calls.iter().map(|call| call.number.to_string()).collect();
    let this = std::env::current_exe().expect("this program");
    vec![this.to_str().expect("a path").to_owned(), TRACER.to_owned(), fault.to_argument(), numbers.join(",")]
}

/// What went wrong once, and is tried in the short form, too, at a few places: a run that waited for ever for a
/// child that the system had not let begin, or for a lock whose file it could not look at; words that were lost
/// because the system did not say what standard error is; a panic of a child with its parent's handlers; a byte of the
/// tickets' file that stayed locked because a signal came when it was freed, or because the system refused to free it.
const SEEN: &[(&str, &str, i32)] = &[
    ("spawn", "prctl", EINVAL),
    ("spawn", "rt_sigaction", EINVAL),
    ("ticket-mutex", "statx", EIO),
    ("ticket-mutex", "fcntl", EINTR),
    ("ticket-mutex", "fcntl", ENOLCK),
    ("ipc-queue", "newfstatat", ENOMEM),
];
/// At how many places each of those is tried.
const PLACES_OF_SEEN: usize = 16;

/// How often each call is made in a run, by its number.
type Counts = BTreeMap<i64, usize>;

/// The calls of a program until it first writes: what the loader and the standard library do.
fn of_the_start() -> Counts {
    let list = tempfile::NamedTempFile::new().expect("a file");
    let starter = lister(&list);
    let run = Program::new(&starter[0]).args(&starter[1..]).args([env!("CARGO_BIN_EXE_tour"), "--version"]).run();
    run.expect_code(0);
    counted(&list, |call| call != nix::libc::SYS_write)
}

fn of_a_run(section: &Section) -> Counts {
    let list = tempfile::NamedTempFile::new().expect("a file");
    let run = section.run(&lister(&list));
    assert_eq!(run.fault(), None, "{} without a fault", section.title);
    run.ended.expect_code(0);
    counted(&list, |_| true)
}

fn lister(list: &tempfile::NamedTempFile) -> Vec<String> {
    let path = list.path().to_str().expect("a path").to_owned();
    tracer(&Fault::Listed(path), &CALLS.iter().collect::<Vec<_>>())
}

fn counted(list: &tempfile::NamedTempFile, wanted: impl Fn(i64) -> bool) -> Counts {
    let text = fs::read_to_string(list.path()).expect("a list");
    let numbers = text.lines().map(|line| line.parse().expect("a number"));
    let mut counts = Counts::new();
    for number in numbers.take_while(|number| wanted(*number)) {
        *counts.entry(number).or_default() += 1;
    }
    counts
}

fn cases(section: &Section) -> Vec<Case> {
    let (before, all) = (of_the_start(), of_a_run(section));
    let of = |counts: &Counts, call: &Call| counts.get(&call.number).copied().unwrap_or(0);
    let mut cases = Vec::new();
    for call in CALLS {
        let (first, last) = (of(&before, call) + 1, of(&all, call));
        let step = last.saturating_sub(first) / section.places + 1;
        for place in (first..=last).step_by(step) {
            for error in call.errors {
                for on in [false, true] {
                    // Interrupted for ever is not a state of a system.
                    if !(on && matches!(*error, nix::libc::EINTR | nix::libc::EAGAIN)) {
                        cases.push(Case { call, error: *error, place, on });
                    }
                }
            }
        }
    }
    cases
}

/// The closes of the last files fail, and do their work. A page that may not be there, for all that
/// the system says, is no page.
pub(crate) fn try_closes_of_an_export() -> Result<(), String> {
    let call = CALLS.iter().find(|call| call.number == SYS_close).ok_or("no close")?;
    let section = Section::with_an_export();
    // The last ones are those of the export.
    let place = of_a_run(&section).get(&call.number).copied().unwrap_or(0) - 1;
    let run = Case { call, error: EDQUOT, place, on: true }.run(&section);
    run.ended.expect_error(3, "tour: cannot write pages: disk quota exceeded");
    run.fault().map_or(Ok(()), Err)
}

/// Tries a section with all cases (`all`) or with some of them, and says what is wrong with each that is not as it
/// must be.
pub(crate) fn try_section(section: &Section, all: bool) -> Result<(), String> {
    let cases = cases(section);
    let mut chosen: Vec<_> = cases.iter().step_by(if all { 1 } else { cases.len() / FEW + 1 }).collect();
    if !all {
        for (_, call, error) in SEEN.iter().filter(|(name, ..)| *name == section.title) {
            let again: Vec<_> = cases.iter().filter(|case| case.call.name == *call && case.error == *error).collect();
            chosen.extend(again.iter().step_by(again.len() / PLACES_OF_SEEN + 1));
        }
    }
    if all {
        eprintln!("{}: {} runs", section.title, chosen.len());
    }
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = std::panic::catch_unwind(|| case.run(section));
                    let fault = match &run {
                        Ok(run) => case.fault_of(section, run),
                        Err(panic) => Some(panic.downcast_ref::<String>().cloned().unwrap_or_default()),
                    };
                    if let Some(fault) = fault {
                        let how = if case.on { "from place" } else { "at place" };
                        let about = format!(
                            "{} with {} {} {how} {}: {fault}",
                            section.title,
                            case.call.name,
                            faults::name(case.error),
                            case.place
                        );
                        wrong.lock().expect("no lane panics").push(about);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no lane panics");
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of {} runs:\n{}", wrong.len(), chosen.len(), wrong.join("\n")))
    }
}
