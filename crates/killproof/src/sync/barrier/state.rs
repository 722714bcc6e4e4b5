//! The meeting at a barrier, in one word: each change of it is one compare-exchange, so no death leaves it half done.

use std::fmt;
use std::io;

use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::futex;
use crate::primitive::memory::{ShmBox, Zeroed, shm_layout};

const ARRIVED_BITS: u32 = 20;
const HISTORY_BITS: u32 = 11;

/// How many parties a [`Barrier`](super::Barrier) can have: 1,048,575.
pub const MAX_PARTIES: u32 = (1 << ARRIVED_BITS) - 1;

shm_layout! {
    struct Words {
        /// A [`State`].
        state: AtomicU64,
        /// Raised after each change that waiters have to see.
        sequence: AtomicU32,
    }
}

pub(super) struct Meeting {
    parties: u32,
    words: ShmBox<Words>,
}

/// What the word says.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    /// How many meetings there were.
    generation: u32,
    /// How the last ones ended, the last one in the lowest bit. 1: by a reset.
    history: u32,
    is_broken: bool,
    arrived: u32,
}

/// How a meeting ended for a party that had arrived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Broken,
}

pub(super) enum Arrived {
    /// All have come.
    Last,
    Waits {
        generation: u32,
    },
    Broken,
}

impl State {
    fn unpacked(word: u64) -> Self {
        let bits = |from: u32, count: u32| u32::try_from(word >> from & ((1 << count) - 1)).unwrap_or(0);
        Self {
            arrived: bits(0, ARRIVED_BITS),
            is_broken: bits(ARRIVED_BITS, 1) == 1,
            history: bits(ARRIVED_BITS + 1, HISTORY_BITS),
            generation: bits(32, 32),
        }
    }

    fn packed(self) -> u64 {
        u64::from(self.arrived)
            | u64::from(self.is_broken) << ARRIVED_BITS
            | u64::from(self.history) << (ARRIVED_BITS + 1)
            | u64::from(self.generation) << 32
    }

    /// The next meeting, without an arrival.
    fn next(self, is_reset: bool) -> Self {
        let history = (self.history << 1 | u32::from(is_reset)) & ((1 << HISTORY_BITS) - 1);
        Self { generation: self.generation.wrapping_add(1), history, is_broken: false, arrived: 0 }
    }

    /// How that meeting ended. `None`: it goes on. (Of one that is longer ago than the history, nothing is known, and
    /// it counts as passed.)
    fn outcome(self, generation: u32) -> Option<Outcome> {
        let meetings_since = self.generation.wrapping_sub(generation);
        let was_reset = |since: u32| since <= HISTORY_BITS && self.history >> (since - 1) & 1 == 1;
        match meetings_since {
            0 => self.is_broken.then_some(Outcome::Broken),
            since if was_reset(since) => Some(Outcome::Broken),
            _ => Some(Outcome::Passed),
        }
    }
}

impl Meeting {
    pub(super) fn new(parties: u32) -> io::Result<Self> {
        Ok(Self { parties, words: ShmBox::new(Words::zeroed())? })
    }

    pub(super) fn parties(&self) -> u32 {
        self.parties
    }

    pub(super) fn arrived(&self) -> u32 {
        self.state().arrived
    }

    pub(super) fn is_broken(&self) -> bool {
        self.state().is_broken
    }

    /// What waiters sleep on.
    pub(super) fn word(&self) -> &AtomicU32 {
        &self.words.sequence
    }

    pub(super) fn outcome(&self, generation: u32) -> Option<Outcome> {
        self.state().outcome(generation)
    }

    pub(super) fn arrive(&self) -> Arrived {
        let is_last = |state: State| state.arrived + 1 >= self.parties;
        let change = |state: State| match state {
            State { is_broken: true, .. } => None,
            state if is_last(state) => Some(state.next(false)),
            state => Some(State { arrived: state.arrived + 1, ..state }),
        };
        match self.change(change) {
            Err(_) => Arrived::Broken,
            Ok(before) if is_last(before) => {
                self.wake();
                Arrived::Last
            }
            Ok(before) => Arrived::Waits { generation: before.generation },
        }
    }

    /// Takes an arrival at that meeting back. If the meeting is over: how it ended.
    pub(super) fn take_back(&self, generation: u32) -> Option<Outcome> {
        let is_going_on = |state: State| state.outcome(generation).is_none();
        let change = |state: State| is_going_on(state).then(|| State { arrived: state.arrived - 1, ..state });
        self.change(change).err().and_then(|state| state.outcome(generation))
    }

    pub(super) fn abort(&self) {
        if self.change(|state| Some(State { is_broken: true, arrived: 0, ..state })).is_ok() {
            self.wake();
        }
    }

    pub(super) fn reset(&self) {
        if self.change(|state| Some(state.next(true))).is_ok() {
            self.wake();
        }
    }

    fn state(&self) -> State {
        State::unpacked(self.words.state.load(Ordering::Acquire))
    }

    /// Changes the state, and returns the one before. Or returns the state that is not to be changed.
    fn change(&self, change: impl Fn(State) -> Option<State>) -> Result<State, State> {
        let mut seen = self.words.state.load(Ordering::Acquire);
        loop {
            let state = State::unpacked(seen);
            let Some(new) = change(state) else { return Err(state) };
            match self.words.state.compare_exchange(seen, new.packed(), Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(state),
                Err(now) => seen = now,
            }
        }
    }

    /// A waiter that read the sequence before this sees the new state, or does not fall asleep.
    fn wake(&self) {
        self.words.sequence.fetch_add(1, Ordering::Release);
        futex::wake_all(&self.words.sequence);
    }
}

impl fmt::Debug for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrived = self.arrived();
        f.debug_struct("Meeting").field("parties", &self.parties).field("arrived", &arrived).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_unpacked_as_it_was_packed() {
        for state in [
            State { generation: u32::MAX, history: 0, is_broken: false, arrived: MAX_PARTIES },
            State { generation: 0, history: (1 << HISTORY_BITS) - 1, is_broken: true, arrived: 0 },
            State { generation: 7, history: 5, is_broken: false, arrived: 3 },
        ] {
            assert!(State::unpacked(state.packed()) == state);
        }
    }

    #[test]
    fn each_of_the_last_meetings_is_known_by_how_it_ended() {
        let first = State { generation: u32::MAX - 1, history: 0, is_broken: false, arrived: 1 };
        let last = first.next(false).next(true).next(false);
        let outcomes = (0..4).map(|since| last.outcome(first.generation.wrapping_add(since)));
        let expected = [Some(Outcome::Passed), Some(Outcome::Broken), Some(Outcome::Passed), None];
        assert!(outcomes.eq(expected));
    }
}
