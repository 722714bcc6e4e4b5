//! A timer whose expiry is an event of epoll(7), by timerfd(2).

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Readable at the earliest of the times that threads have set.
#[derive(Debug)]
pub(crate) struct Timer {
    timer: TimerFd,
    /// The earliest of those times.
    next: Mutex<Option<Instant>>,
}

impl Timer {
    pub(crate) fn new() -> Result<Self, Errno> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        Ok(Self { timer, next: Mutex::new(None) })
    }

    /// Makes the timer expire at `at`, unless it expires earlier.
    pub(crate) fn set(&self, at: Instant) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.is_none_or(|next| at < next) {
            let left = at.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1)); // 0 would be never
            let set = self.timer.set(Expiration::OneShot(TimeSpec::from_duration(left)), TimerSetTimeFlags::empty());
            set.expect("an open timer takes any time that is valid");
            *next = Some(at);
        }
    }

    /// Makes the timer free for a new time. Call it before the work that the expiry asks for: a time that
    /// a thread sets meanwhile counts.
    pub(crate) fn expired(&self) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.timer.as_fd()
    }
}
