//! Load: many connections at once, every answer verified, and how long each one took.
//!
//! It needs no stage and starts no thread: one loop over readiness events drives all connections,
//! and what a connection needs is a few numbers. So it can run in a forked child beside what it
//! measures.
//!
//! # Closed loop and open loop
//!
//! In a **closed loop** each connection sends its next message when the answer to the last one has
//! come. It tells what a server can do at most. It does not tell how long users wait: while the
//! server stands still, a closed loop stands still with it and asks nothing, so a stall of one
//! second is *one* slow answer for each connection, however many users would have come in that
//! second. The stall all but vanishes from the p99. Gil Tene calls this *coordinated omission*: the
//! measuring program coordinates with what it measures, and omits what it should have counted
//! ([How NOT to Measure Latency](https://www.infoq.com/presentations/latency-response-time/), and his
//! load generator [wrk2](https://github.com/giltene/wrk2)).
//!
//! In an **open loop** ([`Plan::rate`]) messages have fixed times, whatever the server does: message
//! *k* is due *k / rate* seconds after the beginning, on connection *k* modulo their number. A
//! message whose connection still waits for an earlier answer is sent late, but it is **counted
//! from when it was due**. So all the messages of that second count, each with its whole delay.
//! One message at a time is under way on a connection, as in wrk2: what is late is not sent in one
//! piece with others, which would be another load than the one that was asked for.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::time::Duration;
//! use load::{Plan, Until};
//!
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let address = listener.local_addr()?;
//! let server = std::thread::spawn(move || {
//!     let (mut stream, _) = listener.accept().expect("a client");
//!     let mut buffer = [0; 5];
//!     while stream.read_exact(&mut buffer).is_ok() {
//!         stream.write_all(&buffer.to_ascii_uppercase()).expect("a client that reads");
//!     }
//! });
//! let plan = Plan { until: Until::RoundTrips(3), ..Plan::new(vec![address], 1) };
//! let outcome = load::drive(&plan, |_| {}).expect("a server that answers");
//! assert_eq!((outcome.answered, outcome.wrong, outcome.unanswered), (3, 0, 0));
//! assert!(outcome.percentile(50.0) <= outcome.percentile(100.0));
//! # server.join().expect("a server that ends");
//! # Ok::<(), std::io::Error>(())
//! ```

mod backoff;
mod connection;
mod connection_set;
mod dialer;
mod distribution;
mod engine;
mod open_files;
mod schedule;

use std::net::SocketAddr;
use std::time::Duration;

use common::Error;
use hdrhistogram::Histogram;
use nix::sys::signal::Signal;

pub use backoff::Backoff;
pub use distribution::{Bucket, distribution};
use engine::Engine;
pub use open_files::allow_connections;

/// How long after the end of an open loop messages are still sent that were due before it.
pub const GRACE: Duration = Duration::from_secs(1);
/// How long an answer, or a connection, is waited for unless a plan says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest message: what one command line, or one connection's buffers, will ever see.
pub const MOST_MESSAGE: usize = 64 << 20;

/// A load.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The server: the first of these that answers.
    pub addresses: Vec<SocketAddr>,
    /// How many connections, all of them made before the first message is sent.
    pub connections: usize,
    /// How long all connections, once made, are held without a word before the first message.
    pub idle: Duration,
    /// When it ends.
    pub until: Until,
    /// An open loop with so many messages a second on all connections together. `None` is a closed loop.
    pub rate: Option<f64>,
    /// What is sent; the answer must be the same with ASCII letters in upper case.
    pub message: Vec<u8>,
    /// How long a connection may take to come about, and an answer to come. What takes longer is
    /// counted as [`Outcome::timed_out`], and tried again on a new connection.
    pub timeout: Duration,
    /// Where the jitter of the pauses between tries to connect comes from.
    pub seed: u64,
}

/// When a load ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// When so much time has passed since the first message. Answers to what was sent by then, and in
    /// an open loop ([`GRACE`]) what was due by then, are still waited for.
    Elapsed(Duration),
    /// When each connection has had so many answers, or nothing has been answered for three timeouts.
    RoundTrips(u64),
}

impl Plan {
    /// A closed loop of `hello` for ten seconds.
    #[must_use]
    pub fn new(addresses: Vec<SocketAddr>, connections: usize) -> Self {
        Self {
            addresses,
            connections,
            idle: Duration::ZERO,
            until: Until::Elapsed(Duration::from_secs(10)),
            rate: None,
            message: b"hello".to_vec(),
            timeout: TIMEOUT,
            seed: 0,
        }
    }

    /// Refuses what no load can be.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`], with what would be right.
    pub fn validate(&self) -> Result<(), Error> {
        let wrong = |told: &str| Err(Error::Usage(told.to_owned()));
        if self.addresses.is_empty() {
            return wrong("there is no address to connect to");
        }
        if self.connections == 0 {
            return wrong("0 connections are no load; it is a number from 1 up");
        }
        if self.message.is_empty() {
            return wrong("the message is empty, and nothing would come back; say something");
        }
        if self.message.len() > MOST_MESSAGE {
            return wrong("the message is longer than 64 MiB");
        }
        if self.rate.is_some_and(|rate| !(rate > 0.0 && rate.is_finite())) {
            return wrong("a rate is a number of messages a second above 0");
        }
        if self.until == Until::Elapsed(Duration::ZERO) {
            return wrong("a duration of 0 leaves no time to do anything; it is a number of seconds above 0");
        }
        if self.until == Until::RoundTrips(0) {
            return wrong("a count of 0 leaves nothing to do; it is a number from 1 up");
        }
        if self.timeout.is_zero() {
            return wrong("no answer comes within a timeout of 0; it is a number of seconds above 0");
        }
        Ok(())
    }
}

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoFar {
    /// What it does.
    pub phase: Phase,
    /// How many connections there are just now.
    pub connected: usize,
    /// How many messages were answered.
    pub answered: u64,
    /// The time since this phase began.
    pub elapsed: Duration,
}

/// What a load does, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It makes the connections.
    Connecting,
    /// All are made, and held for [`Plan::idle`].
    Idle,
    /// Messages and answers.
    Talking,
    /// It closes its side of every connection, and waits for the server to close the other.
    Closing,
}

/// What came of a load.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Messages that were sent, repeats on a new connection included.
    pub sent: u64,
    /// Messages that were answered, rightly or not: as many as [`latencies`](Self::latencies) has.
    pub answered: u64,
    /// Answers with another byte in them than was expected.
    pub wrong: u64,
    /// Bytes that came without being an answer to anything.
    pub surplus: u64,
    /// Messages that were sent and had no answer in the end. A signal cuts off those that are under
    /// way; they are not counted here.
    pub unanswered: u64,
    /// Open loop: messages that were due and never sent, because the rate was beyond reach. The
    /// latencies know nothing of them.
    pub unsent: u64,
    /// Open loop: messages that were due, and not answered when the time was over: those that were never
    /// sent, and those that were answered late. [`Outcome::kept_up`] judges them.
    pub behind: u64,
    /// Connections that came about and were lost: closed by the server, or reset.
    pub broken: u64,
    /// Tries to make a connection, or to make it again, that were refused.
    pub refused: u64,
    /// Connections that were given up because an answer did not come in time.
    pub timed_out: u64,
    /// Why a connection was lost, or refused, last.
    pub last_trouble: Option<String>,
    /// How long it took to make all connections.
    pub connecting: Duration,
    /// From when the first message could be sent until the last answer, and at least until the time that
    /// the plan says.
    pub elapsed: Duration,
    /// In nanoseconds, with three digits that matter. In a closed loop from when a message was first
    /// sent, in an open loop from when it was due.
    pub latencies: Histogram<u64>,
    /// The signal that cut it short; all else is what was measured until then.
    pub signal: Option<Signal>,
}

impl Outcome {
    fn new() -> Self {
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

    /// Whether the rate was reached, if there was one: when the time was over, no more than one message
    /// for each connection, and one in a hundred, were still to be answered.
    #[must_use]
    pub fn kept_up(&self, plan: &Plan) -> bool {
        self.behind <= plan.connections as u64 + (self.answered + self.unanswered + self.unsent) / 100
    }

    /// What so many percent of the answers did not exceed: `percentile(99.9)`. Zero if there are none.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Duration {
        Duration::from_nanos(self.latencies.value_at_percentile(percent).min(self.latencies.max()))
    }
}

/// An hour is more than anybody waits; three digits take 300 KiB, whatever the number of answers.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000_000, 3).expect("bounds that fit")
}

/// Puts a load on a server, and tells `watch` how far it is: whenever a phase begins, and some twenty
/// times a second.
///
/// The limit of open files is raised as far as it may be, if that is needed. Connections are made a
/// few at a time, and more slowly where the server does not keep up with accepting them.
///
/// A connection that breaks during the load is counted and made again, with growing pauses, and its
/// message is repeated there; it counts from when it was first sent or due.
///
/// # Errors
///
/// [`Error::Usage`] if the plan is none, or asks for more connections than descriptors; [`Error::Toolkit`]
/// if nobody listens, or no further connection comes about for [`Plan::timeout`], before the first
/// message. What happens later is counted.
pub fn drive(plan: &Plan, watch: impl FnMut(SoFar)) -> Result<Outcome, Error> {
    plan.validate()?;
    allow_connections(plan.connections)?;
    Engine::new(plan, watch)?.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_was_reached_if_few_were_late_in_the_end() {
        let plan = Plan { rate: Some(100.0), ..Plan::new(vec![([127, 0, 0, 1], 8005).into()], 10) };
        let outcome = |answered, unsent, behind| Outcome { answered, unsent, behind, ..Outcome::new() };
        assert!(outcome(1000, 0, 0).kept_up(&plan));
        assert!(outcome(1000, 0, 20).kept_up(&plan));
        assert!(!outcome(1000, 0, 21).kept_up(&plan), "all are answered, but late");
        assert!(!outcome(500, 500, 500).kept_up(&plan));
    }

    #[test]
    fn latencies_of_nobody_are_zero_and_not_a_panic() {
        let outcome = Outcome::new();
        assert_eq!((outcome.percentile(99.0), outcome.percentile(100.0)), (Duration::ZERO, Duration::ZERO));
        assert!(outcome.throughput() == 0.0);
    }
}
