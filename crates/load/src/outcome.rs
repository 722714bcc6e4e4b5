//! What came of a load.

use std::time::Duration;

use hdrhistogram::Histogram;
use killproof::error::Phrase;
use nix::sys::signal::Signal;

use crate::Plan;
use crate::distribution::{Bucket, buckets};

/// What came of a load.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Messages that were sent. A message that is sent again on a new connection counts again.
    pub sent: u64,
    /// Messages that were answered, rightly or wrongly. [`latencies`](Self::latencies) has as many values.
    pub answered: u64,
    /// Answers with at least one wrong byte.
    pub wrong: u64,
    /// Bytes that came outside of any answer.
    pub surplus: u64,
    /// Messages that were sent and never answered. If a signal ended the load, the messages under way
    /// at that moment do not count here.
    pub unanswered: u64,
    /// Open loop: messages that were due and never sent, because the rate was out of reach. No latency
    /// knows of them.
    pub unsent: u64,
    /// Open loop: messages that were due but not answered when the time was over, whether they were
    /// answered later or never sent. [`Outcome::kept_up`] judges this number.
    pub behind: u64,
    /// Connections that were established and then lost: the server closed or reset them.
    pub broken: u64,
    /// Attempts to open a connection that the server refused, the first attempts excepted: those are an
    /// [`Error::Unreachable`](crate::Error::Unreachable).
    pub refused: u64,
    /// Connections that were given up because an answer did not come within [`Plan::timeout`].
    pub timed_out: u64,
    /// The cause of the last lost connection or refused attempt.
    pub last_trouble: Option<Phrase>,
    /// How long it took to open all connections.
    pub connecting: Duration,
    /// From the moment the first message could be sent to the last answer, and at least as long as the
    /// plan's time.
    pub elapsed: Duration,
    /// Latencies in nanoseconds, with three significant digits. A latency starts when its message was
    /// first sent (closed loop), or when it was due (open loop).
    pub latencies: Histogram<u64>,
    /// The signal that ended the load early. All other numbers hold for the time until then.
    pub signal: Option<Signal>,
}

impl Outcome {
    pub(crate) fn new() -> Self {
        Self {
            sent: 0,
            answered: 0,
            wrong: 0,
            surplus: 0,
            unanswered: 0,
            unsent: 0,
            behind: 0,
            broken: 0,
            refused: 0,
            timed_out: 0,
            last_trouble: None,
            connecting: Duration::ZERO,
            elapsed: Duration::ZERO,
            latencies: histogram(),
            signal: None,
        }
    }

    /// Answers a second.
    #[must_use]
    pub fn throughput(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "no run has 2^52 answers")]
        let answered = self.answered as f64;
        if seconds > 0.0 { answered / seconds } else { 0.0 }
    }

    /// Whether the server kept up with [`Plan::rate`]: when the time was over, no more than one message
    /// for each connection, plus one message in a hundred, had no answer yet. True for a closed loop.
    #[must_use]
    pub fn kept_up(&self, plan: &Plan) -> bool {
        self.behind <= plan.connections as u64 + (self.answered + self.unanswered + self.unsent) / 100
    }

    /// The latency that `percent` of the answers did not exceed: `percentile(99.9)`. Zero if there are none.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Duration {
        Duration::from_nanos(self.latencies.value_at_percentile(percent).min(self.latencies.max()))
    }

    /// The latencies in buckets with round bounds, few enough to read: from the first bucket that has a
    /// latency to the last.
    #[must_use]
    pub fn distribution(&self) -> Vec<Bucket> {
        buckets(&self.latencies)
    }
}

/// Up to an hour. Three digits take 300 KiB, whatever the number of answers.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000_000, 3).expect("bounds that fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_kept_up_if_few_messages_were_late_at_the_end() {
        let plan = Plan { rate: Some(100.0), ..Plan::new(vec![([127, 0, 0, 1], 8005).into()], 10) };
        let outcome = |answered, unsent, behind| Outcome { answered, unsent, behind, ..Outcome::new() };
        assert!(outcome(1000, 0, 0).kept_up(&plan));
        assert!(outcome(1000, 0, 20).kept_up(&plan));
        assert!(!outcome(1000, 0, 21).kept_up(&plan), "all are answered, but late");
        assert!(!outcome(500, 500, 500).kept_up(&plan));
    }

    #[test]
    fn without_an_answer_percentiles_and_throughput_are_zero() {
        let outcome = Outcome::new();
        assert_eq!((outcome.percentile(99.0), outcome.percentile(100.0)), (Duration::ZERO, Duration::ZERO));
        assert!(outcome.throughput() == 0.0);
        assert_eq!(outcome.distribution(), []);
    }
}
