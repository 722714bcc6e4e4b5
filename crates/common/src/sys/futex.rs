//! Sleeping on a word of shared memory until somebody changes it.
//!
//! Ulrich Drepper, "Futexes Are Tricky", <https://www.akkadia.org/drepper/futex.pdf>; futex(2).
//! A waiter that is killed leaves nothing behind: the kernel's queue forgets it. That is why
//! everything here waits on sequence words, and not on condition variables, whose own state a
//! killed waiter can wreck.

use std::time::Duration;

use super::atomic::AtomicU32;

/// Sleeps while `word` holds `expected`, for at most `timeout`.
///
/// Returns early when woken, when the word already differs, on a signal, and now and then for no
/// reason: the caller looks again at what it waits for.
pub(crate) fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let limit = libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    // SAFETY: the word lives as long as the borrow, the timeout as long as this frame, and the
    // kernel only reads both. Not FUTEX_PRIVATE_FLAG: the waker may be another process.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, expected, &raw const limit);
    }
}

/// Wakes at most `count` of those who sleep on `word`, and says how many there were.
pub(crate) fn wake(word: &AtomicU32, count: i32) -> i64 {
    // SAFETY: the word lives as long as the borrow; waking reads nothing else.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, count) }
}

/// Wakes all who sleep on `word`.
pub(crate) fn wake_all(word: &AtomicU32) {
    wake(word, i32::MAX);
}
