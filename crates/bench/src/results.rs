//! What a run of the bench measured.

use crate::case::Case;
use crate::machine::Machine;
use crate::rounds::Rounds;

/// The result of a run.
pub(crate) struct Results<'a> {
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    /// About how long a contestant takes in a round, in milliseconds.
    pub(crate) round_ms: f64,
    pub(crate) cases: Vec<(&'a Case, Rounds)>,
}

impl Results<'_> {
    /// Whether both contestants of every case were measured.
    pub(crate) fn is_complete(&self) -> bool {
        self.cases.iter().all(|(_, rounds)| rounds.ours.is_ok() && rounds.peer.is_ok())
    }
}
