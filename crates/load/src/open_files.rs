//! A connection is an open file, and the system limits the number of open files.

use killproof::limits::raise_open_files;

use crate::Error;

/// Descriptors that a program needs besides its connections: standard streams, signals, events, timer.
const SPARE: u64 = 32;

/// Raises this process's limit of open files as far as `connections` need it. [`drive`](crate::drive)
/// does the same; a program calls it earlier to refuse a load before anything has happened.
///
/// # Errors
///
/// [`Error::TooManyConnections`] if the hard limit is too low; [`Error::System`] if the system
/// refuses to raise the limit.
pub fn allow_connections(connections: usize) -> Result<(), Error> {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(SPARE);
    let limit = raise_open_files(needed)?;
    if limit < needed {
        return Err(Error::TooManyConnections { connections, limit, most: limit.saturating_sub(SPARE) });
    }
    Ok(())
}
