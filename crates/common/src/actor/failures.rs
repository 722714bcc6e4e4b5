//! Why a process failed, kept for the process that joins it.

use killproof::process::{Child, Exit, Process};
use killproof::queue::Queue;

use crate::actor::Outcome;
use crate::error::Error;
use crate::lang::Lang;

/// Longer than any message.
const MOST_BYTES: usize = 8192;

/// Where processes leave the error that they end with, for the process that joins them.
///
/// An error is one line, and the line of the process that the user has started. A process whose closure returns
/// [`Error`] writes the line itself, and its parent, whose work has failed then, writes a second one. A process that is
/// made here leaves the error instead, and the parent that joins it returns the same error. The actors of a
/// [`Stage`](crate::stage::Stage) are made so.
///
/// Of several errors the first one is kept.
///
/// ```
/// use common::actor::Failures;
/// use common::lang::Lang;
/// use common::Error;
///
/// let failures = Failures::new(Lang::En)?;
/// let fails = || Err::<(), _>(Error::input("read", "tickets.json", "it is empty"));
/// let mut worker = failures.process("worker", fails).start()?;
/// let error = failures.join(&mut worker).expect_err("its error");
/// assert_eq!((error.to_string().as_str(), error.code()), ("cannot read tickets.json: it is empty", 2));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Failures {
    /// The first error, with its exit code.
    first: Queue<(u8, String)>,
    lang: Lang,
}

impl Failures {
    /// Errors will be kept in this language.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`] if the system gives no shared memory.
    pub fn new(lang: Lang) -> Result<Self, Error> {
        Ok(Self { first: Queue::builder(1).max_message(MOST_BYTES).build()?, lang })
    }

    /// A process that leaves its error here. It is no actor of a run.
    pub fn process<'f, R: Outcome>(
        &'f self,
        name: impl Into<String>,
        closure: impl FnOnce() -> R + Send + 'f,
    ) -> Process<'f> {
        Process::new(name, move || self.code(closure()))
    }

    /// The exit code of a process that returns this, whose error it leaves here.
    pub fn code(&self, outcome: impl Outcome) -> u8 {
        outcome.outcome().unwrap_or_else(|error| self.keep(&self.explained(error)))
    }

    /// Joins a process that must succeed.
    ///
    /// # Errors
    ///
    /// The error that it left, if it did not; [`Error::Child`] if it left none; otherwise as [`Child::join`].
    pub fn join(&self, child: &mut Child) -> Result<(), Error> {
        match child.join().map_err(|error| self.explained(error.into()))? {
            exit if exit.success() => Ok(()),
            exit => Err(self.of(child.name(), exit)),
        }
    }

    /// Why the process of this name failed that ended so.
    #[must_use]
    pub fn of(&self, name: &str, exit: Exit) -> Error {
        if exit == Exit::Code(Error::OutputClosed.code().into()) {
            return Error::OutputClosed;
        }
        match self.first.try_get() {
            Ok((code, message)) => Error::Relayed { message: message.into(), code },
            Err(_) => Error::Child { name: name.to_owned(), exit },
        }
    }

    /// The error that a child left, in the place of one that says no more than that the child failed. Every other
    /// error is returned as it is.
    #[must_use]
    pub fn explained(&self, error: Error) -> Error {
        match error {
            Error::Child { name, exit } => self.of(&name, exit),
            other => other,
        }
    }

    fn keep(&self, error: &Error) -> u8 {
        if !matches!(error, Error::OutputClosed) && error.signal().is_none() {
            let _ = self.first.try_put((error.code(), error.in_lang(self.lang)));
        }
        error.code()
    }
}
