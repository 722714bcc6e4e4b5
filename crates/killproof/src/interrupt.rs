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

mod catching;

pub use catching::catch_signals;

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, ppoll};
use nix::sys::signal::Signal;
use nix::sys::time::TimeSpec;

use crate::error::Error;

use catching::noted;

/// The signal that asked this process to end. In a process that was forked from the one that
/// catches the signals: SIGTERM, once that one was asked to end or has ended.
#[must_use]
pub fn requested() -> Option<Signal> {
    noted().or_else(|| {
        // The handler stores the number before it sends the byte, so the process that catches the signals
        // finds the number here. Its children do not: for them any signal counts as SIGTERM.
        any_readable(&catching::fds()).then(|| noted().unwrap_or(Signal::SIGTERM))
    })
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
    wait_until_ready(fds, PollFlags::POLLIN, "input", timeout)
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
    wait_until_ready(&[fd], PollFlags::POLLOUT, "output", timeout)
}

fn wait_until_ready(
    fds: &[BorrowedFd<'_>],
    ready: PollFlags,
    what: &str,
    timeout: Option<Duration>,
) -> Result<bool, Error> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let requests = catching::fds();
    loop {
        let asks = requests.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN));
        let mut polled: Vec<_> = asks.chain(fds.iter().map(|fd| PollFd::new(*fd, ready))).collect();
        let left = deadline.map(|deadline| TimeSpec::from(deadline.saturating_duration_since(Instant::now())));
        let result = ppoll(&mut polled, left, None);
        let is_request = |fd: &PollFd| fd.any() == Some(true);
        if polled[..requests.len()].iter().any(is_request) {
            return Err(Error::Interrupted(requested().unwrap_or(Signal::SIGTERM)));
        }
        match result {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(nix::Error::EINTR) => {}
            Err(errno) => return Err(Error::refused("wait for", what, errno)),
        }
    }
}

fn any_readable(fds: &[BorrowedFd<'_>]) -> bool {
    let mut polled: Vec<_> = fds.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    matches!(nix::poll::poll(&mut polled, PollTimeout::ZERO), Ok(1..))
}
