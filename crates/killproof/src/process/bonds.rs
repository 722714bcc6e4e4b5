//! What a child arranges before its closure runs: with which process it dies, and as which user it runs.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};

use crate::error::Error;
use crate::foreign::PANICKED;
use crate::interrupt;
use crate::sys::{fork, signal};

/// A user and a group by number: [`Process::user`](super::Process::user).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub uid: u32,
    /// The group. The process has no other groups.
    pub gid: u32,
}

/// What the child arranges before its closure runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bonds {
    pub(super) dies_with_parent: bool,
    pub(super) ignores_ctrl_c: bool,
    pub(super) ignores_sigterm: bool,
    pub(super) user: Option<User>,
}

/// The process with which this one dies. A parent sets it before the fork, because a child that stores it would
/// copy a page.
static PARENT: Mutex<Option<Arc<Parent>>> = Mutex::new(None);
/// Whether there is one: a look that writes nothing.
static IS_BOUND: AtomicBool = AtomicBool::new(false);

struct Parent {
    pid: Pid,
    handle: OwnedFd,
}

/// A parent that is about to fork, and has had a descriptor for the child's handle: its own handle.
///
/// A bound child keeps that. For another one it is closed before the fork: no other thread runs that could take the
/// descriptor before the child's handle does. The parent drops this value after the fork, and the child never does.
/// Where nothing is bound both write and free nothing, because each page that one of the two writes is copied.
pub(super) struct Announced {
    parent: Option<Arc<Parent>>,
    /// What was in [`PARENT`], if that was changed.
    before: Option<Arc<Parent>>,
    is_changed: bool,
}

impl Announced {
    /// `handle` is this process's own.
    pub(super) fn new(bonds: Bonds, handle: OwnedFd) -> Self {
        let is_bound = bonds.dies_with_parent;
        let parent = is_bound.then(|| Arc::new(Parent { pid: nix::unistd::getpid(), handle }));
        let is_changed = is_bound || IS_BOUND.load(Ordering::Relaxed);
        let before = if is_changed { replace(parent.clone()) } else { None };
        Self { parent, before, is_changed }
    }

    /// In the child: closes what it has no use for, and arranges the bonds. It does as little as it can, because
    /// every page that it touches has to be fetched or copied first.
    #[inline]
    pub(super) fn arrange(&mut self, bonds: Bonds, mut report: Option<PipeWriter>) {
        drop(self.before.take());
        // Before the line that binds it to its parent: the kernel forgets that when the user changes.
        if let Some(user) = bonds.user
            && let Err(errno) = become_user(user)
        {
            let _ = report.as_mut().map(|report| report.write_all(&errno.raw_os_error().to_ne_bytes()));
            fork::exit_now(i32::from(PANICKED));
        }
        if let Some(parent) = &self.parent
            && die_with(parent).is_err()
        {
            fork::end_by_kill();
        }
        if bonds.ignores_ctrl_c {
            for ignored in [Signal::SIGINT, Signal::SIGHUP] {
                let _ = signal::ignore(ignored);
            }
        }
        if bonds.ignores_sigterm {
            let _ = signal::ignore(Signal::SIGTERM);
        }
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        if self.is_changed {
            replace(self.before.take());
        }
    }
}

fn replace(parent: Option<Arc<Parent>>) -> Option<Arc<Parent>> {
    IS_BOUND.store(parent.is_some(), Ordering::Relaxed);
    std::mem::replace(&mut *dies_with(), parent)
}

fn dies_with() -> MutexGuard<'static, Option<Arc<Parent>>> {
    PARENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the kernel kill this process when its parent dies, once more: for a process that was started with
/// [`die_with_parent`](super::Process::die_with_parent) or as a daemon, and has changed its user since.
///
/// The kernel forgets the bond whenever a process changes its effective user, group or capabilities, and when it
/// becomes a program with the set-user-ID bit. Call this after each such change;
/// [`Process::user`](super::Process::user) needs no call. If the parent has ended meanwhile, the process is
/// killed here.
///
/// The bond of a program with the set-user-ID bit cannot be renewed: that program outlives a killed parent.
///
/// ```
/// use killproof::process::{self, Process};
///
/// let work = || {
///     // Here it gives up its privileges.
///     process::die_with_parent_again()
/// };
/// assert!(Process::new("server", work).daemon().start()?.join()?.success());
/// assert!(process::die_with_parent_again().is_err(), "this process was started otherwise");
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Unusable`] in a process that was not started so; [`Error::Refused`] if the system refuses.
pub fn die_with_parent_again() -> Result<(), Error> {
    let parent = dies_with().clone().ok_or_else(|| Error::Unusable {
        operation: "die with the parent",
        cause: "this process was not started with die_with_parent".into(),
    })?;
    die_with(&parent).map_err(|errno| Error::refused("die with", "the parent", errno))
}

/// If the parent died before the kernel was asked, it sends no signal any more.
fn die_with(parent: &Parent) -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let is_dead = match nix::unistd::getppid().as_raw() {
        // A parent in another pid namespace has no number here.
        0 => has_ended(parent),
        pid => pid != parent.pid.as_raw(),
    };
    if is_dead {
        // By the signal that the kernel would have sent.
        fork::end_by_kill();
    }
    Ok(())
}

fn has_ended(parent: &Parent) -> bool {
    let mut polled = [PollFd::new(parent.handle.as_fd(), PollFlags::POLLIN)];
    !matches!(poll(&mut polled, PollTimeout::ZERO), Ok(0))
}

/// The calls are those of one thread, and the child has no other.
fn become_user(user: User) -> rustix::io::Result<()> {
    // Only root may give up groups, and only root has any that it must not keep.
    if geteuid().is_root() {
        set_thread_groups(&[])?;
    }
    set_thread_gid(Gid::from_raw(user.gid))?;
    set_thread_uid(Uid::from_raw(user.uid))
}

/// Waits until the child is its user. The pipe is at its end once that succeeded, or once the child has ended.
pub(super) fn wait_for_user(mut report: PipeReader) -> Result<Option<io::Error>, Error> {
    interrupt::wait_readable(&[report.as_fd()], None)?;
    let mut errno = [0; size_of::<i32>()];
    Ok(report.read_exact(&mut errno).is_ok().then(|| io::Error::from_raw_os_error(i32::from_ne_bytes(errno))))
}
