//! An event count: something that happens again and again, and that processes sleep for.
//!
//! Dmitry Vyukov, "Eventcount", <https://www.1024cores.net/home/lock-free-algorithms/eventcounts>. Why no
//! wake-up is lost stands in the design note, [`queue`](crate::queue). Sleepers are not counted, because a
//! killed one would stay in the count for ever: the word only says that there may be some.

use std::time::Duration;

use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::{AtomicU32, Ordering};
use crate::primitive::memory::shm_layout;
use crate::primitive::{cache, futex};

shm_layout! {
    #[repr(C, align(128))]
    pub(crate) struct EventCount {
        /// Changes whenever a sleeper is to be woken.
        sequence: AtomicU32,
        /// 0: no process sleeps. 1: some may.
        sleepers: AtomicU32,
    }
}

impl EventCount {
    /// Announces the caller as a sleeper. Between this and [`EventCount::sleep`] the caller must look for
    /// what it waits for.
    pub(crate) fn announce(&self) -> u32 {
        // Acquire: if the number is that behind a store of 0, this store of 1 comes after that 0.
        let sequence = self.sequence.load(Ordering::Acquire);
        self.sleepers.store(1, Ordering::Relaxed);
        cache::store_before_load();
        sequence
    }

    /// Sleeps for at most `timeout`, unless a notifier has changed the number since it was announced. True
    /// if one has.
    pub(crate) fn sleep(&self, sequence: u32, timeout: Duration) -> bool {
        futex::wait(&self.sequence, sequence, timeout);
        self.sequence.load(Ordering::Relaxed) != sequence
    }

    /// Wakes one sleeper, because there is something that one can use. The caller has just unlocked the
    /// lock under which that came to be, or has added it by a read-modify-write: that is the fence that this needs.
    #[inline]
    pub(crate) fn notify_one(&self) {
        cache::store_before_load_after_unlock();
        self.notify(1);
    }

    /// The same for any caller: what it has done before comes before a look for sleepers.
    pub(crate) fn notify_one_after_fence(&self) {
        cache::store_before_load();
        self.notify(1);
    }

    /// Wakes all sleepers, because there is something that all must see.
    pub(crate) fn notify_all(&self) {
        cache::store_before_load();
        self.notify(i32::MAX.cast_unsigned());
    }

    #[inline]
    fn notify(&self, count: u32) {
        if self.sleepers.load(Ordering::Relaxed) != 0 {
            self.wake(count);
        }
    }

    #[cold]
    fn wake(&self, count: u32) {
        self.sequence.fetch_add(1, Ordering::Relaxed);
        hit(CrashPoint::WakeAnnounced);
        if futex::wake(&self.sequence, count) == 0 {
            self.sleepers.store(0, Ordering::Relaxed);
            hit(CrashPoint::WakeCleared);
            // For a waiter that announced itself before the store of 0, which hides it from later notifiers. Release:
            // a waiter that reads this number announces itself after that store.
            self.sequence.fetch_add(1, Ordering::Release);
            futex::wake_all(&self.sequence);
        }
    }
}
