//! Bounded first-in-first-out queues between processes: Python's `multiprocessing.Queue` and
//! `JoinableQueue`.
//!
//! A queue is made before the fork and used on both sides of it, by any number of producers and
//! consumers, processes and threads alike. A value travels as bytes (`MessagePack`), which its producer
//! makes before it touches the queue. The memory is anonymous, and its size is fixed when the queue is made:
//! nothing in `/dev/shm`, no helper thread that could die with values still in it, and a value whose `put` has
//! returned is in the queue.
//!
//! Any serde type travels, and what `put` accepted is what `get` gives, as far as the type's `Serialize` and
//! `Deserialize` fit together. A [verified](Builder::verified) queue, which each one is in a debug build, refuses
//! a value for which they do not. Every queue refuses `Some(())` and `Some(None)`, which are written as `None`
//! is, and a value that is nested deeper than [`MAX_DEPTH`].
//!
//! | | [`Queue`] | [`JoinableQueue`] |
//! |---|---|---|
//! | `get` returns | the value | a [`Delivery`], a lease of it |
//! | a consumer is killed with a value | the value is lost with it | another consumer gets it |
//! | `join` | | waits until every value is done |
//! | the capacity counts | values that wait | values that are not done |
//!
#![doc = include_str!("queue/README.md")]

pub(crate) mod buffer;
mod builder;
pub(crate) mod codec;
mod consumers;
mod consumers_registry;
mod dead_letters;
mod delivery;
mod errors;
mod grace_period;
mod index_ring;
mod joinable;
mod lease_info;
mod leases;
mod producers;
mod provenance;
mod recovery;
mod ring;
mod slots;
mod waiting;

pub use builder::{Builder, MAX_DEATHS, MAX_MESSAGE};
pub use codec::{DecodeError, MAX_DEPTH};
pub use dead_letters::{DeadLetter, DeathCause};
pub use delivery::Delivery;
pub use errors::{
    GetError, GetTimeoutError, JoinError, JoinTimeoutError, PutError, PutTimeoutError, TryGetError, TryPutError,
};
pub use joinable::{JoinableQueue, Joined};
pub use lease_info::LeaseInfo;

use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::primitive::Arc;
use errors::NoMessage;
use producers::producer_methods;
use ring::Ring;
use waiting::{Forever, Now, Patience, Until};

/// A bounded queue between processes: first in, first out; each value goes to one consumer.
///
/// Unlike [`std::sync::mpsc`] and `crossbeam-channel` it works across `fork`. Unlike Python's
/// `multiprocessing.Queue` it has no feeder thread: when `put` returns, the value is in the queue, and
/// every process sees it. A clone is another handle on the same queue.
///
/// A consumer that is killed right after `get` takes its value with it, and a `Queue` does not know its consumers:
/// a `put` on a full one waits for ever when all of them are dead. Where that matters, take a [`JoinableQueue`].
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
    /// Those of [`Builder::build`].
    pub fn new(capacity: usize) -> Result<Self, Error> {
        Self::builder(capacity).build()
    }

    /// A queue for at most `capacity` waiting values, with other limits than [`Queue::new`] has.
    pub fn builder(capacity: usize) -> Builder<Self> {
        Builder::new(capacity)
    }

    producer_methods! {}

    /// Takes the first value. Waits while the queue is empty.
    ///
    /// # Errors
    ///
    /// [`GetError`] lists them. Of a closed queue it is [`GetError::Disconnected`], once the queue is empty.
    #[track_caller]
    pub fn get(&self) -> Result<T, GetError> {
        self.take(Forever)
    }

    /// Takes the first value if there is one now.
    ///
    /// # Errors
    ///
    /// [`TryGetError`] lists them.
    #[track_caller]
    pub fn try_get(&self) -> Result<T, TryGetError> {
        self.take(Now)
    }

    /// Takes the first value. Waits for at most `timeout` while the queue is empty.
    ///
    /// # Errors
    ///
    /// [`GetTimeoutError`] lists them.
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<T, GetTimeoutError> {
        self.take(Until::after(timeout))
    }

    #[inline]
    #[track_caller]
    fn take<P: Patience, E: From<NoMessage<P::Limit>> + From<DecodeError>>(&self, patience: P) -> Result<T, E> {
        let at = Location::caller();
        buffer::lend(|message| {
            consumers::take(&self.ring, message, patience, at)?;
            codec::decode(message.as_slice())
        })
    }
}

impl<T> Queue<T> {
    /// How many values wait, as of now. Other processes may change it before the caller looks at the answer.
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

    /// Ends the queue: `put` fails from now on, `get` drains what is left and then fails. (Where a producer is
    /// stopped in the middle of a `put`, consumers wait until it goes on or dies.)
    pub fn close(&self) {
        self.ring.close();
    }
}

impl<T: Serialize + DeserializeOwned> Builder<Queue<T>> {
    /// An empty queue.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] for a capacity of 0 or above 2^31, or a message size from 2^32 on;
    /// [`Error::Refused`] if the system gives no memory.
    pub fn build(self) -> Result<Queue<T>, Error> {
        Ok(Queue { ring: Arc::new(Ring::new(self.limits, None)?), values: PhantomData })
    }
}
