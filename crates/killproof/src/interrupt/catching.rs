//! Which process catches signals, and what it was asked.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, OnceLock, PoisonError};

use nix::sys::signal::{SigSet, Signal};

use crate::error::Error;
use crate::identity::Owner;
use crate::sys::descriptor::above_standard_streams;
use crate::sys::handler::{self, Notes, SIGNALS};
use crate::sys::{pidfd, signal};

/// What a process learns that catches signals, and what its children learn of it.
pub(super) struct Requests {
    /// The process that catches signals here.
    by: Owner,
    /// Readable as soon as a signal came, and for ever after.
    came: UnixStream,
    /// Where the handler writes.
    wakes: UnixStream,
    /// Readable as soon as the process has ended.
    process: OwnedFd,
    notes: OnceLock<Notes>,
    /// Those of a child that catches signals itself.
    next: OnceLock<Box<Requests>>,
}

static REQUESTS: OnceLock<Box<Requests>> = OnceLock::new();

/// Those that this process has, its own or inherited, the oldest first.
pub(super) fn requests() -> impl Iterator<Item = &'static Requests> {
    std::iter::successors(REQUESTS.get(), |requests| requests.next.get()).map(|requests| &**requests)
}

/// Readable as soon as this process is asked to end.
pub(super) fn fds() -> Vec<BorrowedFd<'static>> {
    requests().flat_map(|requests| [requests.came.as_fd(), requests.process.as_fd()]).collect()
}

/// The signal that came to the process that caught it: this one, or one that forked it since.
pub(super) fn noted() -> Option<Signal> {
    requests().find_map(|requests| requests.notes.get()?.came())
}

/// Catches the signals that ask this process to end, from now on. Later calls change nothing.
///
/// A child has none of its parent's handlers, so signals end it. A child that calls this catches its own from then
/// on, and is still asked to end when its parent is. A handler that the program had installed for one of the
/// signals is called as before.
///
/// `nohup` keeps its meaning: a SIGHUP that was ignored stays ignored. A signal that is caught is unblocked in the
/// calling thread: exec(3) hands on what the program that started this one has blocked.
///
/// # Errors
///
/// The system refuses a socket pair or a handler.
pub fn catch_signals() -> Result<(), Error> {
    static CATCHING: Mutex<()> = Mutex::new(());
    let _catching = CATCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let last = requests().last();
    if last.is_some_and(|last| last.by.is_caller()) {
        return Ok(());
    }
    let refused = |source: io::Error| Error::refused("catch", "signals", source);
    let made = Box::new(Requests::new().map_err(refused)?);
    let requests = last.map_or(&REQUESTS, |last| &last.next).get_or_init(|| made);
    let caught = SIGNALS.into_iter().filter(|signal| *signal != Signal::SIGHUP || !signal::ignores(*signal));
    let caught: SigSet = caught.collect();
    requests.notes.get_or_init(|| Notes::new(requests.wakes.as_fd())).install(caught.iter()).map_err(refused)?;
    caught.thread_unblock().map_err(|errno| refused(errno.into()))?;
    // A write to a file that may not grow returns an error and does not kill the writer.
    handler::interrupt_only(Signal::SIGXFSZ).map_err(refused)
}

impl Requests {
    fn new() -> io::Result<Self> {
        let (came, wakes) = UnixStream::pair()?;
        let [came, wakes] = [came, wakes].map(|end| above_standard_streams(end.into()).map(UnixStream::from));
        let (came, wakes, process) = (came?, wakes?, pidfd::open(nix::unistd::getpid())?);
        Ok(Self { by: Owner::caller(), came, wakes, process, notes: OnceLock::new(), next: OnceLock::new() })
    }
}
