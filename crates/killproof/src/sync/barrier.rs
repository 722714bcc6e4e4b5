//! Barriers for one use.

use std::mem;
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
/// processes and with a deadline: a party that was killed on its way never arrives. Once all have arrived, the
/// barrier stays open.
///
/// A party whose wait ends with an error has not arrived: its arrival is taken back, and it may come again. (In
/// Python its error breaks the barrier for all.) A party that is killed while it waits has arrived.
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
    /// How many parties wait. From `parties` on the barrier is open, and the number does not change any more.
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
    /// asked to end meanwhile. Then no other party has passed.
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        self.wait_while(deadline, || Ok::<(), Error>(()))
    }

    /// Like [`Barrier::wait`], but calls `look` some ten times a second meanwhile, and an error of `look`
    /// ends the wait. It is for a caller that can see that another party was killed on its way.
    ///
    /// # Errors
    ///
    /// Those of [`Barrier::wait`], and what `look` returns, at most some 100 ms later. If the last party arrives
    /// while `look` fails, the barrier is open, and the wait ends without an error.
    #[track_caller]
    pub fn wait_while<E: From<Error>>(&self, deadline: Duration, look: impl FnMut() -> Result<(), E>) -> Result<(), E> {
        let Some(mut arrival) = self.arrive() else { return Ok(()) };
        let wait = Wait {
            object: self.id,
            kind: SpanKind::WaitBarrier,
            what: "all parties of a barrier",
            deadline,
            at: Location::caller(),
        };
        let waited = wait.until(&self.arrived, |arrived| arrived >= self.parties, look);
        if arrival.take_back() { waited } else { Ok(()) }
    }

    /// `None`: the barrier is open.
    fn arrive(&self) -> Option<Arrival<'_>> {
        let before = self.change_unless_open(|arrived| arrived + 1)?;
        if before + 1 == self.parties {
            futex::wake_all(&self.arrived);
            return None;
        }
        Some(Arrival { barrier: self, counts: true })
    }

    /// Changes the number of parties that wait, and returns the one before. `None`: the barrier is open, and so
    /// is not changed.
    fn change_unless_open(&self, change: impl Fn(u32) -> u32) -> Option<u32> {
        let mut seen = self.arrived.load(Ordering::Acquire);
        loop {
            if seen >= self.parties {
                return None;
            }
            match self.arrived.compare_exchange(seen, change(seen), Ordering::AcqRel, Ordering::Acquire) {
                Ok(before) => return Some(before),
                Err(now) => seen = now,
            }
        }
    }
}

/// One party's arrival. Its wait may end while the last party arrives: either the barrier opens with it, or it is
/// taken back and does not count.
struct Arrival<'a> {
    barrier: &'a Barrier,
    counts: bool,
}

impl Arrival<'_> {
    /// False if the barrier is open.
    fn take_back(&mut self) -> bool {
        mem::take(&mut self.counts) && self.barrier.change_unless_open(|arrived| arrived - 1).is_some()
    }
}

impl Drop for Arrival<'_> {
    /// A panic of the caller's `look` ends the wait, too.
    fn drop(&mut self) {
        self.take_back();
    }
}
