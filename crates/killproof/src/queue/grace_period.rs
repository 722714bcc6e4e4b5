//! How long all consumers have been dead.

use std::time::{Duration, Instant};

use crate::primitive::atomic::Ordering;
use crate::primitive::clock;
use crate::primitive::private::AtomicU64;

/// How long all consumers must have been dead before `join` and `put` give up: time for a supervisor to start a
/// successor.
const GRACE: Duration = Duration::from_millis(500);

/// Since when all consumers have been dead, as one process has seen it.
#[derive(Debug)]
pub(super) struct GracePeriod {
    made: Instant,
    /// In milliseconds after `made`; 0: they have not all been dead.
    since: AtomicU64,
    /// How many deliveries there were then. More now mean that there was a successor.
    deliveries: AtomicU64,
}

impl Default for GracePeriod {
    fn default() -> Self {
        Self { made: clock::now(), since: AtomicU64::new(0), deliveries: AtomicU64::new(0) }
    }
}

impl GracePeriod {
    /// Whether every consumer has been dead for the whole period, and no successor took a delivery. The caller
    /// says whether they are dead now, and how many deliveries there were.
    pub(super) fn is_over(&self, are_dead: bool, deliveries: u64) -> bool {
        if !are_dead {
            self.end();
            return false;
        }
        let is_over = self.lasts(deliveries) >= GRACE;
        if is_over {
            // The caller may start a successor and wait again: that one gets as much time.
            self.end();
        }
        is_over
    }

    /// For how long they have all been dead, as of this look, without a delivery in between.
    fn lasts(&self, deliveries: u64) -> Duration {
        let now = u64::try_from(clock::elapsed(self.made).as_millis()).unwrap_or(u64::MAX).max(1);
        let since = self.since.load(Ordering::Relaxed);
        if since == 0 || self.deliveries.swap(deliveries, Ordering::Relaxed) != deliveries {
            self.deliveries.store(deliveries, Ordering::Relaxed);
            self.since.store(now, Ordering::Relaxed);
            return Duration::ZERO;
        }
        Duration::from_millis(now.saturating_sub(since))
    }

    fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }
}
