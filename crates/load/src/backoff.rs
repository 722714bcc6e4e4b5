//! How long to wait before another try to connect: longer each time, and never all at once.
//!
//! The pauses double, so that a server which is down is not kept busy by clients who ask whether it
//! is up again. And they have jitter: clients that were lost together, when the server fell, would
//! otherwise all come back together, and fell it again
//! (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>, "equal jitter").

use std::ops::RangeInclusive;
use std::time::Duration;

/// The doubling of pauses.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The first pause is at most this.
    pub first: Duration,
    /// No pause is longer.
    pub most: Duration,
}

impl Backoff {
    /// From which nanoseconds the pause before a try is to be drawn, when so many were in vain: from
    /// half of the doubled pause to the whole of it.
    #[must_use]
    pub fn range(self, tries: u32) -> RangeInclusive<u64> {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(tries));
        let pause = nanos(doubled.min(self.most));
        pause / 2..=pause
    }
}

/// Nanoseconds, as far as they fit: five centuries.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_double_up_to_the_longest_and_are_at_least_half_of_that() {
        let backoff = Backoff { first: Duration::from_nanos(10), most: Duration::from_nanos(50) };
        let ranges: Vec<_> = (0..5).map(|tries| backoff.range(tries)).collect();
        assert_eq!(ranges, [5..=10, 10..=20, 20..=40, 25..=50, 25..=50]);
        assert_eq!(backoff.range(u32::MAX), 25..=50);
    }
}
