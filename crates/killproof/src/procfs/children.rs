//! The children of this process, as the kernel lists them for each of its threads.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::{Status, status};
use crate::error::{Error, Phrase};
use crate::sys::descriptor::above_standard_streams;

/// The processes whose parent is this process now: zombies, too, and those that it adopted.
///
/// It takes one descriptor at a time. A child that starts or ends meanwhile may be in the list or not.
///
/// ```
/// use killproof::{process::Process, procfs};
///
/// let mut child = Process::new("child", || ()).start()?;
/// assert!(procfs::children()?.iter().any(|status| status.pid == child.pid()));
/// child.join()?;
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if `/proc` cannot be read, if it is that of another pid namespace, or if it hides a child,
/// which has another user then.
pub fn children() -> Result<Vec<Status>, Error> {
    let mut found = Vec::new();
    for pid in pids()? {
        match status(pid)? {
            Some(process) => found.push(process),
            None if is_child(pid) => return Err(refused(ErrorKind::PermissionDenied.into())),
            None => {}
        }
    }
    Ok(found)
}

/// Whether this process has a child with this pid, which it has not reaped.
pub(crate) fn is_child(pid: i32) -> bool {
    let looks = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    rustix::process::Pid::from_raw(pid).is_some_and(|pid| waitid(WaitId::Pid(pid), looks).is_ok())
}

/// Whether the children that this process starts are in another pid namespace than it is itself.
pub(crate) fn children_are_elsewhere() -> bool {
    let theirs = Path::new("/proc/self/ns/pid_for_children");
    let Ok(own) = fs::read_link("/proc/self/ns/pid") else { return false };
    match fs::read_link(theirs) {
        Ok(theirs) => theirs != own,
        // A namespace in which no process has begun has no name yet. (Before Linux 4.12 no namespace has one here.)
        Err(error) => error.kind() == ErrorKind::NotFound && theirs.is_symlink(),
    }
}

/// The pids of this process's children.
pub(crate) fn pids() -> Result<Vec<i32>, Error> {
    let me = nix::unistd::getpid().to_string();
    if fs::read_link("/proc/self").map_err(refused)? != Path::new(&me) {
        return Err(refused(io::Error::other(Phrase::from("it is that of another pid namespace"))));
    }
    let mut last = read_all().map_err(refused)?;
    // A child that ends while the kernel writes the list may hide the one after it.
    for _ in 0..TRIES {
        let next = read_all().map_err(refused)?;
        if next == last {
            break;
        }
        last = next;
    }
    Ok(last)
}

/// How often the list is read until it stays the same.
const TRIES: u32 = 16;

fn refused(source: io::Error) -> Error {
    Error::refused("read", "the children of this process in /proc", source)
}

/// The children of all threads: a child belongs to the thread that forked or adopted it.
fn read_all() -> io::Result<Vec<i32>> {
    // An entry keeps the folder open.
    let threads = fs::read_dir("/proc/self/task")?.map(|thread| Ok(thread?.path()));
    let threads: Vec<PathBuf> = threads.collect::<io::Result<_>>()?;
    let mut found = Vec::new();
    for thread in threads {
        match File::open(thread.join("children")) {
            Ok(mut list) => found.extend(read_again(&mut list)?),
            // It has ended, and its children are another thread's.
            Err(_) if thread.try_exists().is_ok_and(|exists| !exists) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return scan(),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// What a list of children that is open says now.
pub(crate) fn read_again(list: &mut File) -> io::Result<Vec<i32>> {
    let mut text = String::new();
    list.rewind()?;
    list.read_to_string(&mut text)?;
    Ok(text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect())
}

/// The list of the calling thread's children, to be read once there is no `/proc`, or no descriptor.
pub(crate) fn list_of_this_thread() -> io::Result<File> {
    above_standard_streams(File::open("/proc/thread-self/children")?.into()).map(File::from)
}

/// A kernel without `CONFIG_PROC_CHILDREN` has no list.
fn scan() -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    let pids = fs::read_dir("/proc")?.map(|entry| Ok(entry?.file_name().to_str().and_then(|name| name.parse().ok())));
    let pids: Vec<Option<i32>> = pids.collect::<io::Result<_>>()?;
    found.extend(pids.into_iter().flatten().filter(|pid| is_child(*pid)));
    Ok(found)
}
