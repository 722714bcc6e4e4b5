//! Which processes ever took a value to work on, so that `join` can tell when none of them is left.

use crate::primitive::atomic::AtomicI32;
use std::io;
use std::time::{Duration, Instant};

use crate::primitive::clock;

use super::ring::Ring;
use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::identity::Identity;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};

/// How long all consumers must have been dead before `join` says so: time for a supervisor to start
/// a successor.
const GRACE: Duration = Duration::from_millis(500);

/// How many consumers can be told from each other. An entry of a dead one is used again.
const PLACES: usize = 1024;

shm_layout! {
    /// A process. A kill between the two stores leaves a mixture that names no living process.
    struct Consumer {
        /// 0: nobody.
        pid: AtomicU32,
        started: AtomicU64,
    }
}

shm_layout! {
    struct Overflow {
        /// 1: there was a living consumer for which there was no place.
        happened: AtomicU32,
    }
}

pub(super) struct ConsumersRegistry {
    consumers: ShmSlice<Consumer>,
    overflow: ShmBox<Overflow>,
    /// The pid under which this process entered itself. Not shared: a child is another process.
    entered: AtomicI32,
}

/// Since when all consumers have been dead, as one process has seen it.
#[derive(Debug)]
pub(super) struct GracePeriod {
    made: Instant,
    /// In milliseconds since it was made; 0: it has not seen it.
    since: AtomicU64,
    /// How many deliveries there had been by then. Where there are more now, a successor had come.
    deliveries: AtomicU64,
}

impl Default for GracePeriod {
    fn default() -> Self {
        Self { made: clock::now(), since: AtomicU64::new(0), deliveries: AtomicU64::new(0) }
    }
}

impl GracePeriod {
    fn ends(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    /// For how long it has lasted, with no more than so many deliveries.
    fn lasts(&self, deliveries: u64) -> Duration {
        let now = u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let since = self.since.load(Ordering::Relaxed);
        if since == 0 || self.deliveries.swap(deliveries, Ordering::Relaxed) != deliveries {
            self.deliveries.store(deliveries, Ordering::Relaxed);
            self.since.store(now, Ordering::Relaxed);
            return Duration::ZERO;
        }
        Duration::from_millis(now.saturating_sub(since))
    }
}

impl ConsumersRegistry {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            consumers: ShmSlice::new(PLACES)?,
            overflow: ShmBox::new(Overflow::zeroed())?,
            entered: AtomicI32::new(0),
        })
    }

    #[inline]
    fn has(&self, me: Identity) -> bool {
        self.entered.load(Ordering::Relaxed) == me.pid
    }

    /// Whether there were consumers and all of them are dead.
    pub(super) fn all_are_dead(&self) -> bool {
        let mut known = self.consumers.iter().map(Consumer::identity).filter(|consumer| consumer.pid != 0).peekable();
        known.peek().is_some()
            && self.overflow.happened.load(Ordering::Relaxed) == 0
            && known.all(|consumer| !consumer.is_alive())
    }
}

impl Ring {
    /// Whether every consumer has been dead for a while, and nobody came meanwhile.
    pub(super) fn is_abandoned(&self, grace: &GracePeriod) -> bool {
        if !self.registry.all_are_dead() {
            grace.ends();
            return false;
        }
        let abandoned = grace.lasts(self.header().head.next_lease.load(Ordering::Relaxed)) >= GRACE;
        if abandoned {
            // Whoever joins again has started somebody who may need as long.
            grace.ends();
        }
        abandoned
    }

    /// Enters this process into the registry, the first time that it takes a value.
    #[inline]
    pub(super) fn register(&self, me: Identity) {
        if !self.registry.has(me) {
            self.register_newly(me);
        }
    }

    #[cold]
    fn register_newly(&self, me: Identity) {
        let registry = &self.registry;
        // From a place of its own on, so that hundreds of living consumers need not be asked for.
        let own = usize::try_from(me.pid).unwrap_or(0) % PLACES;
        // The kernel is asked without the lock; then the place may be somebody else's, and we look on.
        for place in (own..PLACES).chain(0..own).map(|place| &registry.consumers[place]) {
            let was = place.identity();
            if was.pid != 0 && was != me && was.is_alive() {
                continue;
            }
            let _head = self.lock_head();
            if place.identity() == was {
                place.started.store(me.started, Ordering::Relaxed);
                hit(CrashPoint::RegistryHalf);
                place.pid.store(me.pid.cast_unsigned(), Ordering::Release);
                registry.entered.store(me.pid, Ordering::Relaxed);
                return;
            }
        }
        registry.overflow.happened.store(1, Ordering::Relaxed);
        registry.entered.store(me.pid, Ordering::Relaxed);
    }
}

impl Consumer {
    fn identity(&self) -> Identity {
        let pid = self.pid.load(Ordering::Acquire).cast_signed();
        Identity { pid, started: self.started.load(Ordering::Relaxed) }
    }
}
