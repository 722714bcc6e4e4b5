//! When the next message of a connection is to be sent.
//!
//! All times are nanoseconds since the load's epoch.

use crate::backoff::nanos;
use crate::{GRACE, Until};

/// When messages are sent.
#[derive(Clone, Debug)]
pub(crate) enum Pace {
    /// Not yet, or not any more.
    Hold,
    /// As soon as the last one is answered, until this time.
    BackToBack { until: u64 },
    /// As soon as the last one is answered, so many on each connection.
    Rounds { limit: u64 },
    /// At fixed times.
    Open(Schedule),
}

/// The times of an open loop: message `k` is due `k / rate` seconds after the beginning, on
/// connection `k` modulo their number.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    from: u64,
    rate: f64,
    connections: u64,
    /// How many messages there are.
    total: u64,
    /// How many of them were due when last looked: whole numbers, so that what is due for one is due
    /// for all, and no message falls between two roundings of its time.
    due: u64,
    /// When the time that the plan says is over.
    ends: u64,
    /// When nothing is sent any more, even if it is overdue.
    closes: u64,
}

impl Pace {
    pub(crate) fn new(until: Until, rate: Option<f64>, connections: usize, from: u64) -> Self {
        match (rate, until) {
            (Some(rate), until) => Self::Open(Schedule::new(until, rate, connections as u64, from)),
            (None, Until::Elapsed(duration)) => Self::BackToBack { until: from.saturating_add(nanos(duration)) },
            (None, Until::RoundTrips(limit)) => Self::Rounds { limit },
        }
    }

    /// Whether connection `index`, which has begun so many messages, shall begin another one now, and
    /// if so, from when it counts.
    pub(crate) fn next(&self, index: usize, begun: u64, now: u64) -> Option<u64> {
        match self {
            Self::Hold => None,
            Self::BackToBack { until } => (now < *until).then_some(now),
            Self::Rounds { limit } => (begun < *limit).then_some(now),
            Self::Open(schedule) => {
                let message = begun * schedule.connections + index as u64;
                (message < schedule.due && now < schedule.closes).then(|| schedule.time_of(message))
            }
        }
    }

    /// Whether no message will begin any more, when `begun` have.
    pub(crate) fn is_over(&self, connections: usize, begun: u64, now: u64) -> bool {
        match self {
            Self::Hold => true,
            Self::BackToBack { until } => now >= *until,
            Self::Rounds { limit } => begun >= limit.saturating_mul(connections as u64),
            Self::Open(schedule) => now >= schedule.ends && (begun >= schedule.total || now >= schedule.closes),
        }
    }

    /// When answers are no longer waited for; `last_answer` is when there was one.
    pub(crate) fn gives_up(&self, last_answer: u64, timeout: u64) -> u64 {
        match self {
            Self::Hold => 0,
            Self::BackToBack { until } => until.saturating_add(timeout),
            Self::Rounds { .. } => last_answer.saturating_add(timeout.saturating_mul(3)),
            Self::Open(schedule) => schedule.closes.saturating_add(timeout),
        }
    }

    /// When something changes by time alone.
    pub(crate) fn wakes(&self, now: u64) -> Option<u64> {
        match self {
            Self::BackToBack { until } => Some(*until).filter(|until| *until > now),
            Self::Open(schedule) if schedule.due < schedule.total => Some(schedule.time_of(schedule.due)),
            Self::Open(schedule) => [schedule.ends, schedule.closes].into_iter().find(|time| *time > now),
            Self::Hold | Self::Rounds { .. } => None,
        }
    }

    /// How many messages were due so far, where they have a time.
    pub(crate) fn due(&self) -> Option<u64> {
        match self {
            Self::Open(schedule) => Some(schedule.due),
            _ => None,
        }
    }

    /// Whether all messages are due that have a time.
    pub(crate) fn is_all_due(&self, now: u64) -> bool {
        matches!(self, Self::Open(schedule) if now >= schedule.ends)
    }
}

impl Schedule {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what no 64 bits hold is the most they hold"
    )]
    fn new(until: Until, rate: f64, connections: u64, from: u64) -> Self {
        let total = match until {
            Until::Elapsed(duration) => ((rate * duration.as_secs_f64()).ceil() as u64).max(1),
            Until::RoundTrips(limit) => limit.saturating_mul(connections),
        };
        let mut schedule = Self { from, rate, connections, total, due: 0, ends: 0, closes: 0 };
        schedule.ends = match until {
            Until::Elapsed(duration) => from.saturating_add(nanos(duration)),
            Until::RoundTrips(_) => schedule.time_of(total),
        };
        schedule.closes = schedule.ends.saturating_add(nanos(GRACE));
        schedule
    }

    /// Looks at the clock. Returns the connections that have become due since, each once.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn advance(&mut self, now: u64) -> impl Iterator<Item = usize> + use<> {
        let elapsed = now.saturating_sub(self.from) as f64;
        let due = ((elapsed / 1e9 * self.rate).floor() as u64).saturating_add(1).min(self.total).max(self.due);
        // Far behind, every connection is due, and once is enough for each.
        let first = self.due.max(due.saturating_sub(self.connections));
        self.due = due;
        let connections = self.connections;
        (first..due).map(move |message| (message % connections) as usize)
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn time_of(&self, message: u64) -> u64 {
        self.from.saturating_add((message as f64 / self.rate * 1e9) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn schedule(rate: f64, connections: u64) -> Schedule {
        Schedule::new(Until::Elapsed(Duration::from_secs(1)), rate, connections, 500)
    }

    #[test]
    fn messages_are_due_at_fixed_times_on_one_connection_after_the_other() {
        let mut schedule = schedule(1000.0, 3);
        assert_eq!(schedule.total, 1000);
        assert_eq!(schedule.advance(500).collect::<Vec<_>>(), [0]);
        assert_eq!(schedule.advance(900_000).collect::<Vec<_>>(), [0; 0]);
        assert_eq!(schedule.advance(2_000_500).collect::<Vec<_>>(), [1, 2]);
        assert_eq!([schedule.time_of(1), schedule.time_of(2)], [1_000_500, 2_000_500]);
    }

    #[test]
    fn a_message_counts_from_when_it_was_due_however_late_it_is() {
        let mut schedule = schedule(1000.0, 2);
        assert_eq!(schedule.advance(10_000_500).collect::<Vec<_>>(), [1, 0], "each connection once");
        let pace = Pace::Open(schedule);
        let times: Vec<_> = (0..7).map(|begun| pace.next(1, begun, 10_000_500)).collect();
        let due = [1, 3, 5, 7, 9].map(|message| Some(message * 1_000_000 + 500));
        assert_eq!(times[..5], due);
        assert_eq!(times[5..], [None, None], "messages 11 and 13 are not due");
    }

    #[test]
    fn no_message_is_due_after_the_last_one_and_none_is_sent_after_the_grace() {
        let mut schedule = schedule(2.5, 1);
        assert_eq!(schedule.advance(u64::MAX / 2).count(), 1);
        assert_eq!((schedule.due, schedule.total), (3, 3));
        let (ends, grace) = (1_000_000_500, 1_000_000_000);
        let pace = Pace::Open(schedule);
        assert_eq!(pace.next(0, 2, ends + grace - 1), Some(800_000_500));
        assert_eq!(pace.next(0, 2, ends + grace), None);
        assert_eq!(pace.due(), Some(3));
        assert!(!pace.is_all_due(ends - 1) && pace.is_all_due(ends));
        assert!(!pace.is_over(1, 3, ends - 1) && pace.is_over(1, 3, ends));
        assert!(!pace.is_over(1, 2, ends) && pace.is_over(1, 2, ends + grace));
    }

    #[test]
    fn a_rate_that_no_clock_can_follow_takes_no_time_to_look_at() {
        let mut schedule = schedule(1e15, 4);
        assert_eq!(schedule.advance(1_000_000_000).count(), 4);
        assert!(schedule.due > 1 << 49);
    }
}
