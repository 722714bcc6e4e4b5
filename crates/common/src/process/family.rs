//! What a process owes its descendants as a whole: not to start too many, and to leave none behind.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::Child;
use crate::error::Error;
use crate::procfs::{self, Identity, Status};
use crate::sys::fork;

/// Descriptors that a program needs for itself.
const SPARE_DESCRIPTORS: u64 = 64;

/// Refuses to start `count` processes where the system is known to allow fewer, before any is started.
///
/// Counts what each takes (a pid, a descriptor of its parent), and raises this process's own limit
/// of descriptors as far as it may. That it returns is no promise: others start processes too.
///
/// # Errors
///
/// [`Error::Refused`] with the limit that is too low.
pub fn allow(count: u32, what: &str) -> Result<(), Error> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let refused = |limit: &str, most: u64| {
        let cause = io::Error::other(format!("{limit} is {most}"));
        Err(Error::refused("start", format_args!("{count} {what}"), cause))
    };
    for limit in ["kernel/pid_max", "kernel/threads-max"] {
        let most = fs::read_to_string(Path::new("/proc/sys").join(limit)).ok();
        match most.and_then(|most| most.trim().parse().ok()) {
            Some(most) if u64::from(count) >= most => return refused(&limit.replace('/', "."), most),
            _ => {}
        }
    }
    let (soft, hard) =
        getrlimit(Resource::RLIMIT_NOFILE).map_err(|errno| Error::refused("read", "the limit of open files", errno))?;
    let needed = u64::from(count) + SPARE_DESCRIPTORS;
    if needed > hard {
        return refused("the limit of open files", hard);
    }
    if needed > soft {
        setrlimit(Resource::RLIMIT_NOFILE, needed, hard)
            .map_err(|errno| Error::refused("raise", "the limit of open files", errno))?;
    }
    Ok(())
}

/// Tells the kernel to reap this process's children itself: none of them becomes a zombie, and none
/// has an exit status for [`Child::join`] to return.
///
/// # Errors
///
/// The system refuses.
pub fn ignore_children() -> Result<(), Error> {
    fork::ignore(Signal::SIGCHLD).map_err(|source| Error::refused("ignore", "SIGCHLD", source))
}

/// Makes this process the one that adopts orphaned descendants, instead of process 1, so that
/// [`reap_all`] finds them.
///
/// Children that it has already, which another program in its place may have started, stay out of this.
///
/// # Errors
///
/// The system refuses (Linux before 3.4).
pub fn adopt_orphans() -> Result<(), Error> {
    let before = procfs::children()?;
    let _ = INHERITED.set(before.iter().map(Status::identity).collect());
    prctl::set_child_subreaper(true).map_err(|errno| Error::refused("adopt", "orphaned processes", errno))
}

/// The children that this process had when it began to adopt.
static INHERITED: OnceLock<Vec<Identity>> = OnceLock::new();

/// A handle on an adopted process, to wait for it and reap it: what process 1 does for orphans.
///
/// # Errors
///
/// [`Error::Refused`] if there is no such process.
pub fn adopted(pid: i32, name: impl Into<String>) -> Result<Child, Error> {
    let name = name.into();
    let handle = fork::pidfd_open(Pid::from_raw(pid)).map_err(|source| Error::refused("adopt", &name, source))?;
    Ok(Child::new(name, Pid::from_raw(pid), Some(handle), true, None))
}

/// Kills and reaps every child that is left, adopted ones included, and says how many there were.
///
/// The last thing a run does, however it ends: nothing of it stays behind.
pub fn reap_all() -> usize {
    let inherited = INHERITED.get().map_or(&[][..], Vec::as_slice);
    let mut reaped = 0;
    // Killing a child may orphan its children to us, so look again until there are none.
    loop {
        let mut left = procfs::children().unwrap_or_default();
        left.retain(|child| !inherited.contains(&child.identity()));
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
