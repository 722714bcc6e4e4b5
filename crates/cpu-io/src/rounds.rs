//! One way, measured in several rounds.

use common::report::median;

use crate::ways::Took;

/// In how many rounds the ways are measured. They take turns, so that a busy moment hits all of them alike.
pub(crate) const ROUNDS: usize = 3;

/// What one way took, round by round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds(Vec<Took>);

impl Rounds {
    pub(crate) fn add(&mut self, took: Took) {
        self.0.push(took);
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.0.len() == ROUNDS
    }

    /// The median of the wall times, in seconds as all times here.
    pub(crate) fn wall(&self) -> f64 {
        median(&mut self.walls())
    }

    /// The median of the CPU times.
    pub(crate) fn cpu(&self) -> f64 {
        median(&mut self.0.iter().map(|took| took.cpu).collect::<Vec<_>>())
    }

    /// The wall time of the fastest round.
    pub(crate) fn fastest(&self) -> f64 {
        self.walls().into_iter().fold(f64::INFINITY, f64::min)
    }

    /// The wall time of the slowest round.
    pub(crate) fn slowest(&self) -> f64 {
        self.walls().into_iter().fold(0.0, f64::max)
    }

    /// Whether a round of this way was as fast as one of the other: then the ways do not differ by more than the
    /// rounds do.
    pub(crate) fn overlap(&self, other: &Self) -> bool {
        self.fastest() <= other.slowest() && other.fastest() <= self.slowest()
    }

    fn walls(&self) -> Vec<f64> {
        self.0.iter().map(|took| took.wall).collect()
    }
}

impl FromIterator<Took> for Rounds {
    fn from_iter<I: IntoIterator<Item = Took>>(took: I) -> Self {
        Self(took.into_iter().collect())
    }
}
