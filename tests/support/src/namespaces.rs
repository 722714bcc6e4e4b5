//! Places from which a process sees less than others: for tests that fork.
//!
//! An ordinary user enters them by a user namespace of its own. Where the system forbids that, each function
//! returns false, and a test that cannot do what it is for says so.

use std::fs;
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

/// Puts an empty folder before `/proc`, for this process and its children.
#[must_use]
pub fn hide_proc() -> bool {
    let nothing = None::<&str>;
    has_own_mounts() && mount(nothing, "/proc", Some("tmpfs"), MsFlags::empty(), nothing).is_ok()
}

/// Makes every file of this process and its children read-only: those that are found from `/` without another mount,
/// and those of `folder`.
#[must_use]
pub fn make_read_only(folder: &Path) -> bool {
    let read_only = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    let nothing = None::<&str>;
    let bound = |path: &Path| {
        mount(Some(path), path, nothing, MsFlags::MS_BIND | MsFlags::MS_REC, nothing).is_ok()
            && mount(nothing, path, nothing, read_only, nothing).is_ok()
    };
    has_own_mounts() && bound(folder) && chdir(folder).is_ok()
}

/// Makes `root`, a folder, the root of the files of this process and its children, with the program `program`, the
/// libraries of the system and nothing else in it.
#[must_use]
pub fn enter_empty_root(root: &Path, program: &Path) -> bool {
    let nothing = None::<&str>;
    let shows = |path: &Path| {
        let Ok(inside) = path.strip_prefix("/").map(|path| root.join(path)) else { return false };
        let is_made = if path.is_dir() {
            fs::create_dir_all(&inside).is_ok()
        } else {
            inside.parent().is_some_and(|parent| fs::create_dir_all(parent).is_ok()) && fs::write(&inside, "").is_ok()
        };
        is_made && mount(Some(path), &inside, nothing, MsFlags::MS_BIND | MsFlags::MS_REC, nothing).is_ok()
    };
    let libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].map(Path::new);
    let mut is_there = libraries.into_iter().filter(|folder| folder.is_dir());
    has_own_mounts() && is_there.all(shows) && shows(program) && chroot(root).is_ok() && chdir("/").is_ok()
}

fn has_own_mounts() -> bool {
    let nothing = None::<&str>;
    may()
        && unshare(CloneFlags::CLONE_NEWNS).is_ok()
        && mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing).is_ok()
}

fn may() -> bool {
    geteuid().is_root() || unshare(CloneFlags::CLONE_NEWUSER).is_ok()
}
