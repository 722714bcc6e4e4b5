//! The states that an exploration has seen, and how much of its bounds was left there.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::hash::Digest;

/// Each number of stale values below this counts by itself. This one stands for as many as may be.
const STALE: usize = 7;

/// The largest bound of stale values with which states can be remembered.
pub(crate) const MOST_STALE: u32 = 6;
const _: () = assert!(MOST_STALE as usize + 1 == STALE);

/// The largest bound of preemptions with which states can be remembered, if there is one.
pub(crate) const MOST_PREEMPTIONS: u32 = 253;

/// What is left of the bounds that a state does not say itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// `None`: without a bound.
    pub(crate) preemptions: Option<u32>,
    pub(crate) stale: Option<u32>,
}

/// Of each number of stale values that were left, the most preemptions that were left with it, and one.
type Most = [u8; STALE + 1];

/// A set of states. Of each it knows what was left of the bounds when it was seen.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    states: HashMap<(u64, u64), Most, BuildHasherDefault<First>>,
}

impl Visited {
    /// Notes a state. Returns whether it was seen before with as much left of every bound: then nothing comes after
    /// it that did not come after it before.
    pub(crate) fn covers(&mut self, state: Digest, left: Left) -> bool {
        let one_more = |left: u32| u8::try_from(left + 1).expect("at most the most, and one");
        let preemptions = left.preemptions.map_or(u8::MAX, one_more);
        let of_stale = left.stale.map_or(STALE, |left| left as usize);
        let most = self.states.entry(state.mixed().halves()).or_default();
        let is_covered = most[of_stale..].iter().any(|most| *most >= preemptions);
        if !is_covered {
            most[of_stale] = preemptions;
        }
        is_covered
    }

    pub(crate) fn len(&self) -> usize {
        self.states.len()
    }
}

/// Takes the first half of a key, which is a hash already.
#[derive(Debug, Default)]
pub(crate) struct First(u64);

impl Hasher for First {
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, word: u64) {
        self.0 ^= word;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_covered_by_one_with_as_much_left_of_every_bound() {
        let mut visited = Visited::default();
        let state = Digest::new(7);
        let left = |preemptions, stale| Left { preemptions: Some(preemptions), stale: Some(stale) };
        assert!(!visited.covers(state, left(1, 1)));
        assert!(visited.covers(state, left(1, 1)));
        assert!(visited.covers(state, left(0, 1)));
        assert!(visited.covers(state, left(1, 0)));
        assert!(!visited.covers(state, left(2, 0)));
        assert!(!visited.covers(state, left(0, 2)));
        assert!(!visited.covers(state, left(2, 2)));
        assert!(visited.covers(state, left(2, 1)));
        assert!(!visited.covers(state, Left { preemptions: None, stale: Some(0) }));
        assert!(!visited.covers(Digest::new(8), left(0, 0)));
    }
}
