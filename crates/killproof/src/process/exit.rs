//! What a process's closure may return, and the exit code that it means.

use crate::error::Error;

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
