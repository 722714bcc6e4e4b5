//! How many connections the system allows, known before the first one comes.

use std::io;
use std::iter::successors;

use common::Error;
use common::limits::{allow_threads, raise_open_files};

use crate::Model;

/// How many clients are served at once, unless the user says otherwise and where the system gives so many.
const DEFAULT: u32 = 10_000;
/// Descriptors that the server needs for itself, whatever the model and however many threads it has.
const SPARE: u64 = 32;

/// How many clients may be in at once. What the user asked for is refused if the system is known to
/// allow fewer; the default makes do with what there is.
///
/// Raises this process's limit of open files, from what is usual to what is needed.
pub(crate) fn connections(asked: Option<u32>, model: Model, workers: usize) -> Result<usize, Error> {
    let threads = |connections: u32| match model {
        Model::Threads => connections,
        Model::Pool | Model::Events => u32::try_from(workers).unwrap_or(u32::MAX),
    };
    let fewer = || successors(Some(DEFAULT), |most| Some(most / 2).filter(|most| *most > 0));
    let default = || fewer().find(|most| allow_threads(threads(*most)).is_ok()).unwrap_or(1);
    let most = asked.unwrap_or_else(default);
    allow_threads(threads(most))?;
    let needed = u64::from(most) + SPARE;
    let limit = raise_open_files(needed)?;
    if let Some(asked) = asked.filter(|_| limit < needed) {
        let cause = io::Error::other(format!("the limit of open files is {limit}"));
        return Err(Error::refused("serve", format_args!("{asked} clients at once"), cause));
    }
    Ok(usize::try_from(most).unwrap_or(usize::MAX))
}
