//! What can go wrong, in the words that a user reads, and the exit code of each.

use std::fmt::Display;
use std::io::{self, Write};

use nix::sys::signal::Signal;

use crate::process::{Budget, Death, Exit, told};

/// The exit code of a run whose checks all held.
pub const HELD: u8 = 0;
/// The exit code of a run in which a check failed.
pub const NOT_HELD: u8 = 1;
/// The exit code for bad usage and bad input.
pub const BAD_INPUT: u8 = 2;
/// The exit code for "the system refused": no more processes, port in use, disk full.
pub const REFUSED: u8 = 3;
/// The exit code of a closure that panicked, as the standard library has it.
pub const PANICKED: u8 = 101;
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
    /// The operating system refused.
    #[error("cannot {operation} {object}: {}", cause(.source))]
    Refused {
        /// What was tried, as a verb: "start".
        operation: &'static str,
        /// On what: a process, a path, an address.
        object: String,
        /// The system's answer.
        source: io::Error,
    },
    /// `start` was called while other threads ran.
    #[error(
        "cannot start {name}: this process runs {threads} threads, and a fork would copy only one of them; \
         start processes first, or join the threads before"
    )]
    ThreadsRunning {
        /// The process that was not started.
        name: String,
        /// How many threads run.
        threads: u64,
    },
    /// A process that was expected to succeed did not, and left no message.
    #[error("{name} ended with {exit}")]
    Child {
        /// Its name.
        name: String,
        /// Its end.
        exit: Exit,
    },
    /// Supervised processes died more often than their supervisor may restart them.
    #[error(
        "cannot restart {}: {} deaths in {} s, and {}: {}",
        .deaths.last().map_or("a worker", |death| &death.name),
        .deaths.len(),
        .budget.per.as_secs_f64(),
        allowed(.budget.restarts),
        told(.deaths)
    )]
    GaveUp {
        /// How many restarts were allowed, and in which period.
        budget: Budget,
        /// Everybody who died in that period, and of what, in this order.
        deaths: Vec<Death>,
    },
    /// A process that was expected to succeed failed, and this is why.
    #[error("{message}")]
    Relayed {
        /// Its message.
        message: String,
        /// Its exit code.
        code: u8,
    },
    /// A primitive was used against its contract, or met a limit: the queue is closed, a message is too large.
    #[error("cannot {operation}: {cause}")]
    Unusable {
        /// What was tried.
        operation: &'static str,
        /// Why it cannot be.
        cause: String,
    },
    /// Somebody waited longer than a working program could make them wait.
    #[error("gave up waiting for {what} after {seconds} s")]
    Stalled {
        /// What did not come.
        what: String,
        /// The deadline, in seconds.
        seconds: f64,
    },
    /// Work was handed out, and everybody who could do it is dead.
    #[error("cannot join a queue: {unfinished} values are not done, and every consumer is dead")]
    Abandoned {
        /// How many values are not done.
        unfinished: usize,
    },
    /// A signal asked the run to end.
    #[error("ended by {0}")]
    Interrupted(Signal),
    /// Nobody reads standard output any more.
    #[error("standard output was closed")]
    OutputClosed,
}

impl Error {
    /// The exit code that this error ends a program with.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Input { .. } => BAD_INPUT,
            Self::Refused { .. } | Self::ThreadsRunning { .. } | Self::Unusable { .. } => REFUSED,
            Self::Child { .. } | Self::GaveUp { .. } | Self::Stalled { .. } | Self::Abandoned { .. } => NOT_HELD,
            Self::Relayed { code, .. } => *code,
            Self::Interrupted(signal) => SIGNALLED + u8::try_from(*signal as i32).unwrap_or(0),
            Self::OutputClosed => SIGNALLED + 13, // as if SIGPIPE had ended it
        }
    }

    /// Whether the program ends without a word: nobody is there to read it.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        matches!(self, Self::OutputClosed)
    }

    /// The system's refusal of `operation` on `object`.
    pub fn refused(operation: &'static str, object: impl Display, source: impl Into<io::Error>) -> Self {
        Self::Refused { operation, object: object.to_string(), source: source.into() }
    }

    /// Something wrong with what the user named.
    pub fn input(operation: &'static str, object: impl Display, cause: impl Display) -> Self {
        Self::Input { operation, object: object.to_string(), cause: cause.to_string() }
    }
}

fn allowed(restarts: u32) -> String {
    match restarts {
        1 => "1 restart is allowed".to_owned(),
        many => format!("{many} restarts are allowed"),
    }
}

/// The one line on standard error. Written in one piece, so that lines of several processes do not
/// mix. If even standard error is closed there is nobody to tell.
pub(crate) fn complain(name: &str, message: impl Display) {
    let _ = io::stderr().write_all(format!("{name}: {message}\n").as_bytes());
}

/// The cause in a system error, without the number that `io::Error` adds, in lower case.
#[must_use]
pub fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default().to_owned();
    let mut letters = text.chars();
    match letters.next() {
        // "I/O error" and other abbreviations keep their capitals.
        Some(first) if !letters.as_str().starts_with(|c: char| c.is_uppercase() || c == '/') => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text,
    }
}
