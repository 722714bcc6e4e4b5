//! Why a lock was not simply taken, for each way to lock.

use std::fmt;

use nix::sys::signal::Signal;

use super::guard::OwnerDied;
use crate::error::{Error, Phrase};
use crate::primitive::robust::{MAX_HELD, NotTaken};
use crate::shared::ShmSafe;

/// Why [`SharedMutex::lock`](super::SharedMutex::lock) returned no guard.
#[derive(thiserror::Error)]
pub enum LockError<'a, T: ShmSafe> {
    /// The mutex was taken, but its last holder died (or panicked) inside: repair the value, or drop this.
    OwnerDied(OwnerDied<'a, T>),
    /// This process was asked to end while it waited.
    Interrupted(Signal),
    /// The calling thread holds it already, and would wait for itself. A panic hook meets this when it locks what
    /// the panicking thread holds.
    AlreadyHeld,
    /// The calling thread holds as many mutexes as the kernel frees for certain when a thread dies
    /// ([`MAX_HELD`](super::MAX_HELD)): drop a guard first.
    TooManyHeld,
}

/// Why [`SharedMutex::try_lock`](super::SharedMutex::try_lock) returned no guard.
#[derive(thiserror::Error)]
pub enum TryLockError<'a, T: ShmSafe> {
    /// The mutex was taken, but its last holder died (or panicked) inside: repair the value, or drop this.
    OwnerDied(OwnerDied<'a, T>),
    /// Another thread or process holds it: try again later.
    WouldBlock,
    /// The calling thread holds it already, and would wait for itself. A panic hook meets this when it locks what
    /// the panicking thread holds.
    AlreadyHeld,
    /// The calling thread holds as many mutexes as the kernel frees for certain when a thread dies
    /// ([`MAX_HELD`](super::MAX_HELD)): drop a guard first.
    TooManyHeld,
}

/// Why [`SharedMutex::lock_timeout`](super::SharedMutex::lock_timeout) returned no guard.
#[derive(thiserror::Error)]
pub enum LockTimeoutError<'a, T: ShmSafe> {
    /// The mutex was taken, but its last holder died (or panicked) inside: repair the value, or drop this.
    OwnerDied(OwnerDied<'a, T>),
    /// It was not free in time.
    TimedOut,
    /// This process was asked to end while it waited.
    Interrupted(Signal),
    /// The calling thread holds it already, and would wait for itself. A panic hook meets this when it locks what
    /// the panicking thread holds.
    AlreadyHeld,
    /// The calling thread holds as many mutexes as the kernel frees for certain when a thread dies
    /// ([`MAX_HELD`](super::MAX_HELD)): drop a guard first.
    TooManyHeld,
}

/// What the three have in common.
macro_rules! lock_errors {
    ($($name:ident { $($own:ident $(($($arg:ident),+))? => $words:expr),+ })*) => { $(
        impl<T: ShmSafe> $name<'_, T> {
            /// The reason, as a part of a message.
            #[must_use]
            pub fn phrase(&self) -> Phrase {
                match self {
                    Self::OwnerDied(died) => died.holder().phrase(),
                    Self::AlreadyHeld => "this thread holds it already".into(),
                    Self::TooManyHeld => Phrase::new(
                        "this thread holds as many mutexes as it may ({}), and a death would leave one more locked for ever",
                        [MAX_HELD.into()],
                    ),
                    $(Self::$own $(($($arg),+))? => $words,)+
                }
            }
        }

        impl<T: ShmSafe> fmt::Display for $name<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.phrase().fmt(f)
            }
        }

        impl<T: ShmSafe> fmt::Debug for $name<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl<T: ShmSafe> $name<'_, T> {
            /// An error unless another thread holds the mutex, so that it may be free later.
            #[cold]
            pub(super) fn unless_busy(why: NotTaken) -> Result<(), Self> {
                match why {
                    NotTaken::Busy => Ok(()),
                    NotTaken::AlreadyHeld => Err(Self::AlreadyHeld),
                    NotTaken::TooManyHeld => Err(Self::TooManyHeld),
                }
            }
        }

        impl<T: ShmSafe> From<$name<'_, T>> for Error {
            fn from(error: $name<'_, T>) -> Self {
                match error.signal() {
                    Some(signal) => Self::Interrupted(signal),
                    None => Self::Unusable { operation: "lock a mutex", cause: error.phrase() },
                }
            }
        }
    )* };
}
lock_errors! {
    LockError { Interrupted(signal) => interrupted(*signal) }
    TryLockError { WouldBlock => "it has another holder".into() }
    LockTimeoutError {
        Interrupted(signal) => interrupted(*signal),
        TimedOut => "it was not free in time".into()
    }
}

fn interrupted(signal: Signal) -> Phrase {
    Phrase::new("interrupted by {}", [Phrase::name(signal)])
}

impl<T: ShmSafe> LockError<'_, T> {
    /// The signal that asked this process to end, if that is why.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        if let Self::Interrupted(signal) = self { Some(*signal) } else { None }
    }
}

impl<T: ShmSafe> TryLockError<'_, T> {
    #[expect(clippy::unused_self, reason = "the other two have one")]
    fn signal(&self) -> Option<Signal> {
        None
    }
}

impl<T: ShmSafe> LockTimeoutError<'_, T> {
    /// The signal that asked this process to end, if that is why.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        if let Self::Interrupted(signal) = self { Some(*signal) } else { None }
    }
}
