//! How long a process that was asked to end may take before it is killed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::unistd::{Pid, getpid};

/// What a process has from SIGTERM to SIGKILL.
pub(crate) const GRACE: Duration = Duration::from_millis(500);
/// What is left of that for one of many processes that are dropped one by one, and of which many had to be killed.
const LEAST: Duration = Duration::from_millis(20);
/// Drops that follow one another within this time are those of one collection.
const GAP: Duration = Duration::from_millis(50);

/// The time of one process that is dropped.
///
/// Drops that follow one another share it: each process that had to be killed halves what the next one has.
pub(super) struct Grace(Duration);

static LAST: Mutex<Option<Last>> = Mutex::new(None);

/// A process that was ended alone.
struct Last {
    /// Its parent. A forked child has a copy, which says nothing of its own children. (No pid is given again within
    /// a [`GAP`].)
    parent: Pid,
    when: Instant,
    /// What the next one has if it follows at once.
    next: Duration,
}

impl Grace {
    pub(super) fn begin() -> Self {
        let last = last();
        let follows = last.as_ref().filter(|last| last.parent == getpid() && last.when.elapsed() < GAP);
        Self(follows.map_or(GRACE, |last| last.next))
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.0
    }

    pub(super) fn end(self, was_killed: bool) {
        let next = if was_killed { (self.0 / 2).max(LEAST) } else { self.0 };
        *last() = Some(Last { parent: getpid(), when: Instant::now(), next });
    }
}

fn last() -> MutexGuard<'static, Option<Last>> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner)
}
