//! A place in a table of shared memory for each process that uses an object, and whether the process of a place
//! lives: what a dead process had there goes back to the others.
//!
//! A process holds its place by a record lock ([`liveness`](crate::primitive::liveness)), which ends with it. A child
//! is another process: it has none of its parent's places.

use std::io;
use std::time::Duration;

use crate::primitive::atomic::Ordering;
use crate::primitive::liveness::{LifeLocks, PLACES};
use crate::primitive::{identity, private};

/// How long a waiter sleeps before it looks for dead processes again, and whether its own was asked to end.
pub(crate) const TICK: Duration = Duration::from_millis(50);

pub(crate) struct Places {
    locks: LifeLocks,
    me: Me,
}

/// What this process knows of its own place. Not shared.
struct Me {
    /// The generation of the process that holds a place, as [`identity::generation`] counts; 0: none.
    process: private::AtomicU64,
    number: private::AtomicU64,
}

impl Places {
    /// Takes a descriptor.
    pub(crate) fn new() -> io::Result<Self> {
        identity::count_generations()?;
        let me = Me { process: private::AtomicU64::new(0), number: private::AtomicU64::new(0) };
        Ok(Self { locks: LifeLocks::new()?, me })
    }

    /// Holds a place for the rest of this process's life, unless it holds one: counted from `from`, the first one
    /// that no living process holds. `None`: living processes hold all of them.
    pub(crate) fn hold(&self, from: u64) -> io::Result<Option<u64>> {
        if let Some(number) = self.number() {
            return Ok(Some(number));
        }
        for number in from..from + u64::from(PLACES) {
            if self.locks.hold(place_of(number))? {
                self.me.number.store(number, Ordering::Relaxed);
                self.me.process.store(identity::generation(), Ordering::Release);
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The number that this process holds a place by.
    #[inline]
    pub(crate) fn number(&self) -> Option<u64> {
        let is_mine = self.me.process.load(Ordering::Acquire) == identity::generation();
        is_mine.then(|| self.me.number.load(Ordering::Relaxed))
    }

    /// Whether another living process holds this place. (The kernel does not report a process's own locks to itself.)
    pub(crate) fn another_holds(&self, place: u32) -> bool {
        self.locks.is_held(place)
    }

    /// Whether another living process holds any place.
    pub(crate) fn another_holds_any(&self) -> bool {
        self.locks.any_is_held()
    }
}

/// The place of a number.
#[expect(clippy::cast_possible_truncation, reason = "the remainder of a u32")]
pub(crate) fn place_of(number: u64) -> u32 {
    (number % u64::from(PLACES)) as u32
}
