//! Slot numbers in a row, between two locks.
//!
//! A queue has two such rings: that of the ready slots goes from producers to consumers, that of the
//! free slots goes back. The holder of one lock appends at the [`Back`], the holder of the other lock
//! removes at the [`Front`], and the two never wait for each other: the back publishes its position
//! after the number that it appends, and the front reads that position before the number. It is a
//! bounded ring buffer with one writer and one reader: Leslie Lamport, "Proving the Correctness of
//! Multiprocess Programs", 1977.
//!
//! A ring is only an index of the slots. What a killed process left of it is thrown away:
//! [`Front::refill`].

use std::io;

use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::cache;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};
use crate::primitive::robust::RobustGuard;

shm_layout! {
    /// Stored to by the holder of the front's lock only. Each end has cache lines of its own, so that the
    /// two ends do not slow each other down.
    #[repr(C, align(128))]
    struct FrontEnd {
        position: AtomicU64,
        /// Where the back was when the front last looked. As long as there are numbers before it, the
        /// front does not look again, and the back's cache line stays with the back. 0: it never looked.
        back_seen: AtomicU64,
    }
}

shm_layout! {
    /// Stored to by the holder of the back's lock only.
    #[repr(C, align(128))]
    struct BackEnd {
        /// Where the next number will be appended.
        position: AtomicU64,
    }
}

shm_layout! {
    #[repr(C)]
    struct Ends {
        front: FrontEnd,
        back: BackEnd,
    }
}

/// As many numbers as a cache line holds.
const FAR: u64 = 16;

/// Positions count from here up, so that a number can be requeued in front of the first one.
const BEGIN: u64 = 1 << 32;

/// Room for numbers per slot: twice as many as there are slots, so that the two ends of a full ring are
/// not in the same cache line. (A capacity that is no power of two has up to twice that.)
const ROOM_PER_SLOT: usize = 2;

/// What a ring takes for each slot, in bytes.
pub(super) const BYTES_PER_SLOT: usize = ROOM_PER_SLOT * size_of::<AtomicU32>();

pub(super) struct IndexRing {
    numbers: ShmSlice<AtomicU32>,
    ends: ShmBox<Ends>,
    mask: u64,
}

/// The front, for the holder of its lock.
#[derive(Clone, Copy)]
pub(super) struct Front<'a>(&'a IndexRing);

/// The back, for the holder of its lock.
#[derive(Clone, Copy)]
pub(super) struct Back<'a>(&'a IndexRing);

impl IndexRing {
    /// An empty ring with room for `capacity` numbers.
    pub(super) fn new(capacity: usize) -> io::Result<Self> {
        let room = ROOM_PER_SLOT * capacity.next_power_of_two();
        let ring = Self { numbers: ShmSlice::new(room)?, ends: ShmBox::new(Ends::zeroed())?, mask: room as u64 - 1 };
        ring.ends.front.position.store(BEGIN, Ordering::Relaxed);
        ring.ends.back.position.store(BEGIN, Ordering::Relaxed);
        Ok(ring)
    }

    /// The front. `_held` is its lock.
    #[inline]
    pub(super) fn front<'a>(&'a self, _held: &'a RobustGuard<'_, ()>) -> Front<'a> {
        Front(self)
    }

    /// The back. `_held` is its lock.
    #[inline]
    pub(super) fn back<'a>(&'a self, _held: &'a RobustGuard<'_, ()>) -> Back<'a> {
        Back(self)
    }

    /// The number that is `places` behind the first one, as far as the front has seen the ring. Without
    /// the front's lock it is a hint: the number was somewhere in the ring.
    #[inline]
    pub(super) fn seen_behind(&self, places: u64) -> Option<u32> {
        let front = &self.ends.front;
        let position = front.position.load(Ordering::Relaxed) + places;
        (position < front.back_seen.load(Ordering::Relaxed)).then(|| self.at(position).load(Ordering::Relaxed))
    }

    /// How many numbers there are, as of now; never more than there were at some moment of the call.
    #[inline]
    pub(super) fn len(&self) -> u64 {
        let back = self.back_position();
        back.saturating_sub(self.front_position())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(super) fn back_position(&self) -> u64 {
        self.ends.back.position.load(Ordering::Acquire)
    }

    /// Relaxed: nothing is read because of it. A reader that has acquired the back sees at least what the front was
    /// when the number at the back was appended, because the slot of that had been removed before.
    #[inline]
    pub(super) fn front_position(&self) -> u64 {
        self.ends.front.position.load(Ordering::Relaxed)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask makes it an index of the slice")]
    fn at(&self, position: u64) -> &AtomicU32 {
        &self.numbers[(position & self.mask) as usize]
    }
}

impl Front<'_> {
    #[inline]
    pub(super) fn first(self) -> Option<u32> {
        let front = &self.0.ends.front;
        let position = front.position.load(Ordering::Relaxed);
        if position >= front.back_seen.load(Ordering::Relaxed) {
            let back = self.0.back_position();
            front.back_seen.store(back, Ordering::Relaxed);
            if position >= back {
                return None;
            }
        }
        Some(self.0.at(position).load(Ordering::Relaxed))
    }

    #[inline]
    pub(super) fn remove_first(self) {
        let position = &self.0.ends.front.position;
        position.store(position.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Enters numbers in front again, each behind those that go `before` it. They are in order themselves. There
    /// must be room.
    ///
    /// It is a merge: it takes as many steps as there are numbers, and one for each number that goes before one
    /// of them.
    pub(super) fn requeue(self, numbers: &[u32], before: impl Fn(u32, u32) -> bool) {
        let front = &self.0.ends.front.position;
        let (old, back) = (front.load(Ordering::Relaxed), self.0.back_position());
        let new = old - numbers.len() as u64;
        // There are always as many places between the two as there are numbers to be entered.
        let (mut place, mut next) = (new, old);
        for &number in numbers {
            while next < back {
                let other = self.0.at(next).load(Ordering::Relaxed);
                if !before(other, number) {
                    break;
                }
                self.0.at(place).store(other, Ordering::Relaxed);
                (place, next) = (place + 1, next + 1);
            }
            self.0.at(place).store(number, Ordering::Relaxed);
            place += 1;
        }
        front.store(new, Ordering::Relaxed);
    }

    /// Replaces all numbers. `_back` is the back of the same ring. Until it returns, a reader without a
    /// lock sees the ring as long as it was.
    pub(super) fn refill(self, _back: Back<'_>, numbers: impl IntoIterator<Item = u32>) {
        let Ends { front, back } = &*self.0.ends;
        let first = self.0.front_position();
        front.back_seen.store(first, Ordering::Relaxed);
        let mut position = first;
        for number in numbers {
            self.0.at(position).store(number, Ordering::Relaxed);
            position += 1;
        }
        back.position.store(position, Ordering::Release);
    }
}

impl Back<'_> {
    /// Appends a number. There must be room.
    #[inline]
    pub(super) fn append(self, number: u32) {
        let back = &self.0.ends.back.position;
        let position = back.load(Ordering::Relaxed);
        self.0.at(position).store(number, Ordering::Relaxed);
        // The front's core still has this cache line, from when it removed an earlier number there.
        cache::fetch(self.0.at(position + FAR));
        // Release: the front sees the number, and all that the slot holds, no later than the position.
        back.store(position + 1, Ordering::Release);
    }
}
