//! The limit of clients that are connected at once, and their number.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::words;

/// A semaphore that only the acceptor acquires, so it counts instead of waiting. Its permits are released
/// on any thread.
#[derive(Debug)]
pub(crate) struct ConnectionLimiter {
    limit: usize,
    active: AtomicUsize,
    /// The highest `active` so far.
    peak: AtomicUsize,
    /// Readable after a release, until [`ConnectionLimiter::rearm`].
    released: EventFd,
}

/// Counts one client until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'s>(&'s ConnectionLimiter);

impl ConnectionLimiter {
    pub(crate) fn new(limit: usize) -> Result<Self, Error> {
        let released = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK);
        let released = released.map_err(|errno| Error::refused("make", words::an_event_counter(), errno))?;
        Ok(Self { limit, active: AtomicUsize::new(0), peak: AtomicUsize::new(0), released })
    }

    /// Whether one more client may connect. True until the acceptor itself acquires a permit.
    pub(crate) fn has_room(&self) -> bool {
        self.active() < self.limit
    }

    pub(crate) fn acquire(&self) -> Permit<'_> {
        let active = self.active.fetch_add(1, Ordering::AcqRel) + 1;
        self.peak.fetch_max(active, Ordering::Relaxed);
        Permit(self)
    }

    pub(crate) fn active(&self) -> usize {
        self.active.load(Ordering::Acquire)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Readable after a release, until [`ConnectionLimiter::rearm`].
    pub(crate) fn released(&self) -> BorrowedFd<'_> {
        self.released.as_fd()
    }

    /// Makes [`ConnectionLimiter::released`] wait for the next release. Call it before
    /// [`ConnectionLimiter::has_room`]: a release in between is then seen by one or the other.
    pub(crate) fn rearm(&self) {
        let _ = self.released.read(); // fails without a release before
    }

    /// Waits for a release, at most until `deadline`. A signal may end the wait early: the caller looks again.
    pub(crate) fn wait_for_release(&self, deadline: Instant) {
        let left = deadline.saturating_duration_since(Instant::now());
        // poll(2) knows whole milliseconds only; one more keeps it from returning too early.
        let timeout = PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
        let _ = poll(&mut [PollFd::new(self.released(), PollFlags::POLLIN)], timeout);
        self.rearm();
    }

    /// Waits until no client is connected. False if one still is at `deadline`.
    pub(crate) fn wait_until_empty(&self, deadline: Instant) -> bool {
        while self.active() > 0 {
            if Instant::now() >= deadline {
                return false;
            }
            self.wait_for_release(deadline);
        }
        true
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::AcqRel);
        let _ = self.0.released.write(1); // fails if the counter is full, and then it is readable
    }
}
