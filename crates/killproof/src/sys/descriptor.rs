//! Descriptors that the toolkit keeps.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::io::fcntl_dupfd_cloexec;

/// The first number that is not standard input, output or error.
const FIRST: i32 = 3;

/// The same under a number that is not that of a standard stream. In a program that has closed one, the next
/// descriptor takes its place, and what the program prints would be written to it.
pub(crate) fn above_standard_streams(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() >= FIRST {
        return Ok(descriptor);
    }
    Ok(fcntl_dupfd_cloexec(&descriptor, FIRST)?)
}
