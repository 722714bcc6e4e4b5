//! One-shot events.

use std::panic::Location;
use std::time::Duration;

use super::Wait;
use crate::error::Error;
use crate::observe::{ObjectId, ObjectKind, SpanKind};
use crate::primitive::atomic::{AtomicU32, Ordering};
use crate::primitive::futex;
use crate::shared::Shared;

/// Something that happens once: at first it is not set; once set, it stays set, in every process and thread.
///
/// Python's `multiprocessing.Event`, without `clear`; a latch of count 1 elsewhere. A waiter that is
/// killed leaves nothing behind.
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
    /// 0: not set; 1: set.
    state: Shared<AtomicU32>,
    id: ObjectId,
}

impl Event {
    /// An event that is not set.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { state: Shared::new(AtomicU32::new(0))?, id: ObjectId::new(ObjectKind::Event) })
    }

    /// Sets the event and wakes all waiters. After its wait a waiter sees what this thread stored before.
    pub fn set(&self) {
        self.state.store(1, Ordering::Release);
        futex::wake_all(&self.state);
    }

    /// Whether it is set. A caller that finds it set sees what was stored before.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.state.load(Ordering::Acquire) == 1
    }

    /// Waits until the event is set, for at most `deadline`.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if it was not set by then; [`Error::Interrupted`] if this process is asked
    /// to end meanwhile.
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        let wait = Wait {
            object: self.id,
            kind: SpanKind::WaitEvent,
            what: "an event to be set",
            deadline,
            at: Location::caller(),
        };
        wait.until(&self.state, |state| state == 1, || Ok::<(), Error>(()))
    }
}
