//! The end of the server: a signal asks for it, or an error forces it.

use std::net::Shutdown as HowToShutDown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::outlet::Outlet;
use common::{Error, interrupt, objects};

/// Whether, why and since when the server ends.
#[derive(Debug)]
pub(crate) struct Shutdown {
    /// Readable as soon as the shutdown begins, and never read: a wait that starts later ends at once.
    begun: UnixStream,
    /// The other end of `begun`.
    trigger: UnixStream,
    /// Standard output, without which there is no server: it may lose its reader at any time.
    output: &'static Outlet,
    /// How long clients may hold up the end.
    drain_timeout: Duration,
    reason: OnceLock<(Error, Instant)>,
}

impl Shutdown {
    pub(crate) fn new(drain_timeout: Duration, output: &'static Outlet) -> Result<Self, Error> {
        let pair = UnixStream::pair().map_err(|source| Error::refused("make", objects::a_socket_pair(), source))?;
        Ok(Self { begun: pair.0, trigger: pair.1, output, drain_timeout, reason: OnceLock::new() })
    }

    /// Begins the shutdown. Only the first reason is kept.
    pub(crate) fn begin(&self, reason: Error) {
        let _ = self.reason.set((reason, Instant::now()));
        let _ = self.trigger.shutdown(HowToShutDown::Both); // fails the second time
    }

    /// Waits until `input` is readable, or the shutdown begins.
    pub(crate) fn wait_readable(&self, input: BorrowedFd<'_>) {
        self.wait(&[self.begun.as_fd(), input], None);
    }

    /// Waits for `duration`, or until the shutdown begins.
    pub(crate) fn wait_for(&self, duration: Duration) {
        self.wait(&[self.begun.as_fd()], Some(duration));
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.reason.get().is_some()
    }

    /// When the time for an orderly end is over.
    pub(crate) fn deadline(&self) -> Instant {
        self.reason.get().map_or_else(Instant::now, |(_, since)| *since) + self.drain_timeout
    }

    /// The error that forced the end. A signal is no error: it is how a server ends well.
    pub(crate) fn into_result(self) -> Result<(), Error> {
        match self.reason.into_inner() {
            None => Ok(()),
            Some((error, _)) if error.signal().is_some() => Ok(()),
            Some((error, _)) => Err(error),
        }
    }

    fn wait(&self, inputs: &[BorrowedFd<'_>], timeout: Option<Duration>) {
        let inputs = [&[self.output.failed()], inputs].concat();
        if let Err(error) = interrupt::wait_readable(&inputs, timeout) {
            self.begin(error.into());
        } else if let Some(error) = self.output.failure() {
            self.begin(error);
        }
    }
}
