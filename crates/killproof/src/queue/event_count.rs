//! Something that happens again and again, and that processes sleep for: an eventcount.
//!
//! Whoever waits reads the sequence number, says that somebody sleeps, looks whether there is
//! something for it, and sleeps only while the number is still the same. Whoever makes something
//! happen looks afterwards whether somebody sleeps, and only then changes the number and wakes. Of
//! the two looks at least one sees the other's store, so nothing is missed.
//! Dmitry Vyukov, "Eventcount", <https://www.1024cores.net/home/lock-free-algorithms/eventcounts>.
//!
//! Sleepers are not counted, because a killed one would stay in the count for ever: the word only
//! says that there may be some. A waker that finds nobody clears it, and then wakes once more, for
//! whoever announced itself meanwhile. One that is killed before that leaves a sleeper until its
//! next look, which is why every sleep is short.

use std::time::Duration;

use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::{AtomicU32, Ordering};
use crate::primitive::memory::shm_layout;
use crate::primitive::{cache, futex};

shm_layout! {
    #[repr(C, align(128))]
    pub(super) struct EventCount {
        /// Changes when somebody is woken.
        sequence: AtomicU32,
        /// 1: somebody may sleep.
        sleepers: AtomicU32,
    }
}

impl EventCount {
    /// Announces a sleeper. It must look for what it waits for between this and [`EventCount::sleep`].
    pub(super) fn announce(&self) -> u32 {
        let sequence = self.sequence.load(Ordering::SeqCst);
        self.sleepers.store(1, Ordering::SeqCst);
        cache::store_before_load();
        sequence
    }

    /// Sleeps until somebody is woken after `sequence` was read, for at most `timeout`. True if
    /// somebody was.
    pub(super) fn sleep(&self, sequence: u32, timeout: Duration) -> bool {
        futex::wait(&self.sequence, sequence, timeout);
        self.sequence.load(Ordering::Relaxed) != sequence
    }

    /// Says that something happened that one waiter can use. To be called right after the lock under
    /// which it happened was let go of: that was the fence between the two looks.
    #[inline]
    pub(super) fn notify_one(&self) {
        cache::store_before_load_after_unlock();
        self.notify(1);
    }

    /// Says that something happened that all waiters must know.
    pub(super) fn notify_all(&self) {
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
        self.sequence.fetch_add(1, Ordering::SeqCst);
        hit(CrashPoint::WakeAnnounced);
        if futex::wake(&self.sequence, count) == 0 {
            self.sleepers.store(0, Ordering::SeqCst);
            hit(CrashPoint::WakeCleared);
            self.sequence.fetch_add(1, Ordering::SeqCst);
            futex::wake_all(&self.sequence);
        }
    }
}
