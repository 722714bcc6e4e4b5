//! How many clients may be in at once, and how many are.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};

/// The places for clients. One thread lets them in; they leave on any.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    taken: AtomicUsize,
    /// The most that were ever taken at once.
    peak: AtomicUsize,
    /// Readable when somebody has left since it was last asked.
    freed: EventFd,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Place<'s>(&'s Places);

impl Places {
    pub(crate) fn new(most: usize) -> Result<Self, Error> {
        let freed = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK);
        let freed = freed.map_err(|errno| Error::refused("make", "an event counter", errno))?;
        Ok(Self { most, taken: AtomicUsize::new(0), peak: AtomicUsize::new(0), freed })
    }

    /// Whether one is free. It stays so: only who asks this lets anybody in.
    pub(crate) fn is_one_free(&self) -> bool {
        self.taken() < self.most
    }

    pub(crate) fn take(&self) -> Place<'_> {
        let taken = self.taken.fetch_add(1, Ordering::AcqRel) + 1;
        self.peak.fetch_max(taken, Ordering::Relaxed);
        Place(self)
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Readable when somebody has left; [`Places::look_again`] makes it wait for the next one.
    pub(crate) fn freed(&self) -> BorrowedFd<'_> {
        self.freed.as_fd()
    }

    /// Before looking whether a place is free: who leaves from now on rings again.
    pub(crate) fn look_again(&self) {
        let _ = self.freed.read(); // fails where nobody has left
    }

    /// Waits until somebody has left, at most until `deadline`, whatever signals come.
    pub(crate) fn wait_for_one_to_leave(&self, deadline: Instant) {
        let left = deadline.saturating_duration_since(Instant::now());
        // One millisecond more than is left: poll(2) knows no smaller ones, and would return too early.
        let timeout = PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
        let _ = poll(&mut [PollFd::new(self.freed(), PollFlags::POLLIN)], timeout); // a signal: the caller looks again
        self.look_again();
    }

    /// Waits until all have left. False if they have not by `deadline`.
    pub(crate) fn wait_until_empty(&self, deadline: Instant) -> bool {
        while self.taken() > 0 {
            if Instant::now() >= deadline {
                return false;
            }
            self.wait_for_one_to_leave(deadline);
        }
        true
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
        let _ = self.0.freed.write(1); // fails where it is full, and so is readable anyway
    }
}
