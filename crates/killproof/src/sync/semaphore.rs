//! Semaphores: a number of permits, and processes that hold them.

mod permits;

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use crate::error::{Error, Phrase};
use crate::observe::{self, End, ObjectId, ObjectKind, Span, SpanHere, SpanKind};
use crate::places::TICK;
use crate::primitive::{clock, identity, interrupt};

use permits::{Look, Permits};

/// A number of permits. A process takes one or waits for it, and holds it until it drops it or dies.
///
/// Python's `multiprocessing.Semaphore` and `BoundedSemaphore` (Dijkstra's P and V), between a process and those
/// forked from it after it was made. Each permit is counted to the process that holds it. When a holder is killed, its
/// permits are free again: at once for a caller of [`try_acquire`](Self::try_acquire), and after 50 ms at most for a
/// waiter. (Python's are lost with their holder.)
///
/// | | Python | here |
/// |---|---|---|
/// | `acquire` | counts down | returns a [`Permit`], which counts to this process |
/// | `release` of a holder | counts up | the permit is dropped |
/// | `release` of another process | counts up | the taker [consumes](Permit::consume) its permit, and the other process [adds](Self::add_permits) one |
/// | a release too many | counts up; `ValueError` where bounded | cannot be, but by `add_permits`, which is refused where [bounded](Self::bounded) |
/// | a holder is killed | its permits are lost | they are free |
///
/// A permit that was consumed has no holder: if the process dies that should add one, the permit is lost, as in
/// Python.
///
/// What a holder did before it dropped its permit is seen by a process that then takes it. There is no order among
/// waiters. A process that takes permits counts as dead when it closes descriptors that are not its own, or executes
/// another program. At most 65,536 living processes may use one semaphore.
///
/// ```
/// use killproof::{process::Process, sync::Semaphore};
/// use nix::sys::signal::{Signal, raise};
///
/// let licences = Semaphore::new(2)?;
/// let dies = || {
///     let _permit = licences.acquire()?;
///     raise(Signal::SIGKILL).expect("a signal to itself");
///     Ok::<(), killproof::Error>(())
/// };
/// Process::new("dies", dies).start()?.join()?;
/// let both = (licences.acquire()?, licences.acquire()?); // the dead process holds none
/// assert!(licences.try_acquire()?.is_none());
/// drop(both);
/// assert_eq!(licences.available(), 2);
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct Semaphore {
    permits: Permits,
    /// How many there may be.
    most: u32,
    id: ObjectId,
}

/// A permit of a [`Semaphore`], counted to this process. Dropped, it is free again, and one waiter is woken.
///
/// It cannot be sent to another thread, and so not be brought to another process. A permit that is forgotten
/// ([`std::mem::forget`]) is held until its process ends. Its copy in a process that was forked while it was held does
/// nothing.
#[must_use = "the permit is held only as long as this lives"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    /// The generation of the process that holds it.
    process: u64,
    span: SpanHere,
    _this_process: PhantomData<*const ()>,
}

impl Semaphore {
    /// A semaphore of this many permits, all of them free. It takes a descriptor.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory, or no descriptor.
    pub fn new(permits: u32) -> Result<Self, Error> {
        Self::with(permits, u32::MAX)
    }

    /// The same, and there can never be more permits than at first.
    ///
    /// # Errors
    ///
    /// Those of [`Semaphore::new`].
    pub fn bounded(permits: u32) -> Result<Self, Error> {
        Self::with(permits, permits)
    }

    fn with(permits: u32, most: u32) -> Result<Self, Error> {
        let permits = Permits::new(permits).map_err(|source| Error::refused("share", "a semaphore", source))?;
        Ok(Self { permits, most, id: ObjectId::new(ObjectKind::Semaphore) })
    }

    /// Waits for a permit and takes it.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if this process is asked to end meanwhile; [`Error::Refused`] if the system refuses to
    /// count this process as a holder, as it does with the 65,537th.
    #[track_caller]
    pub fn acquire(&self) -> Result<Permit<'_>, Error> {
        self.acquire_within(None)
    }

    /// Waits for a permit for at most `timeout`, and takes it. The time is kept although another process is stopped
    /// (SIGSTOP) while it takes a permit.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if none was free by then; those of [`Semaphore::acquire`].
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<Permit<'_>, Error> {
        self.acquire_within(Some(timeout))
    }

    /// Takes a permit if one is free. `None`: none is, or another process was stopped for 50 ms while it took one.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], as of [`Semaphore::acquire`].
    #[track_caller]
    pub fn try_acquire(&self) -> Result<Option<Permit<'_>>, Error> {
        Ok(self.take(Look::AfterTheDead, TICK)?.then(|| self.permit()))
    }

    /// Adds this many permits, and wakes as many waiters.
    ///
    /// Any process may do so, whether it holds permits or not: it is Python's `release(n)`, with which one process
    /// signals another one.
    ///
    /// ```
    /// use killproof::{process::Process, sync::Semaphore};
    ///
    /// let done = Semaphore::new(0)?;
    /// let mut child = Process::new("works", || done.add_permits(3)).start()?;
    /// for _ in 0..3 {
    ///     done.acquire()?.consume(); // one message each
    /// }
    /// assert_eq!(done.available(), 0);
    /// # child.join()?;
    /// # Ok::<(), killproof::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`], and nothing is added, if there would be more permits than there may be: than at first in a
    /// [bounded](Semaphore::bounded) semaphore, than `u32::MAX` in another one.
    pub fn add_permits(&self, permits: u32) -> Result<(), Error> {
        if self.permits.add(permits, self.most) {
            return Ok(());
        }
        let words = "its permits would be more than {}, held ones included";
        Err(Error::Unusable { operation: "add permits", cause: Phrase::new(words, [self.most.into()]) })
    }

    /// How many permits are free at this moment, those of dead holders included.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.permits.free()
    }

    /// False if none is free.
    fn take(&self, look: Look, patience: Duration) -> Result<bool, Error> {
        self.permits.take(look, patience).map_err(|source| Error::refused("hold", "a permit", source))
    }

    /// The permit that was just taken.
    #[track_caller]
    fn permit(&self) -> Permit<'_> {
        let span = self.id.begin_here(SpanKind::HoldPermit);
        Permit { semaphore: self, process: identity::generation(), span, _this_process: PhantomData }
    }

    #[track_caller]
    fn acquire_within(&self, timeout: Option<Duration>) -> Result<Permit<'_>, Error> {
        if self.take(Look::AtCounts, Duration::ZERO)? {
            return Ok(self.permit());
        }
        self.wait(timeout, Location::caller())?;
        Ok(self.permit())
    }

    /// Waits for a permit, and takes it for this process.
    #[cold]
    fn wait(&self, timeout: Option<Duration>, at: observe::Location) -> Result<(), Error> {
        let began = clock::now();
        let left = || timeout.map_or(TICK, |timeout| timeout.saturating_sub(clock::elapsed(began)).min(TICK));
        let mut wait = Span::none();
        loop {
            // Before the attempt: a permit that comes after it changes the sequence, and the sleep ends at once.
            let sequence = self.permits.not_empty().announce();
            if self.take(Look::AfterTheDead, left())? {
                return Ok(());
            }
            if wait.is_none() {
                wait = self.id.begin(SpanKind::WaitPermit, at);
            }
            let left = left();
            if left.is_zero() {
                wait.ends(End::TimedOut);
                let seconds = timeout.unwrap_or_default().as_secs_f64();
                return Err(Error::TimedOut { what: "a permit of a semaphore".into(), seconds });
            }
            // A waiter that was woken need not ask the kernel.
            if !self.permits.not_empty().sleep(sequence, left) {
                interrupt::check().inspect_err(|_| wait.ends(End::Interrupted))?;
            }
        }
    }
}

impl Permit<'_> {
    /// Takes the permit out of the semaphore for good: there is one less, and no process holds it.
    pub fn consume(mut self) {
        if self.is_this_processes() {
            self.end_span();
            self.semaphore.permits.consume();
        }
        // It holds nothing any more.
        self.process = 0;
    }

    fn is_this_processes(&self) -> bool {
        self.process == identity::generation()
    }

    fn end_span(&self) {
        if self.span.is_observed() {
            self.span.end(End::Usual);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_this_processes() {
            self.end_span();
            self.semaphore.permits.give_back();
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore").field("available", &self.available()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}
