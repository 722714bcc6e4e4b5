//! The memory that the owner, the keeper and the workers of a pool share: places for chunks, and a seat for each worker.

use std::io;
use std::time::Duration;

use super::bits::Bits;
use super::entries::{WORD, words_of};
use super::place::{Place, State};
use crate::crashpoint::{CrashPoint, hit};
use crate::event_count::EventCount;
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::cache;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};

/// How long a sleeper sleeps before it looks again: a killed waker has woken no process.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// Room behind the results of a worker, for what the keeper says of a task. In words.
const KEEPERS: usize = words_of(super::outcome::LARGEST);

/// The longest text of a task's error, in bytes.
pub(super) const TEXT: usize = 2048;

/// What the owner wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
#[repr(u64)]
pub(super) enum Wish {
    Work = 0,
    /// The workers leave when nothing is ready, and then the keeper does.
    Close = 1,
    /// The keeper ends all.
    End = 2,
}

/// Which chunks a worker may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// None: a task is to run alone, and others run still.
    Closed,
    /// This one, which waits for its last attempt.
    Only(u32),
}

/// What a worker is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Phase {
    /// It has no chunk, and takes none before it has looked at the gate again.
    Idle = 0,
    Busy = 1,
    /// It leaves, and wants to be replaced.
    Retired = 2,
}

shm_layout! {
    /// A word for each question that two rooms of a pool ask. Each has one writer.
    #[repr(C, align(128))]
    struct Board {
        /// Slept for by workers: there may be a chunk.
        work: EventCount,
        /// Slept for by the owner: there may be results, or a verdict.
        results: EventCount,
        /// Near which place the next ready one may be. Any worker stores it: it is a hint.
        hint: AtomicU64,
        /// A [`Gate`]. The keeper's.
        gate: AtomicU64,
        /// A [`Wish`]. The owner's.
        wish: AtomicU64,
        /// How often a worker finished a chunk without waking the owner. A hint as well.
        unsaid: AtomicU64,
    }
}

shm_layout! {
    /// What a worker shows of itself.
    #[repr(C, align(128))]
    pub(super) struct Seat {
        /// A [`Phase`].
        phase: AtomicU64,
        /// The place that it took last, or tried to, and 1.
        place: AtomicU64,
        /// When the task that runs began, or the last thing that the worker did otherwise, in nanoseconds; 0: it is not
        /// busy, or no time is kept.
        since: AtomicU64,
        /// 1: it has finished a task.
        worked: AtomicU64,
    }
}

pub(super) struct Floor {
    places: ShmSlice<Place>,
    inputs: Areas,
    results: Areas,
    pub(super) ready: Bits,
    pub(super) finished: Bits,
    board: ShmBox<Board>,
    seats: ShmSlice<Seat>,
    max_message: usize,
}

/// An area for each place.
struct Areas {
    words: ShmSlice<AtomicU64>,
    each: usize,
}

impl Areas {
    /// `None` if no address space is so large.
    fn new(places: u32, each: usize) -> io::Result<Option<Self>> {
        let Some(words) = each.checked_mul(places as usize) else { return Ok(None) };
        Ok(Some(Self { words: ShmSlice::new(words)?, each }))
    }

    #[inline]
    fn get(&self, place: u32) -> &[AtomicU64] {
        let start = place as usize * self.each;
        &self.words[start..start + self.each]
    }
}

impl Floor {
    /// `None` if no address space is so large.
    pub(super) fn new(places: u32, workers: u32, max_message: usize) -> io::Result<Option<Self>> {
        let Some(largest) = max_message.checked_next_multiple_of(WORD).map(words_of) else { return Ok(None) };
        let largest = largest.max(words_of(TEXT));
        // A worker begins a task while there is room for the largest result of it.
        let Some(twice) = largest.checked_mul(2) else { return Ok(None) };
        let (inputs, results) = (Areas::new(places, largest)?, Areas::new(places, twice + KEEPERS)?);
        let (Some(inputs), Some(results)) = (inputs, results) else { return Ok(None) };
        Ok(Some(Self {
            places: ShmSlice::new(places as usize)?,
            inputs,
            results,
            ready: Bits::new(places)?,
            finished: Bits::new(places)?,
            board: ShmBox::new(Board::zeroed())?,
            seats: ShmSlice::new(workers as usize)?,
            max_message,
        }))
    }

    /// In bytes.
    pub(super) fn max_message(&self) -> usize {
        self.max_message
    }

    pub(super) fn places(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn seats(&self) -> &[Seat] {
        &self.seats
    }

    #[inline]
    pub(super) fn place(&self, place: u32) -> &Place {
        &self.places[place as usize]
    }

    /// Where the inputs of a chunk are.
    #[inline]
    pub(super) fn inputs(&self, place: u32) -> &[AtomicU64] {
        self.inputs.get(place)
    }

    /// Where the results of a chunk are.
    #[inline]
    pub(super) fn results(&self, place: u32) -> &[AtomicU64] {
        self.results.get(place)
    }

    /// Whether the largest result finds room behind this many words of results.
    #[inline]
    pub(super) fn has_room_behind(&self, words: u32) -> bool {
        words as usize + words_of(self.max_message.max(TEXT)) + KEEPERS <= self.results.each
    }

    pub(super) fn work(&self) -> &EventCount {
        &self.board.work
    }

    pub(super) fn wake_owner(&self) -> &EventCount {
        &self.board.results
    }

    /// Hands a chunk to the first worker that takes it.
    #[inline]
    pub(super) fn make_ready(&self, place: u32) {
        self.place(place).hand_on(State::Ready);
        hit(CrashPoint::PoolReturned);
        self.ready.set(place);
        self.board.work.notify_one_after_fence();
    }

    /// Hands results to the owner. The caller wakes it.
    #[inline]
    pub(super) fn finish(&self, place: u32, worker: u32) {
        self.place(place).hand_on(State::Finished(worker));
        hit(CrashPoint::PoolFinished);
        self.finished.set(place);
    }

    #[inline]
    pub(super) fn hint(&self) -> u32 {
        u32::try_from(self.board.hint.load(Ordering::Relaxed)).unwrap_or(0)
    }

    #[inline]
    pub(super) fn set_hint(&self, place: u32) {
        self.board.hint.store(u64::from(place), Ordering::Relaxed);
    }

    /// Counts a chunk of which the owner does not learn at once. True every few times.
    #[inline]
    pub(super) fn has_kept_enough_back(&self, few: u64) -> bool {
        let unsaid = self.board.unsaid.load(Ordering::Relaxed) + 1;
        self.board.unsaid.store(unsaid, Ordering::Relaxed);
        unsaid.is_multiple_of(few)
    }

    #[inline]
    pub(super) fn gate(&self) -> Gate {
        match self.board.gate.load(Ordering::Relaxed) {
            0 => Gate::Open,
            u64::MAX => Gate::Closed,
            place => Gate::Only(u32::try_from(place - 1).unwrap_or(u32::MAX)),
        }
    }

    pub(super) fn set_gate(&self, gate: Gate) {
        let word = match gate {
            Gate::Open => 0,
            Gate::Closed => u64::MAX,
            Gate::Only(place) => u64::from(place) + 1,
        };
        self.board.gate.store(word, Ordering::Release);
        // Before the caller looks at the phases: a worker that it finds idle looks at the gate after this store.
        cache::store_before_load();
    }

    #[inline]
    pub(super) fn wish(&self) -> Wish {
        match self.board.wish.load(Ordering::Acquire) {
            0 => Wish::Work,
            1 => Wish::Close,
            _ => Wish::End,
        }
    }

    pub(super) fn set_wish(&self, wish: Wish) {
        self.board.wish.store(wish as u64, Ordering::Release);
        self.board.work.notify_all();
    }
}

impl Seat {
    #[inline]
    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Idle,
            1 => Phase::Busy,
            _ => Phase::Retired,
        }
    }

    #[inline]
    pub(super) fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u64, Ordering::Release);
    }

    /// The place that the worker took last, or tried to.
    pub(super) fn place(&self) -> Option<u32> {
        self.place.load(Ordering::Relaxed).checked_sub(1).and_then(|place| u32::try_from(place).ok())
    }

    /// Before the worker takes it, so that the keeper finds it however soon the worker dies.
    #[inline]
    pub(super) fn set_place(&self, place: u32) {
        self.place.store(u64::from(place) + 1, Ordering::Release);
    }

    #[inline]
    pub(super) fn since(&self) -> u64 {
        self.since.load(Ordering::Acquire)
    }

    #[inline]
    pub(super) fn set_since(&self, nanos: u64) {
        self.since.store(nanos, Ordering::Release);
    }

    pub(super) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Acquire) != 0
    }

    pub(super) fn set_worked(&self) {
        self.worked.store(1, Ordering::Release);
    }

    /// For the next worker of the seat, by the keeper.
    pub(super) fn clear(&self) {
        self.worked.store(0, Ordering::Relaxed);
        self.place.store(0, Ordering::Relaxed);
        self.since.store(0, Ordering::Relaxed);
        self.set_phase(Phase::Idle);
    }
}
