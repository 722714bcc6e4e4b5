//! Queues with limits of the caller's choice.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ring::{Limits, Ring};
use super::{JoinableQueue, MAX_DEATHS, MAX_MESSAGE, Queue};
use crate::error::Error;

/// Makes a queue with limits of its own: [`Queue::builder`], [`JoinableQueue::builder`].
///
/// ```
/// use killproof::queue::JoinableQueue;
///
/// let dishes = JoinableQueue::<String>::builder(8).max_message(256).max_deaths(1).build()?;
/// assert_eq!(dishes.capacity(), 8);
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "no queue is made before build()"]
pub struct Builder<Q> {
    limits: Limits,
    queue: PhantomData<fn() -> Q>,
}

impl<Q> Builder<Q> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { limits: Limits { capacity, max_message: MAX_MESSAGE, max_deaths: MAX_DEATHS }, queue: PhantomData }
    }

    /// The largest message, in bytes of its serial form; [`MAX_MESSAGE`] unless said otherwise.
    ///
    /// A queue takes `capacity * (max_message + 144)` bytes of address space (of which 16 count double where
    /// the capacity is no power of two) and about 40 kB for itself; they never grow. Real memory is
    /// taken page by page, when a message first reaches it, and slots that were used before are used
    /// again first: it follows the most messages that there ever were at once. Messages of up to 64
    /// bytes stay in the first `capacity * 144` bytes.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.limits.max_message = bytes;
        self
    }
}

impl<T: Serialize + DeserializeOwned> Builder<Queue<T>> {
    /// An empty queue.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] for a capacity of 0 or from 2^31 on, or a message size from 2^32 on;
    /// [`Error::Refused`] if the system gives no memory.
    pub fn build(self) -> Result<Queue<T>, Error> {
        Ok(Queue::of(Ring::new(self.limits)?))
    }
}

impl<T: Serialize + DeserializeOwned> Builder<JoinableQueue<T>> {
    /// At how many deaths of its holders a value becomes a dead letter (at most 65,535 are counted);
    /// [`MAX_DEATHS`] unless said otherwise.
    pub fn max_deaths(mut self, deaths: u32) -> Self {
        self.limits.max_deaths = deaths;
        self
    }

    /// An empty queue.
    ///
    /// # Errors
    ///
    /// As for a [`Queue`]; [`Error::Unusable`] for a `max_deaths` of 0, too.
    pub fn build(self) -> Result<JoinableQueue<T>, Error> {
        Ok(JoinableQueue::of(Ring::new(self.limits)?))
    }
}
