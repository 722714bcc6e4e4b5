//! A lock between any processes, related or not: an exclusive `flock` on a file.
//!
//! The kernel frees it when its holder dies, however it dies. What is locked is the file that has the name: the lock
//! of a link is the lock of the file behind it, and two names of one file are one lock. The file stays.
//!
//! Python has nothing like it between unrelated processes; `multiprocessing.Lock` is for related
//! ones, and is lost when its holder is killed.

mod open_files;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::marker::PhantomData;
use std::os::unix::fs::MetadataExt;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fs2::FileExt;

use crate::error::{Error, Phrase};
use crate::interrupt;
use crate::observe::{self, End, Location as At, Object, Span, SpanKind};
use crate::sys::descriptor::above_standard_streams;

/// The pause of a waiter between two looks grows between these two, to a quarter of the time that it has waited.
const FIRST_PAUSE: Duration = Duration::from_micros(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// A lock between any processes that name the same file.
///
/// Every lock call opens the file again, because an open file carries its lock into forked children: a
/// parent and a child that shared one would hold the "exclusive" lock together. So the lock also excludes
/// the threads of one process from each other, and a `FileLock` may be used on both sides of a fork.
///
/// A waiter looks again and again, after pauses that grow to 5 ms: `flock` itself has no deadline, and does not
/// end for a request to end that comes through another process. So the lock is not fair, and a waiter that comes
/// later may get it first.
///
/// ```
/// use killproof::file_lock::FileLock;
///
/// let folder = tempfile::tempdir()?;
/// let lock = FileLock::new(folder.path().join("tickets.json.lock"));
/// let guard = lock.lock()?;
/// assert!(lock.try_lock()?.is_none());
/// drop(guard);
/// assert!(lock.try_lock()?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileLock {
    path: PathBuf,
    makes_file: bool,
}

/// Holds the lock until it is dropped, or its process ends or executes another program.
///
/// It belongs to the process that locked. A child that [`Process::start`](crate::process::Process::start) forks
/// closes its copy of the locked file before it does anything else, so the lock is free when its holder is killed,
/// whatever children live on. The copy of the guard does nothing there, and a closure cannot take the guard along:
///
/// ```compile_fail,E0277
/// use killproof::{file_lock::FileLock, process::Process};
///
/// let guard = FileLock::new("tickets.json.lock").lock()?;
/// Process::new("holder", move || drop(guard)).start()?; // it is not `Send`
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// A process that is forked in another way (`daemon(3)`) shares the lock with its parent: it is free when one of
/// them drops its guard, or both have ended.
#[derive(Debug)]
#[must_use = "the lock is held only as long as its guard lives"]
pub struct FileLockGuard {
    file: open_files::Key,
    span: Span,
    _this_process: PhantomData<*const ()>,
}

/// Closes the files of the locks that the parent holds: a part of the start of every child.
#[inline]
pub(crate) fn close_inherited() {
    open_files::close_all();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Exclusive,
    Shared,
}

impl FileLock {
    /// A lock on `path`. The file is made when it is first locked, and is never removed: a process that removed it
    /// would take it from under the waiters of other programs. Its owner may remove it when no program uses it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), makes_file: true }
    }

    /// A lock on the file at `path` itself, which is what the lock protects. To lock a missing file is an error.
    ///
    /// There is no second file that another name of the protected one would not lead to. A program that changes the
    /// file writes over it in place: one that puts a new file at `path` leaves waiters of other programs with a lock
    /// on the old one. (A `FileLock` looks again when it has the lock, and then waits for the lock of the new one.)
    pub fn existing(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), makes_file: false }
    }

    /// The file that is locked.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the lock. Which of several waiters gets it first is not defined.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the file cannot be made or locked; [`Error::Interrupted`] if this process is asked to
    /// end meanwhile.
    #[track_caller]
    pub fn lock(&self) -> Result<FileLockGuard, Error> {
        loop {
            if let Some(guard) = self.poll(Duration::MAX, Mode::Exclusive)? {
                return Ok(guard);
            }
        }
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// Those of [`FileLock::lock`].
    #[track_caller]
    pub fn try_lock(&self) -> Result<Option<FileLockGuard>, Error> {
        self.try_mode(Mode::Exclusive)
    }

    /// Takes the lock shared if no holder has it exclusively. Several holders may share it.
    ///
    /// # Errors
    ///
    /// Those of [`FileLock::lock`].
    #[track_caller]
    pub fn try_lock_shared(&self) -> Result<Option<FileLockGuard>, Error> {
        self.try_mode(Mode::Shared)
    }

    /// Waits for the lock for at most `timeout`. `None` if it was not free by then.
    ///
    /// # Errors
    ///
    /// Those of [`FileLock::lock`].
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<FileLockGuard>, Error> {
        self.poll(timeout, Mode::Exclusive)
    }

    /// Waits for the shared lock for at most `timeout`. `None` if a holder had it exclusively until then.
    ///
    /// # Errors
    ///
    /// Those of [`FileLock::lock`].
    #[track_caller]
    pub fn lock_shared_timeout(&self, timeout: Duration) -> Result<Option<FileLockGuard>, Error> {
        self.poll(timeout, Mode::Shared)
    }

    #[track_caller]
    fn poll(&self, timeout: Duration, mode: Mode) -> Result<Option<FileLockGuard>, Error> {
        let (began, at) = (Instant::now(), Location::caller());
        let (mut wait, mut waiting) = (None, None);
        loop {
            // The span of the wait ends before the span of the holding begins.
            if let Some(file) = self.try_file(mode, &mut waiting)? {
                drop(wait);
                return Ok(Some(self.guard(file, mode, at)));
            }
            let wait = wait.get_or_insert_with(|| self.begin(SpanKind::WaitLock, mode, at));
            let waited = began.elapsed();
            let Some(left) = timeout.checked_sub(waited) else {
                wait.ends(End::TimedOut);
                return Ok(None);
            };
            let pause = (waited / 4).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            interrupt::sleep(left.min(pause)).inspect_err(|_| wait.ends(End::Interrupted))?;
        }
    }

    #[track_caller]
    fn try_mode(&self, mode: Mode) -> Result<Option<FileLockGuard>, Error> {
        let at = Location::caller();
        Ok(self.try_file(mode, &mut None)?.map(|file| self.guard(file, mode, at)))
    }

    fn guard(&self, file: File, mode: Mode, at: At) -> FileLockGuard {
        let file = open_files::keep(file);
        FileLockGuard { file, span: self.begin(SpanKind::HoldLock, mode, at), _this_process: PhantomData }
    }

    fn begin(&self, kind: SpanKind, mode: Mode, at: At) -> Span {
        observe::begin(kind, Object::File { path: &self.path, shared: mode == Mode::Shared }, at)
    }

    /// A waiter keeps the file open in `waiting`. If the file loses its name meanwhile, the waiter still waits for
    /// the holder that locked it, and only then for the file that has the name.
    fn try_file(&self, mode: Mode, waiting: &mut Option<File>) -> Result<Option<File>, Error> {
        loop {
            let file = waiting.take().map_or_else(|| self.open(), Ok)?;
            let locked = match mode {
                Mode::Exclusive => file.try_lock_exclusive(),
                Mode::Shared => FileExt::try_lock_shared(&file),
            };
            match locked {
                Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
                    *waiting = Some(file);
                    return Ok(None);
                }
                Err(error) => return Err(self.refused(error)),
                Ok(()) if self.is_current(&file).map_err(|error| self.refused(error))? => return Ok(Some(file)),
                Ok(()) => {}
            }
        }
    }

    /// `flock` needs no right to write, so a file of another user, or on a read-only file system, serves, too.
    fn open(&self) -> Result<File, Error> {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(self.makes_file).truncate(false);
        let opened = match options.open(&self.path) {
            Err(error) if matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem) => {
                File::open(&self.path).map_err(|_| error)
            }
            other => other,
        };
        let opened = opened.and_then(|file| above_standard_streams(file.into()));
        opened.map(File::from).map_err(|error| self.refused(error))
    }

    /// Whether the locked file still has the lock's name. If the file was removed during the wait, other
    /// processes lock a new one, and this lock excludes none of them. A system that does not say so has not said no.
    fn is_current(&self, file: &File) -> io::Result<bool> {
        let ours = file.metadata()?;
        match fs::metadata(&self.path) {
            Ok(named) => Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn refused(&self, source: io::Error) -> Error {
        Error::refused("lock", Phrase::name(self.path.display()), source)
    }
}

impl Drop for FileLockGuard {
    fn drop(&mut self) {
        let Some(file) = open_files::take(&self.file) else {
            // In a child of the holder. The span is the holder's.
            self.span.forget();
            return;
        };
        // Before the lock is free, so that this span has ended when the next holder's begins.
        let is_observed = self.span.end();
        // Explicitly: a process that was forked in another way than by `start` keeps its copy open.
        let _ = FileExt::unlock(&file);
        if is_observed {
            observe::released();
        }
    }
}
