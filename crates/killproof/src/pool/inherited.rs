//! A pool for one call, whose workers inherit the inputs.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::crew::Crew;
use super::errors::{PoolError, TaskError};
use super::options::Options;
use super::results::Results;
use super::work::{Inherited, Work};
use crate::queue::buffer::Buffer;

/// Runs `task` for each item, in as many processes as the system has processors for this one, and returns the results
/// in the order of the items.
///
/// The workers are forked for this call, and have the items as a copy of this process's memory: they may be of any
/// type, and only results travel. `rayon`'s `par_iter().map()` does that with threads.
///
/// ```
/// use killproof::pool::{self, PoolError};
///
/// let words = ["a", "list", "of", "words"];
/// assert_eq!(pool::map(&words, |word| word.len())?, [1, 4, 2, 5]);
/// # Ok::<(), PoolError>(())
/// ```
///
/// # Errors
///
/// Those of [`Options::build`] and [`Pool::map`](super::Pool::map).
pub fn map<T: Sync, R>(items: &[T], task: impl Fn(&T) -> R + Send + Sync) -> Result<Vec<R>, PoolError>
where
    R: Serialize + DeserializeOwned,
{
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is of one lifetime")]
    in_processes(items, task, |results| results.values())
}

/// The same with the error of each task in its place.
///
/// # Errors
///
/// Those of [`Options::build`], and of the pool itself.
pub fn try_map<T: Sync, R>(
    items: &[T],
    task: impl Fn(&T) -> R + Send + Sync,
) -> Result<Vec<Result<R, TaskError>>, PoolError>
where
    R: Serialize + DeserializeOwned,
{
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is of one lifetime")]
    in_processes(items, task, |results| results.outcomes())
}

/// The number of an item travels with its chunk, so nothing else has to.
type Numbers = Range<usize>;

fn in_processes<T: Sync, R: Serialize + DeserializeOwned, A>(
    items: &[T],
    task: impl Fn(&T) -> R + Send + Sync,
    all: impl FnOnce(Results<'_, Numbers, R>) -> Result<A, PoolError>,
) -> Result<A, PoolError> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = u32::try_from(processors.min(items.len()).max(1)).unwrap_or(u32::MAX);
    let (sizes, limits) = Options::new(workers).sizes()?;
    let work = Inherited { items, run: task };
    let crew = Crew::start(sizes, limits, &work as &dyn Work)?;
    let call = Call::new(&crew, 0, u64::MAX, Some(items.len() as u64))?;
    let nothing = |_: &usize, content: &mut Buffer| {
        content.clear();
        Ok(())
    };
    all(Results::in_order(call, 0..items.len(), nothing, None))
}
