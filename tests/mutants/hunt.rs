//! Which detector notices a mutant.

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

/// What one detector says of a mutant.
enum Answer {
    Nothing,
    Noticed(String),
    NoEnd,
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
        let next = AtomicUsize::new(0);
        let (tell, told) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (tell, next, open) = (tell.clone(), &next, &open);
                scope.spawn(move || {
                    while let Some((number, before)) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let Some(fate) = self.fate(*number, before.as_deref()) else { return };
                        if tell.send((*number, fate)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for (number, fate) in told {
                fates.note(&fates::key(self.mutants, number), &fate)?;
                each(number, &fate);
            }
            Ok(())
        })
    }

    /// `None`: this run is asked to end.
    fn fate(&self, number: usize, before: Option<&str>) -> Option<Fate> {
        let mutant = &self.mutants[number - 1];
        let reaching: Vec<&Measured> = self.detectors.iter().filter(|one| one.places.contains(&number)).collect();
        if reaching.is_empty() {
            return Some(Fate::NotReached);
        }
        let mut asked: Vec<&Measured> = reaching.into_iter().filter(|one| one.detector.can_notice(mutant)).collect();
        asked.sort_by_key(|one| (before != Some(&one.detector.to_string()), one.detector.is_test()));
        let mut endless = None;
        for one in asked {
            match self.ask(one, number) {
                Answer::Nothing => {}
                Answer::Noticed(because) => return Some(Fate::Killed { by: one.detector.to_string(), because }),
                Answer::NoEnd => endless = endless.or_else(|| Some(one.detector.to_string())),
                Answer::Interrupted => return None,
            }
        }
        Some(endless.map_or(Fate::Survived, |by| Fate::Undecided { by }))
    }

    fn ask(&self, one: &Measured, number: usize) -> Answer {
        let limit = 10 * one.time + Duration::from_secs(20);
        let run = |role, limit| one.detector.run(self.programs, role, limit, self.stop);
        let found = match (run(Role::Mutant(number), limit), &one.detector) {
            (Ending::Clean(_), _) => return Answer::Nothing,
            (Ending::Interrupted, _) => return Answer::Interrupted,
            // What an exploration finds it finds again.
            (Ending::Found(text), Detector::Scenario { .. }) => return of_a_scenario(&text),
            (Ending::Late(_), Detector::Scenario { .. }) => return Answer::NoEnd,
            (Ending::Found(text), Detector::Test { .. }) => reason(&text),
            (Ending::Late(_), Detector::Test { .. }) => "no end".to_owned(),
        };
        // A test may fail for another reason: because the machine is busy, say.
        match (run(Role::Nothing, limit / 2), run(Role::Mutant(number), limit)) {
            (Ending::Interrupted, _) | (_, Ending::Interrupted) => Answer::Interrupted,
            (Ending::Clean(_), Ending::Found(_) | Ending::Late(_)) => Answer::Noticed(found),
            _ => Answer::Nothing,
        }
    }
}

/// What `prove --first` says of the row that does not hold.
fn of_a_scenario(text: &str) -> Answer {
    let found: Option<support::serde_json::Value> = support::serde_json::from_str(text).ok();
    let Some(found) = found else { return Answer::Noticed("the end of the program".to_owned()) };
    found["failure"].as_str().map_or(Answer::NoEnd, |failure| Answer::Noticed(shortened(failure)))
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
