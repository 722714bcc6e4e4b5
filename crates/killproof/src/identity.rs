//! Which process and which thread the caller is, without a system call.
//!
//! Each taker of a lock or a lease signs it, thousands of times for each time that a signature is
//! read. So the answer is kept, and thrown away in every child that is forked.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use crate::error::Error;
use crate::procfs::{self, Status};
use crate::sys::fork;

/// The name of the process that is about to be forked, or that was: a child finds its own here, and
/// need not write it down in memory that it still shares with its parent.
static NAME: Mutex<Option<String>> = Mutex::new(None);

/// Whether every child forgets what its parent knew of itself. If not, nothing is cached.
static FORGOTTEN_BY_CHILDREN: LazyLock<bool> = LazyLock::new(|| fork::in_every_child(forget).is_ok());

/// This process, once it was asked for; pid 0 before.
static PID: AtomicI32 = AtomicI32::new(0);
static STARTED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// A number that no other thread has or had, in any process; 0 before it is asked for.
    static SIGNATURE: Cell<u64> = const { Cell::new(0) };
}

/// Runs in the child of a fork, on its only thread, before anything else does.
extern "C" fn forget() {
    PID.store(0, Ordering::Relaxed);
    SIGNATURE.set(0);
}

/// A process by pid *and* start time: unlike a pid alone it never comes to name another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Process id.
    pub pid: i32,
    /// Start time, in clock ticks since boot.
    pub started: u64,
}

impl Identity {
    /// Whether it still runs. A zombie does not.
    #[must_use]
    pub fn is_alive(self) -> bool {
        match procfs::status(self.pid) {
            Ok(Some(status)) => status.started == self.started && !matches!(status.state, 'Z' | 'X'),
            Ok(None) => false,
            // An answer that cannot be had is no reason to take something away from the process.
            Err(_) => true,
        }
    }
}

impl From<&Status> for Identity {
    fn from(status: &Status) -> Self {
        Self { pid: status.pid, started: status.started }
    }
}

/// The name that this process was started with: [`Process::new`](crate::process::Process::new). `None`
/// in a process that was started otherwise.
#[must_use]
pub fn given_name() -> Option<String> {
    given().clone()
}

/// Names the processes that are forked while the result lives.
pub(crate) fn name_of_child(name: &str) -> Naming {
    Naming { before: given().replace(name.to_owned()) }
}

/// Ends with the name as it was, in the parent. The child never comes to that.
#[must_use = "the name holds as long as this lives"]
pub(crate) struct Naming {
    before: Option<String>,
}

impl Drop for Naming {
    fn drop(&mut self) {
        *given() = self.before.take();
    }
}

fn given() -> MutexGuard<'static, Option<String>> {
    NAME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This process, for ever distinct from all others. Read once in each process, and then cached.
///
/// # Errors
///
/// [`Error::Refused`] if `/proc` cannot be read.
pub fn process() -> Result<Identity, Error> {
    let pid = PID.load(Ordering::Acquire);
    if pid != 0 {
        return Ok(Identity { pid, started: STARTED.load(Ordering::Relaxed) });
    }
    let pid = nix::unistd::getpid().as_raw();
    let missing = || Error::refused("read", "/proc/self/stat", std::io::ErrorKind::NotFound);
    let identity = Identity::from(&procfs::status(pid)?.ok_or_else(missing)?);
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

/// The name of this thread; of the first thread, the name of its process: the one that it was started
/// with, else the program's.
#[must_use]
pub fn name() -> String {
    let is_main = nix::unistd::gettid() == nix::unistd::getpid();
    let own = std::thread::current().name().filter(|_| !is_main).map(str::to_owned);
    own.or_else(given_name).unwrap_or_else(program)
}

fn program() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
