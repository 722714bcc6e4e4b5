//! Which process and which thread the caller is, without a system call.
//!
//! Every holder of a lock or of a lease signs it, far more often than a signature is read. So the answer is
//! cached, and every forked child forgets it.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use crate::error::{Error, Phrase};
use crate::procfs::{self, Status};
use crate::sys::fork;

/// The name of the process that is about to be forked. A child finds its own name here: to store it in the
/// child would copy a page that it still shares with its parent.
static NAME: Mutex<Option<String>> = Mutex::new(None);

/// Whether every child forgets what its parent knew of itself. If not, nothing is cached.
static FORGOTTEN_BY_CHILDREN: LazyLock<bool> = LazyLock::new(|| fork::in_every_child(forget).is_ok());

/// This process; pid 0: not read yet.
static PID: AtomicI32 = AtomicI32::new(0);
static STARTED: AtomicU64 = AtomicU64::new(0);

/// How many forks made this process out of the first one of its family, and one more.
static GENERATION: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// A number that no other thread has or had, in any process; 0: not made yet.
    static SIGNATURE: Cell<u64> = const { Cell::new(0) };
}

/// Runs in the child of a fork, on its only thread, before anything else does.
extern "C" fn forget() {
    PID.store(0, Ordering::Relaxed);
    GENERATION.fetch_add(1, Ordering::Relaxed);
    SIGNATURE.set(0);
}

/// A process by pid *and* start time: unlike a pid alone it never names another process later.
///
/// ```
/// use killproof::{identity::Identity, process::Process, procfs};
///
/// let mut child = Process::new("ends", || ()).start()?;
/// child.wait_ended()?;
/// let zombie = procfs::status(child.pid())?.expect("it is not reaped yet");
/// assert!(!Identity::from(&zombie).is_alive());
/// assert!(killproof::identity::process()?.is_alive());
/// # child.join()?;
/// # Ok::<(), killproof::Error>(())
/// ```
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
            // Without an answer the process keeps what it holds.
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

/// Dropped, it restores the name as it was, in the parent. The child never drops it.
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

/// The calling process. Read once in each process, and then cached.
///
/// # Errors
///
/// [`Error::Refused`] if `/proc` cannot be read.
pub fn process() -> Result<Identity, Error> {
    let cached = PID.load(Ordering::Acquire);
    if cached != 0 {
        return Ok(Identity { pid: cached, started: STARTED.load(Ordering::Relaxed) });
    }
    let pid = pid();
    let missing = || Error::refused("read", Phrase::name("/proc/self/stat"), io::ErrorKind::NotFound);
    let identity = Identity::from(&procfs::status(pid)?.ok_or_else(missing)?);
    if *FORGOTTEN_BY_CHILDREN {
        STARTED.store(identity.started, Ordering::Relaxed);
        PID.store(pid, Ordering::Release);
    }
    Ok(identity)
}

/// A number that none of this process's ancestors has: what a process remembers under it is not the memory of
/// an ancestor. (A pid is no such number: the system may give that of a dead ancestor again.)
///
/// It means something once [`count_generations`] has succeeded.
#[inline]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Has every child that is forked from now on count its [`generation`].
pub(crate) fn count_generations() -> io::Result<()> {
    if *FORGOTTEN_BY_CHILDREN { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

/// The process that made this value. A forked child has a copy: it still names the parent.
///
/// It is for what a process keeps in memory and a child must not take for its own: a folder to remove at the end, a
/// buffer to write. A comparison of pids does not tell the two apart for certain, because the system may give a
/// child the pid of an ancestor that is dead.
///
/// It costs one system call, and each fork after the first value was made takes some microseconds longer. Unlike
/// an [`Identity`] it cannot be asked whether its process is alive.
///
/// ```
/// use killproof::{identity::Owner, process::Process};
///
/// let owner = Owner::caller();
/// assert!(owner.is_caller());
/// let mut child = Process::new("child", || u8::from(owner.is_caller())).start()?;
/// assert!(child.join()?.success());
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pid: i32,
    /// Where the children do not count it, the pid alone tells them apart.
    generation: u64,
}

impl Owner {
    /// The calling process.
    #[must_use]
    pub fn caller() -> Self {
        LazyLock::force(&FORGOTTEN_BY_CHILDREN);
        Self { pid: pid(), generation: generation() }
    }

    /// Whether it is the calling process.
    #[must_use]
    pub fn is_caller(self) -> bool {
        self == Self::caller()
    }
}

/// The pid of this process.
#[inline]
pub(crate) fn pid() -> i32 {
    nix::unistd::getpid().as_raw()
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
