//! A process that adopts its orphaned descendants, and leaves none of them behind: a subreaper.
//!
//! `PR_SET_CHILD_SUBREAPER`, in prctl(2).

use std::sync::OnceLock;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::Child;
use crate::error::Error;
use crate::identity::Identity;
use crate::procfs;
use crate::sys::{pidfd, signal};

/// Tells the kernel to reap this process's children itself: none of them becomes a zombie, and none
/// has an exit status for [`Child::join`] to return.
///
/// # Errors
///
/// The system refuses.
pub fn ignore_children() -> Result<(), Error> {
    signal::ignore(Signal::SIGCHLD).map_err(|source| Error::refused("ignore", "SIGCHLD", source))
}

/// Makes this process the one that adopts orphaned descendants, instead of process 1, so that
/// [`reap_all`] finds them.
///
/// Children that the process has already are left alone: the program that it ran before an `exec` may have
/// started them.
///
/// # Errors
///
/// The system refuses (Linux before 3.4).
pub fn adopt_orphans() -> Result<(), Error> {
    let before = procfs::children()?;
    let _ = INHERITED.set(before.iter().map(Identity::from).collect());
    prctl::set_child_subreaper(true).map_err(|errno| Error::refused("adopt", "orphaned processes", errno))
}

/// The children that this process had when it began to adopt.
static INHERITED: OnceLock<Vec<Identity>> = OnceLock::new();

/// A handle on an adopted process, to wait for it and to reap it: what process 1 does for orphans.
///
/// # Errors
///
/// [`Error::Refused`] if there is no such process.
pub fn adopted(pid: i32, name: impl Into<String>) -> Result<Child, Error> {
    let name = name.into();
    let handle = pidfd::open(Pid::from_raw(pid)).map_err(|source| Error::refused("adopt", &name, source))?;
    Ok(Child::new(name, Pid::from_raw(pid), Some(handle), true))
}

/// Kills and reaps every child that is left, adopted ones included, and returns how many there were.
///
/// It is for the end of a run: nothing of the run stays behind. Before [`adopt_orphans`] no child counts as
/// the run's own, and it does nothing.
///
/// ```
/// use std::time::Duration;
/// use killproof::{process::{self, Process}, sync::Event};
///
/// process::adopt_orphans()?;
/// let waits = || Event::new()?.wait(Duration::from_secs(60));
/// Process::new("left behind", waits).start()?.detach();
/// assert_eq!(process::reap_all(), 1);
/// # Ok::<(), killproof::Error>(())
/// ```
pub fn reap_all() -> usize {
    let Some(inherited) = INHERITED.get() else { return 0 };
    let mut reaped = 0;
    // This process adopts the children of a child that it kills, so it looks until there are none.
    loop {
        let mut left = procfs::children().unwrap_or_default();
        left.retain(|child| !inherited.contains(&Identity::from(child)));
        if left.is_empty() {
            return reaped;
        }
        for process in left {
            // A child's pid cannot be reused before it is reaped, and only this loop reaps now.
            let pid = Pid::from_raw(process.pid);
            let _ = nix::sys::signal::kill(pid, Signal::SIGKILL);
            if nix::sys::wait::waitpid(pid, None).is_err() {
                return reaped;
            }
            reaped += 1;
        }
    }
}
