//! How long round trips take, in bounded memory: a talk may go on for ever.

use std::collections::VecDeque;
use std::time::Duration;

/// Over how many round trips the median goes: the last ones.
const KEPT: usize = 10_000;

/// The round trips of a talk.
#[derive(Debug, Default)]
pub(crate) struct Latency {
    /// The last [`KEPT`].
    last: VecDeque<Duration>,
    longest: Duration,
}

impl Latency {
    pub(crate) fn add(&mut self, round_trip: Duration) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(round_trip);
        self.longest = self.longest.max(round_trip);
    }

    /// The median of the last ten thousand, in microseconds; the upper one of an even number.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted: Vec<_> = self.last.iter().copied().collect();
        sorted.sort_unstable();
        micros(sorted.get(sorted.len() / 2).copied().unwrap_or_default())
    }

    /// The longest of all, in microseconds.
    pub(crate) fn longest(&self) -> f64 {
        micros(self.longest)
    }
}

/// To a tenth.
fn micros(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e7).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_goes_over_the_last_ones_and_the_longest_over_all() {
        let mut latency = Latency::default();
        assert!(latency.median() == 0.0 && latency.longest() == 0.0);
        latency.add(Duration::from_secs(1));
        for _ in 0..KEPT / 2 {
            latency.add(Duration::from_micros(10));
        }
        for _ in 0..=KEPT / 2 {
            latency.add(Duration::from_micros(20));
        }
        assert_eq!(latency.last.len(), KEPT);
        assert!((latency.median() - 20.0).abs() < 1e-6, "{}", latency.median());
        assert!((latency.longest() - 1e6).abs() < 1e-6, "{}", latency.longest());
    }
}
