//! The end of the server: asked for by a signal, or because it cannot go on.

use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{Error, interrupt};

/// Whether, why and since when the server ends.
#[derive(Debug)]
pub(crate) struct Stop {
    /// Readable from the end on, and for ever after: nobody can come too late to see it.
    ends: UnixStream,
    bell: UnixStream,
    /// How long clients who do not read can hold up the end.
    drain_timeout: Duration,
    why: OnceLock<(Error, Instant)>,
}

impl Stop {
    pub(crate) fn new(drain_timeout: Duration) -> Result<Self, Error> {
        let pair = UnixStream::pair().map_err(|source| Error::refused("make", "a socket pair", source))?;
        Ok(Self { ends: pair.0, bell: pair.1, drain_timeout, why: OnceLock::new() })
    }

    /// Ends the server. The first reason counts.
    pub(crate) fn because(&self, error: Error) {
        let _ = self.why.set((error, Instant::now()));
        let _ = self.bell.shutdown(Shutdown::Both); // fails if it was done before
    }

    /// Waits until there is something to read, or the server ends.
    pub(crate) fn wait_readable(&self, input: BorrowedFd<'_>) {
        self.wait(&[self.ends.as_fd(), input], None);
    }

    /// Waits for `duration`, or until the server ends.
    pub(crate) fn rest(&self, duration: Duration) {
        self.wait(&[self.ends.as_fd()], Some(duration));
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.why.get().is_some()
    }

    /// When the time for an orderly end is over.
    pub(crate) fn deadline(&self) -> Instant {
        self.why.get().map_or_else(Instant::now, |(_, since)| *since) + self.drain_timeout
    }

    /// Why the server ended. A signal is how a server ends well.
    pub(crate) fn into_result(self) -> Result<(), Error> {
        match self.why.into_inner() {
            None => Ok(()),
            Some((error, _)) if error.signal().is_some() => Ok(()),
            Some((error, _)) => Err(error),
        }
    }

    fn wait(&self, inputs: &[BorrowedFd<'_>], timeout: Option<Duration>) {
        if let Err(error) = interrupt::wait_readable(inputs, timeout) {
            self.because(error.into());
        }
    }
}
