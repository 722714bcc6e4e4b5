//! A model: within which bounds, and how, its executions are explored.

use std::time::Duration;

use crate::bounds::{ANY, Bounds, Limits, smaller};
use crate::choices::{Beyond, Choices};
use crate::execution::{self, Course, Looks};
use crate::exploration::{Actor, Outcome, Plot, labels, run};
use crate::learned::Learned;
use crate::report::{Report, Violation};
use crate::sampling::{Sample, Sampling};
use crate::schedule::{Schedule, ScheduleError};
use crate::search::{Terms, search};

#[derive(Clone, Debug)]
enum Search {
    Exhaustive,
    Sample(Sample),
    Only(Schedule),
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
        let limits = Limits { reduces: true, remembers: false, steps: 20_000, forbids_ticks: true, may_hang: false };
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

    /// Tries schedules that differ in the order of independent operations alone as well, and deaths where they make no
    /// difference. It finds nothing more, and takes longer.
    #[must_use]
    pub fn without_reduction(mut self) -> Self {
        self.limits.reduces = false;
        self
    }

    /// Breaks an execution off as soon as it comes to a state that was seen before: the rest of it is known. Where two
    /// ways lead to one state, what comes after is tried once.
    ///
    /// The state is that of the modelled objects, and what each living actor has learned from them. What else makes a
    /// difference has to be made known: what the check reads besides modelled objects is [noted](crate::state::note),
    /// and what actors share besides is in a [`Table`](crate::state::Table) or a [`Cell`](crate::cell::Cell), or a
    /// [`RobustMutex`](crate::robust::RobustMutex) guards it. Otherwise outcomes are missed.
    ///
    /// Where preemptions are bounded, no actor is left before an access that no other actor's access can come before.
    ///
    /// It has no effect on a search by chance, with stores seen ahead, or with a bound of more than six stale values or
    /// 253 preemptions. Values that only the stack of an actor points to when an execution is broken off are lost to the
    /// process, as those of a killed actor.
    #[must_use]
    pub fn remember_states(mut self) -> Self {
        self.limits.remembers = true;
        self
    }

    /// All bounds at once.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// After how many steps of an execution the actor that goes on does not end. 20,000 by default.
    ///
    /// # Panics
    ///
    /// If it is 0: no actor ends before its first step.
    #[must_use]
    pub fn steps(mut self, most: u64) -> Self {
        assert!(most > 0, "an execution has 1 step at least, not 0");
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

    /// Tries `executions` at random instead of all: each choice by itself. The same seed tries the same.
    ///
    /// # Panics
    ///
    /// If there is no execution to try.
    #[must_use]
    pub fn random(self, seed: u64, executions: u64) -> Self {
        self.sample(Sample { seed, executions, depth: None })
    }

    /// Tries `executions` at random instead of all, by priorities: PCT (Burckhardt et al., "A Randomized Scheduler with
    /// Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). The same seed tries the same.
    ///
    /// The actor with the highest priority goes on. At `depth - 1` steps, which are drawn from an execution's length,
    /// the actor that would go on becomes the last of all. A fault of depth *d* is one that shows whenever *d* pairs
    /// of steps come in a certain order: 1 where one actor must come before another, 2 where one must be interrupted at
    /// a certain step.
    ///
    /// An execution of *n* actors and *k* steps shows a fault of depth *d* with a probability of at least
    /// 1/(*n k*^(*d*-1)). So *n k*^(*d*-1) executions are enough on average. That holds
    /// - if the model's depth is *d* or more: for a larger one, put it in place of *d*;
    /// - if no execution has more than *k* steps, an actor that loops until another has done something does so by
    ///   [`spin_loop`](crate::actor::spin_loop), and *k* is known. The first execution measures it, and each longer one
    ///   corrects it, so the bound holds from then on;
    /// - without deaths, stale values, early wake-ups and stores seen ahead. For each of these kinds, an execution draws
    ///   how many it has, within its bound *b*, and at which of its *o* opportunities (measured, too). A fault that
    ///   needs *m* of them is found less often by a factor of (*b* + 1)(*v o*)^*m*, where *v* is the number of actors
    ///   that may die there, or of values that may be read. Where stale values have no bound, each load sees one or not.
    ///
    /// Preemptions have no bound: *d* takes its place.
    ///
    /// ```
    /// use crashcheck::atomic::{AtomicU64, Ordering::Relaxed};
    /// use crashcheck::{Actor, Model};
    ///
    /// let count = |counter: &AtomicU64| {
    ///     let seen = counter.load(Relaxed);
    ///     counter.store(seen + 1, Relaxed);
    /// };
    /// // Two actors of a few steps each, one to be interrupted: some 2 * 7 executions.
    /// let report = Model::new().pct(7, 200, 2).explore(
    ///     || AtomicU64::new(0),
    ///     &[Actor::new("first", &count), Actor::new("second", &count)],
    ///     |counter, _| if counter.load(Relaxed) == 2 { Ok(()) } else { Err("a lost update".to_owned()) },
    /// );
    /// assert!(report.violation.is_some());
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no execution to try, or the depth is 0: no fault has that.
    #[must_use]
    pub fn pct(self, seed: u64, executions: u64, depth: u32) -> Self {
        assert!(depth > 0, "a fault has a depth of 1 at least, not of 0");
        self.sample(Sample { seed, executions, depth: Some(depth) })
    }

    fn sample(mut self, sample: Sample) -> Self {
        assert!(sample.executions > 0, "a sample has 1 execution at least, not 0");
        self.search = Search::Sample(sample);
        self
    }

    /// Tries one schedule alone, which a violation had: [`Report::refused`] says if it is of another program.
    ///
    /// # Errors
    ///
    /// If it is no schedule at all.
    pub fn only(mut self, schedule: &str) -> Result<Self, ScheduleError> {
        self.search = Search::Only(schedule.parse()?);
        Ok(self)
    }

    /// Runs the actors in each way within the bounds, each time on what `set_up` makes, and then `check`.
    ///
    /// Stops at the first execution that breaks something, and finds the smallest bounds at which that happens.
    ///
    /// # Panics
    ///
    /// If there is no actor or more than seven, or inside of another exploration.
    pub fn explore<C>(
        &self,
        set_up: impl Fn() -> C,
        actors: &[Actor<'_, C>],
        check: impl Fn(&C, &Outcome) -> Result<(), String>,
    ) -> Report {
        let plot = plot(&set_up, actors, &check);
        match &self.search {
            Search::Exhaustive => {
                let mut report = self.search(&plot, self.bounds, None, u64::MAX);
                self.make_smaller(&plot, &mut report, self.bounds, u64::MAX);
                report
            }
            Search::Sample(sample) => {
                let bounds = sampled(self.bounds, *sample);
                let sampling = Sampling::new(*sample, actors.len(), self.bounds);
                let mut report = self.search(&plot, bounds, Some(sampling), u64::MAX);
                if let Some(found) = &report.violation {
                    let bounds = found.bounds();
                    self.make_smaller(&plot, &mut report, bounds, sample.executions);
                }
                report
            }
            Search::Only(schedule) => match self.run_again(&plot, schedule) {
                Ok(violation) => Report { executions: 1, complete: 1, violation, ..Report::default() },
                Err(error) => Report { executions: 1, refused: Some(error), ..Report::default() },
            },
        }
    }

    /// Searches within smaller bounds for the violation that was found, in at most `most` executions.
    fn make_smaller<C>(&self, plot: &Plot<'_, C>, report: &mut Report, bounds: Bounds, mut most: u64) {
        if report.violation.is_none() {
            return;
        }
        for bounds in smaller(bounds) {
            let found = self.search(plot, bounds, None, most);
            report.executions += found.executions;
            most = most.saturating_sub(found.executions);
            let is_found = found.violation.is_some();
            report.violation = found.violation.or(report.violation.take());
            if is_found || most == 0 {
                break;
            }
        }
    }

    /// Runs one schedule again.
    ///
    /// # Errors
    ///
    /// If the schedule is of another program, or no schedule at all.
    ///
    /// # Panics
    ///
    /// As [`explore`](Self::explore).
    pub fn replay<C>(
        &self,
        schedule: &str,
        set_up: impl Fn() -> C,
        actors: &[Actor<'_, C>],
        check: impl Fn(&C, &Outcome) -> Result<(), String>,
    ) -> Result<Option<Violation>, ScheduleError> {
        let schedule: Schedule = schedule.parse()?;
        self.run_again(&plot(&set_up, actors, &check), &schedule)
    }

    fn run_again<C>(&self, plot: &Plot<'_, C>, schedule: &Schedule) -> Result<Option<Violation>, ScheduleError> {
        let choices = Choices::new(schedule.path.clone(), Beyond::First);
        let course = Course { choices, looks: Looks::default(), learned: Learned::default(), records: true };
        let ended = run(plot, &labels(plot), course, schedule.bounds, self.limits);
        let is_same =
            !ended.choices.differs && ended.choices.is_used_up() && ended.fingerprint() == schedule.fingerprint;
        if is_same { Ok(ended.violation(schedule.bounds)) } else { Err(ScheduleError::OfAnotherProgram) }
    }

    /// One execution after the other, within the bounds. `most` executions at most.
    fn search<C>(&self, plot: &Plot<'_, C>, bounds: Bounds, sampling: Option<Sampling>, most: u64) -> Report {
        search(plot, Terms { bounds, limits: self.limits, time: self.time, executions: most }, sampling)
    }
}

fn plot<'a, C>(
    set_up: &'a dyn Fn() -> C,
    actors: &'a [Actor<'a, C>],
    check: &'a dyn Fn(&C, &Outcome) -> Result<(), String>,
) -> Plot<'a, C> {
    assert!(!actors.is_empty(), "a model has at least one actor");
    assert!(!execution::is_running(), "an exploration inside of another");
    Plot { set_up, actors, check }
}

/// A sample has no schedule that another one makes redundant, so its bounds are those of a search without reduction.
fn sampled(bounds: Bounds, sample: Sample) -> Bounds {
    let preemptions = bounds.preemptions.filter(|_| sample.depth.is_none());
    Bounds { preemptions: preemptions.or(Some(ANY)), stale: bounds.stale.or(Some(ANY)), ..bounds }
}
