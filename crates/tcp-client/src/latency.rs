//! How long round trips take, in bounded memory: a talk may go on for ever.

use std::collections::VecDeque;
use std::time::Duration;

/// The median is that of the last ten thousand round trips.
const KEPT: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Latency {
    /// At most [`KEPT`], the latest at the back.
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

    /// The median of the last [`KEPT`] round trips, in microseconds; of an even number, the upper one.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted: Vec<_> = self.last.iter().copied().collect();
        sorted.sort_unstable();
        micros(sorted.get(sorted.len() / 2).copied().unwrap_or_default())
    }

    /// The longest of all round trips, in microseconds.
    pub(crate) fn longest(&self) -> f64 {
        micros(self.longest)
    }
}

/// Rounded to a tenth.
fn micros(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e7).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_the_last_round_trips_and_the_longest_of_all() {
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
