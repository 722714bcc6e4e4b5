//! Starting and ending processes.

use std::ffi::CStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{ForkResult, Pid};

use super::held;
use super::signal::{default_action, has_default_action};

/// The signals that a program handles in its main process, and that its children must not handle.
const RESET_IN_CHILD: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGCHLD];

/// How long [`only_thread`] waits for a thread that was joined to leave the kernel's list.
const JOINED_THREAD_LINGERS: Duration = Duration::from_secs(1);

/// Why there is no child.
pub(crate) enum ForkError {
    /// The process runs this number of threads; `fork` would copy one of them and the locks of all.
    Threads(u64),
    /// The calling thread holds this number of robust mutexes; the child would be inside them as well.
    Guards(u32),
    /// The system refused.
    System(io::Error),
}

/// Copies this process. Returns the child's pid in the parent and `None` in the child.
///
/// In the child the signals of [`RESET_IN_CHILD`] have their default action from the first instruction on, and
/// none of them is blocked: where one has another action in the parent, or is blocked there, all signals are
/// blocked across the fork, so that none reaches the parent's handlers in the child's memory.
#[inline]
pub(crate) fn fork() -> Result<Option<Pid>, ForkError> {
    let threads = only_thread().map_err(ForkError::System)?;
    if threads != 1 {
        return Err(ForkError::Threads(threads));
    }
    // After the threads: one that ends meanwhile may have forgotten a guard.
    let guards = held::by_caller();
    if guards != 0 {
        return Err(ForkError::Guards(guards));
    }
    // The parent asks, so that the child need not set: a child has no page of its own yet, and each one that
    // it touches, even of the code, costs it a page fault.
    let mask = SigSet::thread_get_mask().map_err(system)?;
    let is_usual = |signal| has_default_action(signal) && !mask.contains(signal);
    let forked = if RESET_IN_CHILD.into_iter().all(is_usual) { bare_fork() } else { fork_and_reset(mask)? };
    match forked {
        Ok(ForkResult::Child) => Ok(None),
        Ok(ForkResult::Parent { child }) => Ok(Some(child)),
        Err(errno) => Err(ForkError::System(errno.into())),
    }
}

/// The caller has checked that no other thread runs.
#[inline]
fn bare_fork() -> nix::Result<ForkResult> {
    // SAFETY: this thread is the only one, as the caller has checked and as no other thread exists that
    // could start one. So no lock is held by a thread that the child lacks, and the child may
    // run any code, not just async-signal-safe functions.
    unsafe { nix::unistd::fork() }
}

#[cold]
fn fork_and_reset(before: SigSet) -> Result<nix::Result<ForkResult>, ForkError> {
    SigSet::all().thread_set_mask().map_err(system)?;
    let forked = bare_fork();
    let mut mask = before;
    if matches!(forked, Ok(ForkResult::Child)) {
        let reset = RESET_IN_CHILD.into_iter().try_for_each(default_action);
        for signal in RESET_IN_CHILD {
            mask.remove(signal);
        }
        if reset.and_then(|()| mask.thread_set_mask()).is_err() {
            // A child with its parent's handlers, or one that no signal reaches, must not run.
            end_by_kill();
        }
        return Ok(forked);
    }
    // The mask is one that the system returned, and whatever happens there is a child now.
    let _ = mask.thread_set_mask();
    Ok(forked)
}

fn system(errno: nix::Error) -> ForkError {
    ForkError::System(errno.into())
}

/// The number of threads of this process. A thread that was joined may be listed for a moment longer (`join`
/// returns when the kernel clears its tid, which is before it leaves /proc), so a number above one is read
/// again, for a bounded time.
fn only_thread() -> io::Result<u64> {
    if is_only_thread() {
        return Ok(1);
    }
    let began = Instant::now();
    loop {
        // A directory's link count is two and one for each directory in it: one call, and no listing, unless
        // this /proc does not count its links.
        let threads = match fs::metadata("/proc/self/task")?.nlink() {
            0..=2 => fs::read_dir("/proc/self/task")?.count() as u64,
            links => links - 2,
        };
        if threads <= 1 || began.elapsed() > JOINED_THREAD_LINGERS {
            return Ok(threads);
        }
        std::thread::yield_now();
    }
}

/// Asks the kernel to leave the thread group. The kernel grants that, without effect, to a thread that is
/// alone in its group: unshare(2). It is far cheaper than a look into /proc. Where the call is forbidden, the
/// answer is no.
fn is_only_thread() -> bool {
    // SAFETY: with this flag the call changes nothing, whatever it answers.
    unsafe { libc::unshare(libc::CLONE_THREAD) == 0 }
}

/// What `ps` and `/proc` call this process, which is its first thread's name: at most 15 bytes.
#[inline]
pub(crate) fn name_this_process(name: &CStr) {
    let _ = prctl::set_name(name);
}

/// Has `forget` called in every child that is forked from now on, before anything else runs there.
pub(crate) fn in_every_child(forget: extern "C" fn()) -> io::Result<()> {
    // SAFETY: the function lives as long as the program. It runs in the child of a fork on its only
    // thread, and does no more than store to atomics and a cell.
    match unsafe { libc::pthread_atfork(None, None, Some(forget)) } {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

/// Makes a child that ends at once, and reaps it: `fork`, `_exit`, `waitid`, and nothing else. The C library's
/// `fork` would run what the program has registered for a fork.
pub(crate) fn round_trip() -> io::Result<()> {
    let (flags, none) = (libc::c_long::from(libc::SIGCHLD), 0 as libc::c_long);
    // SAFETY: it is a fork: no memory is shared, and the child has a copy of this stack. The child calls nothing
    // but `_exit`, which is async-signal-safe: it needs no lock that another thread could hold at this moment.
    let forked = unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) };
    let child = match i32::try_from(forked) {
        Ok(0) => exit_now(0),
        Ok(child @ 1..) => Pid::from_raw(child),
        _ => return Err(io::Error::last_os_error()),
    };
    loop {
        match waitid(Id::Pid(child), WaitPidFlag::WEXITED) {
            Ok(_) => return Ok(()),
            Err(nix::Error::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Ends this process as a signal would that it cannot catch.
pub(crate) fn end_by_kill() -> ! {
    let _ = nix::sys::signal::raise(Signal::SIGKILL);
    // Where a filter of system calls forbids even that.
    exit_now(128 + Signal::SIGKILL as i32)
}

/// Ends this process at once, without destructors and exit handlers. The caller has flushed what was buffered.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` takes any number and does not return.
    unsafe { libc::_exit(code) }
}
