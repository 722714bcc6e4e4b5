//! What can go wrong in a run, in the words that a user reads, and the exit code of each.

mod conversions;
mod sentence;
mod system;
mod toolkit;
mod why;

use std::fmt::{self, Display};
use std::io;
use std::os::fd::AsFd;

use killproof::process::{Exit, Failure, WatchError};
use nix::sys::signal::Signal;
use timeline::foreign;

use crate::lang::{self, Lang};
use crate::stream::Stream;
#[cfg(feature = "tools")]
use crate::stream::Unwritten;
use crate::words::Text;

pub use killproof::error::Error as Toolkit;
pub use toolkit::in_words;
pub use why::cause;

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
/// Each message is one line: lower case, operation, object, cause, no full stop. Its [`Display`] is in the
/// language that the command line asks for. An operation is a verb, which the table of this module has in each language.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The options do not fit: what is wrong, and what would be right.
    Usage(Text),
    /// A file, a value or an address that the user named is not what it must be.
    Input {
        /// What was tried, as a verb: "read".
        operation: &'static str,
        /// On what: a path, a name.
        object: Text,
        /// What is wrong with it.
        cause: Text,
    },
    /// The system refused.
    Refused {
        /// What was tried, as a verb: "start".
        operation: &'static str,
        /// On what.
        object: Text,
        /// The system's answer.
        source: io::Error,
    },
    /// An operation met a limit, or its contract was broken.
    Unusable {
        /// What was tried, as a verb.
        operation: &'static str,
        /// Why it cannot be.
        cause: Text,
    },
    /// A wait reached its deadline.
    TimedOut {
        /// What did not come.
        what: Text,
        /// The deadline, in seconds.
        seconds: f64,
    },
    /// The toolkit could not go on: the system refused, a wait timed out, a signal came.
    Toolkit(killproof::Error),
    /// A process that was expected to succeed did not, and left no message.
    Child {
        /// Its name.
        name: String,
        /// Its end.
        exit: Exit,
    },
    /// A supervisor gave up on its workers.
    GaveUp(WatchError),
    /// A process that was expected to succeed failed, and this is why.
    Relayed {
        /// Its message.
        message: Text,
        /// Its exit code.
        code: u8,
    },
    /// Standard output has no reader any more.
    OutputClosed,
}

impl Error {
    /// The exit code that this error ends a program with.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Input { .. } => BAD_INPUT,
            Self::Refused { .. } | Self::Unusable { .. } => REFUSED,
            Self::Toolkit(error) => code_of(error),
            Self::Child { .. } | Self::GaveUp(_) | Self::TimedOut { .. } => NOT_HELD,
            Self::Relayed { code, .. } => *code,
            Self::OutputClosed => SIGNALLED + 13, // as if SIGPIPE had ended it
        }
    }

    /// Whether the program ends without a word: there is no reader.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        matches!(self, Self::OutputClosed)
    }

    /// Whether the system refused something: another try may succeed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Toolkit(killproof::Error::Refused { .. }))
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
    pub fn refused(operation: &'static str, object: impl Into<Text>, source: impl Into<io::Error>) -> Self {
        Self::Refused { operation, object: object.into(), source: source.into() }
    }

    /// Something wrong with what the user named.
    pub fn input(operation: &'static str, object: impl Into<Text>, cause: impl Into<Text>) -> Self {
        Self::Input { operation, object: object.into(), cause: cause.into() }
    }

    /// Something that cannot be used so.
    pub fn unusable(operation: &'static str, cause: impl Into<Text>) -> Self {
        Self::Unusable { operation, cause: cause.into() }
    }

    /// A wait for `what` that lasted longer than a working program could make it last.
    pub fn timed_out(what: impl Into<Text>, seconds: f64) -> Self {
        Self::TimedOut { what: what.into(), seconds }
    }

    /// A request to end.
    #[must_use]
    pub fn interrupted(signal: Signal) -> Self {
        killproof::Error::Interrupted(signal).into()
    }

    /// Its line.
    ///
    /// ```
    /// use common::{Error, lang::Lang};
    ///
    /// let error = Error::refused("write to", "/dev/full", std::io::Error::from_raw_os_error(28));
    /// assert_eq!(error.in_lang(Lang::En), "cannot write to /dev/full: no space left on device");
    /// assert_eq!(error.in_lang(Lang::Zh), "无法写入 /dev/full:设备上没有空间");
    /// ```
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> String {
        sentence::of(self, lang).in_lang(lang)
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_lang(lang::spoken()))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused { source, .. } => Some(source),
            Self::Toolkit(error) => error.source(),
            _ => None,
        }
    }
}

/// A part of a notice.
impl From<&Error> for Text {
    fn from(error: &Error) -> Self {
        error.to_string().into()
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

static STDERR: Stream = Stream::new();

/// One line on standard error, written in one piece, so that lines of several processes do not mix. If
/// standard error is closed, or is not read and the run is asked to end, the line has no reader. Its words are in the
/// run's language already.
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
