//! What a process of an actor may return.

use crate::error::Error;

/// What a process of an actor may return.
pub trait Outcome {
    /// The exit code, or the error that has one.
    ///
    /// # Errors
    ///
    /// The error that the closure returned.
    fn outcome(self) -> Result<u8, Error>;
}

impl Outcome for () {
    fn outcome(self) -> Result<u8, Error> {
        Ok(0)
    }
}

impl Outcome for u8 {
    fn outcome(self) -> Result<u8, Error> {
        Ok(self)
    }
}

impl<R: Outcome, E: Into<Error>> Outcome for Result<R, E> {
    fn outcome(self) -> Result<u8, Error> {
        self.map_err(Into::into)?.outcome()
    }
}
