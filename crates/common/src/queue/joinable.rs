//! A queue that knows whether the work on its values is done.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ring::{Ring, Until};
use super::slots::Lease;
use super::{GetError, MAX_MESSAGE, PutError, decode, put};
use crate::error::Error;

/// A bounded queue between processes whose values are done only when a consumer says so.
///
/// Python's `multiprocessing.JoinableQueue`, with two differences. `get` hands out a
/// [`Delivery`], a lease that remembers its holder: if it is dropped undone, or its holder dies,
/// the value goes to somebody else, before those that wait. And the capacity counts the values
/// that are not *done* yet, those that are worked on included, because each may have to come back.
///
/// Every value is delivered at least once. Exactly once is not to be had: nobody can tell whether
/// a consumer was killed just before or just after it did the work that it did not report.
///
/// ```
/// use common::{process::Process, queue::JoinableQueue};
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
/// dishes.join()?; // all eight are eaten
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Debug)]
pub struct JoinableQueue<T> {
    ring: Arc<Ring>,
    values: PhantomData<fn(T) -> T>,
}

/// A value to work on. Acknowledge it with [`Delivery::done`]; dropping it undone returns it to
/// the queue, in front, for somebody else.
///
/// The process that got it holds it. A process forked from that one has a copy of the same lease,
/// which ends with whichever copy is done or dropped first: do the work where it was taken.
#[derive(Debug)]
#[must_use = "a delivery that is dropped undone goes back to the queue"]
pub struct Delivery<T> {
    ring: Arc<Ring>,
    lease: Lease,
    value: T,
    finished: bool,
}

impl<T> Clone for JoinableQueue<T> {
    fn clone(&self) -> Self {
        Self { ring: Arc::clone(&self.ring), values: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned> JoinableQueue<T> {
    /// An empty queue for at most `capacity` unfinished values of up to [`MAX_MESSAGE`] bytes each.
    ///
    /// # Errors
    ///
    /// As [`Queue::with_max_message`](super::Queue::with_max_message).
    pub fn new(capacity: usize) -> Result<Self, Error> {
        Self::with_max_message(capacity, MAX_MESSAGE)
    }

    /// An empty queue for at most `capacity` unfinished values of up to `max_message` bytes each.
    /// It takes the memory of a [`Queue`](super::Queue::with_max_message).
    ///
    /// # Errors
    ///
    /// As [`Queue::with_max_message`](super::Queue::with_max_message).
    pub fn with_max_message(capacity: usize, max_message: usize) -> Result<Self, Error> {
        Ok(Self { ring: Arc::new(Ring::new(capacity, max_message)?), values: PhantomData })
    }

    /// Puts `value` at the end, waiting for room.
    ///
    /// # Errors
    ///
    /// As [`Queue::put`](super::Queue::put).
    pub fn put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_until(value, Until::Forever)
    }

    /// Puts `value` at the end if there is room.
    ///
    /// # Errors
    ///
    /// As [`Queue::try_put`](super::Queue::try_put).
    pub fn try_put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_until(value, Until::Now)
    }

    /// Puts `value` at the end, waiting for room for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As [`Queue::put_timeout`](super::Queue::put_timeout).
    pub fn put_timeout(&self, value: T, timeout: Duration) -> Result<(), PutError<T>> {
        self.put_until(value, Until::after(timeout))
    }

    fn put_until(&self, value: T, until: Until) -> Result<(), PutError<T>> {
        put(&self.ring, &value, until).map_err(|reason| PutError { value, reason })
    }

    /// Takes the first value to work on, waiting for one.
    ///
    /// # Errors
    ///
    /// As [`Queue::get`](super::Queue::get).
    pub fn get(&self) -> Result<Delivery<T>, GetError> {
        self.get_until(Until::Forever)
    }

    /// Takes the first value to work on, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Queue::try_get`](super::Queue::try_get).
    pub fn try_get(&self) -> Result<Delivery<T>, GetError> {
        self.get_until(Until::Now)
    }

    /// Takes the first value to work on, waiting for one for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As [`Queue::get_timeout`](super::Queue::get_timeout).
    pub fn get_timeout(&self, timeout: Duration) -> Result<Delivery<T>, GetError> {
        self.get_until(Until::after(timeout))
    }

    fn get_until(&self, until: Until) -> Result<Delivery<T>, GetError> {
        let lease = self.ring.lease(until)?;
        match decode(&lease.bytes) {
            Ok(value) => Ok(Delivery { ring: Arc::clone(&self.ring), lease, value, finished: false }),
            Err(error) => {
                // It will not become readable by being handed out again.
                self.ring.finish(&lease);
                Err(error)
            }
        }
    }
}

impl<T> JoinableQueue<T> {
    /// Waits until every value that was put is done.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`].
    pub fn join(&self) -> Result<(), Error> {
        self.ring.wait_finished(Until::Forever).map(|_| ()).map_err(Error::Interrupted)
    }

    /// Waits until every value is done, for at most `timeout`. False if some are not done by then.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`].
    pub fn join_timeout(&self, timeout: Duration) -> Result<bool, Error> {
        self.ring.wait_finished(Until::after(timeout)).map_err(Error::Interrupted)
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

    /// How many values are not done: those that wait and those that are worked on, as of now.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.ring.unfinished()
    }

    /// Whether there is no room for another value, as of now.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.unfinished() >= self.capacity()
    }

    /// How many values can be unfinished.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.ring.capacity()
    }

    /// Ends the queue: `put` fails from now on. `get` drains what is left, and fails when everything
    /// is done: what somebody still works on may yet come back. So a consumer must not collect
    /// deliveries until the end and report them only then.
    pub fn close(&self) {
        self.ring.close();
    }
}

impl<T> Delivery<T> {
    /// Reports the work as done. False if the lease had meanwhile gone to somebody else, who will
    /// do the work (again): harmless, but worth knowing.
    pub fn done(mut self) -> bool {
        self.finished = true;
        self.ring.finish(&self.lease)
    }

    /// How often this value was handed out, this time included. Above 1, somebody may have done
    /// part of the work already.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.lease.deliveries
    }
}

impl<T> Deref for Delivery<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Delivery<T> {
    fn drop(&mut self) {
        if !self.finished {
            self.ring.give_back(&self.lease);
        }
    }
}
