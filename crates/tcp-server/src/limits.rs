//! How many connections the system allows, known before the first one comes.

use std::io;
use std::iter::successors;

use common::Error;
use common::limits::allow_threads;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

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
    let allowed = allow_descriptors(u64::from(most) + SPARE)?;
    if let (Some(asked), Some(allowed)) = (asked, allowed) {
        let cause = io::Error::other(format!("the limit of open files is {allowed}"));
        return Err(Error::refused("serve", format_args!("{asked} clients at once"), cause));
    }
    Ok(usize::try_from(most).unwrap_or(usize::MAX))
}

/// Raises the limit of open files to `needed`, or as far as it may be. Returns the limit if that is too low.
fn allow_descriptors(needed: u64) -> Result<Option<u64>, Error> {
    let refused = |operation, errno: nix::Error| Error::refused(operation, "the limit of open files", errno);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|errno| refused("read", errno))?;
    let raised = needed.min(hard);
    if soft < raised {
        setrlimit(Resource::RLIMIT_NOFILE, raised, hard).map_err(|errno| refused("raise", errno))?;
    }
    Ok((needed > hard).then_some(hard))
}
