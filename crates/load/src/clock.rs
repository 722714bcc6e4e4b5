//! Time as a load counts it: nanoseconds since it began, in 64 bits.

use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(self) -> u64 {
        nanos(self.start.elapsed())
    }
}

/// A duration in nanoseconds. 64 bits hold five centuries; a longer duration becomes `u64::MAX`.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
