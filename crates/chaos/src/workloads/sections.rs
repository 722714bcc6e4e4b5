//! The sections of the notes, any process of which is killed: main, or one that it has started.
//!
//! A section is a lesson and no service: it need not survive. But it ends soon, by itself, with a verdict or with an
//! error of one line, and leaves no process.

mod lesson_run;
mod program;

use std::collections::HashMap;
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use common::process::adopted;
use common::procfs::Status;
use common::{Error, interrupt, procfs};

use crate::plan::Round;
use crate::roles::Role;
use crate::sections::{self, PATIENCE, Tour};
use crate::tally::Tally;

use lesson_run::LessonRun;

/// How many lessons run at once: they sleep most of the time.
const LANES: u64 = 4;
/// How often the main process looks after the runs.
const GLANCE: Duration = Duration::from_millis(2);

/// How much each section prints, and how long it takes, as far as is known: a kill falls anywhere within.
#[derive(Debug, Default)]
pub(crate) struct Lengths(HashMap<&'static str, Length>);

#[derive(Clone, Copy, Debug)]
struct Length {
    lines: u64,
    time: Duration,
    /// The longest time of a run without a kill. Zero: there was none yet.
    whole: Duration,
}

impl Lengths {
    fn of(&self, section: &str) -> Length {
        self.0.get(section).copied().unwrap_or(Length {
            lines: 100,
            time: Duration::from_millis(200),
            whole: Duration::ZERO,
        })
    }

    /// A run printed this number of lines in this time. One that was not killed has shown its whole length.
    fn learn(&mut self, section: &'static str, lines: u64, time: Duration, is_whole: bool) {
        let known = self.of(section);
        let length = if is_whole {
            Length { lines, time, whole: known.whole.max(time) }
        } else {
            Length { lines: known.lines.max(lines), time: known.time.max(time), ..known }
        };
        self.0.insert(section, length);
    }
}

pub(crate) fn run(
    mut round: Round,
    tour: &Tour,
    lengths: &mut Lengths,
    scratch: &Path,
    tally: &mut Tally,
) -> Result<(), Error> {
    let before = procfs::children()?;
    let folder = scratch.join(format!("round-{}", round.number));
    let mut runs = Vec::new();
    for lane in 0..LANES {
        let number = usize::try_from(round.turn() * LANES + lane).unwrap_or_default();
        let Some(lesson) = sections::lesson(number) else { break };
        let place = folder.join(lane.to_string());
        // Where the tickets' file is.
        fs::create_dir_all(place.join("data")).map_err(|source| Error::refused("make", place.display(), source))?;
        runs.push(LessonRun::start(lesson, tour, place, lengths, &mut round.random)?);
    }
    let mut looked = Instant::now();
    while runs.iter().any(|run| !run.is_over()) {
        let outputs: Vec<_> = runs.iter().flat_map(LessonRun::outputs).collect();
        interrupt::wait_readable(&outputs, Some(GLANCE))?;
        drop(outputs);
        let passed = looked.elapsed();
        looked += passed;
        for run in &mut runs {
            run.look(tour, passed.div_f64(crowding()))?;
        }
    }
    for run in runs {
        let end = run.end(lengths);
        tally.sections.runs += 1;
        tally.sections.ended_wrong += u64::from(end.is_wrong);
        tally.sections.longest_end = tally.sections.longest_end.max(end.late);
        tally.killed[Role::Section as usize] += u64::from(end.was_killed);
        tally.from_outside += u64::from(end.was_killed);
    }
    tally.sections.left += end_of_what_is_left(&before)?;
    fs::remove_dir_all(&folder).map_err(|source| Error::refused("remove", folder.display(), source))
}

/// How many tasks want each processor of this machine: each of them takes as many times as long. At least 1.
fn crowding() -> f64 {
    // `man 5 proc_loadavg`: the fourth field is how many tasks can run, and how many there are.
    let running = |text: String| text.split([' ', '/']).nth(3)?.parse::<f64>().ok();
    let running = fs::read_to_string("/proc/loadavg").ok().and_then(running).unwrap_or_default();
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    #[expect(clippy::cast_precision_loss)]
    let each = running / processors as f64;
    each.max(1.0)
}

/// From when on a run is late that has begun then, had a process killed, and takes so long without a kill.
fn due(kill: Instant, began: Instant, whole: Duration) -> Instant {
    kill.max(began + whole)
}

/// Waits for the processes that killed ones left to this one: each ends by itself. How many did not.
fn end_of_what_is_left(before: &[Status]) -> Result<u64, Error> {
    let (began, mut left) = (Instant::now(), 0);
    loop {
        let mut children = procfs::children()?;
        children.retain(|child| !before.iter().any(|known| known.pid == child.pid));
        let Some(child) = children.pop() else { return Ok(left) };
        let mut orphan = adopted(child.pid, child.name)?;
        if orphan.join_timeout(PATIENCE.saturating_sub(began.elapsed()))?.is_none() {
            left += 1;
            orphan.kill()?;
            orphan.join()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hint;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use super::*;

    #[test]
    fn a_length_grows_until_a_whole_run_has_shown_it() {
        let mut lengths = Lengths::default();
        let mut learn = |lines, is_whole| {
            lengths.learn("race", lines, Duration::from_millis(lines), is_whole);
            let Length { lines, time, whole } = lengths.of("race");
            (lines, time.as_millis(), whole.as_millis())
        };
        assert_eq!(learn(300, false), (300, 300, 0), "its end may be late by its kill");
        assert_eq!(learn(20, false), (300, 300, 0));
        assert_eq!(learn(20, true), (20, 20, 20));
        assert_eq!(learn(15, true), (15, 15, 20), "the longest run without a kill");
        assert_eq!(lengths.of("spawn").lines, 100);
    }

    #[test]
    fn a_crowd_on_the_processors_is_seen() {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..processors * 4 {
                scope.spawn(|| {
                    while !is_over.load(Relaxed) {
                        hint::spin_loop();
                    }
                });
            }
            // Each of them can run, and does so in turns.
            let began = Instant::now();
            while crowding() < 3.0 && began.elapsed() < PATIENCE {
                thread::yield_now();
            }
            is_over.store(true, Relaxed);
            assert!(began.elapsed() < PATIENCE, "{}", crowding());
        });
    }

    #[test]
    fn an_end_is_late_from_the_kill_on_or_from_the_usual_end_of_the_lesson() {
        let (began, second) = (Instant::now(), Duration::from_secs(1));
        assert_eq!(due(began + second, began, 3 * second), began + 3 * second, "the lesson goes on");
        assert_eq!(due(began + 4 * second, began, 3 * second), began + 4 * second);
        assert_eq!(due(began + second, began, Duration::ZERO), began + second, "its usual end is not known");
    }
}
