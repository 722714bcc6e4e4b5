//! Exponential backoff with jitter: how long a client pauses before it connects again.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::clock::nanos;

/// Pauses that double from try to try, up to a longest one.
///
/// Growing pauses keep a server that is down from being asked all the time. Jitter keeps clients that
/// lost it together from coming back together and overloading it again: the caller draws each pause from
/// a range. This is the "equal jitter" of
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
///
/// ```
/// use std::time::Duration;
///
/// let backoff = load::Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(16) };
/// assert_eq!(backoff.range(0), 500_000_000..=1_000_000_000);
/// assert_eq!(backoff.range(3), 4_000_000_000..=8_000_000_000);
/// assert_eq!(backoff.range(9), 8_000_000_000..=16_000_000_000);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The longest first pause.
    pub first: Duration,
    /// The longest pause of all.
    pub longest: Duration,
}

impl Backoff {
    /// The range, in nanoseconds, from which to draw the pause after `failures` failed tries: from half
    /// of the doubled pause to the whole of it.
    #[must_use]
    pub fn range(self, failures: u32) -> RangeInclusive<u64> {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures));
        let pause = nanos(doubled.min(self.longest));
        pause / 2..=pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_at_least_half_of_it() {
        let backoff = Backoff { first: Duration::from_nanos(10), longest: Duration::from_nanos(50) };
        let ranges: Vec<_> = (0..5).map(|failures| backoff.range(failures)).collect();
        assert_eq!(ranges, [5..=10, 10..=20, 20..=40, 25..=50, 25..=50]);
        assert_eq!(backoff.range(u32::MAX), 25..=50);
    }
}
