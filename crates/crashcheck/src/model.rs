//! A model: within which bounds, and how, its executions are explored.

use std::time::{Duration, Instant};

use crate::bounds::{Bounds, Limits, smaller};
use crate::choices::{Beyond, Choices};
use crate::execution::{self, Looks};
use crate::exploration::{Actor, Outcome, Plot, run};
use crate::random::Random;
use crate::report::{Report, Violation};
use crate::schedule::{Schedule, ScheduleError};

#[derive(Clone, Copy, Debug)]
enum Search {
    Exhaustive,
    Random { seed: u64, executions: u64 },
}

/// Tries schedules, deaths and stale values.
///
/// ```
/// use crashcheck::atomic::{AtomicU64, Ordering};
/// use crashcheck::{Actor, Model};
///
/// // Two actors count, by a load and a store: an update can be lost.
/// let count = |counter: &AtomicU64| {
///     let seen = counter.load(Ordering::Relaxed);
///     counter.store(seen + 1, Ordering::Relaxed);
/// };
/// let report = Model::new().preemptions(1).explore(
///     || AtomicU64::new(0),
///     &[Actor::new("first", &count), Actor::new("second", &count)],
///     |counter, _| match counter.load(Ordering::Relaxed) {
///         2 => Ok(()),
///         other => Err(format!("{other} of 2")),
///     },
/// );
/// let violation = report.violation.expect("a lost update");
/// assert_eq!(violation.failure.to_string(), "the check does not hold: 1 of 2");
/// assert_eq!((violation.preemptions, violation.deaths, violation.stale), (1, 0, 0));
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    bounds: Bounds,
    limits: Limits,
    time: Option<Duration>,
    search: Search,
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    /// A model without preemptions, deaths and stale values: raise the bounds that matter.
    pub fn new() -> Self {
        let bounds = Bounds { preemptions: Some(0), deaths: 0, stale: Some(0), early: 0, ahead: 0 };
        let limits = Limits { reduces: true, steps: 20_000, forbids_ticks: true, may_hang: false };
        Self { bounds, limits, time: None, search: Search::Exhaustive }
    }

    /// All schedules and all values of a weakly ordered machine, without deaths. For a few accesses.
    ///
    /// Schedules that differ in the order of independent operations alone are tried once.
    pub fn unbounded() -> Self {
        let mut model = Self::new();
        model.bounds.preemptions = None;
        model.bounds.stale = None;
        model
    }

    /// How often an actor that could go on is left for another.
    #[must_use]
    pub fn preemptions(mut self, most: u32) -> Self {
        self.bounds.preemptions = Some(most);
        self
    }

    /// How many actors are killed.
    #[must_use]
    pub fn deaths(mut self, most: u32) -> Self {
        self.bounds.deaths = most;
        self
    }

    /// How many values are stale.
    #[must_use]
    pub fn stale(mut self, most: u32) -> Self {
        self.bounds.stale = Some(most);
        self
    }

    /// How many waits end early.
    #[must_use]
    pub fn early(mut self, most: u32) -> Self {
        self.bounds.early = most;
        self
    }

    /// How many relaxed stores others see ahead.
    #[must_use]
    pub fn ahead(mut self, most: u32) -> Self {
        self.bounds.ahead = most;
        self
    }

    /// Tries schedules that differ in the order of independent operations alone as well. It finds nothing more, and
    /// takes longer.
    #[must_use]
    pub fn without_reduction(mut self) -> Self {
        self.limits.reduces = false;
        self
    }

    /// All bounds at once.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// After how many steps an actor does not end. 20,000 by default.
    #[must_use]
    pub fn steps(mut self, most: u64) -> Self {
        self.limits.steps = most;
        self
    }

    /// A wait may end by its time-out although no actor has died, as where an actor waits for what never comes.
    /// Without this, that is a lost wake-up.
    #[must_use]
    pub fn time_may_pass(mut self) -> Self {
        self.limits.forbids_ticks = false;
        self
    }

    /// After a death, actors may wait for ever, as for what only the dead one would have done. The check has to say
    /// for each of [`Outcome::hung`] whether it may. Without this, that is a deadlock.
    #[must_use]
    pub fn may_hang(mut self) -> Self {
        self.limits.may_hang = true;
        self
    }

    /// After how long an exploration gives up, and says that it is not exhausted.
    #[must_use]
    pub fn time(mut self, most: Duration) -> Self {
        self.time = Some(most);
        self
    }

    /// Tries `executions` at random instead of all. The same seed tries the same.
    #[must_use]
    pub fn random(mut self, seed: u64, executions: u64) -> Self {
        self.search = Search::Random { seed, executions };
        self
    }

    /// Runs the actors in each way within the bounds, each time on what `set_up` makes, and then `check`.
    ///
    /// Stops at the first execution that breaks something, and finds the smallest bounds at which that happens.
    ///
    /// # Panics
    ///
    /// If there is no actor or more than seven, if the bounds allow nothing to be explored by chance, or inside of
    /// another exploration.
    pub fn explore<C>(
        &self,
        set_up: impl Fn() -> C,
        actors: &[Actor<'_, C>],
        check: impl Fn(&C, &Outcome) -> Result<(), String>,
    ) -> Report {
        assert!(!actors.is_empty(), "a model has at least one actor");
        assert!(!execution::is_running(), "an exploration inside of another");
        let plot = Plot { set_up: &set_up, actors, check: &check };
        let mut report = self.search(&plot, self.bounds);
        if report.violation.is_some() {
            let smaller = smaller(self.bounds).filter(|_| matches!(self.search, Search::Exhaustive));
            for bounds in smaller {
                let found = self.search(&plot, bounds);
                report.executions += found.executions;
                if found.violation.is_some() {
                    report.violation = found.violation;
                    break;
                }
            }
        }
        report
    }

    /// Runs one schedule again.
    ///
    /// # Errors
    ///
    /// If the schedule is of another program, of other bounds, or no schedule at all.
    pub fn replay<C>(
        &self,
        schedule: &str,
        set_up: impl Fn() -> C,
        actors: &[Actor<'_, C>],
        check: impl Fn(&C, &Outcome) -> Result<(), String>,
    ) -> Result<Option<Violation>, ScheduleError> {
        let schedule: Schedule = schedule.parse()?;
        let plot = Plot { set_up: &set_up, actors, check: &check };
        let ended = run(
            &plot,
            schedule.bounds,
            self.limits,
            Choices::new(schedule.path.clone(), Beyond::First),
            &Looks::default(),
        );
        let is_same =
            !ended.choices.differs && ended.choices.is_used_up() && ended.fingerprint() == schedule.fingerprint;
        if is_same { Ok(ended.violation(schedule.bounds)) } else { Err(ScheduleError::OfAnotherProgram) }
    }

    fn search<C>(&self, plot: &Plot<'_, C>, bounds: Bounds) -> Report {
        let began = Instant::now();
        let mut report = Report::default();
        let looks = Looks::default();
        let mut next = Some(Vec::new());
        let mut randoms = match self.search {
            Search::Exhaustive => None,
            Search::Random { seed, executions } => Some((Random::new(seed), executions)),
        };
        while let Some(path) = next.take() {
            let beyond = match &mut randoms {
                None => Beyond::First,
                Some((random, _)) => Beyond::Random(Random::new(random.next())),
            };
            let ended = run(plot, bounds, self.limits, Choices::new(path, beyond), &looks);
            report.executions += 1;
            if ended.is_look {
                next = Some(ended.choices.prefix().to_vec());
                continue;
            }
            report.steps = report.steps.max(ended.steps);
            let counted = if ended.is_redundant {
                &mut report.redundant
            } else if ended.is_consistent {
                &mut report.complete
            } else {
                &mut report.inconsistent
            };
            *counted += 1;
            report.violation = ended.violation(bounds);
            if report.violation.is_some() || self.time.is_some_and(|most| began.elapsed() > most) {
                break;
            }
            next = match &mut randoms {
                None => ended.choices.into_next(),
                Some((_, left)) => {
                    *left = left.saturating_sub(1);
                    (*left > 0).then(Vec::new)
                }
            };
            report.is_exhausted = next.is_none() && randoms.is_none();
        }
        report
    }
}
