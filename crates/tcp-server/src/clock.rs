//! A clock whose ringing is an event like any other, from timerfd(2).

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Any thread sets it; it is readable at the earliest of the times that it was set to.
#[derive(Debug)]
pub(crate) struct Clock {
    timer: TimerFd,
    /// When it rings. `None`: never.
    next: Mutex<Option<Instant>>,
}

impl Clock {
    pub(crate) fn new() -> Result<Self, Errno> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        Ok(Self { timer, next: Mutex::new(None) })
    }

    pub(crate) fn ring_at(&self, at: Instant) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.is_none_or(|next| at < next) {
            let left = at.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1)); // 0 is never
            let set = self.timer.set(Expiration::OneShot(TimeSpec::from_duration(left)), TimerSetTimeFlags::empty());
            set.expect("a timer that is open takes a time that is one");
            *next = Some(at);
        }
    }

    /// Before doing what it rang for: who sets it from now on sets it anew.
    pub(crate) fn rang(&self) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl AsFd for Clock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.timer.as_fd()
    }
}
