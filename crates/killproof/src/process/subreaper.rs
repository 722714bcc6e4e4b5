//! A process that adopts its orphaned descendants, and leaves none of them behind: a subreaper.
//!
//! `PR_SET_CHILD_SUBREAPER`, in prctl(2).

use std::fs::File;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::Child;
use crate::error::{Error, Phrase};
use crate::identity::{Identity, Owner};
use crate::procfs;
use crate::sys::{pidfd, signal};

/// Tells the kernel to reap this process's children itself: none of them becomes a zombie, and none
/// has an exit status for [`Child::join`] to return.
///
/// # Errors
///
/// The system refuses.
pub fn ignore_children() -> Result<(), Error> {
    signal::ignore(Signal::SIGCHLD).map_err(|source| Error::refused("ignore", Phrase::name("SIGCHLD"), source))
}

/// Takes back [`ignore_children`]: a child that ends is there, as a zombie, until it is joined. A handler for SIGCHLD
/// stays.
///
/// It is for the start of a program. exec(3) hands on that SIGCHLD is ignored, as the program that started this one may
/// have left it (`trap '' CHLD` in a shell), and then the kernel would reap every child of this one, and each
/// [`Child::join`] would be refused.
///
/// # Errors
///
/// The system refuses.
pub fn keep_children() -> Result<(), Error> {
    if !signal::ignores(Signal::SIGCHLD) {
        return Ok(());
    }
    let kept = signal::default_action(Signal::SIGCHLD);
    kept.map_err(|errno| Error::refused("catch", Phrase::name("SIGCHLD"), errno))
}

/// Makes this process the one that adopts orphaned descendants, instead of process 1, so that
/// [`reap_all`] finds them. A later call changes nothing.
///
/// Children that the process has already are left alone: the program that it ran before an `exec` may have
/// started them. A child of this process adopts by a call of its own.
///
/// # Errors
///
/// [`Error::Refused`] if the system refuses (Linux before 3.4), if `/proc` does not say which children there are, or if
/// the children of this process are in a pid namespace of their own (`unshare --pid` without `--fork`): orphans are
/// adopted by the first process of their namespace.
pub fn adopt_orphans() -> Result<(), Error> {
    if procfs::children_are_elsewhere() {
        let why = Phrase::from("its children are in a pid namespace of their own; `unshare --fork` starts it inside");
        return Err(Error::refused("adopt", "orphaned processes", io::Error::other(why)));
    }
    let mut family = family();
    if family.as_ref().is_none_or(|family| !family.by.is_caller()) {
        let inherited = procfs::children()?.iter().map(Identity::from).collect();
        *family = Some(Family { by: Owner::caller(), inherited, list: procfs::list_of_this_thread().ok() });
    }
    prctl::set_child_subreaper(true).map_err(|errno| Error::refused("adopt", "orphaned processes", errno))
}

struct Family {
    /// The process that adopts. A child has a copy that says nothing of its own children.
    by: Owner,
    /// The children that it had before.
    inherited: Vec<Identity>,
    /// Those of the thread that adopts. It can be read in another root, and without a further descriptor.
    list: Option<File>,
}

impl Family {
    /// The children that are this run's own.
    fn left(&mut self) -> Result<Vec<i32>, Error> {
        let again = |error| self.list.as_mut().and_then(|list| procfs::read_again(list).ok()).ok_or(error);
        let mut left = procfs::pids().or_else(again)?;
        left.retain(|pid| !self.is_inherited(*pid));
        Ok(left)
    }

    /// Its start is not looked up unless the pid is that of a child which was there before.
    fn is_inherited(&self, pid: i32) -> bool {
        let started = || procfs::status(pid).ok().flatten().map(|status| status.started);
        let is_it = |inherited: &Identity| started().is_none_or(|started| started == inherited.started);
        self.inherited.iter().find(|inherited| inherited.pid == pid).is_some_and(is_it)
    }
}

static FAMILY: Mutex<Option<Family>> = Mutex::new(None);

fn family() -> MutexGuard<'static, Option<Family>> {
    FAMILY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A handle on an adopted process, to wait for it and to reap it: what process 1 does for orphans.
///
/// # Errors
///
/// [`Error::Refused`] if there is no such process.
pub fn adopted(pid: i32, name: impl Into<String>) -> Result<Child, Error> {
    let name = name.into();
    let handle =
        pidfd::open(Pid::from_raw(pid)).map_err(|source| Error::refused("adopt", Phrase::name(&name), source))?;
    Ok(Child::new(name, Pid::from_raw(pid), Some(handle), true))
}

/// Kills and reaps every child that is left, adopted ones included, and returns how many there were.
///
/// It is for the end of a run: nothing of the run stays behind. Before [`adopt_orphans`] no child counts as
/// the run's own, and it does nothing. It needs no descriptor, and after a change of the root no `/proc`.
///
/// ```
/// use std::time::Duration;
/// use killproof::{process::{self, Process}, sync::Event};
///
/// process::adopt_orphans()?;
/// let waits = || Event::new()?.wait(Duration::from_secs(60));
/// Process::new("left behind", waits).start()?.detach();
/// assert_eq!(process::reap_all()?, 1);
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if the system does not say which children there are; then some may be left.
pub fn reap_all() -> Result<usize, Error> {
    reap_all_but(&[])
}

/// The same without these children.
pub(crate) fn reap_all_but(kept: &[i32]) -> Result<usize, Error> {
    let mut family = family();
    let Some(family) = family.as_mut().filter(|family| family.by.is_caller()) else { return Ok(0) };
    let mut reaped = 0;
    // This process adopts the children of a child that it kills, so it looks until there are none.
    loop {
        let left = family.left()?;
        let ended = left.into_iter().filter(|pid| !kept.contains(pid) && end(*pid)).count();
        if ended == 0 {
            return Ok(reaped);
        }
        reaped += ended;
    }
}

/// Kills and reaps a child. False if it is none, or was reaped meanwhile.
fn end(pid: i32) -> bool {
    // The pid of a child is not given to another process before the child is reaped, which this loop does.
    if !procfs::is_child(pid) {
        return false;
    }
    let pid = Pid::from_raw(pid);
    let _ = nix::sys::signal::kill(pid, Signal::SIGKILL);
    // Where SIGCHLD is ignored, the answer is that there is no child, as soon as there is none.
    while nix::sys::wait::waitpid(pid, None) == Err(nix::Error::EINTR) {}
    true
}
