//! Where one chunk of tasks is, and which process may change it.
//!
//! The states and their changes are drawn in the design note, [`pool`](super). At each moment one process may change a
//! place, so no word of it is ever written by two.

use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::memory::shm_layout;

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing: the owner may fill it.
    Free,
    /// A chunk that waits: the first worker that takes it has it.
    Ready,
    /// A chunk on which this worker works, or did until it died. The keeper has it once it has reaped the worker.
    Running(u32),
    /// Results: the owner takes them. The worker or the keeper that finished it names the worker.
    Finished(u32),
    /// A chunk whose next task gets its last attempt: the keeper says when.
    Alone,
}

impl State {
    fn word(self) -> u64 {
        match self {
            Self::Free => 0,
            Self::Ready => 1,
            Self::Running(worker) => 2 | u64::from(worker) << 8,
            Self::Finished(worker) => 3 | u64::from(worker) << 8,
            Self::Alone => 4,
        }
    }

    fn from_word(word: u64) -> Self {
        let worker = high_half(word << 24);
        match word & 0xff {
            0 => Self::Free,
            1 => Self::Ready,
            2 => Self::Running(worker),
            3 => Self::Finished(worker),
            _ => Self::Alone,
        }
    }
}

/// How far a chunk is. One store of it commits a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// How many of its tasks have a result.
    pub(super) done: u32,
    /// How many words of results wait for the owner.
    pub(super) words: u32,
    /// The task after those runs at this moment: a death now is a death with it.
    pub(super) runs: bool,
}

impl Progress {
    fn word(self) -> u64 {
        u64::from(self.words) << 32 | u64::from(self.done) << 1 | u64::from(self.runs)
    }

    fn from_word(word: u64) -> Self {
        Self { done: high_half(word << 32) >> 1, words: high_half(word), runs: word & 1 == 1 }
    }
}

fn high_half(word: u64) -> u32 {
    u32::try_from(word >> 32).unwrap_or(u32::MAX)
}

/// The most tasks of a chunk: the number is kept in 31 bits.
pub(super) const MAX_TASKS: u32 = 1 << 20;

shm_layout! {
    #[repr(C, align(128))]
    pub(super) struct Place {
        /// A [`State`]. Stored last in every change.
        state: AtomicU64,
        /// A [`Progress`].
        progress: AtomicU64,
        /// The number of the chunk among all that were ever here.
        turn: AtomicU64,
        /// The number of the chunk's first task in its call.
        first: AtomicU64,
        /// How many tasks the chunk has.
        count: AtomicU64,
        /// How long the last worker worked on the chunk, in nanoseconds.
        nanos: AtomicU64,
    }
}

impl Place {
    #[inline]
    pub(super) fn state(&self) -> State {
        State::from_word(self.state.load(Ordering::Acquire))
    }

    /// The process that has the place hands it on: what it stored before is seen with the new state.
    #[inline]
    pub(super) fn hand_on(&self, state: State) {
        self.state.store(state.word(), Ordering::Release);
    }

    /// Takes a place that several processes may take. False if another one was faster.
    #[inline]
    pub(super) fn take(&self, from: State, to: State) -> bool {
        self.state.compare_exchange(from.word(), to.word(), Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    #[inline]
    pub(super) fn progress(&self) -> Progress {
        Progress::from_word(self.progress.load(Ordering::Acquire))
    }

    #[inline]
    pub(super) fn set_progress(&self, progress: Progress) {
        self.progress.store(progress.word(), Ordering::Release);
    }

    /// Describes a new chunk, whose inputs the owner has written.
    pub(super) fn describe(&self, first: u64, count: u32) {
        self.turn.store(self.turn() + 1, Ordering::Relaxed);
        self.first.store(first, Ordering::Relaxed);
        self.count.store(u64::from(count), Ordering::Relaxed);
        self.set_progress(Progress::default());
    }

    pub(super) fn turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn first(&self) -> u64 {
        self.first.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.count.load(Ordering::Relaxed)).unwrap_or(u32::MAX)
    }

    #[inline]
    pub(super) fn nanos(&self) -> u64 {
        self.nanos.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set_nanos(&self, nanos: u64) {
        self.nanos.store(nanos, Ordering::Relaxed);
    }
}
