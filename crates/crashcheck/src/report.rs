//! What an exploration found.

use std::fmt;

use crate::bounds::Bounds;
use crate::event::Event;
use crate::execution::Failure;
use crate::schedule::Schedule;
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
    /// The most steps of an execution.
    pub steps: u64,
    /// All executions within the bounds were tried.
    pub is_exhausted: bool,
    /// The execution that breaks a promise, with the smallest bounds.
    pub violation: Option<Violation>,
}

/// An execution that breaks a promise.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What it breaks.
    pub failure: Failure,
    /// Its schedule, for [`Model::replay`](crate::Model::replay).
    pub schedule: String,
    /// How many preemptions it was allowed.
    pub preemptions: u32,
    /// How many deaths it was allowed.
    pub deaths: u32,
    /// How many stale values it was allowed.
    pub stale: u32,
    /// How many waits of it ended early, at most.
    pub early: u32,
    /// How many stores it saw ahead, at most.
    pub ahead: u32,
    /// What happened, a step each.
    pub steps: Vec<Step>,
}

impl Report {
    /// The report, if nothing was broken and all was tried.
    ///
    /// # Panics
    ///
    /// If a promise was broken, with its steps, or if the exploration is not exhausted.
    #[track_caller]
    #[expect(clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "it panics where it matters")]
    #[allow(unfulfilled_lint_expectations)]
    pub fn unwrap(self) -> Self {
        if let Some(violation) = &self.violation {
            panic!("after {} executions: {violation}", self.executions);
        }
        assert!(self.is_exhausted, "not exhausted after {} executions", self.executions);
        self
    }
}

impl Violation {
    pub(crate) fn new(failure: Failure, schedule: &Schedule, names: &[String], events: &[Event]) -> Self {
        let Bounds { preemptions, deaths, stale, early, ahead } = schedule.bounds;
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
}

/// The failure, the schedule, and the steps in a lane for each actor.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.failure)?;
        writeln!(f, "schedule {}", self.schedule)?;
        trace::write_lanes(f, &self.steps)
    }
}
