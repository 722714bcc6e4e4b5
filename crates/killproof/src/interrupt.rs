//! Ctrl-C, SIGTERM and SIGHUP, turned into an error that unwinds the run.
//!
//! A run that is asked to end must reap its children and leave its files whole, so a signal does not end
//! it at once. The signal is noted, every wait of this crate ends early with [`Error::Interrupted`], and
//! the destructors on the way out do the rest. A second signal ends the process at once.
//!
//! The request is level-triggered: a byte in a socket that is never read, so a wait that begins after the
//! signal ends as promptly as one that was under way. Forked children inherit the socket, and a pidfd of
//! the process that catches the signals. Their waits end, too, when that process is asked to end and when
//! it has ended; so do those of orphans, which nothing else connects with their run.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, ppoll};
use nix::sys::signal::Signal;
use nix::sys::time::TimeSpec;

use crate::error::Error;
use crate::procfs;
use crate::sys::pidfd;

/// The signals that ask a run to end.
const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

struct Requests {
    /// The number of the signal that came, or 0. Only the process that installed the handlers sets it.
    number: Arc<AtomicUsize>,
    /// Readable as soon as a signal came, and for ever after.
    came: UnixStream,
    /// Readable as soon as the process that installed the handlers has ended.
    main: OwnedFd,
}

impl Requests {
    /// Readable as soon as this process is asked to end.
    fn fds(&self) -> [BorrowedFd<'_>; 2] {
        [self.came.as_fd(), self.main.as_fd()]
    }
}

static REQUESTS: OnceLock<Requests> = OnceLock::new();

/// Catches the signals that ask this process to end, from now on. Later calls change nothing.
///
/// `nohup` keeps its meaning: a SIGHUP that was ignored stays ignored.
///
/// # Errors
///
/// The system refuses a socket pair or a handler.
pub fn catch_signals() -> Result<(), Error> {
    if REQUESTS.get().is_some() {
        return Ok(());
    }
    let refused = |source: io::Error| Error::refused("catch", "signals", source);
    let (came, write_end) = UnixStream::pair().map_err(refused)?;
    let main = pidfd::open(nix::unistd::getpid()).map_err(refused)?;
    let number = Arc::new(AtomicUsize::new(0));
    let again = Arc::new(AtomicBool::new(false));
    for signal in SIGNALS {
        if signal == Signal::SIGHUP && procfs::ignores(signal).map_err(refused)? {
            continue;
        }
        let raw = signal as i32;
        // In this order: the second signal finds `again` set by the first, and has its default effect.
        signal_hook::flag::register_conditional_default(raw, Arc::clone(&again)).map_err(refused)?;
        signal_hook::flag::register(raw, Arc::clone(&again)).map_err(refused)?;
        let value = usize::try_from(raw).unwrap_or_default();
        signal_hook::flag::register_usize(raw, Arc::clone(&number), value).map_err(refused)?;
        let write_end = write_end.try_clone().map_err(refused)?;
        signal_hook::low_level::pipe::register(raw, write_end).map_err(refused)?;
    }
    // A write to a file that may not grow returns an error and does not kill the writer.
    signal_hook::flag::register(Signal::SIGXFSZ as i32, Arc::default()).map_err(refused)?;
    let _ = REQUESTS.set(Requests { number, came, main });
    Ok(())
}

/// The signal that asked this process to end. In a process that was forked from the one that
/// catches the signals: SIGTERM, once that one was asked to end or has ended.
#[must_use]
pub fn requested() -> Option<Signal> {
    let requests = REQUESTS.get()?;
    let number = || Signal::try_from(i32::try_from(requests.number.load(Ordering::Acquire)).unwrap_or(0)).ok();
    number().or_else(|| {
        // The handler stores the number before it writes the byte, so the process that catches the signals
        // finds the number here. Its children do not: for them any signal counts as SIGTERM.
        any_readable(&requests.fds()).then(|| number().unwrap_or(Signal::SIGTERM))
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
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let requests = REQUESTS.get().map(Requests::fds);
    loop {
        let watched = requests.iter().flatten().chain(fds);
        let mut polled: Vec<_> = watched.map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        let left = deadline.map(|deadline| TimeSpec::from(deadline.saturating_duration_since(Instant::now())));
        let result = ppoll(&mut polled, left, None);
        let is_request = |fd: &PollFd| fd.any() == Some(true);
        if requests.is_some_and(|requests| polled[..requests.len()].iter().any(is_request)) {
            return Err(Error::Interrupted(requested().unwrap_or(Signal::SIGTERM)));
        }
        match result {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(nix::Error::EINTR) => {}
            Err(errno) => return Err(Error::refused("wait for", "input", errno)),
        }
    }
}

fn any_readable(fds: &[BorrowedFd<'_>]) -> bool {
    let mut polled: Vec<_> = fds.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    matches!(nix::poll::poll(&mut polled, PollTimeout::ZERO), Ok(1..))
}
