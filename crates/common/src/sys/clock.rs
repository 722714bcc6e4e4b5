//! The kernel's coarse clock: a few nanoseconds to read, and right to its tick.

use std::mem::MaybeUninit;

/// Nanoseconds since 1970, as of the kernel's last tick (1 to 10 ms ago).
#[inline]
pub(crate) fn coarse_nanos() -> u64 {
    let mut now = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is to room for a timespec in this frame.
    if unsafe { libc::clock_gettime(libc::CLOCK_REALTIME_COARSE, now.as_mut_ptr()) } != 0 {
        return 0;
    }
    // SAFETY: the call succeeded, so it has written the value.
    let now = unsafe { now.assume_init() };
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}
