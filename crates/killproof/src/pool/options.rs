//! A pool with limits of the caller's choice.

use std::convert::Infallible;
use std::fmt::Display;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Pool;
use super::crew::Sizes;
use super::errors::PoolError;
use super::keeper::Limits;
use super::outcome::MAX_DEATHS;
use super::work::Closure;
use crate::error::{Error, Phrase};
use crate::process::RestartLimit;
use crate::queue;

/// How many tasks are pulled ahead, in a pool without a limit of its own.
const AHEAD: u32 = 1 << 16;

/// How many chunks are on their way at least, in a pool without a limit of its own.
const PLACES: u32 = 64;

/// A place is named in 16 bits of some words.
const MOST_PLACES: u32 = 1 << 16;

/// Makes a pool with limits of its own: [`Pool::options`].
///
/// ```
/// use std::time::Duration;
/// use killproof::pool::{Pool, PoolError};
///
/// let mut pool = Pool::options(2)
///     .init(|| std::fs::read_to_string("/proc/sys/kernel/ostype"))
///     .timeout(Duration::from_secs(60))
///     .build(|system, n: usize| system.chars().nth(n))?;
/// assert_eq!(pool.map(0..2)?, [Some('L'), Some('i')]);
/// # Ok::<(), PoolError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "no pool is made before build()"]
pub struct Options<B = fn() -> Result<(), Infallible>> {
    workers: u32,
    init: B,
    limits: Limits,
    pub(super) settings: Settings,
    max_message: usize,
}

/// How calls send their tasks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// How many tasks a chunk has; 0: by the pace.
    pub(super) chunk: u32,
    pub(super) ahead: u32,
}

impl Options {
    pub(super) fn new(workers: u32) -> Self {
        Self {
            workers,
            init: || Ok(()),
            limits: Limits {
                deaths: queue::MAX_DEATHS,
                timeout: None,
                max_tasks: u64::MAX,
                restarts: RestartLimit { restarts: 16, per: Duration::from_secs(5) },
            },
            settings: Settings { chunk: 0, ahead: AHEAD },
            max_message: queue::MAX_MESSAGE,
        }
    }
}

impl<B> Options<B> {
    /// What each worker makes before its first task, and gives to each of them: a connection, a table. Without it the
    /// closure's first argument is `&mut ()`.
    ///
    /// If it fails in one worker, with an error or a panic, the pool is over, and [`build`](Options::build) or the next
    /// call returns [`PoolError::NotBegun`].
    pub fn init<S, E: Display, N: Fn() -> Result<S, E>>(self, init: N) -> Options<N> {
        let Self { workers, init: _, limits, settings, max_message } = self;
        Options { workers, init, limits, settings, max_message }
    }

    /// How many workers may die with a task before that task fails: 3 by default, at most 64. The last attempt runs
    /// alone: no other task runs meanwhile.
    pub fn deaths(mut self, deaths: u32) -> Self {
        self.limits.deaths = deaths;
        self
    }

    /// How long a task may take. Its worker is killed then, at most some 20 ms later, and the task is not run again.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = Some(limit);
        self
    }

    /// After this many tasks a worker ends, and another one takes its place: for tasks that leak memory.
    pub fn max_tasks(mut self, tasks: u64) -> Self {
        self.limits.max_tasks = tasks;
        self
    }

    /// How many workers may die before they have finished a task, and with no task that was to blame: of a broken `init`,
    /// or by a signal from outside. 16 within 5 s by default. One more, and the pool is over: [`PoolError::GaveUp`]. One
    /// that has finished a task is replaced however often that happens.
    pub fn restarts(mut self, limit: RestartLimit) -> Self {
        self.limits.restarts = limit;
        self
    }

    /// How many tasks [`imap`](Pool::imap) and [`imap_unordered`](Pool::imap_unordered) may pull ahead of the results
    /// that the caller has: 65,536 by default.
    pub fn ahead(mut self, tasks: u32) -> Self {
        self.settings.ahead = tasks;
        self
    }

    /// How many tasks travel together. By default as many as a worker has done in some 300 µs so far.
    pub fn chunk(mut self, tasks: u32) -> Self {
        self.settings.chunk = tasks;
        self
    }

    /// The largest input and the largest result, in bytes of their serial forms; [`queue::MAX_MESSAGE`] by default.
    /// The pool takes three times as much address space for each of its places: 64, or two for each worker if that is
    /// more. Real memory is taken page by page, when a message first reaches it.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// Starts the pool's keeper and its workers, which run `task` for each input.
    ///
    /// # Errors
    ///
    /// Those of [`Process::start`](crate::process::Process::start), among them
    /// [`Error::ThreadsRunning`] while this process runs other threads. [`Error::Unusable`] for a number that cannot
    /// be: no workers, a time-out of 0. [`Error::Refused`] if the system gives less: then no task has run.
    pub fn build<'f, S, E, I, R, F>(self, task: F) -> Result<Pool<'f, I, R>, PoolError>
    where
        B: Fn() -> Result<S, E> + Send + Sync + 'f,
        F: Fn(&mut S, I) -> R + Send + Sync + 'f,
        S: 'f,
        E: Display + 'f,
        I: Serialize + DeserializeOwned + 'f,
        R: Serialize + DeserializeOwned + 'f,
    {
        let (sizes, limits) = self.sizes()?;
        let work = Closure { init: self.init, run: task, types: PhantomData::<fn(I) -> S> };
        Pool::start(sizes, limits, self.settings, Box::new(work))
    }

    pub(super) fn sizes(&self) -> Result<(Sizes, Limits), PoolError> {
        let Self { workers, limits, settings, max_message, .. } = self;
        let wrong = [
            (*workers == 0, "it has no workers"),
            (limits.timeout.is_some_and(|limit| limit.is_zero()), "its time-out is 0"),
            (limits.deaths == 0 || limits.deaths > MAX_DEATHS, "its deaths are not between 1 and 64"),
            (limits.max_tasks == 0, "its workers may run no task"),
            (settings.ahead == 0, "it may pull no task ahead"),
            (*max_message == 0, "its messages have no bytes"),
        ];
        if let Some((_, cause)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            return Err(Error::Unusable { operation: "make a pool", cause: Phrase::from(cause) }.into());
        }
        let places = workers.saturating_mul(2).clamp(PLACES, MOST_PLACES);
        Ok((Sizes { workers: *workers, places, max_message: *max_message }, *limits))
    }
}
