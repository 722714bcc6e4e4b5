//! Waiting for other processes: Python's `multiprocessing.Event`, `Barrier`, `Semaphore`
//! and `Condition`, and a read-write lock.

mod barrier;
mod condvar;
mod event;
pub mod rw_lock;
mod semaphore;

pub use barrier::{Barrier, BarrierWaitResult, MAX_PARTIES};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use event::Event;
pub use rw_lock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use semaphore::{Permit, Semaphore};

use std::time::Duration;

use crate::error::Error;
use crate::observe::{End, Location, ObjectId, SpanKind};
use crate::primitive::atomic::{AtomicU32, Ordering};
use crate::primitive::{clock, futex, interrupt};

/// How long a waiter sleeps before it checks whether its process was asked to end.
const TICK: Duration = Duration::from_millis(100);

/// A wait of one caller on one object.
struct Wait {
    object: ObjectId,
    kind: SpanKind,
    /// For the error, when the deadline comes first: "an event to be set".
    what: &'static str,
    deadline: Duration,
    at: Location,
}

impl Wait {
    /// Sleeps on `word` until it is `done`. Calls `look` before each sleep; its error ends the wait.
    fn until<E: From<Error>>(
        self,
        word: &AtomicU32,
        done: impl Fn(u32) -> bool,
        mut look: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let began = clock::now();
        let mut span = None;
        loop {
            let seen = word.load(Ordering::Acquire);
            if done(seen) {
                return Ok(());
            }
            let span = span.get_or_insert_with(|| self.object.begin(self.kind, self.at));
            interrupt::check().inspect_err(|_| span.ends(End::Interrupted))?;
            look()?;
            let Some(left) = self.deadline.checked_sub(clock::elapsed(began)) else {
                span.ends(End::TimedOut);
                return Err(Error::TimedOut { what: self.what.into(), seconds: self.deadline.as_secs_f64() }.into());
            };
            futex::wait(word, seen, left.min(TICK));
        }
    }
}
