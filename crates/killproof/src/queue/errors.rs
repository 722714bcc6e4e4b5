//! What `put` and `get` say when they cannot.

use std::fmt;

use nix::sys::signal::Signal;

use crate::error::Error;

/// The value that could not be put, and why.
#[derive(Debug)]
pub struct PutError<T> {
    /// The value, unharmed.
    pub value: T,
    /// Why it is not in the queue.
    pub reason: PutFailure,
}

/// Why a value is not in the queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PutFailure {
    /// There is no room: `try_put`.
    #[error("the queue is full")]
    Full,
    /// There was no room all the time: `put_timeout`.
    #[error("the queue stayed full")]
    TimedOut,
    /// Somebody closed the queue.
    #[error("the queue is closed")]
    Closed,
    /// Every place in the queue is taken by a dead letter, and will be until somebody discards some
    /// of them or has them tried again: [`JoinableQueue::dead_letters`](super::JoinableQueue::dead_letters).
    #[error("the queue is full of dead letters")]
    DeadLetters,
    /// The message is larger than any that this queue takes.
    #[error("a message of {size} bytes is above the queue's limit of {limit}")]
    TooLarge {
        /// Of this message, in bytes.
        size: usize,
        /// Of this queue, in bytes.
        limit: usize,
    },
    /// The value has no serial form.
    #[error("the value cannot be serialised: {0}")]
    Unserialisable(String),
    /// This process was asked to end while it waited.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// No value waits: `try_get`.
    #[error("the queue is empty")]
    Empty,
    /// No value came: `get_timeout`.
    #[error("nothing came in time")]
    TimedOut,
    /// The queue is closed and empty: nothing will ever come.
    #[error("the queue is closed and empty")]
    Disconnected,
    /// A message was taken, but is not what this type's deserialiser expects. In a `JoinableQueue`
    /// it is a dead letter now.
    #[error("a message cannot be read: {0}")]
    Undecodable(String),
    /// `/proc` did not tell who we are, so a delivery could not name its holder.
    #[error("a delivery cannot be held: {0}")]
    NoIdentity(String),
    /// This process was asked to end while it waited.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
}

/// Why a `join` ended with values that nobody has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Every process that ever took a value from the queue is dead, and no other has come for a while.
    #[error("{unfinished} values are not done, and every consumer is dead")]
    Abandoned {
        /// How many values are not done.
        unfinished: usize,
    },
    /// This process was asked to end while it waited.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<T: fmt::Debug> std::error::Error for PutError<T> {}

impl<T> From<PutError<T>> for Error {
    fn from(error: PutError<T>) -> Self {
        match error.reason {
            PutFailure::Interrupted(signal) => Self::Interrupted(signal),
            other => Self::Unusable { operation: "put into a queue", cause: other.to_string() },
        }
    }
}

impl From<GetError> for Error {
    fn from(error: GetError) -> Self {
        match error {
            GetError::Interrupted(signal) => Self::Interrupted(signal),
            other => Self::Unusable { operation: "get from a queue", cause: other.to_string() },
        }
    }
}

impl From<JoinError> for Error {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Interrupted(signal) => Self::Interrupted(signal),
            JoinError::Abandoned { unfinished } => Self::Abandoned { unfinished },
        }
    }
}
