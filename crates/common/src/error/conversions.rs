//! What becomes of the toolkit's errors.

use killproof::mutex::{LockError, LockTimeoutError, TryLockError};
use killproof::pool::PoolError;
use killproof::process::{Death, WatchError, failed_link};
use killproof::queue::{
    DecodeError, GetError, GetTimeoutError, JoinError, JoinTimeoutError, PutError, PutTimeoutError, TryGetError,
    TryPutError,
};
use killproof::shared::ShmSafe;
use nix::sys::signal::Signal;

use super::Error;

/// A wait that ended because a linked child had failed is that child's failure.
impl From<killproof::Error> for Error {
    fn from(error: killproof::Error) -> Self {
        let failed = match error {
            killproof::Error::Interrupted(Signal::SIGCHLD) => failed_link(),
            _ => None,
        };
        failed.map_or(Self::Toolkit(error), |Death { name, exit, .. }| Self::Child { name, exit })
    }
}

impl From<WatchError> for Error {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Failed(error) => error.into(),
            gave_up => Self::GaveUp(gave_up),
        }
    }
}

/// The toolkit's errors of one operation each become the toolkit's common one.
macro_rules! from_toolkit {
    ($($name:ty)*) => { $(
        impl From<$name> for Error {
            fn from(error: $name) -> Self {
                killproof::Error::from(error).into()
            }
        }
    )* };
}
from_toolkit! { PoolError GetError TryGetError GetTimeoutError DecodeError JoinError JoinTimeoutError }

/// Those that return the value are errors of that value's type, too.
macro_rules! from_toolkit_with_value {
    ($($name:ident)*) => { $(
        impl<T> From<$name<T>> for Error {
            fn from(error: $name<T>) -> Self {
                killproof::Error::from(error).into()
            }
        }
    )* };
}
from_toolkit_with_value! { PutError TryPutError PutTimeoutError }

impl<T: ShmSafe> From<LockError<'_, T>> for Error {
    fn from(error: LockError<'_, T>) -> Self {
        killproof::Error::from(error).into()
    }
}

impl<T: ShmSafe> From<TryLockError<'_, T>> for Error {
    fn from(error: TryLockError<'_, T>) -> Self {
        killproof::Error::from(error).into()
    }
}

impl<T: ShmSafe> From<LockTimeoutError<'_, T>> for Error {
    fn from(error: LockTimeoutError<'_, T>) -> Self {
        killproof::Error::from(error).into()
    }
}
