//! Why an operation on a queue failed: an error for each way to put, to get and to join.

mod get;
mod put;

pub use get::{GetError, GetTimeoutError, TryGetError};
pub use put::{PutError, PutTimeoutError, TryPutError};

use nix::sys::signal::Signal;

use super::codec::EncodeError;
use crate::error::Error;

/// Why [`join`](super::JoinableQueue::join) returned with values that are not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Every process that ever took a value from the queue is dead, and no other has come for a while. Start
    /// a consumer, and join again.
    #[error("{unfinished} values are not done, and every consumer is dead")]
    Abandoned {
        /// How many values are not done.
        unfinished: usize,
    },
    /// This process was asked to end while it waited.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
}

impl From<JoinError> for Error {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Interrupted(signal) => Self::Interrupted(signal),
            JoinError::Abandoned { unfinished } => Self::Abandoned { unfinished },
        }
    }
}

/// Why a message was not put. `L`: how the wait for room may end.
pub(super) enum Refused<L> {
    Closed,
    DeadLetters,
    TooLarge { size: usize, limit: usize },
    Unserialisable(String),
    Interrupted(Signal),
    Limit(L),
}

/// Why there is no message. `L`: how the wait for one may end.
pub(super) enum NoMessage<L> {
    Over,
    Interrupted(Signal),
    Limit(L),
}

/// The system did not say which process the caller is.
pub(super) struct NoIdentity(pub(super) String);

impl<L> From<EncodeError> for Refused<L> {
    fn from(EncodeError(cause): EncodeError) -> Self {
        Self::Unserialisable(cause)
    }
}
