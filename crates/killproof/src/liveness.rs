//! How a process proves to others that it lives: it holds a record lock.
//!
//! A POSIX record lock (`F_SETLK` of fcntl(2)) on one byte of an anonymous file. The kernel frees it when its
//! process ends, however it ends. It also does so when its process executes another program, because the file
//! is closed then. A forked child does not inherit it. So no `/proc` is read, no pid is compared that the
//! system may have given to another process, and the answer is the same in every namespace.
//!
//! A process that closes descriptors which are not its own loses its lock, and counts as dead.

use std::io;
use std::os::fd::OwnedFd;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

use crate::sys::descriptor::anonymous_file;
pub(crate) use crate::sys::thread::{thread_id, thread_is_alive};

/// The locks of the processes of one family: each holds a place.
pub(crate) struct LifeLocks {
    file: OwnedFd,
}

/// The places that a question is about.
#[derive(Clone, Copy)]
enum Places {
    One(u32),
    All,
}

impl LifeLocks {
    /// Takes a descriptor.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: anonymous_file(c"life-locks")? })
    }

    /// Holds a place for the rest of this process's life. False if another living process holds it.
    pub(crate) fn hold(&self, place: u32) -> io::Result<bool> {
        loop {
            match fcntl(&self.file, FcntlArg::F_SETLK(&record(Places::One(place)))) {
                Ok(_) => return Ok(true),
                Err(nix::Error::EACCES | nix::Error::EAGAIN) => return Ok(false),
                Err(nix::Error::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Whether another living process holds this place.
    pub(crate) fn is_held(&self, place: u32) -> bool {
        self.are_held(Places::One(place))
    }

    /// Whether another living process holds a place.
    pub(crate) fn any_is_held(&self) -> bool {
        self.are_held(Places::All)
    }

    fn are_held(&self, places: Places) -> bool {
        let mut record = record(places);
        // Without an answer a process keeps what it holds.
        fcntl(&self.file, FcntlArg::F_GETLK(&mut record)).is_err() || i32::from(record.l_type) != libc::F_UNLCK
    }
}

/// An exclusive lock on these places.
#[expect(clippy::cast_possible_truncation, reason = "constants of the system's own type")]
fn record(places: Places) -> libc::flock {
    let (start, length) = match places {
        Places::One(place) => (place.into(), 1),
        Places::All => (0, 0),
    };
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: start,
        l_len: length,
        l_pid: 0,
    }
}
