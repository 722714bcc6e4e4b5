//! How a process ends, and what its closure may return for that.

use std::fmt;

use nix::sys::signal::Signal;

use crate::error::Error;

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// It returned this code; 0 is success, 101 a panic.
    Code(i32),
    /// A signal with a name ended it.
    Signal(Signal),
    /// A real-time signal with this number ended it: 32 to 64.
    RealTimeSignal(i32),
}

impl Exit {
    /// Whether the code is 0.
    #[must_use]
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }

    /// The number of the signal that ended it, named or real-time; `None` if it ended by itself.
    #[must_use]
    pub fn signal(self) -> Option<i32> {
        match self {
            Self::Code(_) => None,
            Self::Signal(signal) => Some(signal as i32),
            Self::RealTimeSignal(number) => Some(number),
        }
    }

    pub(crate) fn by_signal(number: i32) -> Self {
        Signal::try_from(number).map_or(Self::RealTimeSignal(number), Self::Signal)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
            Self::RealTimeSignal(number) => write!(f, "signal {number}"),
        }
    }
}

/// What a process's closure may return.
///
/// `()` is code 0, a `u8` is itself, and an error is what its type decides: [`Failure`].
pub trait IntoExit {
    /// The exit code. Runs in the child that is called `process`, at its end.
    fn into_exit(self, process: &str) -> u8;
}

/// An error with which a process may end.
///
/// The toolkit writes to no stream and knows no exit codes but 0: a program that wants its children's
/// errors to be seen implements this for its own error type, and reports there.
///
/// The toolkit's own [`Error`] and `Box<dyn std::error::Error>` end a process with code 1, and write nothing.
///
/// ```
/// use killproof::process::{Exit, Failure, Process};
///
/// struct NoRice;
///
/// impl Failure for NoRice {
///     fn exit_code(&self, process: &str) -> u8 {
///         eprintln!("{process}: there is no rice");
///         3
///     }
/// }
///
/// let mut cook = Process::new("cook", || Err::<(), _>(NoRice)).start()?;
/// assert_eq!(cook.join()?, Exit::Code(3));
/// # Ok::<(), killproof::Error>(())
/// ```
pub trait Failure {
    /// The exit code that this error means, after it was reported in whatever way the program has.
    /// Runs in the child that is called `process`, at its end.
    fn exit_code(&self, process: &str) -> u8;
}

/// The code of an error that has none of its own, as of a `main` that returns an error.
const FAILED: u8 = 1;

impl IntoExit for () {
    fn into_exit(self, _: &str) -> u8 {
        0
    }
}

impl IntoExit for u8 {
    fn into_exit(self, _: &str) -> u8 {
        self
    }
}

impl<R: IntoExit, E: Failure> IntoExit for Result<R, E> {
    fn into_exit(self, process: &str) -> u8 {
        match self {
            Ok(value) => value.into_exit(process),
            Err(error) => error.exit_code(process),
        }
    }
}

impl Failure for Error {
    fn exit_code(&self, _: &str) -> u8 {
        FAILED
    }
}

impl Failure for Box<dyn std::error::Error> {
    fn exit_code(&self, _: &str) -> u8 {
        FAILED
    }
}

impl Failure for Box<dyn std::error::Error + Send + Sync> {
    fn exit_code(&self, _: &str) -> u8 {
        FAILED
    }
}
