//! A value in shared memory behind a mutex that outlives its holder.
//!
//! The kernel frees the mutex of a thread that dies. It does not say which thread that was, nor whether it
//! had already entered. So a holder signs a record beside the value, in this order, and a kill between any
//! two steps leaves one of three states:
//!
//! | killed after | the next holder finds | and gets |
//! |---|---|---|
//! | taking the mutex, or signing the record | no holder inside | the guard: the value was not touched |
//! | entering (a store of the time) | the record of the dead holder | [`OwnerDied`]: its name, and since when it was inside |
//! | leaving (a store of 0) | no holder inside | the guard: the value is whole |
//!
//! The record of a death stays until a holder repairs the value, even if that holder dies, too.
//!
//! The robust mutex is the kernel's: <https://docs.kernel.org/locking/robust-futexes.html>.

mod errors;
mod guard;
mod holder;

pub use errors::{LockError, LockTimeoutError, TryLockError};
pub use guard::{OwnerDied, SharedMutexGuard};
pub(crate) use holder::Record;
pub use holder::{Holder, HowItEnded};

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::crashpoint::{CrashPoint, hit};
use crate::error::Error;
use crate::observe::{End, Mark, ObjectId, ObjectKind, SpanKind};
use crate::primitive::robust::{self, LockResult, NotTaken, RobustGuard, RobustMutex};
use crate::primitive::{clock, interrupt};
use crate::shared::ShmSafe;

/// How many [`SharedMutex`]es a thread may hold at a time. When a thread dies, the kernel frees the first 2,048
/// that it finds, and a queue's operation needs two.
pub const MAX_HELD: u32 = robust::MAX_HELD;

/// How long a waiter sleeps before it checks whether its process was asked to end.
const TICK: Duration = Duration::from_millis(100);

/// A mutex between related processes and their threads, and the value that it protects.
///
/// It must be made before the fork. The kernel frees it when its holder dies. The next holder gets
/// [`LockError::OwnerDied`], which names the dead holder and says since when it was inside. (In Python the
/// lock of a killed holder is lost, and its waiters wait for ever.)
///
/// Compared with the poisoning of [`std::sync::Mutex`]:
///
/// | | `std::sync::Mutex` | `SharedMutex` |
/// |---|---|---|
/// | between | threads | processes, and threads |
/// | a holder panics | the next one gets an error | the same: [`HowItEnded::Panicked`] |
/// | a holder is killed | the whole program is gone | the same: [`HowItEnded::Died`] |
/// | the dead holder | not known | [`OwnerDied::holder`]: pid, name, since when |
/// | the next holder | may `unwrap` the error, or ignore it by `into_inner` | must [`repair`](OwnerDied::repair) the value, or refuse by dropping the error |
/// | for how long | until `clear_poison` | until a holder repairs the value |
/// | the value | anything | [`ShmSafe`]: it means the same in every process |
///
/// Its guard cannot be sent to another thread, and what was borrowed from the guard cannot be brought to another
/// process: [`Process::start`](crate::process::Process::start) refuses while the calling thread holds a guard.
/// A guard that is forgotten ([`std::mem::forget`]) keeps the mutex locked until its process ends; if its thread
/// has ended before, for ever. A process that is forked in another way than by `start` (`daemon(3)`) while a
/// guard is held must not use its copy of the guard; to drop the copy does nothing.
///
/// All processes that use it must be in one pid namespace: the kernel tells its holder by a thread id, and two
/// namespaces give the same ids.
///
/// Like std's it is not fair: a holder that unlocks it and locks it again at once may do so again and again
/// before a sleeping waiter gets it.
///
/// ```
/// use killproof::{mutex::SharedMutex, process::Process};
///
/// let counter = SharedMutex::new(0_u32)?;
/// let add = || *counter.lock().expect("no holder dies here") += 1;
/// let mut children = [Process::new("a", add).start()?, Process::new("b", add).start()?];
/// for child in &mut children {
///     assert!(child.join()?.success());
/// }
/// assert_eq!(*counter.lock().expect("no holder died"), 2);
/// # Ok::<(), killproof::Error>(())
/// ```
///
/// A holder that dies inside, and a successor that repairs the value:
///
/// ```
/// use killproof::{mutex::{LockError, SharedMutex}, process::Process};
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
/// let Err(LockError::OwnerDied(died)) = account.lock() else { panic!("the death was not reported") };
/// assert_eq!((died.holder().pid, died.holder().name.as_str()), (child.pid(), "cashier"));
/// let guard = died.repair(|value| value.1 = 100 - value.0);
/// assert_eq!(*guard, (70, 30));
/// # Ok::<(), killproof::Error>(())
/// ```
pub struct SharedMutex<T: ShmSafe> {
    inner: RobustMutex<(Record, T)>,
    id: ObjectId,
}

impl<T: ShmSafe> SharedMutex<T> {
    /// A free mutex around `value`, in memory shared with all processes forked from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no memory.
    pub fn new(value: T) -> Result<Self, Error> {
        let inner =
            RobustMutex::new((Record::new(), value)).map_err(|source| Error::refused("share", "a mutex", source))?;
        Ok(Self { inner, id: ObjectId::new(ObjectKind::Mutex) })
    }

    /// Waits for the mutex and takes it.
    ///
    /// # Errors
    ///
    /// [`LockError::OwnerDied`] *with* the mutex. Without it: [`LockError::Interrupted`];
    /// [`LockError::AlreadyHeld`], where [`std::sync::Mutex::lock`] waits for ever or panics;
    /// [`LockError::TooManyHeld`].
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> Result<SharedMutexGuard<'_, T>, LockError<'_, T>> {
        match self.inner.try_acquire() {
            Ok(taken) => self.finish_lock(taken).map_err(LockError::OwnerDied),
            Err(why) => self.lock_slowly(why),
        }
    }

    #[cold]
    #[track_caller]
    fn lock_slowly(&self, why: NotTaken) -> Result<SharedMutexGuard<'_, T>, LockError<'_, T>> {
        LockError::unless_busy(why)?;
        let mut wait = self.id.begin(SpanKind::WaitLock, Location::caller());
        loop {
            match self.inner.acquire_for(TICK) {
                Ok(taken) => {
                    wait.end();
                    return self.finish_lock(taken).map_err(LockError::OwnerDied);
                }
                Err(why) => LockError::unless_busy(why)?,
            }
            if let Some(signal) = interrupt::requested() {
                wait.ends(End::Interrupted);
                return Err(LockError::Interrupted(signal));
            }
        }
    }

    /// Takes the mutex if it is free.
    ///
    /// # Errors
    ///
    /// [`TryLockError::OwnerDied`] *with* the mutex. Without it: [`TryLockError::WouldBlock`];
    /// [`TryLockError::AlreadyHeld`]; [`TryLockError::TooManyHeld`].
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> Result<SharedMutexGuard<'_, T>, TryLockError<'_, T>> {
        match self.inner.try_acquire() {
            Ok(taken) => self.finish_lock(taken).map_err(TryLockError::OwnerDied),
            Err(why) => Err(TryLockError::unless_busy(why).err().unwrap_or(TryLockError::WouldBlock)),
        }
    }

    /// Waits for the mutex for at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`LockTimeoutError::OwnerDied`] *with* the mutex. Without it: [`LockTimeoutError::TimedOut`];
    /// [`LockTimeoutError::Interrupted`]; [`LockTimeoutError::AlreadyHeld`]; [`LockTimeoutError::TooManyHeld`].
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Result<SharedMutexGuard<'_, T>, LockTimeoutError<'_, T>> {
        let began = clock::now();
        match self.inner.try_acquire() {
            Ok(taken) => return self.finish_lock(taken).map_err(LockTimeoutError::OwnerDied),
            Err(why) => LockTimeoutError::unless_busy(why)?,
        }
        let mut wait = self.id.begin(SpanKind::WaitLock, Location::caller());
        loop {
            let left = timeout.saturating_sub(clock::elapsed(began));
            match self.inner.acquire_for(left.min(TICK)) {
                Ok(taken) => {
                    wait.end();
                    return self.finish_lock(taken).map_err(LockTimeoutError::OwnerDied);
                }
                Err(why) => LockTimeoutError::unless_busy(why)?,
            }
            if left.is_zero() {
                wait.ends(End::TimedOut);
                return Err(LockTimeoutError::TimedOut);
            }
            if let Some(signal) = interrupt::requested() {
                wait.ends(End::Interrupted);
                return Err(LockTimeoutError::Interrupted(signal));
            }
        }
    }

    /// The guard, or what the record says of a holder that died inside.
    #[expect(clippy::inline_always, reason = "a call here doubles the time of a free lock")]
    #[inline(always)]
    #[track_caller]
    fn finish_lock<'a>(
        &'a self,
        taken: LockResult<'a, (Record, T)>,
    ) -> Result<SharedMutexGuard<'a, T>, OwnerDied<'a, T>> {
        hit(CrashPoint::LockTaken);
        match taken {
            LockResult::Free(held) if held.0.is_whole() => Ok(self.guard(held)),
            taken => self.finish_lock_after_death(taken),
        }
    }

    #[cold]
    #[track_caller]
    fn finish_lock_after_death<'a>(
        &'a self,
        taken: LockResult<'a, (Record, T)>,
    ) -> Result<SharedMutexGuard<'a, T>, OwnerDied<'a, T>> {
        let held = match taken {
            LockResult::Free(held) => held,
            // The kernel reports this death once. Whether the holder died *inside* is in the record.
            LockResult::OwnerDied(held) => held.made_consistent(),
        };
        if held.0.is_whole() {
            return Ok(self.guard(held));
        }
        let holder = Box::new(held.0.holder());
        // In this order: an observer knows from the span on that the lock is held.
        let span = self.id.begin_here(SpanKind::HoldLock);
        self.id.mark(Mark::OwnerDied { from_pid: holder.pid }, Location::caller());
        Err(OwnerDied::new(held, span, holder))
    }

    #[expect(clippy::inline_always, reason = "a call here doubles the time of a free lock")]
    #[inline(always)]
    #[track_caller]
    fn guard<'a>(&self, held: RobustGuard<'a, (Record, T)>) -> SharedMutexGuard<'a, T> {
        held.0.sign_and_enter();
        SharedMutexGuard::new(held, self.id.begin_here(SpanKind::HoldLock))
    }
}

impl<T: ShmSafe> fmt::Debug for SharedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMutex").finish_non_exhaustive()
    }
}
