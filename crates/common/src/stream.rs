//! A write to a standard stream that a request to end can end.
//!
//! A pipe whose reader does not read, or a terminal that was stopped by Ctrl-S, would hold a writer for ever,
//! and the handlers of our signals restart a blocked `write`. So a writer waits for room *and* for a request
//! to end, and writes without blocking. `poll` alone would not do: another process may fill the room between
//! the `poll` and the `write`.
//!
//! `O_NONBLOCK` is a flag of the open file, which the shell and other programs share with this one. It is set
//! on an open file of our own: the same pipe or terminal, opened anew. Where that is refused (no `/proc`,
//! another user's pipe), the kernel is asked for one write that does not block (Linux 6.5, for pipes). Where
//! it has none, a request to end ends the wait for room, but not a write whose room another process took
//! after it had been seen.

use std::fs::OpenOptions;
use std::io::{self, IoSlice, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use killproof::interrupt;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{FileStat, SFlag, fstat};
use rustix::io::{ReadWriteFlags, pwritev2};
use rustix::net::{SendFlags, send};

/// For how long the lines of a process that was asked to end wait for room, all of them together: a reader
/// that reads slowly gets the last ones.
const LAST_LINES: Duration = Duration::from_millis(500);
/// The pause after a stream said that it has room, and had not enough.
const PAUSE: Duration = Duration::from_millis(10);

/// The offset of a write to a pipe or a terminal, which have none: pwritev2(2).
const AT_THE_END: u64 = u64::MAX;

/// Why bytes were not written, or not all of them.
pub(crate) enum Unwritten {
    Refused(Errno),
    /// The process was asked to end, and no reader made room.
    Stopped(killproof::Error),
}

/// Standard output or standard error.
pub(crate) struct Stream {
    /// How to write to the file that the descriptor named last. `dup2` may give it another one.
    last: Mutex<Option<(FileId, Arc<Way>)>>,
}

/// A file by device, number and type.
type FileId = (u64, u64, u32);

/// How a stream is written to without being held by it.
enum Way {
    /// A file that no reader can fill up.
    File,
    Socket,
    /// A pipe or terminal, opened anew with `O_NONBLOCK`.
    OwnOpenFile(OwnedFd),
    /// A pipe or terminal that may not be opened anew: it belongs to another user, say.
    SharedOpenFile,
}

impl Stream {
    pub(crate) const fn new() -> Self {
        Self { last: Mutex::new(None) }
    }

    /// Writes all `bytes` to `fd`, the stream's descriptor: in one piece, if they are at most 4096 and `fd` is
    /// a pipe.
    pub(crate) fn write_all(&self, fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Unwritten> {
        let way = self.way(fd);
        let mut waited = false;
        while !bytes.is_empty() {
            match way.write(fd, bytes) {
                Ok(written) => (bytes, waited) = (&bytes[written..], false),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    if waited {
                        let _ = interrupt::sleep(PAUSE);
                    }
                    wait_for_room(way.descriptor(fd))?;
                    waited = true;
                }
                Err(errno) => return Err(Unwritten::Refused(errno)),
            }
        }
        Ok(())
    }

    /// Writes as many of the `bytes` as `fd`, the stream's descriptor, takes without making this process wait.
    #[cfg(feature = "tools")]
    pub(crate) fn write_some(&self, fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
        let way = self.way(fd);
        let mut written = 0;
        while written < bytes.len() {
            match way.write(fd, &bytes[written..]) {
                Ok(more) => written += more,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => break,
                Err(errno) => return Err(errno),
            }
        }
        Ok(written)
    }

    fn way(&self, fd: BorrowedFd<'_>) -> Arc<Way> {
        // Where the system does not say what the file is, a line may find its way all the same.
        let Ok(file) = fstat(fd) else { return Arc::new(Way::SharedOpenFile) };
        let id = (file.st_dev, file.st_ino, file.st_mode);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, way)) if *known == id => Arc::clone(way),
            _ => Arc::clone(&last.insert((id, Arc::new(Way::to(fd, &file)))).1),
        }
    }
}

impl Way {
    fn to(fd: BorrowedFd<'_>, file: &FileStat) -> Self {
        match SFlag::from_bits_truncate(file.st_mode) & SFlag::S_IFMT {
            SFlag::S_IFSOCK => Self::Socket,
            kind if kind == SFlag::S_IFIFO || fd.is_terminal() => {
                open_anew(fd).map_or(Self::SharedOpenFile, Self::OwnOpenFile)
            }
            _ => Self::File,
        }
    }

    fn descriptor<'a>(&'a self, fd: BorrowedFd<'a>) -> BorrowedFd<'a> {
        match self {
            Self::OwnOpenFile(own) => own.as_fd(),
            Self::File | Self::Socket | Self::SharedOpenFile => fd,
        }
    }

    fn write(&self, fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
        match self {
            Self::File | Self::OwnOpenFile(_) => nix::unistd::write(self.descriptor(fd), bytes),
            Self::Socket => send(fd, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL).map_err(of_nix),
            Self::SharedOpenFile => match pwritev2(fd, &[IoSlice::new(bytes)], AT_THE_END, ReadWriteFlags::NOWAIT) {
                Err(rustix::io::Errno::OPNOTSUPP) if has_room(fd, Duration::ZERO) => nix::unistd::write(fd, bytes),
                Err(rustix::io::Errno::OPNOTSUPP) => Err(Errno::EAGAIN),
                written => written.map_err(of_nix),
            },
        }
    }
}

fn of_nix(errno: rustix::io::Errno) -> Errno {
    Errno::from_raw(errno.raw_os_error())
}

fn open_anew(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    OpenOptions::new().write(true).custom_flags(flags).open(path).map(OwnedFd::from)
}

fn wait_for_room(fd: BorrowedFd<'_>) -> Result<(), Unwritten> {
    /// Until then the last lines wait.
    static LAST: OnceLock<Instant> = OnceLock::new();
    match interrupt::wait_writable(fd, None) {
        Ok(_) => Ok(()),
        Err(asked_to_end) => {
            let until = *LAST.get_or_init(|| Instant::now() + LAST_LINES);
            let left = until.saturating_duration_since(Instant::now());
            if has_room(fd, left) { Ok(()) } else { Err(Unwritten::Stopped(asked_to_end)) }
        }
    }
}

/// Whether `fd` has room within `timeout`, or no reader any more, which the next write tells.
fn has_room(fd: BorrowedFd<'_>, timeout: Duration) -> bool {
    let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
    matches!(poll(&mut [PollFd::new(fd, PollFlags::POLLOUT)], timeout), Ok(1..))
}
