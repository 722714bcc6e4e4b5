//! Places from which a process sees less than others: for tests that fork.
//!
//! An ordinary user enters them by a user namespace of its own. Where the system forbids that, each function
//! returns false, and a test that cannot do what it is for says so.

use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, chroot, geteuid};

/// Makes `folder` the root of this process's files: there is no `/proc` then.
#[must_use]
pub fn enter_root(folder: &Path) -> bool {
    may() && chroot(folder).is_ok() && chdir("/").is_ok() && !Path::new("/proc/self").exists()
}

/// Gives the children of this process pids of their own, from 1 on.
#[must_use]
pub fn new_pids() -> bool {
    may() && unshare(CloneFlags::CLONE_NEWPID).is_ok()
}

/// Mounts the `/proc` of this process's pids, for this process and its children.
#[must_use]
pub fn mount_proc() -> bool {
    let nothing = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNS).is_ok()
        && mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing).is_ok()
        && mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), nothing).is_ok()
}

fn may() -> bool {
    geteuid().is_root() || unshare(CloneFlags::CLONE_NEWUSER).is_ok()
}
