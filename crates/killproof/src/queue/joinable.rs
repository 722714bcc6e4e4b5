//! A queue that knows whether the work on its values is done.

use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::builder::Builder;
use super::codec::DecodeError;
use super::consumers;
use super::dead_letters::{self, DeadLetter};
use super::delivery::{self, Delivery};
use super::errors::{GetError, GetTimeoutError, JoinError, NoIdentity, NoMessage, TryGetError};
use super::grace_period::GracePeriod;
use super::producers::producer_methods;
use super::ring::Ring;
use super::waiting::{Forever, Now, Patience, Unmet, Until, Wait};
use crate::error::Error;
use crate::observe::SpanKind;
use crate::primitive::{Arc, identity};

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
    grace: Arc<GracePeriod>,
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
        Self { ring: Arc::clone(&self.ring), grace: Arc::clone(&self.grace), values: PhantomData }
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
        E: From<NoMessage<P::Limit>> + From<NoIdentity> + From<DecodeError>,
    {
        let me = identity::process().map_err(|error| NoIdentity(error.to_string()))?;
        let lease = consumers::lease(&self.ring, me, patience, Location::caller())?;
        delivery::deliver(&self.ring, lease)
    }
}

impl<T> JoinableQueue<T> {
    /// Waits until every value that was put is done, or is a dead letter.
    ///
    /// It never waits for the dead: other consumers get what they held. If there are values left and every
    /// process that ever took one is dead, it returns an error. (It gives a supervisor half a second to start
    /// a successor. Beyond 1,024 living consumers it cannot tell, and waits.)
    ///
    /// # Errors
    ///
    /// [`JoinError::Abandoned`]; [`JoinError::Interrupted`]. Joining again is possible after either.
    #[track_caller]
    pub fn join(&self) -> Result<Joined, JoinError> {
        match self.wait_until_done(Forever) {
            Ok(found) => found,
            Err(Unmet::Interrupted(signal)) => Err(JoinError::Interrupted(signal)),
        }
    }

    /// Waits until every value is done or a dead letter, for at most `timeout`. `None` if some are
    /// neither by then.
    ///
    /// # Errors
    ///
    /// Those of [`JoinableQueue::join`].
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<Option<Joined>, JoinError> {
        match self.wait_until_done(Until::after(timeout)) {
            Ok(found) => found.map(Some),
            Err(Unmet::Interrupted(signal)) => Err(JoinError::Interrupted(signal)),
            Err(Unmet::Limit(_)) => Ok(None),
        }
    }

    #[track_caller]
    fn wait_until_done<P: Patience>(&self, patience: P) -> Result<Result<Joined, JoinError>, Unmet<P::Limit>> {
        let ring = &*self.ring;
        let is_done = || ring.unfinished() == 0;
        let look = || {
            if is_done() {
                return Some(Ok(Joined { dead_letters: ring.dead() }));
            }
            let is_abandoned = self.grace.is_over(ring);
            is_abandoned.then(|| Err(JoinError::Abandoned { unfinished: ring.unfinished() }))
        };
        let wait = Wait { ring, event: ring.all_done(), kind: SpanKind::WaitJoin, at: Location::caller() };
        wait.until(patience, is_done, look)
    }

    /// The values that were given up, in the order in which they were put.
    ///
    /// Each keeps its place in the queue until a process discards or retries it. Where dead letters take
    /// every place, `put` fails instead of waiting for ever.
    pub fn dead_letters(&self) -> Vec<DeadLetter<T>> {
        dead_letters::all(&self.ring)
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

    /// Ends the queue: `put` fails from now on. `get` drains what is left, and fails when every value is
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

    /// An empty queue.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] for a capacity of 0 or above 2^31, a message size from 2^32 on, or a `max_deaths` of
    /// 0; [`Error::Refused`] if the system gives no memory.
    pub fn build(self) -> Result<JoinableQueue<T>, Error> {
        Ok(JoinableQueue { ring: Arc::new(Ring::new(self.limits)?), grace: Arc::default(), values: PhantomData })
    }
}
