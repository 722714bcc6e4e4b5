//! What the toolkit cannot do, and why.

mod phrase;

use std::io;

use nix::sys::signal::Signal;

pub use phrase::Phrase;
pub(crate) use phrase::plural;

/// Why an operation of the toolkit failed.
///
/// Operations whose failures a caller handles one by one have errors of their own
/// ([`PutError`](crate::queue::PutError), [`LockError`](crate::mutex::LockError)); each of them
/// converts into this one.
///
/// Each message is one line: lower case, operation, object, cause, no full stop. The exit code of a
/// program, the stream on which it reports an error and the language are the program's own decisions: `operation` is
/// one of a closed list of verbs, and the rest are [phrases](Phrase), so a program can look both up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {operation} {object}: {}", cause(.source))]
    Refused {
        /// What was tried, as a verb: "start".
        operation: &'static str,
        /// On what: a process, a path, an address.
        object: Phrase,
        /// The system's answer.
        source: io::Error,
    },
    /// `start` was called while other threads ran.
    #[error(
        "cannot start {name}: this process runs {threads} {}, and a fork would copy only one; \
         start processes first, or join the threads before",
        plural(*.threads, "thread", "threads")
    )]
    ThreadsRunning {
        /// The process that was not started.
        name: String,
        /// How many threads run.
        threads: u64,
    },
    /// `start` was called while the calling thread held guards of shared mutexes.
    #[error("cannot start {name}: {}", guards_held(*.guards))]
    GuardHeld {
        /// The process that was not started.
        name: String,
        /// How many mutexes the calling thread holds; those that an ended thread forgot count as well.
        guards: u32,
    },
    /// An operation met a limit, or its contract was broken: the queue is closed, a message is too large.
    #[error("cannot {operation}: {cause}")]
    Unusable {
        /// What was tried.
        operation: &'static str,
        /// Why it cannot be.
        cause: Phrase,
    },
    /// A wait reached its deadline.
    #[error("gave up waiting for {what} after {seconds} s")]
    TimedOut {
        /// What did not come.
        what: Phrase,
        /// The deadline, in seconds.
        seconds: f64,
    },
    /// Values of a queue are not done, and every consumer is dead.
    #[error("cannot {operation} a queue: {}", abandoned(*.unfinished))]
    Abandoned {
        /// What was tried.
        operation: &'static str,
        /// How many values are not done.
        unfinished: usize,
    },
    /// A signal asked this process to end.
    #[error("ended by {0}")]
    Interrupted(Signal),
}

impl Error {
    /// The system's refusal of `operation` on `object`.
    pub fn refused(operation: &'static str, object: impl Into<Phrase>, source: impl Into<io::Error>) -> Self {
        Self::Refused { operation, object: object.into(), source: source.into() }
    }
}

/// Why an operation on a queue ended whose consumers are all dead.
pub(crate) fn abandoned(unfinished: usize) -> Phrase {
    let words =
        ["{} value is not done, and every consumer is dead", "{} values are not done, and every consumer is dead"];
    Phrase::counted(unfinished, words, [unfinished.into()])
}

fn guards_held(guards: u32) -> String {
    match guards {
        1 => "this thread holds a shared mutex, and the child would be inside it as well; drop the guard first"
            .to_owned(),
        _ => format!(
            "this thread holds {guards} shared mutexes, and the child would be inside them as well; \
             drop the guards first"
        ),
    }
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

#[cfg(test)]
mod tests;
