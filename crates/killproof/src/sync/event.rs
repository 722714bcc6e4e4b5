//! Events: set, waited for, and cleared.

use std::panic::Location;
use std::time::Duration;

use super::Wait;
use crate::error::Error;
use crate::observe::{ObjectId, ObjectKind, SpanKind};
use crate::primitive::atomic::{AtomicU32, Ordering};
use crate::primitive::futex;
use crate::shared::Shared;

/// Something that has happened, or has not: not set at first; once set, it stays set in every process and thread,
/// until it is cleared.
///
/// Python's `multiprocessing.Event`; a latch of count 1 elsewhere, where it is never cleared. A waiter that is killed
/// leaves nothing behind.
///
/// A waiter that waits when the event is set returns, even if the event is cleared before that waiter has looked. (In
/// Python it then returns False, or waits on.)
///
/// ```
/// use std::time::Duration;
/// use killproof::{process::Process, sync::Event};
///
/// let event = Event::new()?;
/// let mut child = Process::new("waits", || event.wait(Duration::from_secs(10))).start()?;
/// assert!(child.is_alive());
/// event.set();
/// assert!(child.join()?.success());
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Debug)]
pub struct Event {
    /// How often it was set and cleared. Odd: it is set. So a waiter sees that it was set meanwhile.
    changes: Shared<AtomicU32>,
    id: ObjectId,
}

impl Event {
    /// An event that is not set.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { changes: Shared::new(AtomicU32::new(0))?, id: ObjectId::new(ObjectKind::Event) })
    }

    /// Sets the event and wakes all waiters. After its wait a waiter sees what this thread stored before.
    pub fn set(&self) {
        // Also where it is set already: then a waiter sees what both setters stored, because a read-modify-write goes on
        // with the release of the one before.
        self.changes.fetch_or(1, Ordering::Release);
        futex::wake_all(&self.changes);
    }

    /// Makes it not set. Waiters that wait already are not affected: they wait for it to be set.
    ///
    /// ```
    /// use std::time::Duration;
    /// use killproof::sync::Event;
    ///
    /// let event = Event::new()?;
    /// event.set();
    /// event.clear();
    /// assert!(!event.is_set() && event.wait(Duration::from_millis(1)).is_err());
    /// # Ok::<(), killproof::Error>(())
    /// ```
    pub fn clear(&self) {
        // Acquire, also where another process has cleared it: a caller that looks for work behind this, and then waits,
        // sees the work of every setter whose event it will not find set.
        let mut seen = self.changes.load(Ordering::Acquire);
        while is_set(seen) {
            match self.changes.compare_exchange(seen, seen.wrapping_add(1), Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// Whether it is set. A caller that finds it set sees what was stored before.
    #[must_use]
    pub fn is_set(&self) -> bool {
        is_set(self.changes.load(Ordering::Acquire))
    }

    /// Waits until the event is set, for at most `deadline`.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if it was not set by then; [`Error::Interrupted`] if this process is asked
    /// to end meanwhile.
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        let first = self.changes.load(Ordering::Acquire);
        if is_set(first) {
            return Ok(());
        }
        let wait = Wait {
            object: self.id,
            kind: SpanKind::WaitEvent,
            what: "an event to be set",
            deadline,
            at: Location::caller(),
        };
        wait.until(&self.changes, |changes| changes != first, || Ok::<(), Error>(()))
    }
}

fn is_set(changes: u32) -> bool {
    changes % 2 == 1
}
