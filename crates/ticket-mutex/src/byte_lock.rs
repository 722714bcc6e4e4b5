//! Record locks on two bytes that no tickets' file has: Linux's open file description locks (fcntl(2)).
//!
//! They are locks on the file itself, as its `flock` is, and exclude neither that nor each other. The kernel frees one
//! when the last copy of the open file is closed, so a child has a part in what its parent holds.

use std::fs::File;
use std::io;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// What is locked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Byte {
    /// A demonstration holds it alone, and commands share it.
    Demonstration = 1 << 30,
    /// A writer holds it alone for the moment of the write, and readers share it.
    Content,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Shared,
    /// The file must be open for writing.
    Exclusive,
}

/// Takes the lock if it is free.
pub(crate) fn try_lock(file: &File, byte: Byte, mode: Mode) -> io::Result<bool> {
    match set(file, &request(byte, mode)) {
        Ok(()) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Frees it. Where the system refuses that, as the server of a file may, it is held until the file is closed.
pub(crate) fn unlock(file: &File, byte: Byte) -> io::Result<()> {
    let free = libc::flock { l_type: short(libc::F_UNLCK), ..request(byte, Mode::Shared) };
    Ok(set(file, &free)?)
}

/// Asks until there is an answer: a signal may come before that of a file's server, and a lock that was not freed then
/// would be held for ever.
fn set(file: &File, request: &libc::flock) -> nix::Result<()> {
    let ask = || fcntl(file, FcntlArg::F_OFD_SETLK(request)).map(drop);
    std::iter::repeat_with(ask).find(|answer| *answer != Err(Errno::EINTR)).unwrap_or(Ok(()))
}

/// What keeps the lock from being taken now.
pub(crate) enum Obstacle {
    /// A lock on this byte alone: it is held as by [`try_lock`].
    Holder,
    /// A record lock of another program, on more than this byte.
    Other,
}

/// `None` if the lock can be taken.
pub(crate) fn obstacle(file: &File, byte: Byte, mode: Mode) -> io::Result<Option<Obstacle>> {
    let mut found = request(byte, mode);
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut found))?;
    let is_free = libc::c_int::from(found.l_type) == libc::F_UNLCK;
    let is_holder = found.l_start == byte as libc::off_t && found.l_len == 1;
    Ok((!is_free).then_some(if is_holder { Obstacle::Holder } else { Obstacle::Other }))
}

fn request(byte: Byte, mode: Mode) -> libc::flock {
    let kind = match mode {
        Mode::Shared => libc::F_RDLCK,
        Mode::Exclusive => libc::F_WRLCK,
    };
    let [l_type, l_whence] = [kind, libc::SEEK_SET].map(short);
    libc::flock { l_type, l_whence, l_start: byte as libc::off_t, l_len: 1, l_pid: 0 }
}

/// The kernel's constants are of a wider type than the fields that they are for, and fit.
fn short(constant: libc::c_int) -> libc::c_short {
    libc::c_short::try_from(constant).unwrap_or_default()
}
