//! Slot numbers in a row, between two locks.
//!
//! A queue has two lines: that of the ready slots goes from producers to consumers, that of the free
//! ones goes back. Whoever holds the lock of a line's back appends, whoever holds the lock of its
//! front removes, and the two never wait for each other: the one publishes its position after the
//! entry that it is about, and the other reads it before. A bounded ring buffer with one writer and
//! one reader; Leslie Lamport, "Proving the Correctness of Multiprocess Programs", 1977.
//!
//! A line is only an index. What a killed process left of it is thrown away: [`IndexRing::refill`].

use std::io;

use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::cache;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};

shm_layout! {
    /// Where the line begins. Written by the holder of the front's lock only; on cache lines of its
    /// own, so that the two ends do not slow each other down.
    #[repr(C, align(128))]
    struct Front {
        position: AtomicU64,
        /// Where the back was when the front last looked. While there is something before it, the
        /// front need not look again, and the back's cache line stays where it is.
        back_seen: AtomicU64,
    }
}

shm_layout! {
    /// Where the next number will be appended. Written by the holder of the back's lock only.
    #[repr(C, align(128))]
    struct Back {
        position: AtomicU64,
    }
}

shm_layout! {
    #[repr(C)]
    struct Ends {
        front: Front,
        back: Back,
    }
}

/// As many numbers as a cache line holds.
const FAR: u64 = 16;

/// Positions count from here up, so that a number can be put back in front of the first one.
const BEGIN: u64 = 1 << 32;

pub(super) struct IndexRing {
    numbers: ShmSlice<AtomicU32>,
    ends: ShmBox<Ends>,
    mask: u64,
}

impl IndexRing {
    /// An empty line with room for `capacity` numbers, and as much again: so that the two ends of a full
    /// line are not in the same cache line.
    pub(super) fn new(capacity: usize) -> io::Result<Self> {
        let room = 2 * capacity.next_power_of_two();
        let line = Self { numbers: ShmSlice::new(room)?, ends: ShmBox::new(Ends::zeroed())?, mask: room as u64 - 1 };
        line.front().position.store(BEGIN, Ordering::Relaxed);
        line.front().back_seen.store(BEGIN, Ordering::Relaxed);
        line.back().position.store(BEGIN, Ordering::Relaxed);
        Ok(line)
    }

    /// The number in front. Needs the front's lock.
    #[inline]
    pub(super) fn first(&self) -> Option<u32> {
        let front = self.front();
        let position = front.position.load(Ordering::Relaxed);
        if position >= front.back_seen.load(Ordering::Relaxed) {
            let back = self.back_position();
            front.back_seen.store(back, Ordering::Relaxed);
            if position >= back {
                return None;
            }
        }
        Some(self.at(position).load(Ordering::Relaxed))
    }

    /// The number that stands `places` behind the first one, as far as the front has seen the line.
    /// Needs the front's lock; without it the answer is a number that stood somewhere in the line.
    #[inline]
    pub(super) fn seen_behind(&self, places: u64) -> Option<u32> {
        let front = self.front();
        let position = front.position.load(Ordering::Relaxed) + places;
        (position < front.back_seen.load(Ordering::Relaxed)).then(|| self.at(position).load(Ordering::Relaxed))
    }

    /// Removes the number in front. Needs the front's lock.
    #[inline]
    pub(super) fn remove_first(&self) {
        let position = &self.front().position;
        position.store(position.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// Appends a number. Needs the back's lock; there must be room.
    #[inline]
    pub(super) fn append(&self, number: u32) {
        let back = &self.back().position;
        let position = back.load(Ordering::Relaxed);
        self.at(position).store(number, Ordering::Relaxed);
        // The other side has it still, from when it removed what stood there.
        cache::fetch(self.at(position + FAR));
        // The front sees the entry, and whatever the slot holds, no later than the position.
        back.store(position + 1, Ordering::Release);
    }

    /// Puts a number back in front, behind those that go `before` it. Needs the front's lock; there
    /// must be room.
    pub(super) fn requeue(&self, number: u32, before: impl Fn(u32) -> bool) {
        let front = &self.front().position;
        let (first, back) = (front.load(Ordering::Relaxed), self.back_position());
        let mut place = first - 1;
        while place + 1 < back && before(self.at(place + 1).load(Ordering::Relaxed)) {
            self.at(place).store(self.at(place + 1).load(Ordering::Relaxed), Ordering::Relaxed);
            place += 1;
        }
        self.at(place).store(number, Ordering::Relaxed);
        front.store(first - 1, Ordering::Release);
    }

    /// Makes the line anew. Needs the locks of both ends. Until it returns, whoever only looks sees
    /// an empty line, or a shorter one than it will be.
    pub(super) fn refill(&self, numbers: impl IntoIterator<Item = u32>) {
        let first = self.front_position();
        self.front().back_seen.store(first, Ordering::Relaxed);
        self.back().position.store(first, Ordering::Release);
        let mut position = first;
        for number in numbers {
            self.at(position).store(number, Ordering::Relaxed);
            position += 1;
        }
        self.back().position.store(position, Ordering::Release);
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

    /// Where the next number will be appended.
    #[inline]
    pub(super) fn back_position(&self) -> u64 {
        self.back().position.load(Ordering::Acquire)
    }

    /// Where the line begins.
    #[inline]
    pub(super) fn front_position(&self) -> u64 {
        self.front().position.load(Ordering::Acquire)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask makes it an index of the slice")]
    fn at(&self, position: u64) -> &AtomicU32 {
        &self.numbers[(position & self.mask) as usize]
    }

    #[inline]
    fn front(&self) -> &Front {
        &self.ends.front
    }

    #[inline]
    fn back(&self) -> &Back {
        &self.ends.back
    }
}
