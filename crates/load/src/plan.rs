//! What a load shall do.

use std::net::SocketAddr;
use std::time::Duration;

/// How long an open loop still sends messages that were due before its end.
pub const GRACE: Duration = Duration::from_secs(1);
/// [`Plan::timeout`] of [`Plan::new`].
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest message, in bytes: 64 MiB.
pub const MAX_MESSAGE: usize = 64 << 20;

/// A load: on which server, how much, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The server. The first address that accepts a connection gets all of them.
    pub addresses: Vec<SocketAddr>,
    /// The number of connections. All are open before the first message is sent.
    pub connections: usize,
    /// How long the open connections stay silent before the first message.
    pub idle: Duration,
    /// When the load ends.
    pub until: Until,
    /// Messages a second on all connections together: an open loop. `None` is a closed loop.
    pub rate: Option<f64>,
    /// The message. The answer must have the same bytes, ASCII letters in upper case.
    pub message: Vec<u8>,
    /// The longest wait for a connection, and for an answer. A connection whose answer takes longer is
    /// counted in [`Outcome::timed_out`](crate::Outcome::timed_out), and its message is sent again on a
    /// new one.
    pub timeout: Duration,
    /// Seed of the jitter in the pauses before a connection is opened again.
    pub seed: u64,
}

/// When a load ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This long after the first message. The load still waits for answers to messages that were sent
    /// by then. An open loop also sends, for at most [`GRACE`], the messages that were due by then.
    Elapsed(Duration),
    /// When each connection has had this many answers, or when no answer came for three timeouts, however often
    /// lost connections were opened again meanwhile.
    RoundTrips(u64),
}

/// Why a plan describes no load, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// [`Plan::addresses`] is empty.
    #[error("there is no address to connect to")]
    NoAddress,
    /// [`Plan::connections`] is 0.
    #[error("0 connections are no load; it is a number from 1 up")]
    NoConnection,
    /// [`Plan::message`] is empty.
    #[error("the message is empty, and nothing would come back; say something")]
    EmptyMessage,
    /// [`Plan::message`] is longer than [`MAX_MESSAGE`].
    #[error("the message is longer than 64 MiB")]
    LongMessage,
    /// [`Plan::rate`] is not above 0, or not finite.
    #[error("a rate is a number of messages a second above 0")]
    Rate,
    /// [`Until::Elapsed`] with a duration of 0.
    #[error("a duration of 0 leaves no time to do anything; it is a number of seconds above 0")]
    NoTime,
    /// [`Until::RoundTrips`] with a count of 0.
    #[error("a count of 0 leaves nothing to do; it is a number from 1 up")]
    NoRoundTrip,
    /// [`Plan::timeout`] is 0.
    #[error("no answer comes within a timeout of 0; it is a number of seconds above 0")]
    NoTimeout,
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

    /// Checks that the plan describes a load.
    ///
    /// # Errors
    ///
    /// The first fault that it has.
    pub fn validate(&self) -> Result<(), PlanError> {
        if self.addresses.is_empty() {
            return Err(PlanError::NoAddress);
        }
        if self.connections == 0 {
            return Err(PlanError::NoConnection);
        }
        if self.message.is_empty() {
            return Err(PlanError::EmptyMessage);
        }
        if self.message.len() > MAX_MESSAGE {
            return Err(PlanError::LongMessage);
        }
        if self.rate.is_some_and(|rate| !(rate > 0.0 && rate.is_finite())) {
            return Err(PlanError::Rate);
        }
        if self.until == Until::Elapsed(Duration::ZERO) {
            return Err(PlanError::NoTime);
        }
        if self.until == Until::RoundTrips(0) {
            return Err(PlanError::NoRoundTrip);
        }
        if self.timeout.is_zero() {
            return Err(PlanError::NoTimeout);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan::new(vec![([127, 0, 0, 1], 8005).into()], 1)
    }

    #[test]
    fn every_fault_of_a_plan_has_its_own_error() {
        assert_eq!(plan().validate(), Ok(()));
        for (wrong, error) in [
            (Plan { addresses: vec![], ..plan() }, PlanError::NoAddress),
            (Plan { connections: 0, ..plan() }, PlanError::NoConnection),
            (Plan { message: vec![], ..plan() }, PlanError::EmptyMessage),
            (Plan { message: vec![0; MAX_MESSAGE + 1], ..plan() }, PlanError::LongMessage),
            (Plan { rate: Some(0.0), ..plan() }, PlanError::Rate),
            (Plan { rate: Some(-1.0), ..plan() }, PlanError::Rate),
            (Plan { rate: Some(f64::NAN), ..plan() }, PlanError::Rate),
            (Plan { rate: Some(f64::INFINITY), ..plan() }, PlanError::Rate),
            (Plan { until: Until::Elapsed(Duration::ZERO), ..plan() }, PlanError::NoTime),
            (Plan { until: Until::RoundTrips(0), ..plan() }, PlanError::NoRoundTrip),
            (Plan { timeout: Duration::ZERO, ..plan() }, PlanError::NoTimeout),
        ] {
            assert_eq!(wrong.validate(), Err(error));
        }
    }
}
