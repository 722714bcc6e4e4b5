//! What the kernel says about a socket.

use std::io;
use std::os::fd::AsFd;

use crate::sys::ioctl;

/// How many bytes of those written to a socket its other side has not acknowledged yet: they are on their
/// way, or wait here because the other side does not read. Linux calls this `SIOCOUTQ`, in tcp(7).
///
/// ```
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
/// use killproof::socket::unacknowledged;
///
/// let (mut here, mut there) = UnixStream::pair()?;
/// assert_eq!(unacknowledged(&here)?, 0);
/// here.write_all(b"hello")?;
/// assert!(unacknowledged(&here)? > 0);
/// there.read_exact(&mut [0; 5])?;
/// assert_eq!(unacknowledged(&here)?, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// The system's own, if this is no socket.
pub fn unacknowledged(socket: impl AsFd) -> io::Result<usize> {
    ioctl::unacknowledged(socket)
}

/// How many bytes have arrived at a socket and were not read yet. Linux calls this `SIOCINQ`, in tcp(7).
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
/// use killproof::socket::unread;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let mut there = TcpStream::connect(listener.local_addr()?)?;
/// let (mut here, _) = listener.accept()?;
/// there.write_all(b"hello")?;
/// here.read_exact(&mut [0; 1])?;
/// here.peek(&mut [0; 4])?;
/// assert_eq!(unread(&here)?, 4);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// The system's own, if this is no socket.
pub fn unread(socket: impl AsFd) -> io::Result<usize> {
    ioctl::unread(socket)
}
