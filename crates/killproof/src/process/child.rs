//! A process that was started: its handle.

mod wait;

pub(super) use wait::wait_reapable;

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use rustix::io::Errno;

use super::grace::Grace;
use super::{Exit, OnEnd};
use crate::error::{Error, Phrase};
use crate::foreign::caught;
use crate::interrupt;
use crate::links::{self, LinkId};
use crate::observe::Span;
use crate::sys::pidfd;

/// A process that was started.
///
/// Dropping it joins the process, as Python does at the end of a program; a daemon, or one with
/// [`kill_on_drop`](super::Process::kill_on_drop), is terminated instead. So no handle leaves a zombie. If
/// the parent was asked to end, or is panicking, every child is terminated: its work is no longer wanted. (A
/// child that a destructor starts during the panic is joined.)
///
/// A process that is terminated has half a second to end, and is killed then; [`end_all`](super::end_all) ends
/// several in that time. One that this process may not signal, because it has become a program of another user, is
/// joined.
///
/// A process that a debugger traces (`ptrace`) belongs to the debugger when it is dead, until the debugger has waited
/// for it or has ended. Meanwhile it is not [alive](Child::is_alive) and cannot be joined; dropping its handle waits.
///
/// It is for the process that started the child. A forked one has a copy, by which it can see whether the child lives,
/// wait for its end and signal it; it cannot join it, and to drop the copy does nothing.
///
/// Unlike [`std::process::Child`] it is never silently detached, and it signals through a pidfd:
/// a pid that the system has given to another process is never hit.
///
/// ```
/// use std::time::Duration;
/// use killproof::process::Process;
/// use killproof::sync::Event;
///
/// let never = Event::new()?;
/// let mut child = Process::new("waits", || never.wait(Duration::MAX)).start()?;
/// assert_eq!(child.join_timeout(Duration::from_millis(1))?, None);
/// child.terminate()?;
/// assert_eq!(child.join()?.to_string(), "signal SIGTERM");
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct Child {
    name: String,
    pid: Pid,
    /// `None`: the kernel had reaped it before the handle was made, because SIGCHLD is ignored.
    handle: Option<Arc<OwnedFd>>,
    link: Option<LinkId>,
    kill_on_drop: bool,
    /// A destructor started it that a panic runs, so that panic does not mean that its work is not wanted.
    made_while_panicking: bool,
    /// The process that started it. A copy of this handle in a forked child does nothing when it is dropped.
    parent: Pid,
    exit: Option<Exit>,
    detached: bool,
    on_end: Option<OnEnd>,
}

impl Child {
    /// A handle on a child of this process.
    pub(super) fn new(name: String, pid: Pid, handle: Option<OwnedFd>, kill_on_drop: bool) -> Self {
        Self {
            name,
            pid,
            handle: handle.map(Arc::new),
            link: None,
            kill_on_drop,
            made_while_panicking: std::thread::panicking(),
            parent: nix::unistd::getpid(),
            exit: None,
            detached: false,
            on_end: None,
        }
    }

    /// Links it with this process.
    pub(super) fn link(&mut self) {
        self.link = self.handle.as_ref().map(|handle| links::add(&self.name, self.pid(), handle));
    }

    /// Its end is no failure from now on, unless it has failed before.
    fn settle_link(&self) {
        if let Some(link) = self.link {
            links::settle(link);
        }
    }

    /// Its end is known, or of no interest.
    fn unlink(&mut self) {
        if let Some(link) = self.link.take() {
            links::remove(link);
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Whether it has not ended yet. A zombie is not alive.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.exit.is_none() && !self.ended_before(Instant::now())
    }

    /// Waits until it ends, and reaps it. Later calls return the same again.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if this process is asked to end meanwhile; the child goes on.
    /// [`Error::Refused`] if there is no exit status to be had, because SIGCHLD is ignored and the
    /// kernel reaped the child itself, or because the caller is another process than the child's parent: a forked
    /// one that has a copy of this handle.
    #[track_caller]
    pub fn join(&mut self) -> Result<Exit, Error> {
        if let Some(exit) = self.exit {
            return Ok(exit);
        }
        self.wait_end(None)?;
        self.end()
    }

    /// Waits until it ends, for at most `timeout`. `None` if it is still alive then, or dead and kept by a debugger.
    ///
    /// # Errors
    ///
    /// Those of [`Child::join`].
    #[track_caller]
    pub fn join_timeout(&mut self, timeout: Duration) -> Result<Option<Exit>, Error> {
        if self.exit.is_none() && !self.wait_end(Some(timeout))? {
            return Ok(None);
        }
        self.end().map(Some)
    }

    /// Waits until it has ended, and leaves it a zombie, which a join would not.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if this process is asked to end meanwhile.
    #[track_caller]
    pub fn wait_ended(&self) -> Result<(), Error> {
        self.wait_end(None).map(|_| ())
    }

    /// Drops the handle without a join. From its end to the end of this process the child is a zombie;
    /// if this process ends first, the child is an orphan.
    pub fn detach(mut self) {
        self.unlink();
        self.detached = true;
    }

    /// Asks it to end: SIGTERM, which ends every [`Process`](super::Process) that did not choose otherwise. One
    /// that is stopped (SIGSTOP) ends when it goes on.
    ///
    /// # Errors
    ///
    /// The system refuses. Terminating a process that has ended is no error.
    pub fn terminate(&self) -> Result<(), Error> {
        self.signal(Signal::SIGTERM)
    }

    /// Ends it: SIGKILL, which no process can refuse, and which runs none of its destructors.
    ///
    /// # Errors
    ///
    /// Those of [`Child::terminate`].
    pub fn kill(&self) -> Result<(), Error> {
        self.signal(Signal::SIGKILL)
    }

    /// Sends it any signal. From then on it is not [linked](super::Process::linked) any more: its end is what
    /// its parent wants.
    ///
    /// # Errors
    ///
    /// Those of [`Child::terminate`].
    pub fn signal(&self, signal: Signal) -> Result<(), Error> {
        let Some(handle) = self.handle.as_ref().filter(|_| self.exit.is_none()) else { return Ok(()) };
        self.settle_link();
        match pidfd::signal(handle.as_fd(), signal) {
            Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => Ok(()),
            Err(error) if self.signal_by_pid(&error, signal) => Ok(()),
            sent => sent.map_err(|source| Error::refused("signal", Phrase::name(&self.name), source)),
        }
    }

    /// Where a filter of system calls forbids to signal through a pidfd. A child that this process has not reaped
    /// keeps its pid. False if that was not why, or is forbidden, too.
    fn signal_by_pid(&self, error: &std::io::Error, signal: Signal) -> bool {
        let is_forbidden = matches!(error.raw_os_error(), Some(nix::libc::EPERM | nix::libc::ENOSYS));
        is_forbidden && self.is_own() && self.is_alive() && nix::sys::signal::kill(self.pid, signal).is_ok()
    }

    /// Readable as soon as it has ended. `None`: it had ended before the handle was made.
    pub(crate) fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.handle.as_ref().map(|handle| handle.as_fd())
    }

    /// Calls `ended` when the process is reaped.
    #[must_use]
    pub fn on_end(mut self, ended: OnEnd) -> Self {
        self.on_end = Some(ended);
        self
    }

    /// How the child ended. A signal to the whole process group may have ended the child before it reached
    /// this process: then the request to end is the result, and not the child's end.
    fn end(&mut self) -> Result<Exit, Error> {
        let exit = self.reap();
        self.unlink();
        let exit = exit?;
        match interrupt::requested_by_signal() {
            Some(signal) if exit.signal().is_some() => Err(Error::Interrupted(signal)),
            _ => Ok(exit),
        }
    }

    /// Its exit, if it has ended, whatever this process is asked. `None` as well while a debugger keeps it.
    pub(crate) fn try_reap(&mut self) -> Option<Result<Exit, Error>> {
        (self.exit.is_some() || self.can_be_reaped()).then(|| self.reap())
    }

    fn reap(&mut self) -> Result<Exit, Error> {
        if let Some(exit) = self.exit {
            return Ok(exit);
        }
        let exit = self.wait_status();
        self.exit = exit.ok();
        // Of a child that the kernel reaped it is known that it ended, and not how. The copy of a handle learns nothing.
        let is_known = exit.is_ok() || exit == Err(Errno::CHILD) && !self.is_copy() && !self.is_alive();
        if is_known && let Some(tell) = self.on_end.take() {
            report(tell, exit.ok());
        }
        exit.map_err(|errno| Error::refused("wait for", Phrase::name(&self.name), errno))
    }

    /// SIGTERM, and SIGCONT for one that is stopped, which sees the first only when it goes on.
    pub(super) fn ask_to_end(&self) {
        if self.is_own() {
            let _ = self.terminate();
            self.go_on();
        }
    }

    /// SIGCONT, for one that is stopped.
    pub(crate) fn go_on(&self) {
        if self.is_own() {
            let _ = self.signal(Signal::SIGCONT);
        }
    }

    /// SIGKILL, if it has not ended before `deadline`, and reaps it. Whether it was killed.
    pub(super) fn end_before(&mut self, deadline: Instant) -> bool {
        let is_own = self.is_own();
        // The span of the wait ends before the end of the child is reported.
        let span = if is_own { self.begin_wait(true, Location::caller()) } else { Span::none() };
        let is_killed = is_own && !self.ended_before(deadline);
        if is_killed {
            let _ = self.kill();
            self.wait_for_status();
        }
        drop(span);
        let _ = self.reap();
        is_killed
    }

    /// Waits for an end that it was asked for otherwise, kills it if that does not come before `deadline`, and reaps it.
    pub(crate) fn end_by_itself_before(&mut self, deadline: Instant) {
        if self.exit.is_none() {
            self.settle_link();
            self.end_before(deadline);
        }
    }

    /// Whether this process is to reap it: it may have done so, or may be a copy of its parent.
    fn is_own(&self) -> bool {
        self.exit.is_none() && !self.is_copy() && self.may_be_waited_for()
    }

    /// In a child of the process that started it.
    fn is_copy(&self) -> bool {
        self.parent != nix::unistd::getpid()
    }

    /// A copy in a process that was given the pid of that process: the child lives, and the kernel knows it as
    /// another process's.
    fn is_copy_under_its_parents_pid(&self) -> bool {
        !self.may_be_waited_for() && self.is_alive()
    }

    fn may_be_waited_for(&self) -> bool {
        self.look().is_some_and(|look| look.is_ok())
    }
}

/// Foreign code. During a panic a second one would abort the program.
fn report(tell: OnEnd, exit: Option<Exit>) {
    if std::thread::panicking() {
        caught(|| tell(exit));
    } else {
        tell(exit);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.exit.is_some() || self.detached || self.is_copy() || self.is_copy_under_its_parents_pid() {
            return;
        }
        let panics = std::thread::panicking() && !self.made_while_panicking;
        if self.kill_on_drop || panics || self.wait_end(None).is_err() {
            let grace = Grace::begin();
            self.ask_to_end();
            let was_killed = self.end_before(grace.deadline());
            grace.end(was_killed);
        } else {
            // No caller learns how it ended: its failure is known to the links alone.
            self.settle_link();
            let _ = self.reap();
        }
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, pid, kill_on_drop, exit, .. } = self;
        f.debug_struct("Child")
            .field("name", name)
            .field("pid", &pid.as_raw())
            .field("kill_on_drop", kill_on_drop)
            .field("exit", exit)
            .finish()
    }
}
