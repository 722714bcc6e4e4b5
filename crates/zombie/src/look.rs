//! What `/proc` says about one process.

use std::fs;
use std::time::Duration;

use common::error::NOT_HELD;
use common::procfs::{self, Status};
use common::{Error, interrupt};

use crate::words;

/// The pause between two looks at a process that is about to change.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Reads the entry of a process that has one, unless a stranger killed it: it is at work, or it was not reaped
/// yet.
pub(crate) fn look(pid: i32) -> Result<Status, Error> {
    let gone = || Error::Relayed { message: words::ended_before_its_time(pid), code: NOT_HELD };
    procfs::status(pid)?.ok_or_else(gone)
}

/// The state of a process that was seen before; `None` if it has no entry any more. Its start time tells it
/// from a later process with its pid.
pub(crate) fn state_of(seen: &Status) -> Result<Option<char>, Error> {
    let now = procfs::status(seen.pid)?.filter(|now| now.started == seen.started);
    Ok(now.map(|now| now.state))
}

/// The state of a process that has ended: not `X`, dead, which the kernel shows for an instant while it
/// removes the entry. A zombie stays `Z`.
pub(crate) fn final_state_of(seen: &Status) -> Result<Option<char>, Error> {
    loop {
        match state_of(seen)? {
            Some('X') => interrupt::sleep(POLL_INTERVAL)?,
            state => return Ok(state),
        }
    }
}

/// How many pages of memory a process has: `proc_pid_statm(5)`.
pub(crate) fn resident_pages(pid: i32) -> Result<u64, Error> {
    let path = format!("/proc/{pid}/statm");
    let refused = |source| Error::refused("read", &path, source);
    let line = fs::read_to_string(&path).map_err(refused)?;
    let pages = line.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse().ok());
    pages.ok_or_else(|| refused(std::io::ErrorKind::InvalidData.into()))
}
