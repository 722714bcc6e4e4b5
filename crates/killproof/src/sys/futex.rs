//! Sleeping on a word of shared memory until it is changed.
//!
//! Ulrich Drepper, "Futexes Are Tricky", <https://www.akkadia.org/drepper/futex.pdf>; futex(2).
//! A waiter that is killed leaves nothing behind: the kernel removes it from its queue. That is why the
//! toolkit waits on words, and not on condition variables, whose own state a killed waiter can wreck.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::thread::futex::{self, Flags, Timespec};

/// Sleeps while `word` holds `expected`, for at most `timeout`.
///
/// It returns early when it is woken, when the word differs already, on a signal, and spuriously: the caller
/// looks again at what it waits for.
pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let limit =
        Timespec { tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: timeout.subsec_nanos().into() };
    // Not FUTEX_PRIVATE_FLAG: the waker may be another process.
    let _ = futex::wait(word, Flags::empty(), expected, Some(&limit));
}

/// Wakes at most `count` of the waiters that sleep on `word`, and returns how many there were.
pub(crate) fn wake(word: &AtomicU32, count: u32) -> usize {
    futex::wake(word, Flags::empty(), count).unwrap_or(0)
}

/// Wakes all that sleep on `word`.
pub(crate) fn wake_all(word: &AtomicU32) {
    wake(word, i32::MAX.cast_unsigned());
}
