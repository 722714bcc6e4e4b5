//! One round, and what only some rounds have.

use rand::rngs::Xoshiro256PlusPlus;

use super::{Kill, Stop, Trace};
use crate::roles::Workload;

/// One round: a new queue, mutex, log or file, its workers, and what happens to them.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(crate) number: u64,
    pub(crate) workload: Workload,
    /// How many rounds before it had the same workload.
    pub(super) turn: u64,
    /// The source of everything else that the workload decides.
    pub(crate) random: Xoshiro256PlusPlus,
    pub(crate) kills: Vec<Kill>,
    /// Between two kills each: a worker stops at a crash point for a moment.
    pub(crate) stops: Vec<Stop>,
    /// After the kills: a worker stops for long at a crash point at which others wait for it, or would if they could.
    pub(crate) long_stop: Option<Stop>,
    pub(crate) trace: Option<Trace>,
}

impl Round {
    /// How many rounds before it had the same workload.
    pub(crate) fn turn(&self) -> u64 {
        self.turn
    }

    /// Whether its workers write a journal, so that the recorder is killed in every state as well. Every second
    /// one: most users run without one.
    pub(crate) fn is_recorded(&self) -> bool {
        self.workload != Workload::Sections && is_recorded(self.turn)
    }

    /// Whether every second worker sees no `/proc`, and no file.
    pub(crate) fn hides_proc(&self) -> bool {
        self.workload.is_shared_memory() && self.turn / 2 % 4 == 1
    }

    /// Whether it has a pid namespace of its own, in which the pids of the dead are given again at once.
    pub(crate) fn has_own_pids(&self) -> bool {
        self.workload.is_shared_memory() && self.turn / 2 % 4 == 2
    }
}

/// What happens seldom, because it takes long.
impl Round {
    /// Whether a consumer executes another program.
    pub(crate) fn has_an_execution(&self) -> bool {
        self.workload == Workload::Joinable && self.turn % 8 == 6
    }

    /// Whether all consumers die and are not replaced for a while.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.turn.is_multiple_of(16)
    }
}

pub(super) fn is_recorded(turn: u64) -> bool {
    !turn.is_multiple_of(2)
}

pub(super) fn has_a_long_stop(turn: u64) -> bool {
    turn % 20 == 1
}
