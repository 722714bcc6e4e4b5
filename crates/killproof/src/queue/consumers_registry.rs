//! Which processes ever took a delivery, so that `join` can tell when all of them are dead.

use std::io;

use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use crate::primitive::identity::Identity;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};

/// How many consumers the registry has room for. The entry of a dead one is used again.
const PLACES: usize = 1024;

shm_layout! {
    /// A process. A kill between the two stores leaves a mixture that names no living process.
    struct Consumer {
        /// 0: the place is free.
        pid: AtomicU32,
        started: AtomicU64,
    }
}

shm_layout! {
    struct Overflow {
        /// 1: a living consumer found no place.
        happened: AtomicU32,
    }
}

pub(super) struct ConsumersRegistry {
    consumers: ShmSlice<Consumer>,
    overflow: ShmBox<Overflow>,
    /// The pid under which this process entered itself. Not shared: a child is another process.
    entered: AtomicI32,
}

impl ConsumersRegistry {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            consumers: ShmSlice::new(PLACES)?,
            overflow: ShmBox::new(Overflow::zeroed())?,
            entered: AtomicI32::new(0),
        })
    }

    /// Enters this process, the first time that it takes a delivery. `lock` takes the lock under which
    /// entries are written.
    #[inline]
    pub(super) fn enter<G>(&self, me: Identity, lock: impl Fn() -> G) {
        if self.entered.load(Ordering::Relaxed) != me.pid {
            self.enter_newly(me, &lock);
        }
    }

    #[cold]
    fn enter_newly<G>(&self, me: Identity, lock: &dyn Fn() -> G) {
        // The search begins at a place of the process's own, so that it seldom passes hundreds of living ones.
        let own = usize::try_from(me.pid).unwrap_or(0) % PLACES;
        for place in (own..PLACES).chain(0..own).map(|place| &self.consumers[place]) {
            // The kernel is asked without the lock. If another consumer takes the place meanwhile, the
            // search goes on.
            let was = place.identity();
            if was.pid != 0 && was != me && was.is_alive() {
                continue;
            }
            let _held = lock();
            if place.identity() == was {
                place.started.store(me.started, Ordering::Relaxed);
                hit(CrashPoint::RegistryHalf);
                place.pid.store(me.pid.cast_unsigned(), Ordering::Release);
                self.entered.store(me.pid, Ordering::Relaxed);
                return;
            }
        }
        self.overflow.happened.store(1, Ordering::Relaxed);
        self.entered.store(me.pid, Ordering::Relaxed);
    }

    /// Whether there were consumers and all of them are dead.
    pub(super) fn all_are_dead(&self) -> bool {
        let mut known = self.consumers.iter().map(Consumer::identity).filter(|consumer| consumer.pid != 0).peekable();
        known.peek().is_some()
            && self.overflow.happened.load(Ordering::Relaxed) == 0
            && known.all(|consumer| !consumer.is_alive())
    }
}

impl Consumer {
    fn identity(&self) -> Identity {
        let pid = self.pid.load(Ordering::Acquire).cast_signed();
        Identity { pid, started: self.started.load(Ordering::Relaxed) }
    }
}
