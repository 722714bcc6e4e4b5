//! Why an operation on a queue failed: an error for each way to put, to get and to join.

mod get;
mod join;
mod put;

pub use get::{GetError, GetTimeoutError, TryGetError};
pub use join::{JoinError, JoinTimeoutError};
pub use put::{PutError, PutTimeoutError, TryPutError};

use nix::sys::signal::Signal;

use super::codec::EncodeError;
use crate::error::Phrase;

/// Why a message was not put. `L`: how the wait for room may end.
pub(super) enum Refused<L> {
    Closed,
    DeadLetters,
    TooLarge {
        size: usize,
        limit: usize,
    },
    Unserialisable(String),
    Interrupted(Signal),
    /// No consumer is left.
    Abandoned {
        unfinished: usize,
    },
    Limit(L),
}

/// Why there is no message. `L`: how the wait for one may end.
pub(super) enum NoMessage<L> {
    Over,
    Interrupted(Signal),
    /// The calling process cannot hold a lease, for this reason.
    NoConsumer(Phrase),
    Limit(L),
}

impl<L> From<EncodeError> for Refused<L> {
    fn from(EncodeError(cause): EncodeError) -> Self {
        Self::Unserialisable(cause)
    }
}

/// What a `Stalled` error says.
fn stalled(holder: i32) -> Phrase {
    match holder {
        0 => "a process keeps the queue's lock, and may be stopped".into(),
        thread => Phrase::new("process {} keeps the queue's lock, and may be stopped", [thread.into()]),
    }
}

/// What an `Interrupted` error says.
fn interrupted(signal: Signal) -> Phrase {
    Phrase::new("interrupted by {}", [Phrase::name(signal)])
}
