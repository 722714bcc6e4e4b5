//! When a connection sends its next message: the difference between a closed and an open loop.
//!
//! All times are nanoseconds since the load began.

use crate::clock::nanos;
use crate::plan::{GRACE, Until};

/// When messages are sent.
#[derive(Clone, Debug)]
pub(crate) enum Schedule {
    /// No messages: the load has not started to send, or has stopped.
    Stopped,
    /// Closed loop: a message follows the last answer, until this time.
    ClosedUntil { end: u64 },
    /// Closed loop: a message follows the last answer, this many on each connection.
    ClosedRounds { limit: u64 },
    /// Open loop: messages at fixed times.
    Open(Timetable),
}

/// The times of an open loop: message `k` is due `k / rate` seconds after the start, on connection `k`
/// modulo the number of connections.
#[derive(Clone, Debug)]
pub(crate) struct Timetable {
    start: u64,
    rate: f64,
    connections: u64,
    /// The number of messages.
    total: u64,
    /// The number of messages that were due at the last [`advance`](Self::advance). A whole number: a
    /// message is due for its connection and for the counts at once, whatever the rounding of its time.
    due: u64,
    /// When the time of the plan is over.
    end: u64,
    /// When the last overdue message may be sent.
    close: u64,
}

impl Schedule {
    pub(crate) fn new(until: Until, rate: Option<f64>, connections: usize, start: u64) -> Self {
        match (rate, until) {
            (Some(rate), until) => Self::Open(Timetable::new(until, rate, connections as u64, start)),
            (None, Until::Elapsed(duration)) => Self::ClosedUntil { end: start.saturating_add(nanos(duration)) },
            (None, Until::RoundTrips(limit)) => Self::ClosedRounds { limit },
        }
    }

    /// Whether connection `index` begins a message now, after `begun` earlier ones. Returns the time from
    /// which the latency of that message counts.
    pub(crate) fn next(&self, index: usize, begun: u64, now: u64) -> Option<u64> {
        match self {
            Self::Stopped => None,
            Self::ClosedUntil { end } => (now < *end).then_some(now),
            Self::ClosedRounds { limit } => (begun < *limit).then_some(now),
            Self::Open(timetable) => {
                let message = begun * timetable.connections + index as u64;
                (message < timetable.due && now < timetable.close).then(|| timetable.time_of(message))
            }
        }
    }

    /// Whether no further message will begin, after `begun` on all connections.
    pub(crate) fn is_over(&self, connections: usize, begun: u64, now: u64) -> bool {
        match self {
            Self::Stopped => true,
            Self::ClosedUntil { end } => now >= *end,
            Self::ClosedRounds { limit } => begun >= limit.saturating_mul(connections as u64),
            Self::Open(timetable) => now >= timetable.end && (begun >= timetable.total || now >= timetable.close),
        }
    }

    /// When the load stops waiting for answers, if the last one came at `last_answer`.
    pub(crate) fn gives_up_at(&self, last_answer: u64, timeout: u64) -> u64 {
        match self {
            Self::Stopped => 0,
            Self::ClosedUntil { end } => end.saturating_add(timeout),
            Self::ClosedRounds { .. } => last_answer.saturating_add(timeout.saturating_mul(3)),
            Self::Open(timetable) => timetable.close.saturating_add(timeout),
        }
    }

    /// The next time at which the schedule changes without any event.
    pub(crate) fn wakes_at(&self, now: u64) -> Option<u64> {
        match self {
            Self::ClosedUntil { end } => Some(*end).filter(|end| *end > now),
            Self::Open(timetable) if timetable.due < timetable.total => Some(timetable.time_of(timetable.due)),
            Self::Open(timetable) => [timetable.end, timetable.close].into_iter().find(|time| *time > now),
            Self::Stopped | Self::ClosedRounds { .. } => None,
        }
    }

    /// Open loop: the number of messages that have been due.
    pub(crate) fn due(&self) -> Option<u64> {
        match self {
            Self::Open(timetable) => Some(timetable.due),
            _ => None,
        }
    }

    /// Open loop: whether the time of the plan is over.
    pub(crate) fn is_past_its_end(&self, now: u64) -> bool {
        matches!(self, Self::Open(timetable) if now >= timetable.end)
    }
}

impl Timetable {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float that is too large becomes u64::MAX"
    )]
    fn new(until: Until, rate: f64, connections: u64, start: u64) -> Self {
        let total = match until {
            Until::Elapsed(duration) => ((rate * duration.as_secs_f64()).ceil() as u64).max(1),
            Until::RoundTrips(limit) => limit.saturating_mul(connections),
        };
        let mut timetable = Self { start, rate, connections, total, due: 0, end: 0, close: 0 };
        timetable.end = match until {
            Until::Elapsed(duration) => start.saturating_add(nanos(duration)),
            Until::RoundTrips(_) => timetable.time_of(total),
        };
        timetable.close = timetable.end.saturating_add(nanos(GRACE));
        timetable
    }

    /// Makes the messages due whose time has come. Returns their connections, each once.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn advance(&mut self, now: u64) -> impl Iterator<Item = usize> + use<> {
        let elapsed = now.saturating_sub(self.start) as f64;
        let due = ((elapsed / 1e9 * self.rate).floor() as u64).saturating_add(1).min(self.total).max(self.due);
        // A late caller finds several messages due on each connection; it gets each connection once.
        let first = self.due.max(due.saturating_sub(self.connections));
        self.due = due;
        let connections = self.connections;
        (first..due).map(move |message| (message % connections) as usize)
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn time_of(&self, message: u64) -> u64 {
        self.start.saturating_add((message as f64 / self.rate * 1e9) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn timetable(rate: f64, connections: u64) -> Timetable {
        Timetable::new(Until::Elapsed(Duration::from_secs(1)), rate, connections, 500)
    }

    #[test]
    fn messages_are_due_at_fixed_times_on_one_connection_after_the_other() {
        let mut timetable = timetable(1000.0, 3);
        assert_eq!(timetable.total, 1000);
        assert_eq!(timetable.advance(500).collect::<Vec<_>>(), [0]);
        assert_eq!(timetable.advance(900_000).collect::<Vec<_>>(), [0; 0]);
        assert_eq!(timetable.advance(2_000_500).collect::<Vec<_>>(), [1, 2]);
        assert_eq!([timetable.time_of(1), timetable.time_of(2)], [1_000_500, 2_000_500]);
    }

    #[test]
    fn a_message_counts_from_when_it_was_due_however_late_it_is() {
        let mut timetable = timetable(1000.0, 2);
        assert_eq!(timetable.advance(10_000_500).collect::<Vec<_>>(), [1, 0], "each connection once");
        let schedule = Schedule::Open(timetable);
        let times: Vec<_> = (0..7).map(|begun| schedule.next(1, begun, 10_000_500)).collect();
        let due = [1, 3, 5, 7, 9].map(|message| Some(message * 1_000_000 + 500));
        assert_eq!(times[..5], due);
        assert_eq!(times[5..], [None, None], "messages 11 and 13 are not due");
    }

    #[test]
    fn no_message_is_due_after_the_last_one_and_none_is_sent_after_the_grace() {
        let mut timetable = timetable(2.5, 1);
        assert_eq!(timetable.advance(u64::MAX / 2).count(), 1);
        assert_eq!((timetable.due, timetable.total), (3, 3));
        let (end, grace) = (1_000_000_500, 1_000_000_000);
        let schedule = Schedule::Open(timetable);
        assert_eq!(schedule.next(0, 2, end + grace - 1), Some(800_000_500));
        assert_eq!(schedule.next(0, 2, end + grace), None);
        assert_eq!(schedule.due(), Some(3));
        assert!(!schedule.is_past_its_end(end - 1) && schedule.is_past_its_end(end));
        assert!(!schedule.is_over(1, 3, end - 1) && schedule.is_over(1, 3, end));
        assert!(!schedule.is_over(1, 2, end) && schedule.is_over(1, 2, end + grace));
    }

    #[test]
    fn a_rate_that_no_clock_can_follow_takes_no_time_to_look_at() {
        let mut timetable = timetable(1e15, 4);
        assert_eq!(timetable.advance(1_000_000_000).count(), 4);
        assert!(timetable.due > 1 << 49);
    }
}
