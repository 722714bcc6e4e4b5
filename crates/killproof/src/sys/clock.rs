//! The clocks: a coarse one, which takes a few nanoseconds to read and is exact to the kernel's tick, and a
//! precise one.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since 1970, as of the kernel's last tick (1 to 10 ms ago).
#[inline]
pub(crate) fn coarse_nanos() -> u64 {
    let now = clock_gettime(ClockId::RealtimeCoarse);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// Nanoseconds since boot, as of the kernel's last tick: for spans of time that several processes measure.
/// Unlike the time since 1970 it is never set.
#[inline]
pub(crate) fn coarse_uptime_nanos() -> u64 {
    let now = clock_gettime(ClockId::MonotonicCoarse);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// Now, on a clock that is never set back.
#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// How long ago an instant was.
#[inline]
pub(crate) fn elapsed(since: Instant) -> Duration {
    since.elapsed()
}
