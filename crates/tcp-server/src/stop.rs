//! The end of the server, seen by all its threads at once: by a signal, or because it cannot go on.

use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{Error, interrupt};

/// How long clients who do not read, or never cease to write, can hold up the end.
const GRACE: Duration = Duration::from_secs(2);

/// Whether, why and since when the server ends.
#[derive(Debug)]
pub(crate) struct Stop {
    /// Readable from the end on, and for ever after: no thread can come too late to see it.
    ends: UnixStream,
    bell: UnixStream,
    why: OnceLock<(Error, Instant)>,
}

impl Stop {
    pub(crate) fn new() -> Result<Self, Error> {
        let pair = UnixStream::pair().map_err(|source| Error::refused("make", "a socket pair", source))?;
        Ok(Self { ends: pair.0, bell: pair.1, why: OnceLock::new() })
    }

    /// Ends the server. The first reason counts.
    pub(crate) fn because(&self, error: Error) {
        let _ = self.why.set((error, Instant::now()));
        let _ = self.bell.shutdown(Shutdown::Both); // fails if it was done before
    }

    /// Waits until there is something to read, or the server ends. True if it does not end.
    pub(crate) fn wait_readable(&self, input: BorrowedFd<'_>) -> bool {
        self.wait(&[self.ends.as_fd(), input], None)
    }

    /// Waits for `duration`, or until the server ends.
    pub(crate) fn rest(&self, duration: Duration) {
        self.wait(&[self.ends.as_fd()], Some(duration));
    }

    /// Whether the time for an orderly end is over.
    pub(crate) fn is_overdue(&self) -> bool {
        self.why.get().is_some_and(|(_, since)| since.elapsed() > GRACE)
    }

    /// Why the server ended. A signal is how a server ends well.
    pub(crate) fn into_result(self) -> Result<(), Error> {
        match self.why.into_inner() {
            None | Some((Error::Interrupted(_), _)) => Ok(()),
            Some((error, _)) => Err(error),
        }
    }

    fn wait(&self, inputs: &[BorrowedFd<'_>], timeout: Option<Duration>) -> bool {
        if let Err(error) = interrupt::wait_readable(inputs, timeout) {
            self.because(error);
        }
        self.why.get().is_none()
    }
}
