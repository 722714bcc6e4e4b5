//! How long a process that was asked to end may take before it is killed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a process has from SIGTERM to SIGKILL.
pub(super) const GRACE: Duration = Duration::from_millis(500);
/// What is left of that for one of many processes that are dropped one by one, and of which many had to be killed.
const LEAST: Duration = Duration::from_millis(20);
/// Drops that follow one another within this time are those of one collection.
const GAP: Duration = Duration::from_millis(50);

/// The time of one process that is dropped.
///
/// Drops that follow one another share it: each process that had to be killed halves what the next one has.
pub(super) struct Grace(Duration);

/// When the last process was ended alone, and what the next one has if it follows at once.
static LAST: Mutex<Option<(Instant, Duration)>> = Mutex::new(None);

impl Grace {
    pub(super) fn begin() -> Self {
        Self(last().filter(|(when, _)| when.elapsed() < GAP).map_or(GRACE, |(_, grace)| grace))
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.0
    }

    pub(super) fn end(self, was_killed: bool) {
        *last() = Some((Instant::now(), if was_killed { (self.0 / 2).max(LEAST) } else { self.0 }));
    }
}

fn last() -> MutexGuard<'static, Option<(Instant, Duration)>> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner)
}
