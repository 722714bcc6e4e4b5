//! A value in shared memory behind a mutex that outlives its holder.
//!
//! The kernel frees the mutex of a thread that dies (`sys::robust`); what it does not
//! tell is whether the dead one had already entered, and who it was. So a holder signs a record
//! beside the value, in this order, and a kill between any two steps leaves one of three states:
//!
//! | killed after | the next holder finds | and is told |
//! |---|---|---|
//! | taking the mutex, or signing the record | nobody inside | nothing: the value was not touched |
//! | entering (a store of `INSIDE`) | the record of the dead | who died, since when it was inside |
//! | leaving (a store of `NOBODY`) | nobody inside | nothing: the value is whole |
//!
//! The news itself is in the record, and stays until somebody repairs, even if that one dies too.

mod holder;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::interrupt;
use crate::journal::{Doing, Made, Span, SpanHere, Thing, What};
use crate::kill_point::{Step, pass};
use crate::shared::Plain;
use crate::sys::robust::{Held, Robust, Taken};

use holder::Record;
pub use holder::{Holder, HowItEnded};

/// How long a waiter sleeps before it looks whether its run was asked to end.
const TICK: Duration = Duration::from_millis(100);

/// A mutex between related processes and their threads, and the value that it protects.
///
/// It must be made before the fork. The kernel frees it when its holder dies, and the next holder
/// is told who died inside, and since when it was there: [`LockError::OwnerDied`]. (The lock of a
/// killed Python holder is lost: everybody who waits for it waits for ever.)
///
/// Compared with the poisoning of [`std::sync::Mutex`]:
///
/// | | `std::sync::Mutex` | `SharedMutex` |
/// |---|---|---|
/// | between | threads | processes, and threads |
/// | a holder panics | poisoned | told likewise |
/// | a holder is killed | the whole program is gone | told: [`HowItEnded::Died`] |
/// | who it was | not known | [`OwnerDied::holder`]: pid, name, since when |
/// | the next holder | may `unwrap` the error, or ignore it by `into_inner` | must [`repair`](OwnerDied::repair), or refuse by dropping the error |
/// | for how long | until `clear_poison` | until somebody repairs |
/// | the value | anything | [`Plain`]: it means the same in every process |
///
/// Like std's it is not fair: whoever lets go and takes it again at once may do so many times before
/// somebody who sleeps for it comes round.
///
/// ```
/// use common::{mutex::SharedMutex, process::Process};
///
/// let counter = SharedMutex::new(0_u32)?;
/// let add = || *counter.lock().expect("nobody is killed here") += 1;
/// let mut children = [Process::new("a", add).start()?, Process::new("b", add).start()?];
/// for child in &mut children {
///     assert!(child.join()?.success());
/// }
/// assert_eq!(*counter.lock().expect("nobody was killed"), 2);
/// # Ok::<(), common::Error>(())
/// ```
///
/// A holder that dies inside, and a successor that puts the value right:
///
/// ```
/// use common::{mutex::{LockError, SharedMutex}, process::Process};
/// use nix::sys::signal::{Signal, raise};
///
/// let account = SharedMutex::new((100_u32, 0_u32))?; // their sum is always 100
/// let dies = || {
///     let mut guard = account.lock().expect("free");
///     guard.0 -= 30;
///     raise(Signal::SIGKILL).expect("a signal to itself");
///     guard.1 += 30; // never done
/// };
/// let mut child = Process::new("cashier", dies).start()?;
/// child.join()?;
/// let Err(LockError::OwnerDied(died)) = account.lock() else { panic!("nobody was told") };
/// assert_eq!((died.holder().pid, died.holder().name.as_str()), (child.pid(), "cashier"));
/// let guard = died.repair(|value| value.1 = 100 - value.0);
/// assert_eq!(*guard, (70, 30));
/// # Ok::<(), common::Error>(())
/// ```
pub struct SharedMutex<T: Plain> {
    inner: Robust<(Record, T)>,
    made: Made,
}

/// Holds the mutex until it is dropped. It cannot be sent to another thread, nor used after a fork.
#[must_use = "the mutex is held only as long as its guard lives"]
pub struct SharedMutexGuard<'a, T: Plain> {
    held: Held<'a, (Record, T)>,
    /// Its bit: it was taken by a destructor that runs because of a panic: that panic was not inside.
    span: SpanHere,
}

/// The mutex was free because its last holder died inside; the value may be half changed.
///
/// Whoever gets it may look at the value and either put it right with [`OwnerDied::repair`], or
/// refuse by dropping it: then the next one is told the same.
pub struct OwnerDied<'a, T: Plain> {
    /// Before the mutex, so that it has ended when the next holder's begins.
    span: Span,
    held: Held<'a, (Record, T)>,
    holder: Box<Holder>,
}

/// Why a lock was not simply taken.
pub enum LockError<'a, T: Plain> {
    /// It was taken, but its last holder died (or panicked) inside.
    OwnerDied(OwnerDied<'a, T>),
    /// Somebody else holds it: [`SharedMutex::try_lock`].
    WouldBlock,
    /// Somebody else held it all the time: [`SharedMutex::lock_timeout`].
    TimedOut,
    /// This process was asked to end while it waited.
    Interrupted(Signal),
}

type Locked<'a, T> = Result<SharedMutexGuard<'a, T>, LockError<'a, T>>;

impl<T: Plain> SharedMutex<T> {
    /// A free mutex around `value`, in memory shared with all processes forked from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(value: T) -> Result<Self, Error> {
        let inner = Robust::new((Record::new(), value)).map_err(|source| Error::refused("share", "a mutex", source))?;
        Ok(Self { inner, made: Made::new(Thing::Mutex) })
    }

    /// Waits for the mutex and takes it.
    ///
    /// # Errors
    ///
    /// [`LockError::OwnerDied`] *with* the mutex; [`LockError::Interrupted`] without.
    ///
    /// # Panics
    ///
    /// If this thread holds it already, as [`std::sync::Mutex::lock`] may.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> Locked<'_, T> {
        match self.inner.try_lock() {
            Some(taken) => self.told(taken),
            None => self.lock_slowly(),
        }
    }

    #[cold]
    #[track_caller]
    fn lock_slowly(&self) -> Locked<'_, T> {
        let mut wait = self.made.begin(Doing::WaitLock);
        loop {
            if let Some(taken) = self.inner.lock_for(TICK) {
                wait.end();
                return self.told(taken);
            }
            if let Some(signal) = interrupt::requested() {
                wait.ends("interrupted");
                return Err(LockError::Interrupted(signal));
            }
        }
    }

    /// Takes the mutex if nobody holds it.
    ///
    /// # Errors
    ///
    /// [`LockError::WouldBlock`]; [`LockError::OwnerDied`] *with* the mutex.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> Locked<'_, T> {
        match self.inner.try_lock() {
            Some(taken) => self.told(taken),
            None => Err(LockError::WouldBlock),
        }
    }

    /// Waits for the mutex for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`LockError::TimedOut`]; otherwise as [`SharedMutex::lock`].
    ///
    /// # Panics
    ///
    /// As [`SharedMutex::lock`].
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Locked<'_, T> {
        let began = Instant::now();
        if let Some(taken) = self.inner.try_lock() {
            return self.told(taken);
        }
        let mut wait = self.made.begin(Doing::WaitLock);
        loop {
            let left = timeout.saturating_sub(began.elapsed());
            if let Some(taken) = self.inner.lock_for(left.min(TICK)) {
                wait.end();
                return self.told(taken);
            }
            if left.is_zero() {
                wait.ends("timed out");
                return Err(LockError::TimedOut);
            }
            if let Some(signal) = interrupt::requested() {
                wait.ends("interrupted");
                return Err(LockError::Interrupted(signal));
            }
        }
    }

    /// The guard, or the news of its last holder's end.
    #[expect(clippy::inline_always, reason = "a call here doubles the time of a free lock")]
    #[inline(always)]
    #[track_caller]
    fn told<'a>(&'a self, taken: Taken<'a, (Record, T)>) -> Locked<'a, T> {
        pass(Step::LockTaken);
        match taken {
            Taken::Free(held) if held.0.is_whole() => Ok(self.guard(held)),
            taken => self.told_slowly(taken),
        }
    }

    #[cold]
    #[track_caller]
    fn told_slowly<'a>(&'a self, taken: Taken<'a, (Record, T)>) -> Locked<'a, T> {
        let held = match taken {
            Taken::Free(held) => held,
            // The kernel's news ends here. Whether somebody died *inside* is in the record.
            Taken::OwnerDied(held) => held.made_consistent(),
        };
        if held.0.is_whole() {
            return Ok(self.guard(held));
        }
        let holder = Box::new(held.0.holder());
        self.made.mark(What::OwnerDied, &[("from_pid", &holder.pid)], Location::caller());
        Err(LockError::OwnerDied(OwnerDied { span: self.made.begin(Doing::HoldLock), held, holder }))
    }

    #[expect(clippy::inline_always, reason = "a call here doubles the time of a free lock")]
    #[inline(always)]
    #[track_caller]
    fn guard<'a>(&self, held: Held<'a, (Record, T)>) -> SharedMutexGuard<'a, T> {
        enter(&held.0);
        SharedMutexGuard { held, span: self.made.begin_here(Doing::HoldLock).with(std::thread::panicking()) }
    }
}

#[inline]
fn enter(record: &Record) {
    record.sign();
    pass(Step::LockSigned);
    record.enter();
    pass(Step::LockEntered);
}

impl<T: Plain> Deref for SharedMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held.1
    }
}

impl<T: Plain> DerefMut for SharedMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held.1
    }
}

impl<T: Plain> SharedMutexGuard<'_, T> {
    /// By a panic, or before the eyes of the journal, where the span ends before the mutex is free.
    #[cold]
    fn leave_slowly(&mut self) {
        if std::thread::panicking() && !self.span.bit() {
            self.held.0.panicked();
            self.span.end(Some("panicked"));
        } else {
            self.held.0.leave();
            self.span.end(None);
        }
    }
}

impl<T: Plain> Drop for SharedMutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        pass(Step::LockUsed);
        if std::thread::panicking() || self.span.is_recorded() {
            self.leave_slowly();
        } else {
            self.held.0.leave();
        }
        pass(Step::LockLeft);
    }
}

impl<'a, T: Plain> OwnerDied<'a, T> {
    /// The value as the dead holder left it.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.held.1
    }

    /// Who died inside, and how.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Puts the value right and goes on as if nothing had happened. Whoever dies in the middle of
    /// that leaves the same news to the next one.
    #[must_use = "the mutex is held only as long as its guard lives"]
    pub fn repair(mut self, put_right: impl FnOnce(&mut T)) -> SharedMutexGuard<'a, T> {
        put_right(&mut self.held.1);
        pass(Step::LockRepaired);
        self.held.0.repaired();
        enter(&self.held.0);
        SharedMutexGuard { held: self.held, span: self.span.into_here().with(std::thread::panicking()) }
    }
}

impl<T: Plain> fmt::Display for LockError<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDied(died) => died.holder.fmt(f),
            Self::WouldBlock => f.write_str("somebody else holds it"),
            Self::TimedOut => f.write_str("somebody else held it all the time"),
            Self::Interrupted(signal) => write!(f, "interrupted by {signal}"),
        }
    }
}

impl<T: Plain> fmt::Debug for LockError<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: Plain> std::error::Error for LockError<'_, T> {}

impl<T: Plain> From<LockError<'_, T>> for Error {
    fn from(error: LockError<'_, T>) -> Self {
        match error {
            LockError::Interrupted(signal) => Self::Interrupted(signal),
            other => Self::Unusable { operation: "lock a mutex", cause: other.to_string() },
        }
    }
}

impl<T: Plain> fmt::Debug for SharedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMutex").finish_non_exhaustive()
    }
}
