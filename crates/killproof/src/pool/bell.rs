//! How the owner and the workers call the keeper, which sleeps in `poll`: a pipe.
//!
//! A message is written by one call and is shorter than what a pipe takes at once, so none is ever half there.

use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsFd, BorrowedFd};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::fstat;

/// The longest cause of a worker that could not begin, in bytes.
const LONGEST: usize = 1000;

/// The keeper's end.
pub(super) struct Bell(PipeReader);

/// Any other one's end.
pub(super) struct Ringer {
    pipe: PipeWriter,
    /// Device and inode. A task may close every descriptor of its process, and then the pipe's number is another file's.
    made: (u64, u64),
}

/// What a worker said.
pub(super) struct NotBegun {
    /// From 1.
    pub(super) worker: u32,
    pub(super) cause: String,
}

pub(super) fn new() -> io::Result<(Bell, Ringer)> {
    let (bell, ringer) = pipe()?;
    for end in [bell.as_fd(), ringer.as_fd()] {
        // A new pipe has no other flag of those that this call changes.
        fcntl(end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    }
    let made = file(&ringer)?;
    Ok((Bell(bell), Ringer { pipe: ringer, made }))
}

impl Ringer {
    /// Has the keeper look. If the pipe is full, the keeper will look anyway.
    pub(super) fn ring(&self) {
        self.write(&[0]);
    }

    pub(super) fn has_not_begun(&self, worker: u32, cause: &str) {
        let cause = &cause.as_bytes()[..cause.floor_char_boundary(LONGEST)];
        let length = u16::try_from(cause.len()).unwrap_or(0);
        let message = [&[1], &worker.to_ne_bytes()[..], &length.to_ne_bytes(), cause].concat();
        self.write(&message);
    }

    fn write(&self, message: &[u8]) {
        if file(&self.pipe).is_ok_and(|file| file == self.made) {
            let _ = (&self.pipe).write(message);
        }
    }
}

/// Which file a descriptor is of.
fn file(pipe: &PipeWriter) -> io::Result<(u64, u64)> {
    let file = fstat(pipe)?;
    Ok((file.st_dev, file.st_ino))
}

impl Bell {
    /// Empties the pipe, and returns the first failure that it had.
    pub(super) fn listen(&self) -> Option<NotBegun> {
        let mut all = Vec::new();
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = (&self.0).read(&mut part) {
            all.extend_from_slice(&part[..length]);
        }
        let message = all.iter().position(|byte| *byte == 1)?;
        let (worker, rest) = all[message + 1..].split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let cause = rest.get(..usize::from(u16::from_ne_bytes(*length)))?;
        Some(NotBegun { worker: u32::from_ne_bytes(*worker), cause: String::from_utf8_lossy(cause).into_owned() })
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
