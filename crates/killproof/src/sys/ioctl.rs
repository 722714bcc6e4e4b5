//! How much a socket holds, in either direction.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// How many bytes the socket's other side has not acknowledged.
pub(crate) fn unacknowledged(socket: impl AsFd) -> io::Result<usize> {
    ask(socket, libc::TIOCOUTQ)
}

/// How many bytes have arrived and were not read.
pub(crate) fn unread(socket: impl AsFd) -> io::Result<usize> {
    ask(socket, libc::FIONREAD)
}

/// Asks one of the two questions above.
fn ask(socket: impl AsFd, question: libc::Ioctl) -> io::Result<usize> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open as long as it is borrowed. The kernel answers both questions by writing
    // one `int`, to the address of one that lives until the call returns.
    let answer = unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), question, &raw mut bytes) };
    if answer == 0 { Ok(usize::try_from(bytes).unwrap_or(0)) } else { Err(io::Error::last_os_error()) }
}
