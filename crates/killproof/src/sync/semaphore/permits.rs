//! Which process holds how many permits: one word for each process, so that those of a dead one come back.
//!
//! At every instant `taken` is at least the sum of what the processes hold, so no death between two stores gives a
//! permit to two holders: to take one raises `taken` before the word of its holder, and to give one back lowers the
//! word of its holder alone. When `taken` says that no permit is left, a process that holds the lock counts again.

use std::io;
use std::time::Duration;

use crate::error::Phrase;
use crate::event_count::EventCount;
use crate::places::{Places, place_of};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::liveness::PLACES;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};
use crate::primitive::robust::{LockResult, RobustGuard, RobustMutex};
use crate::primitive::{identity, private};

shm_layout! {
    struct State {
        /// How many permits there are, held or not.
        total: AtomicU32,
        /// How many places were ever used. Changed under the lock.
        used: AtomicU32,
        /// At least the sum of what the processes hold. Changed under the lock.
        taken: AtomicU64,
        /// Waiters for a permit.
        not_empty: EventCount,
    }
}

pub(super) struct Permits {
    /// Of the processes that take permits, and of those that look for dead ones. To give one back needs no lock.
    lock: RobustMutex<()>,
    state: ShmBox<State>,
    /// How many permits the process of each place holds. Raised under the lock, lowered by that process, and set to 0
    /// under the lock when that process is dead.
    held: ShmSlice<AtomicU32>,
    places: Places,
    /// The generation of the process that has taken over the word of its place. Not shared.
    entered: private::AtomicU64,
}

/// Whether dead holders are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A system call for each other process that holds a permit.
    AfterTheDead,
    AtCounts,
}

impl Permits {
    pub(super) fn new(total: u32) -> io::Result<Self> {
        let permits = Self {
            lock: RobustMutex::new(())?,
            state: ShmBox::new(State::zeroed())?,
            held: ShmSlice::new(PLACES as usize)?,
            places: Places::new()?,
            entered: private::AtomicU64::new(0),
        };
        permits.state.total.store(total, Ordering::Relaxed);
        Ok(permits)
    }

    pub(super) fn not_empty(&self) -> &EventCount {
        &self.state.not_empty
    }

    pub(super) fn total(&self) -> u32 {
        self.state.total.load(Ordering::Acquire)
    }

    /// Takes a permit for this process. False if none is free, or if the lock was not free within `patience`.
    pub(super) fn take(&self, look: Look, patience: Duration) -> io::Result<bool> {
        let number = self.places.hold(0)?;
        let too_many = || io::Error::other(Phrase::new("{} living processes use it", [PLACES.into()]));
        let mine = place_of(number.ok_or_else(too_many)?);
        let Some(guard) = self.lock_within(patience) else { return Ok(false) };
        self.enter(&guard, mine);
        let mut taken = self.state.taken.load(Ordering::Relaxed);
        if !self.is_below_total(taken) {
            taken = self.count(mine, look);
            self.state.taken.store(taken, Ordering::Relaxed);
        }
        if !self.is_below_total(taken) {
            return Ok(false);
        }
        self.state.taken.store(taken + 1, Ordering::Relaxed);
        self.held[mine as usize].fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }

    /// Gives a permit of this process back.
    pub(super) fn give_back(&self) {
        if let Some(number) = self.places.number() {
            // Release: the next holder of the permit sees what this one did.
            self.held[place_of(number) as usize].fetch_sub(1, Ordering::Release);
            self.state.not_empty.notify_one();
        }
    }

    /// Takes a permit of this process out of the total, for good.
    pub(super) fn consume(&self) {
        // In this order: a process that sees the holder without it sees that it is gone.
        self.state.total.fetch_sub(1, Ordering::Relaxed);
        if let Some(number) = self.places.number() {
            self.held[place_of(number) as usize].fetch_sub(1, Ordering::Release);
        }
    }

    /// Adds permits, or changes nothing if there would be more than `most`.
    pub(super) fn add(&self, permits: u32, most: u32) -> bool {
        let more = |total: u32| total.checked_add(permits).filter(|total| *total <= most);
        let mut total = self.total();
        loop {
            let Some(new) = more(total) else { return false };
            match self.state.total.compare_exchange(total, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => total = now,
            }
        }
        match permits {
            0 => {}
            1 => self.state.not_empty.notify_one(),
            _ => self.state.not_empty.notify_all(),
        }
        true
    }

    /// How many are free: a look at what may change at once.
    pub(super) fn free(&self) -> u32 {
        let mine = self.places.number().map(place_of);
        let is_held = |place: u32| Some(place) == mine || self.places.another_holds(place);
        let held = self.held_by(is_held);
        u32::try_from(u64::from(self.total()).saturating_sub(held)).unwrap_or(u32::MAX)
    }

    fn lock_within(&self, patience: Duration) -> Option<RobustGuard<'_, ()>> {
        match self.lock.lock_for(patience)? {
            LockResult::Free(lock) => Some(lock),
            // Whatever its holder has done, `taken` is high enough.
            LockResult::OwnerDied(lock) => Some(lock.made_consistent()),
        }
    }

    /// The total is read after what is taken: a permit that was consumed is missing there first.
    fn is_below_total(&self, taken: u64) -> bool {
        taken < u64::from(self.total())
    }

    /// Takes over the word of this process's place: what is in it was a dead process's.
    fn enter(&self, _: &RobustGuard<'_, ()>, mine: u32) {
        let process = identity::generation();
        if self.entered.load(Ordering::Acquire) == process {
            return;
        }
        let used = self.state.used.load(Ordering::Relaxed);
        self.held[mine as usize].store(0, Ordering::Relaxed);
        self.state.used.store(used.max(mine + 1), Ordering::Release);
        self.entered.store(process, Ordering::Release);
    }

    /// How many permits are held. What dead processes held is free then. The caller has the lock.
    fn count(&self, mine: u32, look: Look) -> u64 {
        self.held_by(|place| {
            let is_held = place == mine || look == Look::AtCounts || self.places.another_holds(place);
            if !is_held {
                self.held[place as usize].store(0, Ordering::Relaxed);
            }
            is_held
        })
    }

    /// What the processes of these places hold.
    fn held_by(&self, counts: impl Fn(u32) -> bool) -> u64 {
        let used = self.state.used.load(Ordering::Acquire);
        // Acquire: a holder that gave its permit back did its work before.
        let held = (0..used).map(|place| (place, self.held[place as usize].load(Ordering::Acquire)));
        held.filter(|(place, held)| *held > 0 && counts(*place)).map(|(_, held)| u64::from(held)).sum()
    }
}
