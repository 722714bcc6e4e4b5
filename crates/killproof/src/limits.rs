//! Limits of the system: a run that would exceed one is refused before its first process or thread starts.
//!
//! A limit that is high enough promises nothing: other programs start processes as well, and a start
//! that fails in the middle of a run is an error like any other.

use std::fs;
use std::io;
use std::sync::atomic::AtomicU64;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};

use crate::error::{Error, Phrase};
use crate::sys::memory::ShmSlice;

/// Descriptors that a program needs for itself.
const SPARE_DESCRIPTORS: u64 = 64;
/// What a thread takes of the table of memory maps: its stack and its signal stack, each with a guard page.
const MAPS_OF_A_THREAD: u64 = 4;
/// In bytes: the standard library's stack of a thread, 2 MiB, and as much again for what the thread and its program
/// allocate.
const ROOM_FOR_A_THREAD: usize = 4 << 20;
/// Memory maps that a program needs for itself.
const SPARE_MAPS: u64 = 1000;

/// Refuses to start `count` processes where the system is known to allow fewer.
///
/// ```
/// use killproof::limits::allow_processes;
///
/// assert!(allow_processes(8, ["buyer", "buyers"]).is_ok());
/// let error = allow_processes(u32::MAX, ["buyer", "buyers"]).expect_err("more than any system allows");
/// assert!(error.to_string().starts_with("cannot start 4294967295 buyers: "));
/// ```
///
/// Counts what each takes (a pid, one of its user's processes, a descriptor of its parent), and raises this process's
/// own limit of descriptors as far as it may. `called` is the noun of the error: of one process, and of several.
///
/// # Errors
///
/// [`Error::Refused`] with the limit that is too low.
pub fn allow_processes(count: u32, called: [&'static str; 2]) -> Result<(), Error> {
    require("kernel.pid_max", u64::from(count), count, called)?;
    require("kernel.threads-max", u64::from(count), count, called)?;
    // Those that the user has already count as well, and this process is one of them. Root has no such limit.
    let (limit, _) = getrlimit(Resource::RLIMIT_NPROC).unwrap_or((u64::MAX, u64::MAX));
    if u64::from(count) >= limit && !rustix::process::geteuid().is_root() {
        return Err(too_many(count, called, Phrase::new("the limit of processes of this user is {}", [limit.into()])));
    }
    let needed = u64::from(count) + SPARE_DESCRIPTORS;
    let limit = raise_open_files(needed)?;
    if limit < needed {
        return Err(too_many(count, called, Phrase::new("the limit of open files is {}", [limit.into()])));
    }
    Ok(())
}

/// Refuses to start `count` threads where the system is known to allow fewer.
///
/// The system refuses a thread for whose stack there is no memory map. But a thread for whose *signal* stack
/// there is none has begun by then, and the standard library aborts the program.
///
/// # Errors
///
/// [`Error::Refused`] with the limit that is too low.
pub fn allow_threads(count: u32) -> Result<(), Error> {
    require("kernel.threads-max", u64::from(count), count, ["thread", "threads"])?;
    require("vm.max_map_count", u64::from(count) * MAPS_OF_A_THREAD + SPARE_MAPS, count, ["thread", "threads"])
}

/// Refuses to start a thread where the address space of this process is limited (`RLIMIT_AS`) and nearly used up.
/// Without such a limit it costs one system call.
///
/// Where there is room for the stack of a thread and for nothing else, the thread begins, and the standard library
/// aborts the program: for want of a signal stack, or of the first small allocation.
///
/// ```
/// assert!(killproof::limits::allow_one_more_thread().is_ok());
/// ```
///
/// # Errors
///
/// [`Error::Refused`] with the limit.
pub fn allow_one_more_thread() -> Result<(), Error> {
    let (limit, _) = getrlimit(Resource::RLIMIT_AS).unwrap_or((RLIM_INFINITY, RLIM_INFINITY));
    if limit == RLIM_INFINITY || ShmSlice::<AtomicU64>::new(ROOM_FOR_A_THREAD / size_of::<AtomicU64>()).is_ok() {
        return Ok(());
    }
    let cause = Phrase::new("the limit of this process's address space is {} KiB", [(limit >> 10).into()]);
    Err(Error::refused("start", "a thread", io::Error::other(cause)))
}

/// Raises this process's limit of open files to `needed` where it is lower, but not above the hard limit.
/// Returns the limit that holds afterwards: below `needed`, the hard limit is too low.
///
/// The limit is `RLIMIT_NOFILE` of setrlimit(2). It counts descriptors of every kind: files, sockets,
/// pipes. Child processes inherit it.
///
/// ```
/// use killproof::limits::raise_open_files;
///
/// let limit = raise_open_files(64)?;
/// assert!(limit >= 64);
/// assert_eq!(raise_open_files(1)?, limit, "a limit is never lowered");
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if the system neither tells nor changes the limit.
pub fn raise_open_files(needed: u64) -> Result<u64, Error> {
    let refused = |operation, errno: nix::Error| Error::refused(operation, "the limit of open files", errno);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|errno| refused("read", errno))?;
    let raised = needed.min(hard);
    if raised <= soft {
        return Ok(soft);
    }
    setrlimit(Resource::RLIMIT_NOFILE, raised, hard).map_err(|errno| refused("raise", errno))?;
    Ok(raised)
}

/// A limit that cannot be read is left to the system, which refuses by itself.
fn require(limit: &'static str, needed: u64, count: u32, called: [&'static str; 2]) -> Result<(), Error> {
    let text = fs::read_to_string(format!("/proc/sys/{}", limit.replace('.', "/")));
    match text.ok().and_then(|text| text.trim().parse::<u64>().ok()) {
        Some(most) if needed >= most => {
            let args = [needed.into(), Phrase::name(limit), most.into()];
            Err(too_many(count, called, Phrase::new("they need {} of {}, which is {}", args)))
        }
        _ => Ok(()),
    }
}

fn too_many(count: u32, called: [&'static str; 2], cause: Phrase) -> Error {
    let noun = Phrase::counted(count, called, []);
    Error::refused("start", Phrase::new("{} {}", [count.into(), noun]), io::Error::other(cause))
}
