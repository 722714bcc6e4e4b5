//! A queue that knows whether the work on its values is done.

use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::builder::Builder;
use super::codec::DecodeError;
use super::consumers;
use super::consumers_registry::ConsumersRegistry;
use super::dead_letters::{self, DeadLetter};
use super::delivery::{self, Delivery};
use super::errors::{GetError, GetTimeoutError, JoinError, JoinTimeoutError, NoMessage, TryGetError};
use super::lease_info::{self, LeaseInfo};
use super::producers::producer_methods;
use super::ring::Ring;
use super::waiting::{Forever, Now, Patience, Unmet, Until, Wait};
use crate::error::Error;
use crate::observe::SpanKind;
use crate::primitive::Arc;

/// A bounded queue between processes whose values are done only when a consumer says so.
///
/// Python's `multiprocessing.JoinableQueue`, with two differences. `get` hands out a
/// [`Delivery`], a lease that names its holder: if it is dropped undone, or its holder dies, the value
/// goes to another consumer, before those that wait. And the capacity counts the values that are not
/// *done* yet, those that are worked on included, because each may have to come back.
///
/// Every value is delivered *at least once*. Exactly once is impossible: the work and its
/// acknowledgement are two steps, and a consumer that is killed between them has done the work and not
/// acknowledged it. Other processes see only the second. So work that must not be done twice has to be
/// such that doing it again changes nothing ([`Delivery::attempt`] tells when).
///
/// A value whose holders die again and again, because it is what kills them, would take every consumer
/// with it. After [`MAX_DEATHS`](super::MAX_DEATHS) of them (a panic of the holder counts as one) it is a
/// *dead letter*: it is handed out no more, [`JoinableQueue::join`] reports it, and
/// [`JoinableQueue::dead_letters`] returns it.
///
/// ```
/// use killproof::{process::Process, queue::JoinableQueue};
///
/// let dishes = JoinableQueue::<String>::new(4)?;
/// let eat = || {
///     while let Ok(dish) = dishes.get() {
///         assert!(dish.starts_with("rice"));
///         dish.done();
///     }
/// };
/// let _eater = Process::new("eater", eat).daemon().start()?;
/// for i in 0..8 {
///     dishes.put(format!("rice {i}"))?;
/// }
/// assert_eq!(dishes.join()?.dead_letters, 0); // all eight are eaten
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// Only processes that are forked after it was made have it: a handle is no value that could be sent to
/// other processes.
///
/// ```compile_fail
/// use killproof::queue::{JoinableQueue, Queue};
///
/// let strangers = Queue::<JoinableQueue<String>>::new(1)?; // `JoinableQueue` is no serde type
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Debug)]
pub struct JoinableQueue<T> {
    ring: Arc<Ring>,
    values: PhantomData<fn(T) -> T>,
}

/// What a `join` found: no value is unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// How many values were given up: [`JoinableQueue::dead_letters`].
    pub dead_letters: usize,
}

impl<T> Clone for JoinableQueue<T> {
    fn clone(&self) -> Self {
        Self { ring: Arc::clone(&self.ring), values: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned> JoinableQueue<T> {
    /// An empty queue for at most `capacity` unfinished values of up to [`MAX_MESSAGE`](super::MAX_MESSAGE)
    /// bytes each.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::build`].
    pub fn new(capacity: usize) -> Result<Self, Error> {
        Self::builder(capacity).build()
    }

    /// A queue for at most `capacity` unfinished values, with other limits than [`JoinableQueue::new`] has.
    pub fn builder(capacity: usize) -> Builder<Self> {
        Builder::new(capacity)
    }

    producer_methods! {}

    /// Takes the first value to work on. Waits while no value waits.
    ///
    /// # Errors
    ///
    /// [`GetError`] lists them. Of a closed queue it is [`GetError::Disconnected`], once every value is done.
    #[track_caller]
    pub fn get(&self) -> Result<Delivery<T>, GetError> {
        self.lease(Forever)
    }

    /// Takes the first value to work on, if there is one.
    ///
    /// # Errors
    ///
    /// [`TryGetError`] lists them.
    #[track_caller]
    pub fn try_get(&self) -> Result<Delivery<T>, TryGetError> {
        self.lease(Now)
    }

    /// Takes the first value to work on, waiting for one for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`GetTimeoutError`] lists them.
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<Delivery<T>, GetTimeoutError> {
        self.lease(Until::after(timeout))
    }

    #[inline]
    #[track_caller]
    fn lease<P: Patience, E>(&self, patience: P) -> Result<Delivery<T>, E>
    where
        E: From<NoMessage<P::Limit>> + From<DecodeError>,
    {
        let lease = consumers::lease(&self.ring, patience, Location::caller())?;
        delivery::deliver(&self.ring, lease)
    }
}

impl<T> JoinableQueue<T> {
    /// Waits until every value that was put is done, or is a dead letter.
    ///
    /// It never waits for the dead: other consumers get what they held. If there are values left and every
    /// process that ever took one is dead, it returns an error. (It gives a supervisor half a second to start
    /// a successor. The calling thread is no such process, unless its process holds a value.) It does wait for a
    /// consumer that lives and never finishes: [`Builder::max_lease`] limits that.
    ///
    /// # Errors
    ///
    /// [`JoinError::Abandoned`]; [`JoinError::Interrupted`]. Joining again is possible after either.
    #[track_caller]
    pub fn join(&self) -> Result<Joined, JoinError> {
        self.wait_until_done(Forever).map_err(|unmet| match unmet {
            Unmet::Interrupted(signal) => JoinError::Interrupted(signal),
            Unmet::InVain => JoinError::Abandoned { unfinished: self.unfinished() },
        })
    }

    /// Waits until every value is done or a dead letter, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`JoinTimeoutError::TimedOut`], which names the consumers that hold values; and those of
    /// [`JoinableQueue::join`].
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<Joined, JoinTimeoutError> {
        self.wait_until_done(Until::after(timeout)).map_err(|unmet| match unmet {
            Unmet::Interrupted(signal) => JoinTimeoutError::Interrupted(signal),
            Unmet::InVain => JoinTimeoutError::Abandoned { unfinished: self.unfinished() },
            Unmet::Limit(_) => JoinTimeoutError::TimedOut { unfinished: self.unfinished(), leases: self.leases() },
        })
    }

    #[track_caller]
    fn wait_until_done<P: Patience>(&self, patience: P) -> Result<Joined, Unmet<P::Limit>> {
        let ring = &*self.ring;
        let is_done = || ring.unfinished() == 0;
        let look = || is_done().then(|| Joined { dead_letters: ring.dead() });
        let (event, at) = (ring.all_done(), Location::caller());
        let wait = Wait { ring, event, kind: SpanKind::WaitJoin, at, is_in_vain: &|| ring.is_abandoned() };
        wait.until(patience, is_done, look)
    }

    /// Which consumers hold values, the one that has held its value longest first, as they were at some moment of
    /// the call: for a message of what `join` waits for.
    ///
    /// ```
    /// use killproof::queue::JoinableQueue;
    ///
    /// let dishes = JoinableQueue::new(1)?;
    /// dishes.put("rice".to_owned())?;
    /// let dish = dishes.get()?;
    /// let lease = dishes.leases()[0];
    /// assert_eq!((lease.pid, lease.attempt), (i32::try_from(std::process::id())?, 1));
    /// assert!(dish.done());
    /// assert!(dishes.leases().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn leases(&self) -> Vec<LeaseInfo> {
        lease_info::all(&self.ring)
    }

    /// The values that were given up, in the order in which they were put.
    ///
    /// Each keeps its place in the queue until a process discards or retries it. Where dead letters take
    /// every place, `put` fails instead of waiting for ever.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if this process is asked to end while it waits for a lock of the queue that a stopped
    /// process keeps.
    pub fn dead_letters(&self) -> Result<Vec<DeadLetter<T>>, Error> {
        dead_letters::all(&self.ring).map_err(Error::Interrupted)
    }

    /// How many values wait for a consumer, as of now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ring.waiting()
    }

    /// Whether no value waits for a consumer, as of now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values are not done, as of now: those that wait and those that are worked on.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.ring.unfinished()
    }

    /// Whether there is no room for another value, as of now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ring.is_full()
    }

    /// How many values can be unfinished, or dead letters.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    /// Ends the queue: `put` fails from now on. (Where a producer is stopped in the middle of a `put`, consumers
    /// wait until it goes on or dies.) `get` drains what is left, and fails when every value is
    /// done, because a value that another consumer works on may come back. So a consumer must not collect
    /// deliveries until the end and acknowledge them only then.
    pub fn close(&self) {
        self.ring.close();
    }
}

impl<T: Serialize + DeserializeOwned> Builder<JoinableQueue<T>> {
    /// At how many deaths of its holders a value becomes a dead letter (at most 65,535 are counted);
    /// [`MAX_DEATHS`](super::MAX_DEATHS) by default.
    pub fn max_deaths(mut self, deaths: u32) -> Self {
        self.limits.max_deaths = deaths;
        self
    }

    /// How long a consumer may hold a value. After that it goes to another consumer, as if the holder had died,
    /// and the holder's [`done`](Delivery::done) returns false. It is for work that may hang; by default a lease
    /// lasts as long as its holder lives.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::queue::JoinableQueue;
    ///
    /// let dishes = JoinableQueue::builder(1).max_lease(Duration::from_millis(20)).build()?;
    /// dishes.put("rice".to_owned())?;
    /// let hangs = dishes.get()?;
    /// let again = dishes.get()?; // waits until the first lease is over
    /// assert_eq!((again.attempt(), again.deaths()), (2, 1));
    /// assert!(!hangs.done());
    /// assert!(again.done());
    /// # Ok::<(), killproof::Error>(())
    /// ```
    pub fn max_lease(mut self, limit: Duration) -> Self {
        self.limits.max_lease = Some(limit);
        self
    }

    /// An empty queue. It takes a descriptor, by which its consumers know each other to be alive: a process that
    /// closes it (as some programs close all descriptors to become daemons) counts as dead.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] for a capacity of 0 or above 2^31, a message size from 2^32 on, or a `max_deaths` of
    /// 0; [`Error::Refused`] if the system gives no memory or no descriptor.
    pub fn build(self) -> Result<JoinableQueue<T>, Error> {
        let registry =
            ConsumersRegistry::new().map_err(|source| Error::refused("share", "the consumers of a queue", source))?;
        Ok(JoinableQueue { ring: Arc::new(Ring::new(self.limits, Some(registry))?), values: PhantomData })
    }
}
