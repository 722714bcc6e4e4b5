//! Barriers for one use.

use std::panic::Location;
use std::time::Duration;

use super::Wait;
use crate::error::Error;
use crate::observe::{ObjectId, ObjectKind, SpanKind};
use crate::primitive::atomic::{AtomicU32, Ordering};
use crate::primitive::futex;
use crate::shared::Shared;

/// No party passes before all have arrived.
///
/// Python's `multiprocessing.Barrier`, for one use. Like [`std::sync::Barrier`], but between
/// processes and with a deadline: a party that was killed on its way never arrives.
///
/// ```
/// use std::time::Duration;
/// use killproof::{process::Process, sync::Barrier};
///
/// let barrier = Barrier::new(2)?;
/// let mut child = Process::new("arrives too", || barrier.wait(Duration::from_secs(10))).start()?;
/// barrier.wait(Duration::from_secs(10))?; // alone it would wait in vain
/// assert!(child.join()?.success());
/// # Ok::<(), killproof::Error>(())
/// ```
#[derive(Debug)]
pub struct Barrier {
    parties: u32,
    arrived: Shared<AtomicU32>,
    id: ObjectId,
}

impl Barrier {
    /// A barrier for `parties` processes or threads.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(parties: u32) -> Result<Self, Error> {
        Ok(Self { parties, arrived: Shared::new(AtomicU32::new(0))?, id: ObjectId::new(ObjectKind::Barrier) })
    }

    /// Arrives at the barrier and waits for the other parties, for at most `deadline`.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if they did not arrive by then; [`Error::Interrupted`] if this process is
    /// asked to end meanwhile.
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        self.wait_while(deadline, || Ok::<(), Error>(()))
    }

    /// Like [`Barrier::wait`], but calls `look` some ten times a second meanwhile, and an error of `look`
    /// ends the wait. It is for a caller that can see that another party was killed on its way.
    ///
    /// # Errors
    ///
    /// Those of [`Barrier::wait`], and what `look` returns, at most some 100 ms later.
    #[track_caller]
    pub fn wait_while<E: From<Error>>(&self, deadline: Duration, look: impl FnMut() -> Result<(), E>) -> Result<(), E> {
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 >= self.parties {
            futex::wake_all(&self.arrived);
            return Ok(());
        }
        let wait = Wait {
            object: self.id,
            kind: SpanKind::WaitBarrier,
            what: "all parties of a barrier",
            deadline,
            at: Location::caller(),
        };
        wait.until(&self.arrived, |arrived| arrived >= self.parties, look)
    }
}
