//! A folder for files that must not outlive the program, not even after `kill -9`.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io::{self, BufRead, BufReader, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use killproof::identity::Owner;
use killproof::process::{Child, Exit, Process};
use nix::sys::signal::SigSet;
use nix::unistd::{getpid, setsid};

use crate::error::Error;
use crate::objects;

/// The file system in memory that nearly every Linux has.
const MEMORY: &str = "/dev/shm";
/// How often a removal is tried: a program that a worker became by `exec` may add a file meanwhile.
const TRIES: u32 = 100;
/// How many characters of another name are in the name of a folder beside it.
const MOST_OF_A_NAME: usize = 40;
/// Lets the caretaker begin: the program has it as a child.
const BEGIN: u8 = 1;
/// The exit code of a caretaker whose error has no number.
const NO_ERRNO: u8 = 255;
/// Ends the path that the caretaker answers with. No path contains it.
const NUL: u8 = 0;

/// A new, empty folder, which is removed with everything in it: when this value is dropped, and otherwise
/// as soon as the program has ended, however it ended.
///
/// A second process, the caretaker, makes the folder and removes it at the end. It reads from a pipe, into
/// which no process writes once it has begun. The writing end is open in this process and in every process forked from
/// it later on, so the read returns when the last of them has ended.
///
/// - The folder is there as long as any of these processes is, and none of them adds a file after its removal.
/// - `kill -9` of the program's whole process group does not reach the caretaker, which has a session of its
///   own, and neither Ctrl-C nor `pkill -f` ends it, because it blocks signals.
/// - The folder stays if the caretaker is killed as well as the program, if the system lets neither of them remove it, or
///   if the machine stops.
///
/// Unlike `tempfile::TempDir` and Python's `TemporaryDirectory`, whose destructors a killed program never
/// runs, it survives `SIGKILL`. The price is a process. It is forked before the program starts threads, and
/// before it opens pipes whose end another process waits for: like every child, the caretaker inherits them.
///
/// ```
/// use common::scratch::Scratch;
///
/// let scratch = Scratch::new("example")?;
/// let notes = scratch.path().join("notes");
/// std::fs::write(&notes, "soon gone").expect("a folder of its own");
/// drop(scratch);
/// assert!(!notes.exists());
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    caretaker: Child,
    /// The process that made this value. A copy in a forked process removes nothing.
    owner: Owner,
    /// The writing end. The kernel closes it when the program ends.
    _alive: Option<PipeWriter>,
}

impl Scratch {
    /// A folder where the system keeps temporary files. Its name begins with `name` and the process id.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no folder and no pipe; [`Error::Toolkit`] if it gives no process, or if
    /// this process runs other threads.
    pub fn new(name: &str) -> Result<Self, Error> {
        Self::below(&env::temp_dir(), name)
    }

    /// A folder in memory, so that no disk has a part in how long an operation takes. Where Linux has no
    /// such file system, it is the same as [`Scratch::new`].
    ///
    /// # Errors
    ///
    /// Those of [`Scratch::new`].
    pub fn in_memory(name: &str) -> Result<Self, Error> {
        Self::below(Path::new(MEMORY), name).or_else(|_| Self::new(name))
    }

    /// A folder beside `place`, from which something can be moved there. Its name is hidden, and begins with that of
    /// `place`.
    pub(crate) fn beside(place: &Path) -> Result<Self, Error> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        // Short enough for any file system.
        let name: String = name.chars().take(MOST_OF_A_NAME).collect();
        Self::below(place.parent().unwrap_or(Path::new("/")), &format!(".{name}.new"))
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn below(parent: &Path, name: &str) -> Result<Self, Error> {
        let stem = parent.join(format!("{name}-{}", getpid()));
        let pipe = || io::pipe().map_err(|source| Error::refused("make", objects::a_pipe(), source));
        let ((end, alive), (answer, made)) = (pipe()?, pipe()?);
        let mut alive = Some(alive);
        let take_care = || {
            // The caretaker's copy of the writing end: its own read would wait for that, too.
            drop(alive.take());
            make_and_remove(&stem, &made, &end)
        };
        let mut caretaker = Process::new("caretaker", take_care).start()?;
        drop(made);
        let refused = |error: io::Error| Error::refused("make", stem.display(), error);
        let begins = alive.as_ref().map_or(Ok(()), |mut alive| alive.write_all(&[BEGIN]));
        let error = match begins.and_then(|()| read_path(answer)) {
            Ok(path) => return Ok(Self { path, caretaker, owner: Owner::caller(), _alive: alive }),
            Err(error) => error,
        };
        // The caretaker waits for this, and removes the folder if it has made one.
        drop(alive);
        Err(match caretaker.join()? {
            Exit::Code(code) if code == 0 || code == i32::from(NO_ERRNO) => refused(error),
            Exit::Code(errno) => refused(io::Error::from_raw_os_error(errno)),
            exit @ (Exit::Signal(_) | Exit::RealTimeSignal(_)) => Error::Child { name: "caretaker".to_owned(), exit },
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.owner.is_caller() {
            return;
        }
        // In this order: if the program is killed in between, the caretaker removes the rest.
        remove(&self.path);
        let _ = self.caretaker.kill();
    }
}

/// The whole life of the caretaker. Its exit code is the system's error if it cannot make the folder, or say where it is.
/// It makes the folder itself, so there is no moment at which a kill of the program would leave one.
fn make_and_remove(stem: &Path, made: &PipeWriter, end: &PipeReader) -> u8 {
    let _ = SigSet::all().thread_block();
    let _ = setsid();
    // A start that is refused after the fork kills the child: it may not have made anything by then.
    let kept = begun(end).and_then(|()| make(stem)).and_then(|folder| keep(&folder, made, end));
    let errno = |error: io::Error| error.raw_os_error().and_then(|errno| u8::try_from(errno).ok());
    kept.map_or_else(|error| errno(error).unwrap_or(NO_ERRNO), |()| 0)
}

/// Waits until the program has the caretaker as a child. An error if it never will.
fn begun(mut end: &PipeReader) -> io::Result<()> {
    end.read_exact(&mut [0])
}

/// Says where the folder is, waits for the end, and removes it. A program without that answer waits for it, so there is
/// no end to wait for.
fn keep(folder: &Path, mut made: &PipeWriter, mut end: &PipeReader) -> io::Result<()> {
    let answered = made.write_all(&[folder.as_os_str().as_bytes(), &[NUL]].concat());
    if answered.is_ok() {
        let _ = io::copy(&mut end, &mut io::sink());
    }
    remove(folder);
    answered
}

/// The first folder `stem-0`, `stem-1` and so on that does not exist yet. Other users may not enter it.
fn make(stem: &Path) -> io::Result<PathBuf> {
    let mut number = 0;
    loop {
        let mut folder = stem.as_os_str().to_owned();
        folder.push(format!("-{number}"));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| folder.into()),
        }
    }
}

/// The caretaker's answer. An error if it ended without one.
fn read_path(answer: PipeReader) -> io::Result<PathBuf> {
    let mut path = Vec::new();
    BufReader::new(answer).read_until(NUL, &mut path)?;
    match path.pop() {
        Some(NUL) => Ok(OsString::from_vec(path).into()),
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn remove(folder: &Path) {
    for _ in 0..TRIES {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => std::thread::yield_now(),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_caretaker_that_cannot_answer_removes_the_folder_and_does_not_wait() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = make(&place.path().join("kept")).expect("room");
        let ((end, _alive), (answer, made)) = (io::pipe().expect("a pipe"), io::pipe().expect("a pipe"));
        drop(answer);
        let (tell, told) = mpsc::channel();
        std::thread::spawn({
            let folder = folder.clone();
            move || tell.send(keep(&folder, &made, &end).map_err(|error| error.kind()))
        });
        let kept = told.recv_timeout(Duration::from_mins(1)).expect("it waits for a program that waits for it");
        assert_eq!(kept, Err(ErrorKind::BrokenPipe));
        assert!(!folder.exists());
    }
}
