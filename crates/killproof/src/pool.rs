//! Worker processes for tasks: Python's `multiprocessing.Pool`, with tasks that survive their workers.
//!
//! ```
//! use killproof::pool::{Pool, PoolError};
//!
//! let pool = Pool::new(4, |n: u64| n * n)?;
//! assert_eq!(pool.map(1..=5)?, [1, 4, 9, 16, 25]);
//! # Ok::<(), PoolError>(())
//! ```
//!
//! A worker that is killed is replaced, and the task that it ran runs again. Python's `Pool` waits for such a task for
//! ever, and a `ProcessPoolExecutor` gives up all of its tasks.
//!
#![doc = include_str!("pool/README.md")]

mod bell;
mod bits;
mod call;
mod crew;
mod desk;
mod entries;
mod errors;
mod executor;
mod floor;
mod inboxes;
mod inherited;
mod keeper;
mod message;
mod notes;
mod options;
mod outcome;
mod pace;
mod pending;
mod place;
mod results;
mod verdict;
mod work;
mod worker;

pub use errors::{PoolError, TaskDeath, TaskError};
pub use executor::Executor;
pub use inherited::{map, try_map};
pub use notes::note_panic;
pub use options::Options;
pub use pending::Pending;
pub use results::Results;

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::queue::buffer;
use call::Call;
use crew::{Crew, Sizes};
use keeper::Limits;
use message::written;
use options::Settings;
use work::Work;

/// Processes that run tasks: one closure, for many inputs.
///
/// Results come back whole, each once. A task may run more than once: it runs again if its worker dies. The workers are
/// forked when the pool is made, so the closure may capture what it likes, and each has a copy. Inputs and results
/// travel as a queue's values do ([`queue`](crate::queue)).
///
/// Threads of the process may share the pool, and may be started once it is made. A process that is forked from its
/// owner cannot use it.
///
/// Dropping it ends its workers, and all processes that their tasks have started and left: SIGTERM, half a second, and
/// SIGKILL. If its owner is killed, the same happens at once. [`close`](Pool::close) waits for what runs.
///
/// Unlike in Python no thread of the program handles tasks or results: the pool's keeper, a process, looks after the
/// workers, and the thread that waits for results takes them from shared memory.
pub struct Pool<'f, I, R> {
    crew: Crew,
    settings: Settings,
    on_progress: Option<Box<dyn Fn(Progress) + Send + Sync + 'f>>,
    /// What the closure owns lives as long as the pool. The crew ends first.
    _work: Box<dyn Work + 'f>,
    types: PhantomData<fn(I) -> R>,
}

/// How far a call is: [`Pool::on_progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many tasks have come back.
    pub done: u64,
    /// Of how many, if the inputs say so.
    pub total: Option<u64>,
}

impl<'f, I, R> Pool<'f, I, R>
where
    I: Serialize + DeserializeOwned + 'f,
    R: Serialize + DeserializeOwned + 'f,
{
    /// A pool of `workers` processes that run `task`.
    ///
    /// # Errors
    ///
    /// Those of [`Options::build`].
    pub fn new(workers: u32, task: impl Fn(I) -> R + Send + Sync + 'f) -> Result<Self, PoolError> {
        Pool::options(workers).build(move |(): &mut (), input| task(input))
    }

    /// Runs the task for each input, and returns the results in the order of the inputs.
    ///
    /// Python's `starmap` is this with a tuple: `|(a, b): (u32, u32)| ..`.
    ///
    /// # Errors
    ///
    /// [`PoolError::Task`] of the first task in that order that has no result; the others are dropped, so where they
    /// matter take [`try_map`](Pool::try_map). All others if the pool cannot go on.
    pub fn map(&self, inputs: impl IntoIterator<Item = I>) -> Result<Vec<R>, PoolError> {
        self.results(inputs, u64::MAX)?.values()
    }

    /// The same with the error of each task in its place.
    ///
    /// ```
    /// use killproof::pool::{Pool, PoolError};
    ///
    /// let dies = |n: u32| if n == 1 { std::process::abort() } else { n };
    /// let pool = Pool::options(2).deaths(2).build(move |(), n| dies(n))?;
    /// let results = pool.try_map(0..3)?;
    /// assert_eq!((&results[0], &results[2]), (&Ok(0), &Ok(2)));
    /// let error = results[1].as_ref().expect_err("it kills its worker");
    /// assert!(error.to_string().starts_with("task 1 killed 2 workers: worker "));
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the pool itself.
    pub fn try_map(&self, inputs: impl IntoIterator<Item = I>) -> Result<Vec<Result<R, TaskError>>, PoolError> {
        self.results(inputs, u64::MAX)?.outcomes()
    }

    /// The results in the order of the inputs, each as soon as it is there. An input is pulled when there is room for
    /// it.
    ///
    /// ```
    /// use killproof::pool::{Pool, PoolError};
    ///
    /// let pool = Pool::new(2, |n: u64| n * n)?;
    /// let squares: Result<Vec<u64>, _> = pool.imap(1..)?.take(3).collect();
    /// assert_eq!(squares?, [1, 4, 9]);
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the pool itself, now; those of tasks are items.
    pub fn imap<J: IntoIterator<Item = I>>(&self, inputs: J) -> Result<Results<'_, J::IntoIter, R>, PoolError> {
        self.results(inputs, self.ahead())
    }

    /// The results as they come.
    ///
    /// # Errors
    ///
    /// Those of the pool itself, now; those of tasks are items.
    pub fn imap_unordered<J>(&self, inputs: J) -> Result<Results<'_, J::IntoIter, R>, PoolError>
    where
        J: IntoIterator<Item = I>,
    {
        let inputs = inputs.into_iter();
        let call = Call::new(&self.crew, self.settings.chunk, self.ahead(), total(&inputs))?;
        Ok(Results::as_they_come(call, inputs, written, self.on_progress.as_deref()))
    }

    /// Sends one task to the workers. Waits while as many are on their way as the pool has places for (64, or two for
    /// each worker if that is more).
    ///
    /// ```
    /// use killproof::pool::{Pool, PoolError};
    ///
    /// let pool = Pool::new(2, |n: u64| n * n)?;
    /// let (three, four) = (pool.submit(3)?, pool.submit(4)?);
    /// assert_eq!((four.wait()?, three.wait()?), (16, 9));
    /// # Ok::<(), PoolError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PoolError::Task`] if the input cannot be sent; those of the pool itself.
    #[expect(clippy::needless_pass_by_value, reason = "a task has its input, in every call of a pool")]
    pub fn submit(&self, input: I) -> Result<Pending<'_, R>, PoolError> {
        buffer::lend(|content| {
            written(&input, content).map_err(|cause| TaskError::Unserialisable { task: 0, cause })?;
            let (size, limit) = (content.as_slice().len(), self.crew.floor.max_message());
            if size > limit {
                return Err(TaskError::TooLarge { task: 0, size: size as u64, limit: limit as u64 }.into());
            }
            Pending::send(&self.crew, content)
        })
    }

    fn results<J>(&self, inputs: J, ahead: u64) -> Result<Results<'_, J::IntoIter, R>, PoolError>
    where
        J: IntoIterator<Item = I>,
    {
        let inputs = inputs.into_iter();
        let call = Call::new(&self.crew, self.settings.chunk, ahead, total(&inputs))?;
        Ok(Results::in_order(call, inputs, written, self.on_progress.as_deref()))
    }

    fn ahead(&self) -> u64 {
        u64::from(self.settings.ahead)
    }
}

impl Pool<'_, (), ()> {
    /// A pool of `workers` processes with limits of the caller's choice.
    pub fn options(workers: u32) -> Options {
        Options::new(workers)
    }
}

impl<'f, I, R> Pool<'f, I, R> {
    fn start(sizes: Sizes, limits: Limits, settings: Settings, work: Box<dyn Work + 'f>) -> Result<Self, PoolError> {
        let crew = Crew::start(sizes, limits, &*work)?;
        Ok(Self { crew, settings, on_progress: None, _work: work, types: PhantomData })
    }

    /// Calls `tell` whenever results of a call have come, on the thread that waits for them: for a progress bar.
    ///
    /// ```
    /// use killproof::pool::{Pool, PoolError};
    ///
    /// let mut pool = Pool::new(2, |n: u64| n * n)?;
    /// pool.on_progress(|progress| assert_eq!(progress.total, Some(5))); // bar.set_position(progress.done)
    /// pool.map(0..5)?;
    /// # Ok::<(), PoolError>(())
    /// ```
    pub fn on_progress(&mut self, tell: impl Fn(Progress) + Send + Sync + 'f) {
        self.on_progress = Some(Box::new(tell));
    }

    /// Waits until one of these tasks of this pool is done, and returns which: its place in `pendings`.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`](crate::Error::Unusable) if there is none, or if one is a task of another pool. Those of the
    /// pool itself.
    pub fn wait_any(&self, pendings: &[Pending<'_, R>]) -> Result<usize, PoolError> {
        Pending::first_done(&self.crew, pendings)
    }

    /// Waits for all tasks that are on their way, and lets the workers end by themselves: what
    /// [`init`](Options::init) made is dropped.
    ///
    /// # Errors
    ///
    /// Those of the pool itself. The workers are ended all the same.
    pub fn close(self) -> Result<(), PoolError> {
        self.crew.close()
    }
}

/// How many inputs there are, if they know.
fn total<J: Iterator>(inputs: &J) -> Option<u64> {
    let (least, most) = inputs.size_hint();
    (Some(least) == most).then_some(least as u64)
}

impl<I, R> fmt::Debug for Pool<'_, I, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("workers", &self.crew.workers).finish_non_exhaustive()
    }
}
