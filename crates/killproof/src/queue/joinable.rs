//! A queue that knows whether the work on its values is done.

use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::consumers::{Lease, Undone};
use super::consumers_registry::GracePeriod;
use super::dead_letters::DeadLetter;
use super::errors::JoinError;
use super::ring::Ring;
use super::waiting::{NoMore, Until};
use super::{Builder, GetError, PutError, buffer, decode, put};
use crate::error::Error;
use crate::observe::{End, Mark, Span, SpanKind};
use crate::primitive::Arc;
use crate::primitive::identity::Identity;

/// How many deaths of its holders make a value a dead letter, unless the queue is told otherwise.
pub const MAX_DEATHS: u32 = 3;

/// A bounded queue between processes whose values are done only when a consumer says so.
///
/// Python's `multiprocessing.JoinableQueue`, with two differences. `get` hands out a
/// [`Delivery`], a lease that remembers its holder: if it is dropped undone, or its holder dies,
/// the value goes to somebody else, before those that wait. And the capacity counts the values
/// that are not *done* yet, those that are worked on included, because each may have to come back.
///
/// Every value is delivered *at least once*. Exactly once is not to be had: the work and the report
/// that it is done are two steps, and whoever is killed between them has done the work, which
/// nobody can see, and not reported it, which is all that can be seen. So work that must not be done
/// twice has to be such that doing it again changes nothing ([`Delivery::attempt`] tells when).
///
/// A value whose holders die again and again, because it is what kills them, would take every
/// consumer with it. After [`MAX_DEATHS`] of them (a panic with it counts as one) it is a *dead letter*: it is handed out no more,
/// [`JoinableQueue::join`] reports it, and [`JoinableQueue::dead_letters`] has it.
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
/// Only processes forked after it was made have it: a handle is no value that could be sent to others.
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

/// A value to work on. Acknowledge it with [`Delivery::done`]; dropping it undone returns it to
/// the queue, in front, for somebody else. If a panic drops it, that counts as a death of its holder.
///
/// The process that got it holds it. A process forked from that one has a copy of the same lease,
/// which ends with whichever copy is done or dropped first: do the work where it was taken.
#[derive(Debug)]
#[must_use = "a delivery that is dropped undone goes back to the queue"]
pub struct Delivery<T> {
    held: Holding,
    value: T,
}

/// A lease that goes back when it is dropped, unless it has ended before.
#[derive(Debug)]
struct Holding {
    ring: Arc<Ring>,
    lease: Lease,
    ended: bool,
    /// It was taken by a destructor that runs because of a panic: that panic is none of its own.
    in_panic: bool,
    span: Span,
}

/// What a `join` found: nothing is unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// How many values were given up and wait for somebody to decide: [`JoinableQueue::dead_letters`].
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
    /// As [`Queue::new`](super::Queue::new).
    pub fn new(capacity: usize) -> Result<Self, Error> {
        Self::builder(capacity).build()
    }

    /// A queue for at most `capacity` unfinished values, with other limits than [`JoinableQueue::new`] has.
    pub fn builder(capacity: usize) -> Builder<Self> {
        Builder::new(capacity)
    }

    /// Puts `value` at the end, waiting for room.
    ///
    /// # Errors
    ///
    /// As [`Queue::put`](super::Queue::put).
    #[track_caller]
    pub fn put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_until(value, Until::Forever)
    }

    /// Puts `value` at the end if there is room.
    ///
    /// # Errors
    ///
    /// As [`Queue::try_put`](super::Queue::try_put).
    #[track_caller]
    pub fn try_put(&self, value: T) -> Result<(), PutError<T>> {
        self.put_until(value, Until::Now)
    }

    /// Puts `value` at the end, waiting for room for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As [`Queue::put_timeout`](super::Queue::put_timeout).
    #[track_caller]
    pub fn put_timeout(&self, value: T, timeout: Duration) -> Result<(), PutError<T>> {
        self.put_until(value, Until::after(timeout))
    }

    #[track_caller]
    fn put_until(&self, value: T, until: Until) -> Result<(), PutError<T>> {
        put(&self.ring, &value, until, std::panic::Location::caller()).map_err(|reason| PutError { value, reason })
    }

    /// Takes the first value to work on, waiting for one.
    ///
    /// # Errors
    ///
    /// As [`Queue::get`](super::Queue::get).
    #[track_caller]
    pub fn get(&self) -> Result<Delivery<T>, GetError> {
        self.get_until(Until::Forever)
    }

    /// Takes the first value to work on, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Queue::try_get`](super::Queue::try_get).
    #[track_caller]
    pub fn try_get(&self) -> Result<Delivery<T>, GetError> {
        self.get_until(Until::Now)
    }

    /// Takes the first value to work on, waiting for one for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As [`Queue::get_timeout`](super::Queue::get_timeout).
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<Delivery<T>, GetError> {
        self.get_until(Until::after(timeout))
    }

    #[track_caller]
    fn get_until(&self, until: Until) -> Result<Delivery<T>, GetError> {
        let lease = self.ring.lease(until, std::panic::Location::caller())?;
        let in_panic = std::thread::panicking();
        let mut held = Holding { ring: Arc::clone(&self.ring), lease, ended: false, in_panic, span: Span::none() };
        let value = buffer::lend(|message| {
            held.ring.read(&held.lease, message);
            decode(message.as_slice())
        });
        match value {
            Ok(value) => {
                held.record();
                Ok(Delivery { held, value })
            }
            Err(error) => {
                // It will not become readable by being handed out again.
                held.ended = true;
                held.ring.reject(&held.lease.name);
                Err(error)
            }
        }
    }
}

impl<T> JoinableQueue<T> {
    pub(super) fn of(ring: Ring) -> Self {
        Self { ring: Arc::new(ring), grace: Arc::default(), values: PhantomData }
    }

    /// Waits until every value that was put is done, or is a dead letter.
    ///
    /// It never waits for the dead: what they held goes to others, and if there are values left and
    /// every process that ever took one is dead, it says so. (It gives a supervisor half a second
    /// to start a successor. Beyond 1,024 living consumers it cannot tell, and waits.)
    ///
    /// # Errors
    ///
    /// [`JoinError::Abandoned`]; [`JoinError::Interrupted`]. Joining again is possible after either.
    #[track_caller]
    pub fn join(&self) -> Result<Joined, JoinError> {
        loop {
            if let Some(joined) = self.join_until(Until::Forever)? {
                return Ok(joined);
            }
        }
    }

    /// Waits until every value is done or a dead letter, for at most `timeout`. `None` if some are
    /// neither by then.
    ///
    /// # Errors
    ///
    /// As [`JoinableQueue::join`].
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<Option<Joined>, JoinError> {
        self.join_until(Until::after(timeout))
    }

    #[track_caller]
    fn join_until(&self, until: Until) -> Result<Option<Joined>, JoinError> {
        let is_finished = || self.ring.unfinished() == 0;
        let mut abandoned = false;
        let look = || {
            let finished = is_finished();
            abandoned = !finished && self.ring.is_abandoned(&self.grace);
            (finished || abandoned).then_some(())
        };
        let (event, at) = (&self.ring.header().all_done, std::panic::Location::caller());
        let finished = self.ring.wait_for(SpanKind::WaitJoin, event, until, at, is_finished, look);
        match finished {
            Ok(()) if abandoned => Err(JoinError::Abandoned { unfinished: self.unfinished() }),
            Ok(()) => Ok(Some(Joined { dead_letters: self.ring.dead() })),
            Err(NoMore::Interrupted(signal)) => Err(JoinError::Interrupted(signal)),
            Err(NoMore::NotNow | NoMore::TooLate) => Ok(None),
        }
    }

    /// The values that were given up, in the order in which they were put.
    ///
    /// Each keeps its place in the queue until somebody discards it or has it tried again; where
    /// every place is taken by one, `put` fails instead of waiting for ever.
    pub fn dead_letters(&self) -> Vec<DeadLetter<T>> {
        self.ring.dead_letters()
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
        self.ring.is_full()
    }

    /// How many values can be unfinished, or dead letters.
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
        self.held.ended = true;
        // Before others learn of it: whoever joins sees no work that goes on.
        self.held.span.end();
        self.held.ring.ack(&self.held.lease)
    }

    /// How often this value was handed out, this time included. Above 1, somebody may have done
    /// part of the work already.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.held.lease.deliveries
    }

    /// How many processes died, or panicked, while they held this value.
    #[must_use]
    pub fn deaths(&self) -> u32 {
        self.held.lease.deaths
    }

    /// The last process that died, or panicked, while it held this value.
    #[must_use]
    pub fn last_death(&self) -> Option<Identity> {
        self.held.lease.last_death
    }
}

impl<T> Deref for Delivery<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Holding {
    /// Reports that the work begins, and whether it had begun before.
    #[inline]
    #[track_caller]
    fn record(&mut self) {
        let (id, at) = (self.ring.id, std::panic::Location::caller());
        if !id.is_observed() {
            return;
        }
        if let Some(dead) = self.lease.last_death {
            id.mark(Mark::Redelivered { from_pid: Some(dead.pid) }, at);
        } else if self.lease.deliveries > 1 {
            id.mark(Mark::Redelivered { from_pid: None }, at);
        } else if let Some(from) = self.ring.origin(&self.lease) {
            self.ring.record_hand_over(from, at);
        }
        self.span = id.begin(SpanKind::Work, at);
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // A value that makes its holders panic would go round for ever if it were simply returned.
        let panicked = std::thread::panicking() && !self.in_panic;
        let (how, why) = if panicked { (End::Panicked, Undone::HolderDied) } else { (End::Returned, Undone::Returned) };
        self.span.ends(how);
        self.span.end();
        self.ring.return_undone(&self.lease.name, why);
    }
}
