//! Executions at random, one after the other.

use crate::bounds::Bounds;
use crate::choices::{Beyond, Choices};
use crate::pct::{Lengths, Pct};
use crate::random::Random;

/// How executions are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) seed: u64,
    pub(crate) executions: u64,
    /// By priorities, with one change less than this. `None`: each choice by itself.
    pub(crate) depth: Option<u32>,
}

/// A sample that is being drawn.
pub(crate) struct Sampling {
    sample: Sample,
    random: Random,
    left: u64,
    actors: usize,
    bounds: Bounds,
    lengths: Lengths,
    /// Of the execution that is drawn.
    seed: u64,
}

impl Sampling {
    pub(crate) fn new(sample: Sample, actors: usize, bounds: Bounds) -> Self {
        let mut random = Random::new(sample.seed);
        let seed = random.next();
        Self { sample, random, left: sample.executions, actors, bounds, lengths: Lengths::default(), seed }
    }

    /// How the execution makes its choices. An execution that looked ahead is drawn again in the same way.
    pub(crate) fn beyond(&self) -> Beyond {
        match self.sample.depth {
            None => Beyond::Random(Random::new(self.seed)),
            Some(depth) => Beyond::Pct(Box::new(Pct::new(self.seed, self.actors, depth, self.bounds, self.lengths))),
        }
    }

    /// Goes on to the next execution, if there is one.
    pub(crate) fn advance(&mut self, ended: &Choices) -> bool {
        self.lengths.extend(ended.lengths());
        self.seed = self.random.next();
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}
