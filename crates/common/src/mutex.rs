//! A value in shared memory behind a mutex that outlives its holder.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::interrupt;
use crate::shared::Plain;
use crate::sys::robust::{Held, Robust};

/// How long a waiter sleeps before it looks whether its run was asked to end.
const TICK: Duration = Duration::from_millis(100);

/// A mutex between related processes and their threads, and the value that it protects.
///
/// It must be made before the fork. The kernel frees it when its holder dies, and the next holder
/// is told: [`LockError::OwnerDied`] is to this mutex what [`std::sync::PoisonError`] is to
/// [`std::sync::Mutex`], for holders that are killed and not only for those that panic. (The lock
/// of a killed Python holder is lost: everybody who waits for it waits for ever.) A holder that
/// panics leaves the mutex as one that was killed.
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
pub struct SharedMutex<T: Plain> {
    inner: Robust<Guarded<T>>,
}

/// The value, and whether its last holder panicked: 1 from then until somebody repairs it.
type Guarded<T> = (u8, T);

/// Holds the mutex until it is dropped. It cannot be sent to another thread, nor used after a fork.
#[must_use = "the mutex is held only as long as its guard lives"]
pub struct SharedMutexGuard<'a, T: Plain> {
    held: Held<'a, Guarded<T>>,
    /// It was taken by a destructor that runs because of a panic: that panic was not inside.
    unwinding: bool,
}

/// The mutex was free because its last holder died inside; the value may be half changed.
///
/// Whoever gets it may look at the value and either put it right with [`OwnerDied::repair`], or
/// refuse by dropping it: then the next one is told the same.
pub struct OwnerDied<G> {
    guard: G,
}

/// Why a lock was not simply taken.
pub enum LockError<G> {
    /// It was taken, but its last holder died (or panicked) inside.
    OwnerDied(OwnerDied<G>),
    /// Somebody else holds it: [`SharedMutex::try_lock`].
    WouldBlock,
    /// Somebody else held it all the time: [`SharedMutex::lock_timeout`].
    TimedOut,
    /// This process was asked to end while it waited.
    Interrupted(Signal),
}

type Locked<'a, T> = Result<SharedMutexGuard<'a, T>, LockError<SharedMutexGuard<'a, T>>>;

impl<T: Plain> SharedMutex<T> {
    /// A free mutex around `value`, in memory shared with all processes forked from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(value: T) -> Result<Self, Error> {
        let inner = Robust::new((0, value)).map_err(|source| Error::refused("share", "a mutex", source))?;
        Ok(Self { inner })
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
    pub fn lock(&self) -> Locked<'_, T> {
        loop {
            match self.inner.lock_for(TICK) {
                Some(held) => return told(held),
                None => interrupt::requested().map_or(Ok(()), |signal| Err(LockError::Interrupted(signal)))?,
            }
        }
    }

    /// Takes the mutex if nobody holds it.
    ///
    /// # Errors
    ///
    /// [`LockError::WouldBlock`]; [`LockError::OwnerDied`] *with* the mutex.
    pub fn try_lock(&self) -> Locked<'_, T> {
        self.inner.try_lock().map_or(Err(LockError::WouldBlock), told)
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
    pub fn lock_timeout(&self, timeout: Duration) -> Locked<'_, T> {
        let began = Instant::now();
        loop {
            let left = timeout.saturating_sub(began.elapsed());
            if let Some(held) = self.inner.lock_for(left.min(TICK)) {
                return told(held);
            }
            if left.is_zero() {
                return Err(LockError::TimedOut);
            }
            if let Some(signal) = interrupt::requested() {
                return Err(LockError::Interrupted(signal));
            }
        }
    }
}

/// The guard, with the news of its last holder's end.
fn told<T: Plain>(mut held: Held<'_, Guarded<T>>) -> Locked<'_, T> {
    if held.owner_died() {
        // From here on the news is in the value, so that it is not lost if this holder dies too.
        held.0 = 1;
        held.make_consistent();
    }
    let dirty = held.0 != 0;
    let guard = SharedMutexGuard { held, unwinding: std::thread::panicking() };
    if dirty { Err(LockError::OwnerDied(OwnerDied { guard })) } else { Ok(guard) }
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

impl<T: Plain> Drop for SharedMutexGuard<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.unwinding {
            self.held.0 = 1;
        }
    }
}

impl<'a, T: Plain> OwnerDied<SharedMutexGuard<'a, T>> {
    /// The value as the dead holder left it.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.guard
    }

    /// Puts the value right and goes on as if nothing had happened.
    #[must_use = "the mutex is held only as long as its guard lives"]
    pub fn repair(mut self, put_right: impl FnOnce(&mut T)) -> SharedMutexGuard<'a, T> {
        put_right(&mut self.guard.held.1);
        self.guard.held.0 = 0;
        self.guard
    }
}

impl<G> fmt::Display for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDied(_) => f.write_str("its last holder died inside"),
            Self::WouldBlock => f.write_str("somebody else holds it"),
            Self::TimedOut => f.write_str("somebody else held it all the time"),
            Self::Interrupted(signal) => write!(f, "interrupted by {signal}"),
        }
    }
}

impl<G> fmt::Debug for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<G> std::error::Error for LockError<G> {}

impl<G> From<LockError<G>> for Error {
    fn from(error: LockError<G>) -> Self {
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
