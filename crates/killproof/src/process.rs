//! Processes that run a closure: Python's `multiprocessing.Process`.
//!
//! A [`Process`] is forked, so its closure sees everything that its parent had at that moment, as
//! a copy. What both are to see must be in shared memory ([`shared`](crate::shared),
//! [`queue`](crate::queue)) or in a file.
//!
//! ```
//! use killproof::process::{Exit, Process};
//!
//! let mut child = Process::new("answer", || 42_u8).start()?;
//! assert_eq!(child.join()?, Exit::Code(42));
//! # Ok::<(), killproof::Error>(())
//! ```
//!
//! A [`Supervisor`] replaces processes that die.
//!
#![doc = include_str!("process/README.md")]

mod body;
mod bonds;
mod child;
mod exit;
mod grace;
mod linked;
mod restart_limit;
mod subreaper;
mod supervisor;
mod task;
mod together;

pub use bonds::{User, die_with_parent_again};
pub use child::Child;
pub use exit::{Exit, Failure, IntoExit};
pub(crate) use grace::GRACE;
pub use linked::failed_link;
pub use restart_limit::{Death, RestartLimit};
pub(crate) use restart_limit::{Deaths, summary};
pub(crate) use subreaper::reap_all_but;
pub use subreaper::{adopt_orphans, adopted, ignore_children, keep_children, reap_all};
pub use supervisor::{Restarted, Supervisor, WatchError};
pub use task::Task;
pub use together::end_all;

use std::ffi::CStr;
use std::fmt;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::error::{Error, Phrase};
use crate::file_lock;
use crate::identity;
use crate::sys::fork::{self, ForkError};
use crate::sys::pidfd;

use body::{AbortOnUnwind, Body, Closure, ClosureWithDescriptor};
use bonds::{Announced, Bonds, wait_for_user};

/// A process that has not been started yet.
///
/// Like [`std::thread::Builder`] it carries a name; unlike it, the closure may borrow, because the
/// child gets a copy of everything and never comes back. The closure is `Send` so that no lock
/// guard slips into a second process.
#[must_use = "nothing runs before start()"]
pub struct Process<'f> {
    name: String,
    body: Box<dyn Body + 'f>,
    daemon: bool,
    kill_on_drop: bool,
    linked: bool,
    bonds: Bonds,
    on_start: Option<OnStart<'f>>,
}

/// Called with the pid of a process that was started, and when.
type OnStart<'f> = Box<dyn FnOnce(i32, Instant) -> OnEnd + 'f>;
/// Called with how a process ended, once, when it is reaped; with `None` if the kernel reaped it.
pub type OnEnd = Box<dyn FnOnce(Option<Exit>) + Send>;

impl<'f> Process<'f> {
    /// A process that will run `closure` and end with what it returns.
    ///
    /// The name is for people: error messages, an observer's record, and (its first 15 bytes) `ps`.
    ///
    /// What moves into the closure belongs to the child once the process is started. The child drops it, and
    /// the parent forgets it: its memory stays allocated and its descriptors stay open in the parent for the
    /// parent's life, and a [`Child`] that moved in is a zombie from its end on. So a descriptor whose end
    /// another process waits for is handed over ([`with_descriptor`](Self::with_descriptor)), or the closure
    /// borrows it. A process that is dropped without a start, or whose start is refused, drops its closure as
    /// usual.
    pub fn new<R: IntoExit>(name: impl Into<String>, closure: impl FnOnce() -> R + Send + 'f) -> Self {
        Self::with_body(name.into(), Box::new(Closure(closure)))
    }

    /// A process that will run `closure` with `descriptor`, the parent's copy of which is closed as soon as
    /// the process has started.
    ///
    /// It is for what a process reads from or writes to: a pipe whose writing end stayed open in the parent
    /// would never be at its end.
    ///
    /// ```
    /// use std::io::{Read, Write, pipe};
    /// use killproof::process::Process;
    ///
    /// let (mut output, input) = pipe()?;
    /// let writes = |mut input: std::io::PipeWriter| u8::from(input.write_all(b"hello").is_err());
    /// let mut child = Process::with_descriptor("writes", input, writes).start()?;
    /// let mut text = String::new();
    /// output.read_to_string(&mut text)?; // returns: the only writing end was the child's
    /// assert_eq!(text, "hello");
    /// # child.join()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_descriptor<D: Into<OwnedFd> + Send + 'f, R: IntoExit>(
        name: impl Into<String>,
        descriptor: D,
        closure: impl FnOnce(D) -> R + Send + 'f,
    ) -> Self {
        Self::with_body(name.into(), Box::new(ClosureWithDescriptor { descriptor, closure }))
    }

    fn with_body(name: String, body: Box<dyn Body + 'f>) -> Self {
        Self { name, body, daemon: false, kill_on_drop: false, linked: false, bonds: Bonds::default(), on_start: None }
    }

    /// A process that will run `task`.
    pub fn from_task<T: Task + 'f>(task: T) -> Self {
        Self::new(task.name(), || task.run())
    }

    /// Makes it a daemon: it must not outlive its parent.
    ///
    /// That is [`die_with_parent`](Self::die_with_parent) and [`kill_on_drop`](Self::kill_on_drop). (A
    /// Python daemon survives the SIGKILL of its parent: no process is left to terminate it.)
    pub fn daemon(mut self) -> Self {
        self.daemon = true;
        self.die_with_parent().kill_on_drop()
    }

    /// The kernel kills it when its parent dies, even by SIGKILL.
    ///
    /// The kernel forgets that when the process changes its user: see [`user`](Self::user) and
    /// [`die_with_parent_again`]. The parent is the thread that called [`start`](Self::start), so a thread that
    /// ends before its process does takes the processes along that it started.
    pub fn die_with_parent(mut self) -> Self {
        self.bonds.dies_with_parent = true;
        self
    }

    /// It runs as another user and in no group but that user's, from before the kernel is asked to kill it with
    /// its parent. Only root may choose freely; [`start`](Self::start) is refused if the system refuses.
    pub fn user(mut self, user: User) -> Self {
        self.bonds.user = Some(user);
        self
    }

    /// A [`Child`] that is dropped unjoined, because the parent's work failed, terminates the process
    /// instead of joining it.
    pub fn kill_on_drop(mut self) -> Self {
        self.kill_on_drop = true;
        self
    }

    /// Links it with its parent: when it fails, the parent does not wait for what it would have done.
    ///
    /// As soon as the process has ended by a signal or with another code than 0, every wait of its parent, in
    /// all threads, returns [`Error::Interrupted`] with SIGCHLD, at most some 100 ms later: for an event, a
    /// barrier, a queue, a lock, for another child. [`failed_link`] says which child has failed, and how. So
    /// it is until the parent joins this child; a join of the failed child itself returns its end as ever. A
    /// parent that ends by this error fails, too, and so a whole tree of linked processes ends with an error
    /// that has a name, where its siblings would wait for ever.
    ///
    /// A child that ended with code 0 has done its work, and ends no wait. No failure is what the parent
    /// wants: the end of a child that it has signalled ([`Child::kill`]), detached, or given to a
    /// [`Supervisor`].
    ///
    /// These are Erlang's links, without messages. Python has nothing like them: there a parent waits for the
    /// dead for ever.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::{Error, process::{self, Process}, sync::Event};
    ///
    /// let answer = Event::new()?;
    /// let child = Process::new("answers", || -> u8 { panic!("there is no answer") }).linked().start()?;
    /// assert!(matches!(answer.wait(Duration::MAX), Err(Error::Interrupted(_)))); // does not wait for ever
    /// let failed = process::failed_link().expect("the child");
    /// assert_eq!(failed.to_string(), format!("answers (pid {}) ended with code 101", child.pid()));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn linked(mut self) -> Self {
        self.linked = true;
        self
    }

    /// Takes back [`linked`](Self::linked): its failure ends no wait of its parent.
    pub fn unlinked(mut self) -> Self {
        self.linked = false;
        self
    }

    /// Ignores SIGINT and SIGHUP: Ctrl-C at the terminal reaches all processes there, and what it means for
    /// this one is left to its parent.
    pub fn ignore_ctrl_c(mut self) -> Self {
        self.bonds.ignores_ctrl_c = true;
        self
    }

    /// Ignores SIGTERM as well: it ends by itself when its parent does.
    pub(crate) fn ignore_sigterm(mut self) -> Self {
        self.bonds.ignores_sigterm = true;
        self
    }

    /// Takes back [`die_with_parent`](Self::die_with_parent), [`kill_on_drop`](Self::kill_on_drop) and
    /// [`ignore_ctrl_c`](Self::ignore_ctrl_c): it lives on when its parent is killed, as an ordinary
    /// child of Unix does, and dropping its [`Child`] joins it.
    pub fn independent(mut self) -> Self {
        self.bonds = Bonds { user: self.bonds.user, ..Bonds::default() };
        self.kill_on_drop = false;
        self
    }

    /// Calls `started` in the parent as soon as the process exists, and calls what that returns when
    /// the process is reaped: for a record of births and deaths.
    ///
    /// Neither should panic. A panic of `started` terminates the process and leaves [`start`](Self::start). One
    /// at the end leaves the call that reaped the process, which is reaped all the same, or is ignored if the
    /// caller is panicking already.
    pub fn on_start(mut self, started: impl FnOnce(i32, Instant) -> OnEnd + 'f) -> Self {
        self.on_start = Some(Box::new(started));
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Forks, and runs the closure in the child.
    ///
    /// In the child SIGINT, SIGTERM, SIGHUP and SIGCHLD have their default effect and are not blocked, whatever
    /// the parent does about them. A panic ends the child with code 101, after the program's own panic hook
    /// has run, and so does a panic of the [observer](crate::observe::Observer) at its end. The child never
    /// returns from `start`.
    ///
    /// What the program has buffered for standard output is flushed before the fork, so that it is not printed
    /// twice, and at the child's end. A buffer that the closure borrows is copied with what is in it: flush it
    /// before the start, or both processes write that. What else is copied, shared or left out stands in [the
    /// table](self#what-a-child-has-of-its-parent).
    ///
    /// A child that a destructor starts while a panic unwinds counts as panicking for its whole life
    /// ([`std::thread::panicking`]): no panic of it is reported to the next holder of a mutex.
    ///
    /// # Errors
    ///
    /// [`Error::ThreadsRunning`] while this process runs other threads: a fork copies only the
    /// calling thread, and with it locks that others held, for ever. [`Error::GuardHeld`] while the calling
    /// thread holds a [`SharedMutex`](crate::mutex::SharedMutex): the child would be inside it as well.
    /// [`Error::Refused`] when the system gives no process, or no descriptor for it. A start that is refused has
    /// run nothing of the closure. (One exception: if the kernel runs out of memory, or the whole system out of
    /// descriptors, right after the fork, the child is killed before `start` returns the error.)
    pub fn start(self) -> Result<Child, Error> {
        let Self { name, body, daemon: _, kill_on_drop, linked, bonds, on_start } = self;
        let refused = |source: io::Error| Error::refused("start", Phrase::name(&name), source);
        io::stdout().flush().map_err(|source| Error::refused("write to", "standard output", source))?;
        // A start that would be refused for want of a descriptor, or of the system call, is refused here.
        let own = pidfd::open(nix::unistd::getpid()).map_err(refused)?;
        let (report, mut reports) = match bonds.user {
            Some(_) => io::pipe().map(|(report, reports)| (Some(report), Some(reports))).map_err(refused)?,
            None => (None, None),
        };
        let began = Instant::now();
        let mut announced = Announced::new(bonds, own);
        let naming = identity::name_of_child(&name);
        // What `ps` shows.
        let mut short = [0; 16];
        let bytes = &name.as_bytes()[..name.floor_char_boundary(15)];
        short[..bytes.len()].copy_from_slice(bytes);
        let short = CStr::from_bytes_until_nul(&short).unwrap_or_default();
        let pid = match fork::fork() {
            Ok(Some(pid)) => pid,
            Ok(None) => {
                let _aborts = AbortOnUnwind;
                file_lock::close_inherited();
                drop(report);
                announced.arrange(bonds, reports.take());
                fork::name_this_process(short);
                body.run(&name)
            }
            Err(ForkError::Threads(threads)) => return Err(Error::ThreadsRunning { name, threads }),
            Err(ForkError::Guards(guards)) => return Err(Error::GuardHeld { name, guards }),
            Err(ForkError::System(source)) => return Err(refused(source)),
        };
        body.forget();
        drop(naming);
        drop(announced);
        drop(reports);
        let handle = match pidfd::open(pid) {
            Ok(pidfd) => Some(pidfd),
            // Where SIGCHLD is ignored, the kernel may have reaped the child already.
            Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => None,
            Err(error) => {
                // Without a handle the parent could not wait for it. Its pid is safe to use: not reaped yet.
                let _ = nix::sys::signal::kill(pid, Signal::SIGKILL);
                let _ = nix::sys::wait::waitpid(pid, None);
                return Err(refused(error));
            }
        };
        let mut child = Child::new(name, pid, handle, kill_on_drop);
        if let (Some(report), Some(user)) = (report, bonds.user) {
            let refused = wait_for_user(report).inspect_err(|_| drop(child.kill()))?;
            if let Some(source) = refused {
                child.join()?;
                let object = Phrase::new("{} as user {}", [Phrase::name(child.name()), user.uid.into()]);
                return Err(Error::refused("start", object, source));
            }
        }
        if linked {
            child.link();
        }
        Ok(match on_start {
            // If it panics, the handle ends the child.
            Some(tell) => child.on_end(tell(pid.as_raw(), began)),
            None => child,
        })
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
/// killproof::process::fork_exit_wait()?;
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if the system gives no process, or reaps children itself
/// ([`ignore_children`]).
pub fn fork_exit_wait() -> Result<(), Error> {
    fork::round_trip().map_err(|source| Error::refused("start", "a process", source))
}
