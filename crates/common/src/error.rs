//! What can go wrong in a run, in the words that a user reads, and the exit code of each.

use std::fmt::Display;
use std::io;
use std::os::fd::AsFd;

use killproof::mutex::{LockError, LockTimeoutError, TryLockError};
use killproof::process::{Death, Exit, Failure, WatchError, failed_link};
use killproof::queue::{
    DecodeError, GetError, GetTimeoutError, JoinError, JoinTimeoutError, PutError, PutTimeoutError, TryGetError,
    TryPutError,
};
use killproof::shared::ShmSafe;
use nix::sys::signal::Signal;
use timeline::foreign;

use crate::stream::Stream;
#[cfg(feature = "tools")]
use crate::stream::Unwritten;

pub use killproof::error::{Error as Toolkit, cause};

/// The exit code of a run whose checks all held that have a verdict.
pub const HELD: u8 = 0;
/// The exit code of a run in which a check failed.
pub const NOT_HELD: u8 = 1;
/// The exit code for bad usage and bad input.
pub const BAD_INPUT: u8 = 2;
/// The exit code for "the system refused": no more processes, port in use, disk full.
pub const REFUSED: u8 = 3;
/// Added to a signal's number, it is the exit code of a run that the signal ended.
pub const SIGNALLED: u8 = 128;

/// Why a run could not go on.
///
/// Each message is one line: lower case, operation, object, cause, no full stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The options do not fit: what is wrong, and what would be right.
    #[error("{0}")]
    Usage(String),
    /// A file, a value or an address that the user named is not what it must be.
    #[error("cannot {operation} {object}: {cause}")]
    Input {
        /// What was tried, as a verb: "read".
        operation: &'static str,
        /// On what: a path, a name.
        object: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The toolkit could not go on: the system refused, a wait timed out, a signal came.
    #[error(transparent)]
    Toolkit(killproof::Error),
    /// A process that was expected to succeed did not, and left no message.
    #[error("{name} ended with {exit}")]
    Child {
        /// Its name.
        name: String,
        /// Its end.
        exit: Exit,
    },
    /// A supervisor gave up on its workers.
    #[error(transparent)]
    GaveUp(WatchError),
    /// A process that was expected to succeed failed, and this is why.
    #[error("{message}")]
    Relayed {
        /// Its message.
        message: String,
        /// Its exit code.
        code: u8,
    },
    /// Standard output has no reader any more.
    #[error("standard output was closed")]
    OutputClosed,
}

impl Error {
    /// The exit code that this error ends a program with.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Input { .. } => BAD_INPUT,
            Self::Toolkit(error) => code_of(error),
            Self::Child { .. } | Self::GaveUp(_) => NOT_HELD,
            Self::Relayed { code, .. } => *code,
            Self::OutputClosed => SIGNALLED + 13, // as if SIGPIPE had ended it
        }
    }

    /// Whether the program ends without a word: there is no reader.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        matches!(self, Self::OutputClosed)
    }

    /// The signal that asked this process to end, if that is why.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::Toolkit(killproof::Error::Interrupted(signal)) => Some(*signal),
            _ => None,
        }
    }

    /// The system's refusal of `operation` on `object`.
    pub fn refused(operation: &'static str, object: impl Display, source: impl Into<io::Error>) -> Self {
        killproof::Error::refused(operation, foreign::value(&object.to_string()), source).into()
    }

    /// Something wrong with what the user named.
    pub fn input(operation: &'static str, object: impl Display, cause: impl Display) -> Self {
        Self::Input { operation, object: foreign::value(&object.to_string()), cause: cause.to_string() }
    }

    /// Something that cannot be used so.
    pub fn unusable(operation: &'static str, cause: impl Display) -> Self {
        killproof::Error::Unusable { operation, cause: cause.to_string() }.into()
    }

    /// A wait for `what` that lasted longer than a working program could make it last.
    pub fn timed_out(what: impl Display, seconds: f64) -> Self {
        killproof::Error::TimedOut { what: what.to_string(), seconds }.into()
    }

    /// A request to end.
    #[must_use]
    pub fn interrupted(signal: Signal) -> Self {
        killproof::Error::Interrupted(signal).into()
    }
}

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

fn code_of(error: &killproof::Error) -> u8 {
    match error {
        killproof::Error::TimedOut { .. }
        | killproof::Error::Abandoned { .. }
        | killproof::Error::Interrupted(Signal::SIGCHLD) => NOT_HELD,
        killproof::Error::Interrupted(signal) => SIGNALLED + u8::try_from(*signal as i32).unwrap_or(0),
        // What the toolkit may add is a refusal until it is named here.
        _ => REFUSED,
    }
}

/// A process of a run reports its error on one line of standard error.
impl Failure for Error {
    fn exit_code(&self, process: &str) -> u8 {
        if !self.is_quiet() {
            complain(process, self);
        }
        self.code()
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
from_toolkit! { GetError TryGetError GetTimeoutError DecodeError JoinError JoinTimeoutError }

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

static STDERR: Stream = Stream::new();

/// One line on standard error, written in one piece, so that lines of several processes do not mix. If
/// standard error is closed, or is not read and the run is asked to end, the line has no reader.
pub fn complain(name: &str, message: impl Display) {
    let line = format!("{}: {}\n", foreign::value(name), foreign::line(&message.to_string()));
    let _ = STDERR.write_all(io::stderr().as_fd(), line.as_bytes());
}

/// Draws a part of a picture on the terminal behind standard error: as many bytes as it takes without making this
/// process wait.
#[cfg(feature = "tools")]
pub(crate) fn draw(picture: &[u8]) -> io::Result<usize> {
    Ok(STDERR.write_some(io::stderr().as_fd(), picture)?)
}

/// Draws a whole picture there, as a line is written there.
#[cfg(feature = "tools")]
pub(crate) fn draw_all(picture: &[u8]) -> io::Result<()> {
    STDERR.write_all(io::stderr().as_fd(), picture).map_err(|unwritten| match unwritten {
        Unwritten::Refused(errno) => errno.into(),
        Unwritten::Stopped(_) => io::ErrorKind::Interrupted.into(),
    })
}
