//! Waiting for the end of a child, and its exit.

use std::os::fd::AsFd;
use std::panic::Location;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};

use super::{Child, Exit};
use crate::error::Error;
use crate::interrupt;
use crate::links::LinkId;
use crate::observe::{self, Location as At, Object, Span, SpanKind};

/// How often a waiter looks whether a tracer has let go of a dead process.
const TRACER: Duration = Duration::from_millis(10);

impl Child {
    #[track_caller]
    pub(super) fn wait_end(&self, timeout: Option<Duration>) -> Result<bool, Error> {
        if self.handle.is_none() {
            return Ok(true);
        }
        let mut span = self.begin_wait(timeout != Some(Duration::ZERO), Location::caller());
        let ended = wait_reapable(&[self], self.link, timeout);
        span.ends_as(&ended);
        ended
    }

    /// The span of a wait for its end, if the caller really has to wait.
    pub(super) fn begin_wait(&self, is_patient: bool, at: At) -> Span {
        if is_patient && observe::is_installed() && self.is_alive() {
            observe::begin(SpanKind::WaitChild, Object::Child { name: &self.name, pid: self.pid() }, at)
        } else {
            Span::none()
        }
    }

    /// Whether a join of it would not wait. The kernel gives the exit of a traced process to its tracer first: until
    /// then its parent would wait for it without an end, although it is dead.
    pub(super) fn can_be_reaped(&self) -> bool {
        !matches!(self.look(), Some(Ok(None)))
    }

    /// Whether it has ended, and a debugger has not let go of it yet.
    pub(crate) fn is_kept(&self) -> bool {
        !self.can_be_reaped()
    }

    /// Its exit, if it can be reaped, without reaping it.
    pub(super) fn look(&self) -> Option<Result<Option<WaitIdStatus>, Errno>> {
        let looks = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.handle.as_ref().map(|handle| waitid(WaitId::PidFd(handle.as_fd()), looks))
    }

    /// nix's `waitid` reaps a child that a real-time signal ended, and then fails for want of a name.
    pub(super) fn wait_status(&self) -> Result<Exit, Errno> {
        let handle = self.handle.as_ref().ok_or(Errno::CHILD)?;
        loop {
            match waitid(WaitId::PidFd(handle.as_fd()), WaitIdOptions::EXITED) {
                Ok(ended) => {
                    let by_itself = ended.as_ref().and_then(WaitIdStatus::exit_status).map(Exit::Code);
                    let by_signal = || ended.as_ref().and_then(WaitIdStatus::terminating_signal).map(Exit::by_signal);
                    if let Some(exit) = by_itself.or_else(by_signal) {
                        return Ok(exit);
                    }
                }
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    /// Waits until there is an exit status, and leaves the child a zombie.
    pub(super) fn wait_for_status(&self) {
        if let Some(handle) = &self.handle {
            let _ = waitid(WaitId::PidFd(handle.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        }
    }

    /// Waits without listening to requests to end: for destructors, which must finish.
    pub(super) fn ended_before(&self, deadline: Instant) -> bool {
        let Some(handle) = &self.handle else { return true };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut polled = [PollFd::new(handle.as_fd(), PollFlags::POLLIN)];
            match ppoll(&mut polled, Some(TimeSpec::from(left)), None) {
                Err(nix::Error::EINTR) => {}
                ended => return matches!(ended, Ok(1..)),
            }
        }
    }
}

/// Waits until one of the children has ended and can be reaped, for at most `timeout`. A failure of the child of this
/// link ends no wait.
pub(in crate::process) fn wait_reapable(
    children: &[&Child],
    except: Option<LinkId>,
    timeout: Option<Duration>,
) -> Result<bool, Error> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let left = || deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let mut watched = children.to_vec();
    let mut pause = left();
    loop {
        let handles: Vec<_> = watched.iter().filter_map(|child| child.pidfd()).collect();
        let has_ended = interrupt::wait_ended(&handles, except, pause)?;
        let is_kept = watched.len() < children.len();
        if (has_ended || is_kept) && children.iter().any(|child| child.can_be_reaped()) {
            return Ok(true);
        }
        let left = left();
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(false);
        }
        // A handle says no more than that the process is dead, and no event says when its tracer lets go of it.
        watched.retain(|child| child.is_alive());
        pause = Some(left.map_or(TRACER, |left| left.min(TRACER)));
    }
}
