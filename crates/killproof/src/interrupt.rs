//! Ctrl-C, SIGTERM and SIGHUP, turned into an error that unwinds the run.
//!
//! A run that is asked to end must reap its children and leave its files whole, so a signal does not end
//! it at once. The signal is noted, every wait of this crate ends early with [`Error::Interrupted`], and
//! the destructors on the way out do the rest. A second signal ends the process at once.
//!
//! The request is level-triggered: a byte in a socket that is never read, so a wait that begins after the
//! signal ends as promptly as one that was under way. Forked children inherit the socket, and a pidfd of
//! the process that catches the signals. Their waits end, too, when that process is asked to end and when
//! it has ended; so do those of orphans, which nothing else connects with their run. A child that catches
//! signals itself has a socket of its own besides.
//!
//! The same way ends the waits of a parent whose [linked](crate::process::Process::linked) child has failed:
//! with SIGCHLD, the kernel's own word for it.

mod catching;

pub use catching::catch_signals;

use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, ppoll};
use nix::sys::signal::Signal;
use nix::sys::time::TimeSpec;

use crate::error::Error;
use crate::links::{self, Failure, LinkId};
use crate::sys::handler::SIGNALS;

use catching::noted;

/// How often a waiter looks whether a debugger has let go of a dead linked child, in milliseconds.
const NEXT_LOOK: u8 = 10;

/// How long a signal to a process group may take to reach this process after it reached a child, in milliseconds.
const SAME_SIGNAL: u8 = 50;

/// The signal that asked this process to end. In a process that was forked from the one that
/// catches the signals: SIGTERM, once that one was asked to end or has ended. In the parent of a
/// [linked](crate::process::Process::linked) child that failed: SIGCHLD.
#[must_use]
pub fn requested() -> Option<Signal> {
    requested_by_signal().or_else(|| failed_link(None))
}

/// The same without a look at linked children.
pub(crate) fn requested_by_signal() -> Option<Signal> {
    noted().or_else(|| {
        // The handler stores the number before it sends the byte, so the process that catches the signals
        // finds the number here. Its children do not: for them any signal counts as SIGTERM.
        any_readable(&catching::fds(), 0).then(|| noted().unwrap_or(Signal::SIGTERM))
    })
}

/// SIGCHLD, if a linked child has failed; `except` is the one whose end the caller waits for.
fn failed_link(except: Option<LinkId>) -> Option<Signal> {
    let (_, _, failure) = links::failed(except)?;
    let is_request = |signal: &Signal| failure == Failure::Signal(*signal as i32);
    if SIGNALS.iter().any(is_request) {
        // A signal to the whole process group may have ended the child before it reached this process.
        any_readable(&catching::fds(), SAME_SIGNAL);
    }
    requested_by_signal().or(Some(Signal::SIGCHLD))
}

/// Returns an error if this process was asked to end.
///
/// ```
/// use killproof::interrupt;
///
/// interrupt::catch_signals()?;
/// assert!(interrupt::check().is_ok());
/// nix::sys::signal::raise(nix::sys::signal::Signal::SIGINT).expect("a signal to myself");
/// assert_eq!(interrupt::check().expect_err("asked to end").to_string(), "ended by SIGINT");
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Interrupted`] with the signal.
pub fn check() -> Result<(), Error> {
    requested().map_or(Ok(()), |signal| Err(Error::Interrupted(signal)))
}

/// Sleeps for `duration`, unless this process is asked to end meanwhile.
///
/// ```
/// use std::time::Duration;
/// use killproof::{interrupt, process::Process};
///
/// interrupt::catch_signals()?;
/// let sleeps = || interrupt::sleep(Duration::from_secs(60));
/// let mut child = Process::new("sleeps", sleeps).start()?;
/// nix::sys::signal::raise(nix::sys::signal::Signal::SIGTERM).expect("a signal to myself");
/// // The request reached the child, too, and ended its sleep.
/// assert!(interrupt::sleep(Duration::from_secs(60)).is_err());
/// # drop(child);
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Interrupted`], at once when the signal comes.
pub fn sleep(duration: Duration) -> Result<(), Error> {
    wait_readable(&[], Some(duration)).map(|_| ())
}

/// Waits until one of `fds` can be read (or is at its end), for at most `timeout`. True if one can.
///
/// # Errors
///
/// [`Error::Interrupted`]; [`Error::Refused`] if the system refuses to poll.
pub fn wait_readable(fds: &[BorrowedFd<'_>], timeout: Option<Duration>) -> Result<bool, Error> {
    Wait { fds, ready: PollFlags::POLLIN, what: "input", except: None }.until_ready(timeout)
}

/// Waits until `fd` can be written to (or has no reader any more), for at most `timeout`. True if it can.
///
/// A write to a pipe or a terminal that is open for several processes may find no room nevertheless, because
/// another process was faster: such a write does not block only where the descriptor has `O_NONBLOCK`.
///
/// ```
/// use std::os::fd::AsFd;
/// use std::time::Duration;
/// use killproof::interrupt;
///
/// let (_reader, writer) = std::io::pipe().expect("a pipe");
/// assert!(interrupt::wait_writable(writer.as_fd(), Some(Duration::ZERO))?);
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Interrupted`]; [`Error::Refused`] if the system refuses to poll.
pub fn wait_writable(fd: BorrowedFd<'_>, timeout: Option<Duration>) -> Result<bool, Error> {
    Wait { fds: &[fd], ready: PollFlags::POLLOUT, what: "output", except: None }.until_ready(timeout)
}

/// Waits until one of the children behind `handles` has ended, for at most `timeout`. The failure of the child of this
/// link ends no wait.
pub(crate) fn wait_ended(
    handles: &[BorrowedFd<'_>],
    link: Option<LinkId>,
    timeout: Option<Duration>,
) -> Result<bool, Error> {
    Wait { fds: handles, ready: PollFlags::POLLIN, what: "a process", except: link }.until_ready(timeout)
}

struct Wait<'a> {
    fds: &'a [BorrowedFd<'a>],
    ready: PollFlags,
    /// For the error.
    what: &'static str,
    except: Option<LinkId>,
}

impl Wait<'_> {
    fn until_ready(self, timeout: Option<Duration>) -> Result<bool, Error> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let requests = catching::fds();
        loop {
            // One that ended well is no link any more when the next look begins.
            let links = links::handles(self.except);
            let asks = requests.iter().copied().chain(links.iter().map(|link| link.as_fd()));
            let asks = asks.map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            let mut polled: Vec<_> = asks.chain(self.fds.iter().map(|fd| PollFd::new(*fd, self.ready))).collect();
            let left = deadline.map(|deadline| TimeSpec::from(deadline.saturating_duration_since(Instant::now())));
            let result = ppoll(&mut polled, left, None);
            let (asks, fds) = polled.split_at(polled.len() - self.fds.len());
            let is_ready = |fd: &PollFd| fd.any() == Some(true);
            let is_asked = asks.iter().any(is_ready);
            if is_asked && let Some(signal) = requested_by_signal().or_else(|| failed_link(self.except)) {
                return Err(Error::Interrupted(signal));
            }
            match result {
                Ok(0) => return Ok(false),
                Ok(_) if fds.iter().any(is_ready) => return Ok(true),
                // What there is to learn of it is with a debugger, and the next look is soon enough.
                Ok(_) if is_asked && links::is_one_untold(self.except) => {
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_millis());
                    let pause =
                        left.and_then(|left| u8::try_from(left).ok()).map_or(NEXT_LOOK, |left| left.min(NEXT_LOOK));
                    any_readable(self.fds, pause);
                }
                Ok(_) | Err(nix::Error::EINTR) => {}
                Err(errno) => return Err(Error::refused("wait for", self.what, errno)),
            }
        }
    }
}

/// Whether one of `fds` can be read within this many milliseconds.
fn any_readable(fds: &[BorrowedFd<'_>], timeout: u8) -> bool {
    let mut polled: Vec<_> = fds.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    matches!(nix::poll::poll(&mut polled, PollTimeout::from(timeout)), Ok(1..))
}
