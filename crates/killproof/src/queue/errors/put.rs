//! Why a value was not put, for each way to put it. The value comes back in the error.

use std::convert::Infallible;
use std::fmt;

use nix::sys::signal::Signal;

use super::{Refused, interrupted, stalled};
use crate::error::{Error, Phrase};
use crate::queue::waiting::{NotNow, TimedOut};

/// Declares the error of one way to put: what all have in common, and the end of the wait for room, if the
/// wait has one.
macro_rules! put_error {
    ($(#[$about:meta])* $name:ident, limit: $limit:ty $(, $(#[$end_about:meta])* $end:ident = $words:literal)?) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum $name<T> {
            $(
                $(#[$end_about])* $end(T),
                /// A thread kept a lock of the queue the whole time: it is stopped, most likely, and the queue
                /// goes on when it is continued or killed.
                Stalled {
                    /// The value.
                    value: T,
                    /// The id of the thread, in its own pid namespace: of a process's first thread it is the pid.
                    /// 0: it is not known.
                    holder: i32,
                },
            )?
            /// The [`JoinableQueue`](crate::queue::JoinableQueue) is full, every process that ever took a value
            /// from it is dead, and no other has come for a while. Start a consumer, and put again.
            Abandoned {
                /// The value.
                value: T,
                /// How many values are not done.
                unfinished: usize,
            },
            /// The queue is closed. It takes no value any more: stop producing.
            Closed(T),
            /// Every slot of the [`JoinableQueue`](crate::queue::JoinableQueue) holds a dead letter, so waiting
            /// is in vain. Discard or retry
            /// [some of them](crate::queue::JoinableQueue::dead_letters), and put again.
            DeadLetters(T),
            /// The value's serial form is larger than this queue takes. Split the value, or make the queue with
            /// a larger [`max_message`](crate::queue::Builder::max_message).
            TooLarge {
                /// The value.
                value: T,
                /// The size of its serial form, in bytes.
                size: usize,
                /// The limit of this queue, in bytes.
                limit: usize,
            },
            /// The value has no serial form from which `get` would read it: its `Serialize` failed, or it cannot
            /// [travel](crate::queue).
            Unserialisable {
                /// The value.
                value: T,
                /// Why.
                cause: String,
            },
            /// This process was asked to end while it waited for room.
            Interrupted {
                /// The value.
                value: T,
                /// The signal that asked.
                signal: Signal,
            },
        }

        impl<T> $name<T> {
            /// The value that was not put, unharmed.
            pub fn into_value(self) -> T {
                match self {
                    $(Self::$end(value) | Self::Stalled { value, .. } |)?
                    Self::Closed(value)
                    | Self::Abandoned { value, .. }
                    | Self::DeadLetters(value)
                    | Self::TooLarge { value, .. }
                    | Self::Unserialisable { value, .. }
                    | Self::Interrupted { value, .. } => value,
                }
            }

            /// The reason, as a part of a message.
            #[must_use]
            pub fn phrase(&self) -> Phrase {
                match self {
                    $(
                        Self::$end(_) => $words.into(),
                        Self::Stalled { holder, .. } => stalled(*holder),
                    )?
                    Self::Abandoned { unfinished, .. } => {
                        let words = [
                            "the queue is full, {} value is not done, and every consumer is dead",
                            "the queue is full, {} values are not done, and every consumer is dead",
                        ];
                        Phrase::counted(*unfinished, words, [(*unfinished).into()])
                    }
                    Self::Closed(_) => "the queue is closed".into(),
                    Self::DeadLetters(_) => "the queue is full of dead letters".into(),
                    Self::TooLarge { size, limit, .. } => {
                        let words = [
                            "a message of {} byte is above the queue's limit of {}",
                            "a message of {} bytes is above the queue's limit of {}",
                        ];
                        Phrase::counted(*size, words, [(*size).into(), (*limit).into()])
                    }
                    Self::Unserialisable { cause, .. } => {
                        Phrase::new("the value cannot be serialised: {}", [Phrase::name(cause)])
                    }
                    Self::Interrupted { signal, .. } => interrupted(*signal),
                }
            }

            #[cold]
            pub(in crate::queue) fn new(refused: Refused<$limit>, value: T) -> Self {
                match refused {
                    Refused::Closed => Self::Closed(value),
                    Refused::DeadLetters => Self::DeadLetters(value),
                    Refused::TooLarge { size, limit } => Self::TooLarge { value, size, limit },
                    Refused::Unserialisable(cause) => Self::Unserialisable { value, cause },
                    Refused::Interrupted(signal) => Self::Interrupted { value, signal },
                    Refused::Abandoned { unfinished } => Self::Abandoned { value, unfinished },
                    $(Refused::Limit(limit) => match limit.stalled {
                        None => Self::$end(value),
                        Some(holder) => Self::Stalled { value, holder },
                    },)?
                }
            }
        }

        impl<T> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.phrase().fmt(f)
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl<T> From<$name<T>> for Error {
            fn from(error: $name<T>) -> Self {
                match error {
                    $name::Interrupted { signal, .. } => Self::Interrupted(signal),
                    $name::Abandoned { unfinished, .. } => Self::Abandoned { operation: "put into", unfinished },
                    other => Self::Unusable { operation: "put into a queue", cause: other.phrase() },
                }
            }
        }
    };
}

put_error! {
    /// Why [`put`](crate::queue::Queue::put) did not put a value: never because the queue is full, for it waits.
    ///
    /// ```
    /// use killproof::queue::{PutError, Queue};
    ///
    /// let queue = Queue::new(1)?;
    /// queue.close();
    /// assert_eq!(queue.put(7), Err(PutError::Closed(7)));
    /// # Ok::<(), killproof::Error>(())
    /// ```
    PutError, limit: Infallible
}

put_error! {
    /// Why [`try_put`](crate::queue::Queue::try_put) did not put a value.
    ///
    /// ```
    /// use killproof::queue::{Queue, TryPutError};
    ///
    /// let queue = Queue::new(1)?;
    /// queue.put("a".to_owned())?;
    /// let refused = queue.try_put("b".to_owned()).expect_err("the only place is taken");
    /// assert_eq!(refused.into_value(), "b");
    /// # Ok::<(), killproof::Error>(())
    /// ```
    TryPutError, limit: NotNow,
    /// There is no room now. Put again later, or wait for room with [`put`](crate::queue::Queue::put).
    Full = "the queue is full"
}

put_error! {
    /// Why [`put_timeout`](crate::queue::Queue::put_timeout) did not put a value.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::queue::{PutTimeoutError, Queue};
    ///
    /// let queue = Queue::new(1)?;
    /// queue.put(1)?;
    /// assert_eq!(queue.put_timeout(2, Duration::from_millis(1)), Err(PutTimeoutError::TimedOut(2)));
    /// # Ok::<(), killproof::Error>(())
    /// ```
    PutTimeoutError, limit: TimedOut,
    /// There was no room for the whole time: the consumers are too slow, or there is none. Put again, or drop
    /// the value.
    TimedOut = "the queue stayed full"
}

macro_rules! put_error_from {
    ($($from:ident => $to:ident $({ $from_end:ident => $to_end:ident })?;)*) => { $(
        impl<T> From<$from<T>> for $to<T> {
            fn from(error: $from<T>) -> Self {
                match error {
                    $from::Closed(value) => Self::Closed(value),
                    $from::DeadLetters(value) => Self::DeadLetters(value),
                    $from::TooLarge { value, size, limit } => Self::TooLarge { value, size, limit },
                    $from::Unserialisable { value, cause } => Self::Unserialisable { value, cause },
                    $from::Interrupted { value, signal } => Self::Interrupted { value, signal },
                    $from::Abandoned { value, unfinished } => Self::Abandoned { value, unfinished },
                    $(
                        $from::$from_end(value) => Self::$to_end(value),
                        $from::Stalled { value, holder } => Self::Stalled { value, holder },
                    )?
                }
            }
        }
    )* };
}
put_error_from! {
    PutError => TryPutError;
    PutError => PutTimeoutError;
    PutTimeoutError => TryPutError { TimedOut => Full };
}
