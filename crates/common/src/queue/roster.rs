//! Which processes ever took a value to work on, so that `join` can tell when none of them is left.

use std::io;
use std::sync::atomic::AtomicI32;
use std::time::{Duration, Instant};

use super::ring::Ring;
use crate::kill_point::{Step, pass};
use crate::procfs::Identity;
use crate::sys::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sys::memory::{Mapping, plain_struct};

/// How long all consumers must have been dead before `join` says so: time for a supervisor to start
/// a successor.
const GRACE: Duration = Duration::from_millis(500);

/// How many consumers can be told from each other. An entry of a dead one is used again.
const PLACES: usize = 1024;

plain_struct! {
    /// A process. A kill between the two stores leaves a mixture that names no living process.
    struct Consumer {
        /// 0: nobody.
        pid: AtomicU32,
        started: AtomicU64,
    }
}

plain_struct! {
    struct Overflow {
        /// 1: there was a living consumer for which there was no place.
        happened: AtomicU32,
    }
}

pub(super) struct Roster {
    consumers: Mapping<Consumer>,
    overflow: Mapping<Overflow>,
    /// The pid under which this process entered itself. Not shared: a child is another process.
    entered: AtomicI32,
}

/// Since when all consumers have been dead, as one process has seen it.
#[derive(Debug)]
pub(super) struct Vigil {
    made: Instant,
    /// In milliseconds since it was made; 0: it has not seen it.
    since: AtomicU64,
    /// How many deliveries there had been by then. Where there are more now, a successor had come.
    deliveries: AtomicU64,
}

impl Default for Vigil {
    fn default() -> Self {
        Self { made: Instant::now(), since: AtomicU64::new(0), deliveries: AtomicU64::new(0) }
    }
}

impl Vigil {
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

impl Roster {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { consumers: Mapping::zeroed(PLACES)?, overflow: Mapping::zeroed(1)?, entered: AtomicI32::new(0) })
    }

    #[inline]
    fn has(&self, me: Identity) -> bool {
        self.entered.load(Ordering::Relaxed) == me.pid
    }

    /// Whether there were consumers and all of them are dead.
    pub(super) fn all_are_dead(&self) -> bool {
        let mut known = self.consumers.iter().map(Consumer::identity).filter(|consumer| consumer.pid != 0).peekable();
        known.peek().is_some()
            && self.overflow[0].happened.load(Ordering::Relaxed) == 0
            && known.all(|consumer| !consumer.is_alive())
    }
}

impl Ring {
    /// Whether every consumer has been dead for a while, and nobody came meanwhile.
    pub(super) fn is_abandoned(&self, vigil: &Vigil) -> bool {
        if !self.roster.all_are_dead() {
            vigil.ends();
            return false;
        }
        let abandoned = vigil.lasts(self.header().exit.next_lease.load(Ordering::Relaxed)) >= GRACE;
        if abandoned {
            // Whoever joins again has started somebody who may need as long.
            vigil.ends();
        }
        abandoned
    }

    /// Enters this process into the roster, the first time that it takes a value.
    #[inline]
    pub(super) fn enter_roster(&self, me: Identity) {
        if !self.roster.has(me) {
            self.enter_roster_anew(me);
        }
    }

    #[cold]
    fn enter_roster_anew(&self, me: Identity) {
        let roster = &self.roster;
        // From a place of its own on, so that hundreds of living consumers need not be asked for.
        let own = usize::try_from(me.pid).unwrap_or(0) % PLACES;
        // The kernel is asked without the lock; then the place may be somebody else's, and we look on.
        for place in (own..PLACES).chain(0..own).map(|place| &roster.consumers[place]) {
            let was = place.identity();
            if was.pid != 0 && was != me && was.is_alive() {
                continue;
            }
            let _exit = self.leave();
            if place.identity() == was {
                place.started.store(me.started, Ordering::Relaxed);
                pass(Step::RosterHalf);
                place.pid.store(me.pid.cast_unsigned(), Ordering::Release);
                roster.entered.store(me.pid, Ordering::Relaxed);
                return;
            }
        }
        roster.overflow[0].happened.store(1, Ordering::Relaxed);
        roster.entered.store(me.pid, Ordering::Relaxed);
    }
}

impl Consumer {
    fn identity(&self) -> Identity {
        let pid = self.pid.load(Ordering::Acquire).cast_signed();
        Identity { pid, started: self.started.load(Ordering::Relaxed) }
    }
}
