//! What an exploration found.

use std::fmt;

use crate::bounds::Bounds;
use crate::event::Event;
use crate::execution::Failure;
use crate::lanes::{self, Row};
use crate::plural::plural;
use crate::schedule::{Schedule, ScheduleError};
use crate::trace::{self, Step};

/// What an exploration tried, and what it found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Executions that were begun.
    pub executions: u64,
    /// Of them, those that ran to their end and were checked.
    pub complete: u64,
    /// Of them, those that differed from another one in the order of independent operations alone.
    pub redundant: u64,
    /// Of them, those that no machine shows: their sequentially consistent operations have no order.
    pub inconsistent: u64,
    /// Of them, those that were broken off because they came to a state that was seen before.
    pub seen: u64,
    /// States that were remembered.
    pub states: u64,
    /// The most steps of an execution.
    pub steps: u64,
    /// All executions within the bounds were tried.
    pub is_exhausted: bool,
    /// The execution that breaks a promise, with the smallest bounds.
    pub violation: Option<Violation>,
    /// Why the schedule was not run that [`Model::only`](crate::Model::only) asks for.
    pub refused: Option<ScheduleError>,
}

/// An execution that breaks a promise.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What it breaks.
    pub failure: Failure,
    /// Its schedule, for [`Model::replay`](crate::Model::replay).
    pub schedule: String,
    /// How many preemptions it has.
    pub preemptions: u32,
    /// How many deaths it has.
    pub deaths: u32,
    /// How many stale values it has.
    pub stale: u32,
    /// How many waits of it ended early.
    pub early: u32,
    /// How many stores were seen ahead.
    pub ahead: u32,
    /// What happened, a step each.
    pub steps: Vec<Step>,
}

impl Report {
    /// The report, if nothing was broken and all was tried.
    ///
    /// # Panics
    ///
    /// If a promise was broken, with its steps, or if the exploration is not exhausted, as none at random is.
    #[track_caller]
    #[expect(clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "it panics where it matters")]
    #[allow(unfulfilled_lint_expectations)]
    pub fn unwrap(self) -> Self {
        if let Some(violation) = &self.violation {
            panic!("after {}: {violation}", self.executions());
        }
        if let Some(refused) = &self.refused {
            panic!("{refused}");
        }
        assert!(self.is_exhausted, "not exhausted after {}", self.executions());
        self
    }

    fn executions(&self) -> String {
        format!("{} {}", self.executions, plural(self.executions, "execution", "executions"))
    }
}

impl Violation {
    pub(crate) fn new(failure: Failure, schedule: &Schedule, used: Bounds, names: &[String], events: &[Event]) -> Self {
        let Bounds { preemptions, deaths, stale, early, ahead } = used;
        Self {
            failure,
            schedule: schedule.to_string(),
            preemptions: preemptions.unwrap_or(u32::MAX),
            deaths,
            stale: stale.unwrap_or(u32::MAX),
            early,
            ahead,
            steps: trace::steps(names, events),
        }
    }

    /// The bounds that it takes.
    pub(crate) fn bounds(&self) -> Bounds {
        let Self { preemptions, deaths, stale, early, ahead, .. } = *self;
        Bounds { preemptions: Some(preemptions), deaths, stale: Some(stale), early, ahead }
    }

    /// The rows of a picture of it: of a long execution, runs of steps that no other actor took note of are folded.
    pub fn rows(&self) -> Vec<Row> {
        lanes::rows(&self.steps)
    }
}

/// The failure, the schedule, and the steps in a lane for each actor: the [rows](Violation::rows), or, as `{:#}`, each.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.failure)?;
        writeln!(f, "schedule {}", self.schedule)?;
        let rows = if f.alternate() { (0..self.steps.len()).map(Row::Step).collect() } else { self.rows() };
        lanes::write(f, &self.steps, &rows)
    }
}
