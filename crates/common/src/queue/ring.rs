//! A bounded queue of byte messages between processes: who may change the slots, and how to wait.
//!
//! One robust mutex guards all changes of [`Slots`]. Whoever gets it after a holder died rebuilds
//! the index from the slots, so any prefix of any operation is a valid queue.
//!
//! Nobody waits while holding the mutex: waiting is sleeping for an [`Event`], and a waiter that is
//! killed leaves nothing behind.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::errors::{GetError, PutFailure};
use super::event::Event;
use super::slots::{Lease, Slots};
use crate::error::Error;
use crate::interrupt;
use crate::mutex::{LockError, SharedMutex, SharedMutexGuard};
use crate::procfs::Identity;
use crate::sys::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sys::memory::{Mapping, plain_struct};

/// How long a waiter sleeps before it asks whether the holders of leases still live, and whether
/// its run was asked to end.
const TICK: Duration = Duration::from_millis(50);

plain_struct! {
    struct Events {
        /// A message is ready.
        came: Event,
        /// A slot is free.
        left: Event,
        /// A message is finished.
        finished: Event,
        /// 1 once the queue is closed.
        closed: AtomicU32,
    }
}

/// How long an operation may wait.
#[derive(Clone, Copy)]
pub(super) enum Until {
    Now,
    Forever,
    Deadline(Instant),
}

impl Until {
    pub(super) fn after(timeout: Duration) -> Self {
        Instant::now().checked_add(timeout).map_or(Self::Forever, Self::Deadline)
    }
}

/// Why waiting ended without what was waited for.
enum NoMore {
    NotNow,
    TooLate,
    Interrupted(Signal),
}

pub(super) struct Ring {
    mutex: SharedMutex<()>,
    events: Mapping<Events>,
    slots: Slots,
    max_message: usize,
    made: Instant,
    /// When this process last looked for dead holders, in milliseconds since `made`. Not shared:
    /// each process looks for itself.
    looked: AtomicU64,
}

impl Ring {
    pub(super) fn new(capacity: usize, max_message: usize) -> Result<Self, Error> {
        let unusable = |cause: String| Error::Unusable { operation: "make a queue", cause };
        if capacity == 0 {
            return Err(unusable("its capacity is 0, and must be at least 1".to_owned()));
        }
        let refused = |source| Error::refused("share", format_args!("a queue of {capacity} messages"), source);
        let slots = Slots::new(capacity, max_message).map_err(refused)?;
        let slots =
            slots.ok_or_else(|| unusable(format!("{capacity} messages of {max_message} bytes are too many")))?;
        Ok(Self {
            mutex: SharedMutex::new(())?,
            events: Mapping::zeroed(1).map_err(refused)?,
            slots,
            max_message,
            made: Instant::now(),
            looked: AtomicU64::new(0),
        })
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    pub(super) fn waiting(&self) -> usize {
        self.slots.ready() as usize
    }

    /// How many messages are not done yet: those that wait and those that are worked on.
    pub(super) fn unfinished(&self) -> usize {
        self.capacity() - self.slots.free() as usize
    }

    pub(super) fn close(&self) {
        let guard = self.lock();
        self.events().closed.store(1, Ordering::Relaxed);
        drop(guard);
        self.events().came.tell_all();
        self.events().left.tell_all();
    }

    /// Appends a message, waiting for a free slot.
    pub(super) fn put(&self, message: &[u8], until: Until) -> Result<(), PutFailure> {
        if message.len() > self.max_message {
            return Err(PutFailure::TooLarge { size: message.len(), limit: self.max_message });
        }
        let put = self.wait_for(&self.events().left, until, || {
            let guard = self.lock();
            if self.is_closed() {
                return Some(Err(PutFailure::Closed));
            }
            let put = self.slots.put(message);
            drop(guard);
            put.then_some(Ok(()))
        });
        match put {
            Ok(Ok(())) => {
                self.events().came.tell_one();
                Ok(())
            }
            Ok(closed) => closed,
            Err(NoMore::NotNow) => Err(PutFailure::Full),
            Err(NoMore::TooLate) => Err(PutFailure::TimedOut),
            Err(NoMore::Interrupted(signal)) => Err(PutFailure::Interrupted(signal)),
        }
    }

    /// Takes the first message for good.
    pub(super) fn take(&self, until: Until) -> Result<Vec<u8>, GetError> {
        let message = self.hand_out(until, || self.slots.take())?;
        self.events().left.tell_one();
        Ok(message)
    }

    /// Takes the first message until it is finished or returned.
    pub(super) fn lease(&self, until: Until) -> Result<Lease, GetError> {
        let me = Identity::me().map_err(|error| GetError::NoIdentity(error.to_string()))?;
        self.hand_out(until, || self.slots.lease(me))
    }

    /// Ends a lease with its message done. False if the lease had gone to somebody else.
    pub(super) fn finish(&self, lease: &Lease) -> bool {
        let guard = self.lock();
        let ours = self.slots.finish(lease);
        let (all_finished, over) = (self.unfinished() == 0, self.is_over());
        drop(guard);
        if ours {
            self.events().left.tell_one();
        }
        if ours && all_finished {
            self.events().finished.tell_all();
        }
        if ours && over {
            self.events().came.tell_all();
        }
        ours
    }

    /// Ends a lease with its message undone: it goes back to its place in line.
    pub(super) fn give_back(&self, lease: &Lease) {
        let guard = self.lock();
        let ours = self.slots.give_back(&lease.name);
        drop(guard);
        if ours {
            self.events().came.tell_one();
        }
    }

    /// Waits until every message is finished. False if it did not happen in time.
    pub(super) fn wait_finished(&self, until: Until) -> Result<bool, Signal> {
        match self.wait_for(&self.events().finished, until, || (self.unfinished() == 0).then_some(())) {
            Ok(()) => Ok(true),
            Err(NoMore::Interrupted(signal)) => Err(signal),
            Err(NoMore::NotNow | NoMore::TooLate) => Ok(false),
        }
    }

    fn hand_out<R>(&self, until: Until, first: impl Fn() -> Option<R>) -> Result<R, GetError> {
        let handed = self.wait_for(&self.events().came, until, || {
            let _guard = self.lock();
            first().map(Ok).or_else(|| self.is_over().then_some(Err(GetError::Disconnected)))
        });
        handed.unwrap_or_else(|end| {
            Err(match end {
                NoMore::NotNow => GetError::Empty,
                NoMore::TooLate => GetError::TimedOut,
                NoMore::Interrupted(signal) => GetError::Interrupted(signal),
            })
        })
    }

    /// Tries `attempt` until it gives something. Between tries it sleeps, without the mutex.
    fn wait_for<R>(&self, event: &Event, until: Until, attempt: impl Fn() -> Option<R>) -> Result<R, NoMore> {
        loop {
            // Before the attempt: an event after it changes the sequence, and the sleep ends at once.
            let sequence = event.sequence();
            if let Some(result) = attempt() {
                return Ok(result);
            }
            if let Some(signal) = interrupt::requested() {
                return Err(NoMore::Interrupted(signal));
            }
            // Before giving up, too: whoever only polls must not wait for the dead for ever.
            if self.give_back_of_the_dead() {
                continue;
            }
            let left = match until {
                Until::Now => return Err(NoMore::NotNow),
                Until::Forever => TICK,
                Until::Deadline(deadline) => deadline.saturating_duration_since(Instant::now()),
            };
            if left.is_zero() {
                return Err(NoMore::TooLate);
            }
            event.sleep(sequence, left.min(TICK));
        }
    }

    /// Whoever finds nothing to do does this, each process once a tick at most. True if there was any.
    fn give_back_of_the_dead(&self) -> bool {
        let now = u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX);
        let since = Duration::from_millis(now.saturating_sub(self.looked.load(Ordering::Relaxed)));
        // Where nothing is leased there is nothing to give back, and no reason to look.
        if since < TICK || self.unfinished() == self.waiting() {
            return false;
        }
        self.looked.store(now, Ordering::Relaxed);
        // The kernel is asked without the mutex: it takes its time.
        let dead = self.slots.leases_of_the_dead();
        let guard = self.lock();
        let any = dead.iter().filter(|lease| self.slots.give_back(lease)).count() > 0;
        drop(guard);
        if any {
            self.events().came.tell_all();
        }
        any
    }

    /// The mutex, with the index whole, whatever happened to the last holder.
    fn lock(&self) -> SharedMutexGuard<'_, ()> {
        loop {
            match self.mutex.lock() {
                Ok(guard) => return guard,
                Err(LockError::OwnerDied(died)) => return died.repair(|()| self.slots.rebuild()),
                // Held for microseconds only: a request to end can wait until the operation is whole.
                Err(_) => {}
            }
        }
    }

    /// Nothing will ever come: the queue is closed, and nothing is leased that could be returned.
    fn is_over(&self) -> bool {
        self.is_closed() && self.unfinished() == 0
    }

    fn is_closed(&self) -> bool {
        self.events().closed.load(Ordering::Relaxed) == 1
    }

    fn events(&self) -> &Events {
        &self.events[0]
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring")
            .field("capacity", &self.capacity())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
