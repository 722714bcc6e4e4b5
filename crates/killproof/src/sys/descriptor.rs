//! Descriptors that the toolkit keeps.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::memfd::{MFdFlags, memfd_create};
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

/// A file in memory without a name in any folder. Its descriptor is closed on exec.
pub(crate) fn anonymous_file(name: &CStr) -> io::Result<OwnedFd> {
    above_standard_streams(memfd_create(name, MFdFlags::MFD_CLOEXEC)?)
}
