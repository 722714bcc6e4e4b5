//! Why a read-write lock was not simply taken, for each way to take it.

use std::fmt;

use nix::sys::signal::Signal;

use super::Failed;
use super::guards::WriterDied;
use crate::error::{Error, Phrase};
use crate::mutex::{Holder, MAX_HELD};
use crate::shared::ShmSafe;

macro_rules! errors {
    ($($(#[$about:meta])* $name:ident $(<$life:lifetime, $T:ident>)?, $died:ident: $how:ty => $phrase:expr, {
        $($(#[$note:meta])* $own:ident $(($arg:ident: $type:ty))? => $words:expr),+
    })*) => { $(
        $(#[$about])*
        #[derive(thiserror::Error)]
        pub enum $name $(<$life, $T: ShmSafe>)? {
            /// The last writer died, or panicked, inside, and no writer has repaired the value.
            WriterDied($how),
            /// The calling thread holds the lock already, and would wait for itself.
            AlreadyHeld,
            /// The calling thread holds as many locks as the kernel frees for certain when a thread dies
            /// ([`MAX_HELD`](crate::mutex::MAX_HELD)): drop a guard first.
            TooManyHeld,
            $($(#[$note])* $own $(($type))?,)+
        }

        impl $(<$life, $T: ShmSafe>)? $name $(<$life, $T>)? {
            pub(super) fn new(why: Failed) -> Self {
                match why {
                    Failed::AlreadyHeld => Self::AlreadyHeld,
                    Failed::TooManyHeld => Self::TooManyHeld,
                    $(Failed::$own $(($arg))? => Self::$own $(($arg))?,)+
                    // An attempt that waits for ever has no time-out, and one that does not wait is not interrupted.
                    _ => unreachable!("an attempt ended for a reason that it cannot have"),
                }
            }

            /// The reason, as a part of a message.
            #[must_use]
            pub fn phrase(&self) -> Phrase {
                match self {
                    Self::WriterDied($died) => $phrase,
                    Self::AlreadyHeld => "this thread holds it already".into(),
                    Self::TooManyHeld => Phrase::new(
                        "this thread holds as many mutexes as it may ({}), and a death would leave one more locked for ever",
                        [MAX_HELD.into()],
                    ),
                    $(Self::$own $(($arg))? => $words,)+
                }
            }
        }

        impl $(<$life, $T: ShmSafe>)? fmt::Display for $name $(<$life, $T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.phrase().fmt(f)
            }
        }

        impl $(<$life, $T: ShmSafe>)? fmt::Debug for $name $(<$life, $T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl $(<$life, $T: ShmSafe>)? From<$name $(<$life, $T>)?> for Error {
            fn from(error: $name $(<$life, $T>)?) -> Self {
                match error {
                    $($name::$own $(($arg))? => errors!(@error $own $($arg)?),)+
                    other => Self::Unusable { operation: "lock", cause: other.phrase() },
                }
            }
        }
    )* };
    (@error Interrupted $signal:ident) => { Self::Interrupted($signal) };
    (@error WouldBlock) => { unusable("it has another holder".into()) };
    (@error TimedOut) => { unusable("it was not free in time".into()) };
}

fn unusable(cause: Phrase) -> Error {
    Error::Unusable { operation: "lock", cause }
}

errors! {
    /// Why [`RwLock::read`](super::RwLock::read) returned no guard.
    ReadError, died: Box<Holder> => died.phrase(), {
        /// This process was asked to end while it waited.
        Interrupted(signal: Signal) => interrupted(*signal)
    }
    /// Why [`RwLock::try_read`](super::RwLock::try_read) returned no guard.
    TryReadError, died: Box<Holder> => died.phrase(), {
        /// A writer holds it or waits for it, or another reader is just coming in: try again later.
        WouldBlock => "it has another holder".into()
    }
    /// Why [`RwLock::read_timeout`](super::RwLock::read_timeout) returned no guard.
    ReadTimeoutError, died: Box<Holder> => died.phrase(), {
        /// This process was asked to end while it waited.
        Interrupted(signal: Signal) => interrupted(*signal),
        /// It was not free in time.
        TimedOut => "it was not free in time".into()
    }
    /// Why [`RwLock::write`](super::RwLock::write) returned no guard.
    WriteError<'a, T>, died: WriterDied<'a, T> => died.holder().phrase(), {
        /// This process was asked to end while it waited.
        Interrupted(signal: Signal) => interrupted(*signal)
    }
    /// Why [`RwLock::try_write`](super::RwLock::try_write) returned no guard.
    TryWriteError<'a, T>, died: WriterDied<'a, T> => died.holder().phrase(), {
        /// Another thread or process holds it: try again later.
        WouldBlock => "it has another holder".into()
    }
    /// Why [`RwLock::write_timeout`](super::RwLock::write_timeout) returned no guard.
    WriteTimeoutError<'a, T>, died: WriterDied<'a, T> => died.holder().phrase(), {
        /// This process was asked to end while it waited.
        Interrupted(signal: Signal) => interrupted(*signal),
        /// It was not free in time.
        TimedOut => "it was not free in time".into()
    }
}

fn interrupted(signal: Signal) -> Phrase {
    Phrase::new("interrupted by {}", [Phrase::name(signal)])
}
