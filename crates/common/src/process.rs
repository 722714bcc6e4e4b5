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
//!
//! A [`Supervisor`] starts processes anew that die.

mod budget;
mod child;
mod family;
mod supervisor;

pub(crate) use budget::told;
pub use budget::{Budget, Death};
pub use child::{Child, Exit};
pub use family::{adopt_orphans, adopted, ignore_children, reap_all};
pub use supervisor::{Restarted, Supervisor};

use std::ffi::CStr;
use std::fmt;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::Instant;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use crate::error::{Error, PANICKED, complain};
use crate::journal;
use crate::sys::fork::{self, ForkError};
use crate::whoami;

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
    /// The child's whole life, given its name. It ends within, so the box is never freed there: a child
    /// that frees memory must first copy the page, and has nothing to gain.
    main: Box<dyn FnOnce(&str) -> u8 + Send + 'f>,
    daemon: bool,
    tied: bool,
    on_start: Option<OnStart<'f>>,
}

/// Told the pid of a process that was started, and when; what it returns is told the process's end.
pub(crate) type OnStart<'f> = Box<dyn FnOnce(i32, Instant) -> OnEnd + 'f>;
/// Told how a process ended, once, when it is reaped; `None` if the kernel reaped it.
pub(crate) type OnEnd = Box<dyn FnOnce(Option<Exit>) + Send>;

impl<'f> Process<'f> {
    /// A process that will run `closure` and end with what it returns.
    ///
    /// The name is for people: error messages, the journal, and (its first 15 bytes) `ps`.
    pub fn new<R: IntoExit>(name: impl Into<String>, closure: impl FnOnce() -> R + Send + 'f) -> Self {
        let main = Box::new(move |name: &str| {
            let code = panic::catch_unwind(AssertUnwindSafe(|| exit_code(name, closure()))).unwrap_or(PANICKED);
            journal::exits(code);
            let _ = io::stdout().flush();
            fork::exit_now(i32::from(code))
        });
        Self { name: name.into(), main, daemon: false, tied: false, on_start: None }
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
        panics_of_children_are_one_line();
        let naming = whoami::name_of_child(&name);
        // What `ps` shows.
        let mut short = [0; 16];
        let bytes = &name.as_bytes()[..name.floor_char_boundary(15)];
        short[..bytes.len()].copy_from_slice(bytes);
        let short = CStr::from_bytes_until_nul(&short).unwrap_or_default();
        let pid = match fork::fork() {
            Ok(Some(pid)) => pid,
            Ok(None) => {
                become_child(short, Bonds { parent, dies_with_it: daemon || tied, heeds_ctrl_c: !tied });
                fork::exit_now(i32::from(main(&name)))
            }
            Err(ForkError::Threads(threads)) => return Err(Error::ThreadsRunning { name, threads }),
            Err(ForkError::System(source)) => return Err(refused(source)),
        };
        drop(naming);
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
        Ok(Child::new(name, pid, handle, daemon || tied, on_end))
    }
}

impl fmt::Debug for Process<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("name", &self.name).field("daemon", &self.daemon).finish_non_exhaustive()
    }
}

/// Makes a process that ends at once, and reaps it, by the bare system calls: `fork`, `_exit`,
/// `waitid`. What [`Process`] costs is measured against this, the least that a process can cost.
///
/// The child runs no code of the program, so this is allowed while other threads run.
///
/// ```
/// common::process::fork_exit_wait()?;
/// # Ok::<(), common::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if the system gives no process, or reaps children itself
/// ([`ignore_children`]).
pub fn fork_exit_wait() -> Result<(), Error> {
    fork::round_trip().map_err(|source| Error::refused("start", "a process", source))
}

/// What a child owes its parent.
#[derive(Clone, Copy)]
struct Bonds {
    parent: Pid,
    dies_with_it: bool,
    heeds_ctrl_c: bool,
}

/// What a child does before its closure: as little as it can, because every page that it comes to has to
/// be fetched or copied first.
#[inline]
fn become_child(short_name: &CStr, bonds: Bonds) {
    if bonds.dies_with_it {
        let bound = prctl::set_pdeathsig(Signal::SIGKILL);
        // If the parent died before the line above, the kernel has nothing to tell us any more, and
        // we do to ourselves what it would have done.
        if bound.is_err() || nix::unistd::getppid() != bonds.parent {
            let _ = nix::sys::signal::raise(Signal::SIGKILL);
            fork::exit_now(i32::from(PANICKED));
        }
    }
    if !bonds.heeds_ctrl_c {
        for signal in [Signal::SIGINT, Signal::SIGHUP] {
            let _ = fork::ignore(signal);
        }
    }
    fork::name_this_process(short_name);
}

fn exit_code<R: IntoExit>(name: &str, returned: R) -> u8 {
    returned.into_exit().unwrap_or_else(|error| {
        if !error.is_quiet() {
            complain(name, error.to_string());
        }
        error.code()
    })
}

/// Set up once, in the parent: a child that wrote to the hook would have to copy its page first.
fn panics_of_children_are_one_line() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| match whoami::given_name().as_deref() {
            Some(name) => complain(name, one_line(info)),
            None => before(info),
        }));
    });
}

fn one_line(info: &panic::PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("a value that is no text");
    let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    format!("panicked{place}: {}", message.replace('\n', " "))
}
