//! Something that happens again and again, and that processes sleep for: an eventcount.
//!
//! Whoever waits reads the sequence number, looks whether there is something for it, and sleeps only
//! if the number is still the same. Whoever makes something happen changes the number first and
//! wakes then. So nothing is missed between looking and sleeping.
//! Dmitry Vyukov, "Eventcount", <https://www.1024cores.net/home/lock-free-algorithms/eventcounts>.

use std::time::Duration;

use crate::sys::atomic::{AtomicU32, Ordering};
use crate::sys::futex;
use crate::sys::memory::plain_struct;

plain_struct! {
    /// A sequence number to sleep on, and how many may be sleeping. The count may stay too high
    /// when a waiter is killed: that costs a needless system call, never a missed one.
    pub(super) struct Event {
        /// Changes with every event.
        sequence: AtomicU32,
        waiters: AtomicU32,
    }
}

impl Event {
    /// To be read before looking for what one would wait for.
    pub(super) fn sequence(&self) -> u32 {
        self.sequence.load(Ordering::SeqCst)
    }

    /// Sleeps until something happens after `sequence` was read, for at most `timeout`.
    pub(super) fn sleep(&self, sequence: u32, timeout: Duration) {
        self.waiters.fetch_add(1, Ordering::SeqCst);
        futex::wait(&self.sequence, sequence, timeout);
        self.waiters.fetch_sub(1, Ordering::SeqCst);
    }

    /// Says that something happened that one waiter can use.
    pub(super) fn tell_one(&self) {
        self.tell(1);
    }

    /// Says that something happened that all waiters must know.
    pub(super) fn tell_all(&self) {
        self.tell(i32::MAX);
    }

    fn tell(&self, count: i32) {
        self.sequence.fetch_add(1, Ordering::SeqCst);
        if self.waiters.load(Ordering::SeqCst) > 0 {
            futex::wake(&self.sequence, count);
        }
    }
}
