//! Who this process and this thread are, told without a system call.
//!
//! A lock or a lease is signed by whoever takes it, thousands of times for each time that somebody
//! reads the signature. So the answer is kept, and thrown away in every child that is forked.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use crate::error::Error;
use crate::journal;
use crate::procfs::{self, Identity};
use crate::sys::fork;

/// The name of the process that is about to be forked, or that was: a child finds its own here, and
/// need not write it down in memory that it still shares with its parent.
static NAME: Mutex<Option<String>> = Mutex::new(None);

/// Whether every child forgets what its parent knew of itself. If not, nothing is kept.
static FORGOTTEN_BY_CHILDREN: LazyLock<bool> = LazyLock::new(|| fork::in_every_child(forget).is_ok());

/// This process, once somebody has asked; pid 0 before.
static PID: AtomicI32 = AtomicI32::new(0);
static STARTED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// A number that no other thread has or had, in any process; 0 before somebody asks for it.
    static SIGNATURE: Cell<u64> = const { Cell::new(0) };
}

/// Runs in the child of a fork, on its only thread, before anything else does.
extern "C" fn forget() {
    PID.store(0, Ordering::Relaxed);
    SIGNATURE.set(0);
    journal::forget();
}

/// Whether every child forgets what its parent knew of itself.
pub(crate) fn is_forgotten_by_children() -> bool {
    *FORGOTTEN_BY_CHILDREN
}

/// Names the processes that are forked while the result lives.
pub(crate) fn name_of_child(name: &str) -> Naming {
    Naming { before: given_name().replace(name.to_owned()) }
}

/// Ends with the name as it was, in the parent. The child never comes to that.
#[must_use = "the name holds as long as this lives"]
pub(crate) struct Naming {
    before: Option<String>,
}

impl Drop for Naming {
    fn drop(&mut self) {
        *given_name() = self.before.take();
    }
}

/// The name that this process was given when it was started.
pub(crate) fn given_name() -> MutexGuard<'static, Option<String>> {
    NAME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This process, for ever distinct from all others.
pub(crate) fn process() -> Result<Identity, Error> {
    let pid = PID.load(Ordering::Acquire);
    if pid != 0 {
        return Ok(Identity { pid, started: STARTED.load(Ordering::Relaxed) });
    }
    let pid = nix::unistd::getpid().as_raw();
    let missing = || Error::refused("read", "/proc/self/stat", std::io::ErrorKind::NotFound);
    let identity = procfs::status(pid)?.ok_or_else(missing)?.identity();
    if *FORGOTTEN_BY_CHILDREN {
        STARTED.store(identity.started, Ordering::Relaxed);
        PID.store(pid, Ordering::Release);
    }
    Ok(identity)
}

/// A number that no other thread has or had, in any process of this machine.
#[inline]
pub(crate) fn signature() -> u64 {
    match SIGNATURE.get() {
        0 => sign(),
        signature => signature,
    }
}

#[cold]
fn sign() -> u64 {
    // A thread id is given to one thread at a time, and to no two within a microsecond.
    let thread = u64::from(nix::unistd::gettid().as_raw().cast_unsigned());
    let micros = UNIX_EPOCH.elapsed().unwrap_or_default().as_micros();
    let signature = (thread << 40) ^ u64::try_from(micros).unwrap_or(u64::MAX) ^ (1 << 63);
    if *FORGOTTEN_BY_CHILDREN {
        SIGNATURE.set(signature);
    }
    signature
}

/// What this thread is called: by its own name, or by its process's if it is the first one.
pub(crate) fn name() -> String {
    let is_main = nix::unistd::gettid() == nix::unistd::getpid();
    let own = std::thread::current().name().filter(|_| !is_main).map(str::to_owned);
    own.or_else(|| given_name().clone()).unwrap_or_else(program)
}

fn program() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
