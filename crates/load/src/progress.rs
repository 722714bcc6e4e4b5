//! How far a load is, for a caller that watches it.

use std::time::Duration;

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The phase that the load is in.
    pub phase: Phase,
    /// The connections that are open now.
    pub connected: usize,
    /// The messages that have been answered.
    pub answered: u64,
    /// The time since the phase began.
    pub elapsed: Duration,
}

/// What a load does, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It opens the connections.
    Connecting,
    /// It holds them without a message, for [`Plan::idle`](crate::Plan::idle).
    Idle,
    /// It sends messages and checks answers.
    Talking,
    /// It closes its side of every connection, and waits for the server to close the other side.
    Closing,
}
