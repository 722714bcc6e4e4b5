//! A connection is an open file: are so many allowed?

use common::Error;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What the program needs beside its connections: its own terminal, clock, signals, events.
const SPARE: u64 = 32;

/// Raises this process's limit of open files as far as `connections` need it.
///
/// # Errors
///
/// [`Error::Usage`] if it may not be raised that far.
pub fn allow_connections(connections: usize) -> Result<(), Error> {
    let refused = |operation, errno: nix::Error| Error::refused(operation, "the limit of open files", errno);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|errno| refused("read", errno))?;
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(SPARE);
    if needed > hard {
        let most = hard.saturating_sub(SPARE);
        return Err(Error::Usage(format!(
            "{connections} connections are more than the limit of {hard} open files allows, which is {most}; \
             `ulimit -n` shows and sets it"
        )));
    }
    if needed > soft {
        setrlimit(Resource::RLIMIT_NOFILE, needed, hard).map_err(|errno| refused("raise", errno))?;
    }
    Ok(())
}
