//! What the kernel says about a process, in `/proc`.
//!
//! Only a few fields of it: `proc_pid_stat(5)`.

mod children;

pub use children::children;
pub(crate) use children::{children_are_elsewhere, is_child, list_of_this_thread, pids, read_again};

use std::fs;
use std::io;

use crate::error::{Error, Phrase};

/// One process as the kernel sees it, at the moment of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Process id.
    pub pid: i32,
    /// The first 15 bytes of its name. A character that is cut there, or is none, is `\u{fffd}`.
    pub name: String,
    /// `R` running, `S` sleeping, `D` waiting for a device, `Z` zombie, `T` stopped, `X` dead.
    pub state: char,
    /// Process id of its parent, as of now. The parent of an orphan is the process that adopted it.
    pub parent: i32,
    /// When it started, in clock ticks since boot. With the pid it names a process for ever.
    pub started: u64,
    /// How many threads it has.
    pub threads: u64,
}

/// Looks `pid` up. `None` if there is no such process, not even as a zombie.
///
/// ```
/// use killproof::process::Process;
/// use killproof::procfs;
///
/// let mut child = Process::new("ends", || ()).start()?;
/// child.wait_ended()?;
/// assert_eq!(procfs::status(child.pid())?.map(|status| status.state), Some('Z'));
/// child.join()?;
/// assert_eq!(procfs::status(child.pid())?, None);
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Refused`] if `/proc` cannot be read, or does not look like Linux's.
pub fn status(pid: i32) -> Result<Option<Status>, Error> {
    let path = format!("/proc/{pid}/stat");
    let refused = |source| Error::refused("read", Phrase::name(&path), source);
    match fs::read(&path) {
        Ok(line) => parse(&line).map(Some).ok_or_else(|| refused(io::ErrorKind::InvalidData.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // The process ended between open and read.
        Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// The name is in parentheses and may hold any byte but 0, so the fields count from the last `)`.
fn parse(line: &[u8]) -> Option<Status> {
    let end = line.iter().rposition(|byte| *byte == b')')?;
    let (before, fields) = (String::from_utf8_lossy(&line[..end]), str::from_utf8(&line[end + 1..]).ok()?);
    let (pid, name) = before.split_once(" (")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    Some(Status {
        pid: pid.parse().ok()?,
        name: name.to_owned(),
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        threads: fields.get(17)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_name_may_hold_parentheses_and_spaces() {
        let line = "42 (a) b (c) Z 7 42 7 0 -1 4228364 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0";
        let status = parse(line.as_bytes()).expect("a line as the kernel writes it");
        assert_eq!((status.name.as_str(), status.state, status.parent), ("a) b (c", 'Z', 7));
        assert_eq!((status.threads, status.started), (1, 98765));
    }

    #[test]
    fn a_name_may_be_no_text() {
        let line = b"42 (a\n\xe7\x94) S 7 42 7 0 -1 4228364 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0";
        let status = parse(line).expect("a line as the kernel writes it");
        assert_eq!((status.name.as_str(), status.state, status.parent), ("a\n\u{fffd}", 'S', 7));
    }

    #[test]
    fn a_line_that_ends_early_is_no_status() {
        assert_eq!(parse(b"42 (a) Z 7"), None);
    }
}
