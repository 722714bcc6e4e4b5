//! Waiting for a pthread mutex for a limited time, by a clock that is never set.
//!
//! `pthread_mutex_timedlock(3)` waits until a time of day, and if the clock is set back meanwhile, for as much
//! longer.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Locks `mutex`, waiting for at most `timeout`, and returns the C library's answer.
///
/// # Safety
///
/// `mutex` is initialised, and stays so during the call.
pub(super) unsafe fn lock(mutex: *mut libc::pthread_mutex_t, timeout: Duration) -> libc::c_int {
    let now = clock_gettime(CLOCK);
    let now = Duration::new(now.tv_sec.try_into().unwrap_or(0), now.tv_nsec.try_into().unwrap_or(0));
    let until = now.saturating_add(timeout);
    let until = libc::timespec {
        tv_sec: until.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: until.subsec_nanos().into(),
    };
    // SAFETY: the caller vouches for `mutex`, and `until` is in this frame.
    unsafe { lock_until(mutex, &raw const until) }
}

#[cfg(target_env = "gnu")]
const CLOCK: ClockId = ClockId::Monotonic;

/// # Safety
///
/// That of the C function.
#[cfg(target_env = "gnu")]
unsafe fn lock_until(mutex: *mut libc::pthread_mutex_t, until: *const libc::timespec) -> libc::c_int {
    unsafe extern "C" {
        /// The C library has it since 2.30, and the crate `libc` not yet:
        /// <https://sourceware.org/glibc/manual/latest/html_node/Waiting-with-Explicit-Clocks.html>.
        fn pthread_mutex_clocklock(
            mutex: *mut libc::pthread_mutex_t,
            clock: libc::clockid_t,
            until: *const libc::timespec,
        ) -> libc::c_int;
    }
    // SAFETY: the caller vouches for both pointers.
    unsafe { pthread_mutex_clocklock(mutex, libc::CLOCK_MONOTONIC, until) }
}

/// musl has no lock by another clock. There a clock that is set back lengthens one wait.
#[cfg(not(target_env = "gnu"))]
const CLOCK: ClockId = ClockId::Realtime;

/// # Safety
///
/// That of the C function.
#[cfg(not(target_env = "gnu"))]
unsafe fn lock_until(mutex: *mut libc::pthread_mutex_t, until: *const libc::timespec) -> libc::c_int {
    // SAFETY: the caller vouches for both pointers.
    unsafe { libc::pthread_mutex_timedlock(mutex, until) }
}
