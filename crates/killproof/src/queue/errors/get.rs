//! Why there is no value, for each way to get one.

use std::convert::Infallible;
use std::fmt;

use nix::sys::signal::Signal;

use super::{NoMessage, interrupted, stalled};
use crate::error::{Error, Phrase};
use crate::queue::codec::DecodeError;
use crate::queue::waiting::{NotNow, TimedOut};

/// Declares the error of one way to get: what all have in common, and the end of the wait for a value, if the
/// wait has one.
macro_rules! get_error {
    ($(#[$about:meta])* $name:ident, limit: $limit:ty $(, $(#[$end_about:meta])* $end:ident = $words:literal)?) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$end_about])* $end,
                /// A thread kept a lock of the queue the whole time: it is stopped, most likely, and the queue
                /// goes on when it is continued or killed.
                Stalled {
                    /// The id of the thread, in its own pid namespace: of a process's first thread it is the pid.
                    /// 0: it is not known.
                    holder: i32,
                },
            )?
            /// The queue is closed and empty, and no value will ever come: stop consuming.
            Disconnected,
            /// A message was taken, and the type's `Deserialize` cannot read it. In a
            /// [`JoinableQueue`](crate::queue::JoinableQueue) it is a dead letter now. The next message may be
            /// readable: get again.
            Undecodable(#[from] DecodeError),
            /// The system does not let this process hold a delivery of a
            /// [`JoinableQueue`](crate::queue::JoinableQueue), so the others would take it for a
            /// dead one: the system refuses a record lock, or there are 65,536 living consumers.
            NoConsumer(Phrase),
            /// This process was asked to end while it waited.
            Interrupted(Signal),
        }

        impl $name {
            /// The reason, as a part of a message.
            #[must_use]
            pub fn phrase(&self) -> Phrase {
                match self {
                    $(
                        Self::$end => $words.into(),
                        Self::Stalled { holder } => stalled(*holder),
                    )?
                    Self::Disconnected => "the queue is closed and empty".into(),
                    Self::Undecodable(error) => error.phrase(),
                    Self::NoConsumer(cause) => {
                        Phrase::new("this process cannot hold a delivery: {}", [cause.clone()])
                    }
                    Self::Interrupted(signal) => interrupted(*signal),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.phrase().fmt(f)
            }
        }

        impl From<NoMessage<$limit>> for $name {
            #[cold]
            fn from(none: NoMessage<$limit>) -> Self {
                match none {
                    NoMessage::Over => Self::Disconnected,
                    NoMessage::Interrupted(signal) => Self::Interrupted(signal),
                    NoMessage::NoConsumer(cause) => Self::NoConsumer(cause),
                    $(NoMessage::Limit(limit) => match limit.stalled {
                        None => Self::$end,
                        Some(holder) => Self::Stalled { holder },
                    },)?
                }
            }
        }

        impl From<$name> for Error {
            fn from(error: $name) -> Self {
                match error {
                    $name::Interrupted(signal) => Self::Interrupted(signal),
                    other => Self::Unusable { operation: "get from a queue", cause: other.phrase() },
                }
            }
        }
    };
}

get_error! {
    /// Why [`get`](crate::queue::Queue::get) returned no value: never because the queue is empty, for it waits.
    ///
    /// ```
    /// use killproof::queue::{GetError, Queue};
    ///
    /// let queue = Queue::<u8>::new(1)?;
    /// queue.close();
    /// assert_eq!(queue.get(), Err(GetError::Disconnected));
    /// # Ok::<(), killproof::Error>(())
    /// ```
    GetError, limit: Infallible
}

get_error! {
    /// Why [`try_get`](crate::queue::Queue::try_get) returned no value.
    ///
    /// ```
    /// use killproof::queue::{Queue, TryGetError};
    ///
    /// let queue = Queue::<u8>::new(1)?;
    /// assert_eq!(queue.try_get(), Err(TryGetError::Empty));
    /// # Ok::<(), killproof::Error>(())
    /// ```
    TryGetError, limit: NotNow,
    /// No value waits now. Get again later, or wait for one with [`get`](crate::queue::Queue::get).
    Empty = "the queue is empty"
}

get_error! {
    /// Why [`get_timeout`](crate::queue::Queue::get_timeout) returned no value.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::queue::{GetTimeoutError, Queue};
    ///
    /// let queue = Queue::<u8>::new(1)?;
    /// assert_eq!(queue.get_timeout(Duration::from_millis(1)), Err(GetTimeoutError::TimedOut));
    /// # Ok::<(), killproof::Error>(())
    /// ```
    GetTimeoutError, limit: TimedOut,
    /// No value came for the whole time. Get again: the producers are slow, or there is none.
    TimedOut = "nothing came in time"
}

macro_rules! get_error_from {
    ($($from:ident => $to:ident $({ $from_end:ident => $to_end:ident })?;)*) => { $(
        impl From<$from> for $to {
            fn from(error: $from) -> Self {
                match error {
                    $from::Disconnected => Self::Disconnected,
                    $from::Undecodable(error) => Self::Undecodable(error),
                    $from::NoConsumer(cause) => Self::NoConsumer(cause),
                    $from::Interrupted(signal) => Self::Interrupted(signal),
                    $(
                        $from::$from_end => Self::$to_end,
                        $from::Stalled { holder } => Self::Stalled { holder },
                    )?
                }
            }
        }
    )* };
}
get_error_from! {
    GetError => TryGetError;
    GetError => GetTimeoutError;
    GetTimeoutError => TryGetError { TimedOut => Empty };
}
