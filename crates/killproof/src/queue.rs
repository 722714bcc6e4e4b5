//! Bounded first-in-first-out queues between processes: Python's `multiprocessing.Queue` and
//! `JoinableQueue`.
//!
//! A queue is made before the fork and used on both sides of it, by any number of producers and
//! consumers, processes and threads alike. A value travels as bytes (`MessagePack`), made by whoever
//! puts it, before the queue is touched. Any serde type travels; as in JSON, an `Option` inside an
//! `Option` arrives as one, because both are written as "nothing". The memory is anonymous and fixed when the queue is made:
//! nothing in `/dev/shm`, no helper thread that could die with values still in it, and a `put` that
//! returned is in the queue.
//!
//! - `ring.rs`: who may change what, why a kill at any instruction is safe, and the repair
//! - `slots.rs`: the messages in shared memory, and the states of a slot
//! - `index_ring.rs`: the order of the ready slots and of the free ones
//! - `producers.rs`, `consumers.rs`: the operations
//! - `consumers_registry.rs`: which consumers there ever were
//! - `event_count.rs`, `waiting.rs`: sleeping until something happens
//! - `joinable.rs`: [`JoinableQueue`] and its [`Delivery`]
//! - `dead_letters.rs`: what nobody could work on
//! - `provenance.rs`: who put a message, for the journal
//! - `buffer.rs`: a message outside the queue
//! - `errors.rs`: what `put`, `get` and `join` say

mod buffer;
mod builder;
mod consumers;
mod consumers_registry;
mod dead_letters;
mod errors;
mod event_count;
mod index_ring;
mod joinable;
mod producers;
mod provenance;
mod ring;
mod slots;
mod waiting;

pub use builder::Builder;
pub use dead_letters::{DeadLetter, DeathCause};
pub use errors::{GetError, JoinError, PutError, PutFailure};
pub use joinable::{Delivery, JoinableQueue, Joined, MAX_DEATHS};

use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::observe::Location;
use crate::primitive::Arc;
use ring::Ring;
use waiting::Until;

/// The largest message of a queue, in bytes, unless its [`Builder`] is told otherwise.
pub const MAX_MESSAGE: usize = 1 << 20;

/// A bounded queue between processes: first in, first out; each value goes to one consumer.
///
/// Unlike [`std::sync::mpsc`] and `crossbeam-channel` it works across `fork`. Unlike Python's
/// `multiprocessing.Queue` it has no feeder thread: when `put` returns the value is in the queue,
/// for every process to see. Cloning gives another handle on the same queue.
///
/// A consumer that is killed right after `get` takes its value with it; where that matters, take
/// a [`JoinableQueue`].
///
/// ```
/// use killproof::{process::Process, queue::Queue};
///
/// let dishes = Queue::new(6)?;
/// let mut cook = Process::new("cook", || dishes.put("宫保鸡丁".to_owned()).map_err(killproof::Error::from)).start()?;
/// assert_eq!(dishes.get()?, "宫保鸡丁");
/// assert!(cook.join()?.success());
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Debug)]
pub struct Queue<T> {
    ring: Arc<Ring>,
    values: PhantomData<fn(T) -> T>,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self { ring: Arc::clone(&self.ring), values: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned> Queue<T> {
    /// An empty queue for at most `capacity` waiting values of up to [`MAX_MESSAGE`] bytes each.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] for a capacity of 0 or from 2^31 on; [`Error::Refused`] if the system gives no memory.
    pub fn new(capacity: usize) -> Result<Self, Error> {
        Self::builder(capacity).build()
    }

    /// A queue for at most `capacity` waiting values, with other limits than [`Queue::new`] has.
    pub fn builder(capacity: usize) -> Builder<Self> {
        Builder::new(capacity)
    }

    /// Puts `value` at the end, waiting for room.
    ///
    /// # Errors
    ///
    /// The value comes back with the reason: closed, too large, cannot be serialised, interrupted.
    #[track_caller]
    pub fn put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_until(value, Until::Forever)
    }

    /// Puts `value` at the end if there is room.
    ///
    /// # Errors
    ///
    /// [`PutFailure::Full`], or as [`Queue::put`].
    #[track_caller]
    pub fn try_put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_until(value, Until::Now)
    }

    /// Puts `value` at the end, waiting for room for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`PutFailure::TimedOut`], or as [`Queue::put`].
    #[track_caller]
    pub fn put_timeout(&self, value: T, timeout: Duration) -> Result<(), PutError<T>> {
        self.put_until(value, Until::after(timeout))
    }

    #[track_caller]
    fn put_until(&self, value: T, until: Until) -> Result<(), PutError<T>> {
        put(&self.ring, &value, until, std::panic::Location::caller()).map_err(|reason| PutError { value, reason })
    }

    /// Takes the first value, waiting for one.
    ///
    /// # Errors
    ///
    /// [`GetError::Disconnected`] once the queue is closed and empty; [`GetError::Undecodable`];
    /// [`GetError::Interrupted`].
    #[track_caller]
    pub fn get(&self) -> Result<T, GetError> {
        self.get_until(Until::Forever)
    }

    /// Takes the first value if there is one.
    ///
    /// # Errors
    ///
    /// [`GetError::Empty`], or as [`Queue::get`].
    #[track_caller]
    pub fn try_get(&self) -> Result<T, GetError> {
        self.get_until(Until::Now)
    }

    /// Takes the first value, waiting for one for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`GetError::TimedOut`], or as [`Queue::get`].
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, GetError> {
        self.get_until(Until::after(timeout))
    }

    #[track_caller]
    fn get_until(&self, until: Until) -> Result<T, GetError> {
        let at = std::panic::Location::caller();
        buffer::lend(|message| {
            self.ring.take(message, until, at)?;
            decode(message.as_slice())
        })
    }
}

impl<T> Queue<T> {
    fn of(ring: Ring) -> Self {
        Self { ring: Arc::new(ring), values: PhantomData }
    }

    /// How many values wait, as of now. Others may change it before you look at the answer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ring.waiting()
    }

    /// Whether no value waits, as of now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is no room for another value, as of now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() >= self.capacity()
    }

    /// How many values can wait.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    /// Ends the queue: `put` fails from now on, `get` drains what is left and then fails.
    pub fn close(&self) {
        self.ring.close();
    }
}

/// Serialises first: a value that cannot travel changes nothing in the queue.
#[inline]
fn put<T: Serialize>(ring: &Ring, value: &T, until: Until, at: Location) -> Result<(), PutFailure> {
    buffer::lend(|message| {
        message.clear();
        rmp_serde::encode::write_named(message, value)
            .map_err(|error| PutFailure::Unserialisable(error.to_string()))?;
        ring.put(message.as_slice(), until, at)
    })
}

#[inline]
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, GetError> {
    rmp_serde::from_slice(bytes).map_err(|error| GetError::Undecodable(error.to_string()))
}
