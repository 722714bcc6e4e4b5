//! Which detector notices a mutant.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::detectors::{Detector, Measured, Programs};
use super::fates::{self, Fate, Fates};
use super::mutant::Mutant;
use super::trial::{Ending, Role};

pub(crate) struct Hunt<'a> {
    pub(crate) mutants: &'a [Mutant],
    pub(crate) programs: &'a Programs,
    /// The quickest first.
    pub(crate) detectors: &'a [Measured],
    pub(crate) stop: &'a AtomicBool,
}

/// How long those detectors take that are asked first.
const QUICK: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quickness {
    Quick,
    Slow,
}

/// What one detector says of a mutant.
enum Answer {
    Nothing,
    Noticed(String),
    Interrupted,
}

impl Hunt<'_> {
    /// Finds the fates of the mutants that have none in the file, and calls `each` with every number and fate.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn all(
        &self,
        chosen: &[usize],
        fates: &mut Fates,
        mut each: impl FnMut(usize, &Fate),
    ) -> io::Result<()> {
        let mut open = Vec::new();
        for &number in chosen {
            let key = fates::key(self.mutants, number);
            match fates.known(&key) {
                Some(fate) => each(number, fate),
                None => open.push((number, fates.noticed_before_by(&key).map(str::to_owned))),
            }
        }
        let mut left: Vec<usize> = open.iter().map(|(number, _)| *number).collect();
        let before: BTreeMap<usize, Option<String>> = open.into_iter().collect();
        // Most are noticed by what is quick: what takes long is asked for the rest alone.
        for quickness in [Quickness::Quick, Quickness::Slow] {
            let next = AtomicUsize::new(0);
            let (tell, told) = mpsc::channel();
            left = thread::scope(|scope| {
                for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                    let (tell, next, left, before) = (tell.clone(), &next, &left, &before);
                    scope.spawn(move || {
                        while let Some(number) = left.get(next.fetch_add(1, Ordering::Relaxed)) {
                            let Some(fate) = self.fate(*number, before[number].as_deref(), quickness) else { return };
                            if tell.send((*number, fate)).is_err() {
                                return;
                            }
                        }
                    });
                }
                drop(tell);
                let mut left = Vec::new();
                for (number, fate) in told {
                    if quickness == Quickness::Quick && fate == Fate::Survived {
                        left.push(number);
                        continue;
                    }
                    fates.note(&fates::key(self.mutants, number), &fate)?;
                    each(number, &fate);
                }
                Ok::<_, io::Error>(left)
            })?;
        }
        Ok(())
    }

    /// `None`: this run is asked to end.
    fn fate(&self, number: usize, before: Option<&str>, quickness: Quickness) -> Option<Fate> {
        let mutant = &self.mutants[number - 1];
        let mut reaching = self.detectors.iter().filter(|one| one.places.contains(&number)).peekable();
        if reaching.peek().is_none() {
            return Some(Fate::NotReached);
        }
        let was_before = |one: &Measured| before == Some(&*one.detector.to_string());
        let is_asked = |one: &&Measured| {
            let is_quick = one.time < QUICK || was_before(one);
            is_quick == (quickness == Quickness::Quick) && one.detector.can_notice(mutant)
        };
        let mut asked: Vec<&Measured> = reaching.filter(is_asked).collect();
        asked.sort_by_key(|one| (!was_before(one), one.detector.is_test()));
        for one in asked {
            match self.ask(one, number) {
                Answer::Nothing => {}
                Answer::Noticed(because) => return Some(Fate::Killed { by: one.detector.to_string(), because }),
                Answer::Interrupted => return None,
            }
        }
        Some(Fate::Survived)
    }

    fn ask(&self, one: &Measured, number: usize) -> Answer {
        let limit = 10 * one.time + Duration::from_secs(15);
        let run = |role, limit| one.detector.run(self.programs, role, limit, self.stop);
        let found = match (run(Role::Mutant(number), limit), &one.detector) {
            (Ending::Clean(_), _) => return Answer::Nothing,
            (Ending::Interrupted, _) => return Answer::Interrupted,
            // What an exploration finds it finds again.
            (Ending::Found(text), Detector::Scenario { .. }) => return Answer::Noticed(failure(&text)),
            (Ending::Found(text), Detector::Test { .. }) => reason(&text),
            (Ending::Late(_), _) => "it comes to no end".to_owned(),
        };
        // A test may fail for another reason, and each may take long: because the machine is busy, say.
        match (run(Role::Nothing, limit / 2), run(Role::Mutant(number), limit)) {
            (Ending::Interrupted, _) | (_, Ending::Interrupted) => Answer::Interrupted,
            (Ending::Clean(_), Ending::Found(_) | Ending::Late(_)) => Answer::Noticed(found),
            _ => Answer::Nothing,
        }
    }
}

/// What `prove --first` says of the row that does not hold.
fn failure(text: &str) -> String {
    let found: Option<support::serde_json::Value> = support::serde_json::from_str(text).ok();
    found.map_or_else(
        || "the end of the program".to_owned(),
        |found| shortened(found["failure"].as_str().unwrap_or("it comes to no end")),
    )
}

/// The line in which a test says why it fails.
fn reason(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| line.contains("test panicked") || line.contains("assertion") || line.contains("left"));
    shortened(line.unwrap_or("it fails"))
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
