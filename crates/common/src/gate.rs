//! Waiting for a moment, across processes: Python's `multiprocessing.Event` and `Barrier`.
//!
//! The lessons force a schedule with these where they would otherwise hope for it.

use std::panic::Location;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::interrupt;
use crate::journal::{Doing, Made, Thing};
use crate::shared::Shared;
use crate::sys::atomic::{AtomicU32, Ordering};
use crate::sys::futex;

/// How long a waiter sleeps before it looks whether its run was asked to end.
const TICK: Duration = Duration::from_millis(100);

/// How long a lesson waits for what must come: far longer than a busy machine needs, and the end of
/// the wait is a failure.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Closed at first; once opened it is open for ever, for every process and thread.
///
/// Python's `multiprocessing.Event`, without `clear`. A waiter that is killed harms nobody.
///
/// ```
/// use std::time::Duration;
/// use common::{gate::Gate, process::Process};
///
/// let gate = Gate::new()?;
/// let mut child = Process::new("waits", || gate.wait(Duration::from_secs(10))).start()?;
/// assert!(child.is_alive());
/// gate.open();
/// assert!(child.join()?.success());
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Debug)]
pub struct Gate {
    /// 0 closed, 1 open.
    open: Shared<AtomicU32>,
    made: Made,
}

impl Gate {
    /// A closed gate.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { open: Shared::new(AtomicU32::new(0))?, made: Made::new(Thing::Gate) })
    }

    /// Opens the gate. What happened before is seen by whoever passes.
    pub fn open(&self) {
        self.open.store(1, Ordering::Release);
        futex::wake_all(&self.open);
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire) == 1
    }

    /// Waits until the gate is open.
    ///
    /// # Errors
    ///
    /// [`Error::Stalled`] if it did not open within `deadline`; [`Error::Interrupted`].
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        wait_until(&self.open, deadline, (self.made, "a gate to open"), |open| open == 1, || Ok(()))
    }
}

/// Nobody passes before everybody has come.
///
/// Python's `multiprocessing.Barrier`, for one use. Like [`std::sync::Barrier`], between processes
/// and with a deadline: somebody who was killed on the way never comes.
///
/// ```
/// use common::gate::{Barrier, PATIENCE};
/// use common::process::Process;
///
/// let barrier = Barrier::new(2)?;
/// let mut child = Process::new("comes too", || barrier.wait(PATIENCE)).start()?;
/// barrier.wait(PATIENCE)?; // alone it would wait in vain
/// assert!(child.join()?.success());
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Debug)]
pub struct Barrier {
    parties: u32,
    come: Shared<AtomicU32>,
    made: Made,
}

impl Barrier {
    /// A barrier for `parties` processes or threads.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(parties: u32) -> Result<Self, Error> {
        Ok(Self { parties, come: Shared::new(AtomicU32::new(0))?, made: Made::new(Thing::Barrier) })
    }

    /// Comes to the barrier and waits for the others.
    ///
    /// # Errors
    ///
    /// [`Error::Stalled`] if they did not come within `deadline`; [`Error::Interrupted`].
    #[track_caller]
    pub fn wait(&self, deadline: Duration) -> Result<(), Error> {
        self.wait_while(deadline, || Ok(()))
    }

    /// As [`Barrier::wait`], and gives up as soon as it makes no sense any more: `look` is asked
    /// again and again meanwhile, and its error ends the wait. It is for whoever can see that one
    /// of the others was killed on the way.
    ///
    /// # Errors
    ///
    /// As [`Barrier::wait`], and what `look` returns, some 100 ms later at most.
    #[track_caller]
    pub fn wait_while(&self, deadline: Duration, look: impl FnMut() -> Result<(), Error>) -> Result<(), Error> {
        if self.come.fetch_add(1, Ordering::AcqRel) + 1 >= self.parties {
            futex::wake_all(&self.come);
            return Ok(());
        }
        let everybody = (self.made, "everybody at a barrier");
        wait_until(&self.come, deadline, everybody, |come| come >= self.parties, look)
    }
}

#[track_caller]
fn wait_until(
    word: &AtomicU32,
    deadline: Duration,
    (made, what): (Made, &str),
    done: impl Fn(u32) -> bool,
    mut look: impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    let (began, at) = (Instant::now(), Location::caller());
    let mut wait = None;
    loop {
        let seen = word.load(Ordering::Acquire);
        if done(seen) {
            return Ok(());
        }
        let wait = wait.get_or_insert_with(|| made.begin_at(Doing::WaitGate, at));
        interrupt::check().inspect_err(|_| wait.ends("interrupted"))?;
        look()?;
        let Some(left) = deadline.checked_sub(began.elapsed()) else {
            wait.ends("timed out");
            return Err(Error::Stalled { what: what.to_owned(), seconds: deadline.as_secs_f64() });
        };
        futex::wait(word, seen, left.min(TICK));
    }
}
