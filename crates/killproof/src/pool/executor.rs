//! A pool whose tasks are different functions.

use std::fmt;
use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::crew::Crew;
use super::errors::{PoolError, TaskError};
use super::message::{write, written};
use super::options::Options;
use super::outcome::Kind;
use super::pending::Pending;
use super::work::{Run, Work, answer};
use crate::primitive::code::{self, CallWith};
use crate::queue::DecodeError;
use crate::queue::buffer::{self, Buffer};
use crate::queue::codec;

/// Processes that run any function: Python's `ProcessPoolExecutor`.
///
/// A function, or a closure that captures nothing, is sent by its address: the workers are forked from this process,
/// and have the same code. What it needs is its input. (A library that this process loads after the executor was made
/// is not there in its workers.)
///
/// ```
/// use killproof::pool::{Executor, PoolError};
///
/// let executor = Executor::new(2)?;
/// let length = executor.submit("four".to_owned(), |text: String| text.len())?;
/// let sum = executor.submit((1, 2), |(a, b): (u32, u32)| a + b)?;
/// assert_eq!((length.wait()?, sum.wait()?), (4, 3));
/// # Ok::<(), PoolError>(())
/// ```
///
/// A capture does not compile:
///
/// ```compile_fail
/// # use killproof::pool::Executor;
/// let executor = Executor::new(2).unwrap();
/// let one = 1_u32;
/// let sum = executor.submit(2, move |n: u32| n + one).unwrap();
/// ```
///
/// In all else it is a [`Pool`](super::Pool).
pub struct Executor {
    crew: Crew,
}

impl Executor {
    /// An executor with `workers` processes.
    ///
    /// # Errors
    ///
    /// Those of [`Options::build`].
    pub fn new(workers: u32) -> Result<Self, PoolError> {
        let (sizes, limits) = Options::new(workers).sizes()?;
        Ok(Self { crew: Crew::start(sizes, limits, &ByAddress)? })
    }

    /// Sends a task to the workers. Waits while as many are on their way as there is room for.
    ///
    /// # Errors
    ///
    /// Those of [`Pool::submit`](super::Pool::submit).
    #[expect(clippy::needless_pass_by_value, reason = "a task has its input, as in a pool")]
    pub fn submit<I, R, F>(&self, input: I, task: F) -> Result<Pending<'_, R>, PoolError>
    where
        I: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
        F: Fn(I) -> R + Copy + 'static,
    {
        buffer::lend(|content| {
            written(&input, content).map_err(|cause| TaskError::Unserialisable { task: 0, cause })?;
            let mut message = Buffer::default();
            write(&mut message, &code::write::<F, fn(I) -> R>(task));
            // A buffer in memory takes all.
            let _ = message.write_all(content.as_slice());
            let (size, limit) = (message.as_slice().len(), self.crew.floor.max_message());
            if size > limit {
                return Err(TaskError::TooLarge { task: 0, size: size as u64, limit: limit as u64 }.into());
            }
            Pending::send(&self.crew, &message)
        })
    }

    /// Waits until one of these tasks of this executor is done, and returns which: its place in `pendings`.
    ///
    /// # Errors
    ///
    /// Those of [`Pool::wait_any`](super::Pool::wait_any).
    pub fn wait_any<R>(&self, pendings: &[Pending<'_, R>]) -> Result<usize, PoolError> {
        Pending::first_done(&self.crew, pendings)
    }

    /// Waits for all tasks that are on their way, and lets the workers end by themselves.
    ///
    /// # Errors
    ///
    /// Those of [`Pool::close`](super::Pool::close).
    pub fn close(self) -> Result<(), PoolError> {
        self.crew.close()
    }
}

/// The work of an executor: each input has the address of its task before it.
struct ByAddress;

impl Work for ByAddress {
    fn begin(&self) -> Result<Box<dyn Run + '_>, String> {
        Ok(Box::new(Self))
    }
}

impl Run for ByAddress {
    fn run(&mut self, _: u64, input: &[u8], content: &mut Buffer) -> Kind {
        code::call::<Buffer, Kind>(input, content).unwrap_or_else(|| {
            write(content, b"it names no function");
            Kind::Undecodable
        })
    }
}

/// A task of an input that was sent, by the types of both.
impl<I, R, F> CallWith<F> for fn(I) -> R
where
    I: DeserializeOwned,
    R: Serialize + DeserializeOwned,
    F: Fn(I) -> R,
{
    type Place = Buffer;
    type Answer = Kind;

    fn call(task: F, sent: &[u8], content: &mut Buffer) -> Kind {
        answer(content, |content| match codec::decode::<I, DecodeError>(sent) {
            Ok(input) => written(&task(input), content).map_err(|cause| (Kind::Unserialisable, cause)),
            Err(error) => Err((Kind::Undecodable, error.to_string())),
        })
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("workers", &self.crew.workers).finish_non_exhaustive()
    }
}
