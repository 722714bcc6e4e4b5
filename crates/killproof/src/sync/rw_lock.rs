//! A value in shared memory that several processes may read at a time, or one may change.
//!
//! A reader holds one of several robust mutexes, a writer holds all of them, so the kernel frees what a dead one held,
//! and a dead reader holds up no writer. A writer holds one mutex more, the gate, from before it waits for readers
//! until it has written; a reader passes the gate as it comes. So no reader comes in while a writer waits.
//!
//! What a writer signs, and what the next process finds after a death inside, is as in
//! [`mutex`](crate::mutex): its record is behind the gate.

mod errors;
mod guards;

pub use errors::{ReadError, ReadTimeoutError, TryReadError, TryWriteError, WriteError, WriteTimeoutError};
pub use guards::{RwLockReadGuard, RwLockWriteGuard, WriterDied};

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::mutex::{Holder, Record};
use crate::observe::{self, End, Mark, ObjectId, ObjectKind, Span, SpanHere, SpanKind};
use crate::places::TICK;
use crate::primitive::liveness::thread_id;
use crate::primitive::robust::{
    AllShares, LockResult, NotTaken, OneShare, READERS, RobustGuard, RobustMutex, Shares, SomeShares,
};
use crate::primitive::{clock, identity, interrupt};
use crate::shared::ShmSafe;

/// A read-write lock between related processes and their threads, and the value that it protects.
///
/// [`std::sync::RwLock`] between processes. (Python has none.) It must be made before the fork.
///
/// - **Deaths.** The kernel frees what a dead reader or writer held. A dead reader is not reported: it has changed
///   nothing. After a writer that died, or panicked, inside, readers get [`ReadError::WriterDied`], and a writer gets
///   [`WriteError::WriterDied`] with the lock, until a writer [repairs](WriterDied::repair) the value.
/// - **Fairness.** From the moment at which a writer begins to wait for readers, no further reader comes in: readers
///   starve no writer. Which of several writers and readers passes first is not promised. A thread that reads already
///   may read again even while a writer waits.
/// - **Readers.** At most 32 read at a time; one more waits until another one has read. To read is to lock two
///   robust mutexes, to write is to lock 33: it is for values that are read for long or often, and seldom changed.
/// - **Deadlines** are kept although a reader or a writer is stopped (SIGSTOP).
///
/// Its guards count as those of a mutex do: [`Process::start`](crate::process::Process::start) is refused while the
/// calling thread holds one, a write guard counts as 33 of [`MAX_HELD`](crate::mutex::MAX_HELD), and a forgotten one
/// ([`std::mem::forget`]) holds the lock until its process ends. All processes must be in one pid namespace.
///
/// ```
/// use killproof::{process::Process, sync::RwLock};
///
/// let menu = RwLock::new([8_u32, 12])?;
/// let reads = || menu.read().map_or(1, |menu| u8::from(menu[1] - menu[0] != 4));
/// let raises = || {
///     let mut menu = menu.write().expect("no writer dies here");
///     menu[0] += 1;
///     menu[1] += 1;
/// };
/// let mut guests = [Process::new("one", reads).start()?, Process::new("other", reads).start()?];
/// let mut cook = Process::new("cook", raises).start()?;
/// assert!(guests[0].join()?.success() && guests[1].join()?.success() && cook.join()?.success());
/// assert_eq!(*menu.read()?, [9, 13]);
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct RwLock<T: ShmSafe> {
    /// Held by a writer. Its record is about the value.
    gate: RobustMutex<Record>,
    shares: Shares<T>,
    id: ObjectId,
}

/// How long an attempt may last.
#[derive(Clone, Copy)]
enum Patience {
    None,
    For(Duration),
    Forever,
}

/// Why an attempt came to nothing.
enum Failed {
    WouldBlock,
    TimedOut,
    Interrupted(Signal),
    AlreadyHeld,
    TooManyHeld,
}

/// One attempt, and the span of its wait.
struct Attempt {
    patience: Patience,
    began: Option<std::time::Instant>,
    id: ObjectId,
    at: observe::Location,
    wait: Span,
}

impl<T: ShmSafe> RwLock<T> {
    /// A free lock around `value`, in memory shared with all processes forked from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(value: T) -> Result<Self, Error> {
        let refused = |source| Error::refused("share", "a read-write lock", source);
        Ok(Self {
            gate: RobustMutex::new(Record::new()).map_err(refused)?,
            shares: Shares::new(value, READERS).map_err(refused)?,
            id: ObjectId::new(ObjectKind::RwLock),
        })
    }

    /// Waits until no writer is inside or waits, and takes the lock to read.
    ///
    /// # Errors
    ///
    /// None of them comes with the lock: [`ReadError::WriterDied`]; [`ReadError::Interrupted`];
    /// [`ReadError::AlreadyHeld`], if the calling thread writes; [`ReadError::TooManyHeld`].
    #[track_caller]
    pub fn read(&self) -> Result<RwLockReadGuard<'_, T>, ReadError> {
        self.read_within(Patience::Forever, Location::caller()).map_err(ReadError::new)?.map_err(ReadError::WriterDied)
    }

    /// Takes the lock to read, if no writer is inside or waits, and no other reader is just coming in.
    ///
    /// # Errors
    ///
    /// None of them comes with the lock: [`TryReadError::WriterDied`]; [`TryReadError::WouldBlock`];
    /// [`TryReadError::AlreadyHeld`]; [`TryReadError::TooManyHeld`].
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryReadError> {
        let read = self.read_within(Patience::None, Location::caller());
        read.map_err(TryReadError::new)?.map_err(TryReadError::WriterDied)
    }

    /// Waits like [`RwLock::read`], for at most `timeout`.
    ///
    /// # Errors
    ///
    /// None of them comes with the lock: [`ReadTimeoutError::WriterDied`]; [`ReadTimeoutError::TimedOut`];
    /// [`ReadTimeoutError::Interrupted`]; [`ReadTimeoutError::AlreadyHeld`]; [`ReadTimeoutError::TooManyHeld`].
    #[track_caller]
    pub fn read_timeout(&self, timeout: Duration) -> Result<RwLockReadGuard<'_, T>, ReadTimeoutError> {
        let read = self.read_within(Patience::For(timeout), Location::caller());
        read.map_err(ReadTimeoutError::new)?.map_err(ReadTimeoutError::WriterDied)
    }

    /// Waits until no writer and no reader is inside, and takes the lock to write. While it waits for readers, no
    /// further one comes in.
    ///
    /// # Errors
    ///
    /// [`WriteError::WriterDied`] *with* the lock. Without it: [`WriteError::Interrupted`];
    /// [`WriteError::AlreadyHeld`], if the calling thread reads or writes; [`WriteError::TooManyHeld`].
    #[track_caller]
    pub fn write(&self) -> Result<RwLockWriteGuard<'_, T>, WriteError<'_, T>> {
        self.write_within(Patience::Forever, Location::caller())
            .map_err(WriteError::new)?
            .map_err(WriteError::WriterDied)
    }

    /// Takes the lock to write, if no writer and no reader is inside, and none is just coming in.
    ///
    /// # Errors
    ///
    /// [`TryWriteError::WriterDied`] *with* the lock. Without it: [`TryWriteError::WouldBlock`];
    /// [`TryWriteError::AlreadyHeld`]; [`TryWriteError::TooManyHeld`].
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryWriteError<'_, T>> {
        let written = self.write_within(Patience::None, Location::caller());
        written.map_err(TryWriteError::new)?.map_err(TryWriteError::WriterDied)
    }

    /// Waits like [`RwLock::write`], for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`WriteTimeoutError::WriterDied`] *with* the lock. Without it: [`WriteTimeoutError::TimedOut`];
    /// [`WriteTimeoutError::Interrupted`]; [`WriteTimeoutError::AlreadyHeld`]; [`WriteTimeoutError::TooManyHeld`].
    #[track_caller]
    pub fn write_timeout(&self, timeout: Duration) -> Result<RwLockWriteGuard<'_, T>, WriteTimeoutError<'_, T>> {
        let written = self.write_within(Patience::For(timeout), Location::caller());
        written.map_err(WriteTimeoutError::new)?.map_err(WriteTimeoutError::WriterDied)
    }

    /// A share, or the writer that died inside.
    #[track_caller]
    fn read_within(
        &self,
        patience: Patience,
        at: observe::Location,
    ) -> Result<Result<RwLockReadGuard<'_, T>, Box<Holder>>, Failed> {
        let mut attempt = Attempt::new(patience, self.id, at);
        let share = match self.gate.try_acquire() {
            Ok(gate) => self.share(&opened(gate), &mut attempt)?,
            Err(why) => {
                unless_busy(why)?;
                self.share_slowly(&mut attempt)?
            }
        };
        drop(attempt);
        let (share, died) = share;
        let span = self.id.begin_here(SpanKind::HoldShared);
        let guard = RwLockReadGuard::new(share, span);
        Ok(match died {
            None => Ok(guard),
            Some(died) => {
                self.id.mark(Mark::OwnerDied { from_pid: died.pid }, at);
                Err(died)
            }
        })
    }

    /// Waits at the gate, unless this thread reads already: then a writer that waits behind the gate may wait for it.
    #[cold]
    fn share_slowly(&self, attempt: &mut Attempt) -> Result<(OneShare<'_, T>, Option<Box<Holder>>), Failed> {
        if self.shares.is_held_by(thread_id()) {
            // No writer is inside, and none has died inside since this thread began to read.
            return Ok((self.any_share(attempt)?, None));
        }
        let gate = attempt.until_taken(|patience| self.gate.acquire_for(patience))?;
        self.share(&opened(gate), attempt)
    }

    /// A share of a reader at the gate, and the writer that died inside, if one did.
    fn share(
        &self,
        gate: &RobustGuard<'_, Record>,
        attempt: &mut Attempt,
    ) -> Result<(OneShare<'_, T>, Option<Box<Holder>>), Failed> {
        let share = self.any_share(attempt)?;
        let died = (!gate.is_whole()).then(|| Box::new(gate.holder()));
        Ok((share, died))
    }

    /// Any share that is free. While other readers have all of them, it waits for one after the other.
    fn any_share(&self, attempt: &mut Attempt) -> Result<OneShare<'_, T>, Failed> {
        let count = self.shares.len();
        // Threads begin at different shares, so that they do not meet at one.
        let first = usize::try_from(identity::signature() % count as u64).unwrap_or(0);
        let mut are_own = true;
        for place in (first..count).chain(0..first) {
            match self.shares.try_one(place) {
                Ok(share) => return Ok(share),
                Err(NotTaken::AlreadyHeld) => {}
                Err(NotTaken::Busy) => are_own = false,
                Err(NotTaken::TooManyHeld) => return Err(Failed::TooManyHeld),
            }
        }
        if are_own {
            return Err(Failed::AlreadyHeld);
        }
        let mut places = (first..count).chain(0..first).cycle();
        attempt.until_taken(|patience| match self.shares.one_within(places.next().unwrap_or(0), patience) {
            // One of this thread's own: the next one.
            Err(NotTaken::AlreadyHeld) => Err(NotTaken::Busy),
            other => other,
        })
    }

    /// All shares, or the same with the writer that died inside.
    #[track_caller]
    fn write_within(
        &self,
        patience: Patience,
        at: observe::Location,
    ) -> Result<Result<RwLockWriteGuard<'_, T>, WriterDied<'_, T>>, Failed> {
        let mut attempt = Attempt::new(patience, self.id, at);
        let gate = match self.gate.try_acquire() {
            Ok(gate) => gate,
            Err(why) => {
                unless_busy(why)?;
                unless_caller_reads(&self.shares.none())?;
                attempt.until_taken(|patience| self.gate.acquire_for(patience))?
            }
        };
        let gate = opened(gate);
        let shares = self.all_shares(&mut attempt)?;
        drop(attempt);
        let span: SpanHere = self.id.begin_here(SpanKind::HoldLock);
        if gate.is_whole() {
            return Ok(Ok(RwLockWriteGuard::new(shares, gate, span)));
        }
        let holder = Box::new(gate.holder());
        self.id.mark(Mark::OwnerDied { from_pid: holder.pid }, at);
        Ok(Err(WriterDied::new(shares, gate, span, holder)))
    }

    fn all_shares(&self, attempt: &mut Attempt) -> Result<AllShares<'_, T>, Failed> {
        let mut some: SomeShares<'_, T> = self.shares.none();
        loop {
            let has_all = match some.next_within(Duration::ZERO) {
                Ok(has_all) => has_all,
                Err(why) => {
                    unless_busy(why)?;
                    unless_caller_reads(&some)?;
                    attempt.until_taken(|patience| some.next_within(patience))?
                }
            };
            if has_all {
                return some.all().ok_or(Failed::WouldBlock);
            }
        }
    }
}

/// An error if a writer that waits for the rest would wait for its own thread, or for one that waits for it.
fn unless_caller_reads<T: ShmSafe>(some: &SomeShares<'_, T>) -> Result<(), Failed> {
    if some.misses_one_of(thread_id()) { Err(Failed::AlreadyHeld) } else { Ok(()) }
}

/// The gate of a writer that died: what it left is in the record.
fn opened(taken: LockResult<'_, Record>) -> RobustGuard<'_, Record> {
    match taken {
        LockResult::Free(gate) => gate,
        LockResult::OwnerDied(gate) => gate.made_consistent(),
    }
}

fn unless_busy(why: NotTaken) -> Result<(), Failed> {
    match why {
        NotTaken::Busy => Ok(()),
        NotTaken::AlreadyHeld => Err(Failed::AlreadyHeld),
        NotTaken::TooManyHeld => Err(Failed::TooManyHeld),
    }
}

impl Attempt {
    fn new(patience: Patience, id: ObjectId, at: observe::Location) -> Self {
        let began = matches!(patience, Patience::For(_)).then(clock::now);
        Self { patience, began, id, at, wait: Span::none() }
    }

    /// Calls `take` with how long it may wait, until it has taken something.
    fn until_taken<R>(&mut self, mut take: impl FnMut(Duration) -> Result<R, NotTaken>) -> Result<R, Failed> {
        match take(Duration::ZERO) {
            Ok(taken) => return Ok(taken),
            Err(why) => unless_busy(why)?,
        }
        if matches!(self.patience, Patience::None) {
            return Err(Failed::WouldBlock);
        }
        if self.wait.is_none() {
            self.wait = self.id.begin(SpanKind::WaitLock, self.at);
        }
        loop {
            let left = self.left();
            match take(left.min(TICK)) {
                Ok(taken) => return Ok(taken),
                Err(why) => unless_busy(why).inspect_err(|_| self.wait.ends(End::Interrupted))?,
            }
            if left.is_zero() {
                self.wait.ends(End::TimedOut);
                return Err(Failed::TimedOut);
            }
            if let Some(signal) = interrupt::requested() {
                self.wait.ends(End::Interrupted);
                return Err(Failed::Interrupted(signal));
            }
        }
    }

    fn left(&self) -> Duration {
        match (self.patience, self.began) {
            (Patience::For(limit), Some(began)) => limit.saturating_sub(clock::elapsed(began)),
            (Patience::None, _) => Duration::ZERO,
            _ => Duration::MAX,
        }
    }
}

impl<T: ShmSafe> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").finish_non_exhaustive()
    }
}
