//! Processes that run a closure: Python's `multiprocessing.Process`.
//!
//! A [`Process`] is forked, so its closure sees everything that its parent had at that moment, as
//! a copy. What both shall see must be in shared memory ([`shared`](crate::shared),
//! [`queue`](crate::queue)) or in a file.
//!
//! ```
//! use common::process::{Exit, Process};
//!
//! let mut child = Process::new("answer", || 42_u8).start()?;
//! assert_eq!(child.join()?, Exit::Code(42));
//! # Ok::<(), common::Error>(())
//! ```

use std::ffi::CString;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::error::{Error, PANICKED};
use crate::interrupt;
use crate::procfs;
use crate::sys::fork::{self, ForkError};

/// How long a process that was asked to end by SIGTERM may take before it is killed.
const GRACE: Duration = Duration::from_millis(500);

/// Descriptors that a program needs for itself.
const SPARE_DESCRIPTORS: u64 = 64;

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// It returned this code; 0 is success, 101 a panic.
    Code(i32),
    /// A signal ended it.
    Signal(Signal),
}

impl Exit {
    /// Whether the code is 0.
    #[must_use]
    pub fn success(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// What a process's closure may return, and the exit code that it means.
///
/// `()` is 0, a `u8` is itself, an error is its own code after its message on standard error.
pub trait IntoExit {
    /// The exit code, or the error that has one.
    ///
    /// # Errors
    ///
    /// The error that the closure returned.
    fn into_exit(self) -> Result<u8, Error>;
}

impl IntoExit for () {
    fn into_exit(self) -> Result<u8, Error> {
        Ok(0)
    }
}

impl IntoExit for u8 {
    fn into_exit(self) -> Result<u8, Error> {
        Ok(self)
    }
}

impl<R: IntoExit> IntoExit for Result<R, Error> {
    fn into_exit(self) -> Result<u8, Error> {
        self?.into_exit()
    }
}

/// A type that is a process: what Python writes as a subclass of `Process` with a `run` method.
///
/// ```
/// use common::process::{Process, Task};
///
/// struct Game(&'static str);
///
/// impl Task for Game {
///     type Output = ();
///     fn name(&self) -> String { self.0.to_owned() }
///     fn run(self) { assert_eq!(self.0, "chess") }
/// }
///
/// Game("chess").run(); // a method call: no process anywhere
/// assert!(Process::from_task(Game("chess")).start()?.join()?.success()); // a process
/// # Ok::<(), common::Error>(())
/// ```
pub trait Task: Send {
    /// What `run` returns.
    type Output: IntoExit;
    /// The name of the process.
    fn name(&self) -> String;
    /// The work. Calling it does the work here and now; only [`Process::start`] starts a process.
    fn run(self) -> Self::Output;
}

/// A process that has not been started yet.
///
/// Like [`std::thread::Builder`] it carries a name; unlike it, the closure may borrow, because the
/// child gets a copy of everything and never comes back. The closure is `Send` so that no lock
/// guard slips into a second process.
#[must_use = "nothing runs before start()"]
pub struct Process<'f> {
    name: String,
    main: Box<dyn FnOnce() -> u8 + Send + 'f>,
    daemon: bool,
    tied: bool,
    on_start: Option<OnStart<'f>>,
}

/// Told the pid of a process that was started, and when; what it returns is told the process's end.
pub(crate) type OnStart<'f> = Box<dyn FnOnce(i32, Instant) -> OnEnd + 'f>;
/// Told how a process ended, once, when it is reaped.
pub(crate) type OnEnd = Box<dyn FnOnce(Exit) + Send>;

impl<'f> Process<'f> {
    /// A process that will run `closure` and end with what it returns.
    ///
    /// The name is for people: error messages, the journal, and (its first 15 bytes) `ps`.
    pub fn new<R: IntoExit>(name: impl Into<String>, closure: impl FnOnce() -> R + Send + 'f) -> Self {
        let name = name.into();
        let own = name.clone();
        let main = Box::new(move || {
            closure().into_exit().unwrap_or_else(|error| {
                if !error.is_quiet() {
                    let _ = writeln!(io::stderr(), "{own}: {error}");
                }
                error.code()
            })
        });
        Self { name, main, daemon: false, tied: false, on_start: None }
    }

    /// A process that will run `task`.
    pub fn from_task<T: Task + 'f>(task: T) -> Self {
        Self::new(task.name(), || task.run())
    }

    /// Makes it a daemon: it must not outlive its parent.
    ///
    /// Dropping its [`Child`] terminates it instead of joining it, and the kernel kills it when
    /// its parent dies, even by SIGKILL. (Python's daemons survive that: nobody is left to
    /// terminate them.)
    pub fn daemon(mut self) -> Self {
        self.daemon = true;
        self
    }

    /// Binds it to its parent's work: the kernel kills it when its parent dies, a [`Child`] that is
    /// dropped unjoined (because the work failed) terminates it, and Ctrl-C at the terminal, which
    /// reaches all processes there, leaves it to its parent to decide. Otherwise it is ordinary:
    /// to be joined, and not ended before.
    pub fn tied(mut self) -> Self {
        self.tied = true;
        self
    }

    /// Takes [`Process::tied`] back: it lives on when its parent is killed, as an ordinary child of
    /// Unix does, and dropping its [`Child`] joins it.
    pub fn untied(mut self) -> Self {
        self.tied = false;
        self
    }

    pub(crate) fn on_start(mut self, tell: OnStart<'f>) -> Self {
        self.on_start = Some(tell);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Forks, and runs the closure in the child.
    ///
    /// In the child SIGINT, SIGTERM, SIGHUP and SIGCHLD have their default effect, whatever the
    /// parent does about them. A panic ends the child with code 101 and its message on standard
    /// error. Standard output is flushed before the fork, so nothing is printed twice, and at the end.
    ///
    /// # Errors
    ///
    /// [`Error::ThreadsRunning`] while this process runs other threads: a fork copies only the
    /// calling thread, and with it locks that others held, for ever. [`Error::Refused`] when the
    /// system gives no process or no descriptor for it; then none is left behind.
    pub fn start(self) -> Result<Child, Error> {
        let Self { name, main, daemon, tied, on_start } = self;
        let refused = |source: io::Error| Error::refused("start", &name, source);
        io::stdout().flush().map_err(|source| Error::refused("write to", "standard output", source))?;
        let parent = nix::unistd::getpid();
        let began = Instant::now();
        let pid = match fork::fork() {
            Ok(Some(pid)) => pid,
            Ok(None) => run_child(&name, main, Bonds { parent, dies_with_it: daemon || tied, heeds_ctrl_c: !tied }),
            Err(ForkError::Threads(threads)) => return Err(Error::ThreadsRunning { name, threads }),
            Err(ForkError::System(source)) => return Err(refused(source)),
        };
        let handle = match fork::pidfd_open(pid) {
            Ok(pidfd) => Some(pidfd),
            // Where SIGCHLD is ignored the child may be gone already.
            Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => None,
            Err(error) => {
                // Without a handle nobody could wait for it. Its pid is safe to use: not reaped yet.
                let _ = nix::sys::signal::kill(pid, Signal::SIGKILL);
                let _ = nix::sys::wait::waitpid(pid, None);
                return Err(refused(error));
            }
        };
        let on_end = on_start.map(|tell| tell(pid.as_raw(), began));
        Ok(Child { name, pid, handle, expendable: daemon || tied, parent, exit: None, on_end })
    }
}

impl fmt::Debug for Process<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("name", &self.name).field("daemon", &self.daemon).finish_non_exhaustive()
    }
}

/// What a child owes its parent.
#[derive(Clone, Copy)]
struct Bonds {
    parent: Pid,
    dies_with_it: bool,
    heeds_ctrl_c: bool,
}

/// The child's whole life. Never returns: the frames above belong to the parent's program.
fn run_child(name: &str, main: Box<dyn FnOnce() -> u8 + Send + '_>, bonds: Bonds) -> ! {
    if bonds.dies_with_it {
        let bound = prctl::set_pdeathsig(Signal::SIGKILL);
        // If the parent died before the line above, the kernel has nothing to tell us any more.
        if bound.is_err() || nix::unistd::getppid() != bonds.parent {
            fork::exit_now(i32::from(PANICKED));
        }
    }
    if !bonds.heeds_ctrl_c {
        for signal in [Signal::SIGINT, Signal::SIGHUP] {
            let _ = fork::ignore(signal);
        }
    }
    if let Ok(short) = CString::new(&name.as_bytes()[..name.floor_char_boundary(15)]) {
        let _ = prctl::set_name(&short);
    }
    let told = name.to_owned();
    panic::set_hook(Box::new(move |info| {
        let _ = writeln!(io::stderr(), "{told}: {info}", info = one_line(info));
    }));
    let code = panic::catch_unwind(AssertUnwindSafe(main)).unwrap_or(PANICKED);
    let _ = io::stdout().flush();
    fork::exit_now(i32::from(code));
}

fn one_line(info: &panic::PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("a value that is no text");
    let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    format!("panicked{place}: {}", message.replace('\n', " "))
}

/// A process that was started.
///
/// Dropping it joins the process, as Python does at the end of a program; a daemon, or one that is
/// tied, is terminated instead. So no handle leaves a zombie. If the run was asked to end, or is panicking, every
/// child is terminated: nobody waits for the rest of its work.
///
/// Unlike [`std::process::Child`] it is never silently detached, and it signals through a pidfd:
/// a pid that the system has given to somebody else is never hit.
pub struct Child {
    name: String,
    pid: Pid,
    /// `None`: it was already reaped when we looked for it, because SIGCHLD is ignored.
    handle: Option<OwnedFd>,
    /// Dropped unjoined, it is terminated.
    expendable: bool,
    /// Who started it. A copy of this handle in a forked child is not allowed to act.
    parent: Pid,
    exit: Option<Exit>,
    on_end: Option<OnEnd>,
}

impl Child {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Whether it has not ended yet. A zombie is not alive.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.exit.is_none() && !self.ended_within(Duration::ZERO)
    }

    /// Waits until it ends, and reaps it. Later calls return the same again.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if this process is asked to end meanwhile; the child runs on.
    /// [`Error::Refused`] if there is no exit status to be had, because SIGCHLD is ignored and the
    /// kernel reaped the child itself.
    pub fn join(&mut self) -> Result<Exit, Error> {
        if let Some(exit) = self.exit {
            return Ok(exit);
        }
        self.wait_end(None)?;
        self.end()
    }

    /// Waits until it ends, for at most `timeout`. `None` if it is still alive then.
    ///
    /// # Errors
    ///
    /// As [`Child::join`].
    pub fn join_timeout(&mut self, timeout: Duration) -> Result<Option<Exit>, Error> {
        if self.exit.is_none() && !self.wait_end(Some(timeout))? {
            return Ok(None);
        }
        self.end().map(Some)
    }

    /// Asks it to end: SIGTERM, which ends every [`Process`] that did not choose otherwise.
    ///
    /// # Errors
    ///
    /// The system refuses. Terminating a process that has ended is no error.
    pub fn terminate(&self) -> Result<(), Error> {
        self.signal(Signal::SIGTERM)
    }

    /// Ends it: SIGKILL, which nobody can refuse, and which runs none of its destructors.
    ///
    /// # Errors
    ///
    /// As [`Child::terminate`].
    pub fn kill(&self) -> Result<(), Error> {
        self.signal(Signal::SIGKILL)
    }

    /// Sends it any signal.
    ///
    /// # Errors
    ///
    /// As [`Child::terminate`].
    pub fn signal(&self, signal: Signal) -> Result<(), Error> {
        let Some(handle) = self.handle.as_ref().filter(|_| self.exit.is_none()) else { return Ok(()) };
        match fork::pidfd_signal(handle.as_fd(), signal) {
            Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => Ok(()),
            sent => sent.map_err(|source| Error::refused("signal", &self.name, source)),
        }
    }

    fn wait_end(&self, timeout: Option<Duration>) -> Result<bool, Error> {
        match &self.handle {
            Some(handle) => interrupt::wait_readable(&[handle.as_fd()], timeout),
            None => Ok(true),
        }
    }

    /// The end of one that has ended. A signal to the whole process group may have ended the child
    /// before us: then it is no news of the child, but the end of the run.
    fn end(&mut self) -> Result<Exit, Error> {
        let exit = self.reap()?;
        if matches!(exit, Exit::Signal(_)) {
            interrupt::check()?;
        }
        Ok(exit)
    }

    fn reap(&mut self) -> Result<Exit, Error> {
        if let Some(exit) = self.exit {
            return Ok(exit);
        }
        let refused = |errno: nix::Error| Error::refused("wait for", &self.name, errno);
        let handle = self.handle.as_ref().ok_or_else(|| refused(nix::Error::ECHILD))?;
        let exit = loop {
            match waitid(Id::PIDFd(handle.as_fd()), WaitPidFlag::WEXITED) {
                Ok(WaitStatus::Exited(_, code)) => break Exit::Code(code),
                Ok(WaitStatus::Signaled(_, signal, _)) => break Exit::Signal(signal),
                Ok(_) | Err(nix::Error::EINTR) => {}
                Err(errno) => return Err(refused(errno)),
            }
        };
        self.exit = Some(exit);
        if let Some(tell) = self.on_end.take() {
            tell(exit);
        }
        Ok(exit)
    }

    /// Waits without listening to requests to end: for destructors, which must finish.
    fn ended_within(&self, timeout: Duration) -> bool {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        let Some(handle) = &self.handle else { return true };
        let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
        matches!(poll(&mut [PollFd::new(handle.as_fd(), PollFlags::POLLIN)], timeout), Ok(1..))
    }

    /// SIGTERM, and SIGKILL for a process that does not listen.
    fn stop(&mut self) {
        let _ = self.terminate();
        if !self.ended_within(GRACE) {
            let _ = self.kill();
        }
        let _ = self.reap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.exit.is_some() || self.parent != nix::unistd::getpid() {
            return;
        }
        if self.expendable || std::thread::panicking() || self.join().is_err() {
            self.stop();
        }
    }
}

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
/// # Errors
///
/// The system refuses (Linux before 3.4).
pub fn adopt_orphans() -> Result<(), Error> {
    prctl::set_child_subreaper(true).map_err(|errno| Error::refused("adopt", "orphaned processes", errno))
}

/// Waits until an adopted process ends, and reaps it: what process 1 does for orphans.
///
/// # Errors
///
/// As [`Child::join`].
pub fn reap_adopted(pid: i32, timeout: Duration) -> Result<Option<Exit>, Error> {
    let refused = |source: io::Error| Error::refused("wait for", format_args!("process {pid}"), source);
    let pid = Pid::from_raw(pid);
    let handle = fork::pidfd_open(pid).map_err(refused)?;
    let mut child = Child {
        name: format!("process {pid}"),
        pid,
        handle: Some(handle),
        expendable: true,
        parent: nix::unistd::getpid(),
        exit: None,
        on_end: None,
    };
    child.join_timeout(timeout)
}

/// Kills and reaps every child that is left, adopted ones included, and says how many there were.
///
/// The last thing a run does, however it ends: nothing of it stays behind.
pub fn reap_all() -> usize {
    let me = nix::unistd::getpid();
    let mut reaped = 0;
    // Killing a child may orphan its children to us, so look again until there are none.
    while let Ok(left @ [_, ..]) = procfs::children(me.as_raw()).as_deref() {
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
    reaped
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, pid, expendable, exit, .. } = self;
        f.debug_struct("Child")
            .field("name", name)
            .field("pid", &pid.as_raw())
            .field("expendable", expendable)
            .field("exit", exit)
            .finish()
    }
}
