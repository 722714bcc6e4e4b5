//! The robust mutex of a model, with the value that it protects. Its actors share one thread, and it excludes all but
//! the one that the model let in.

use std::cell::UnsafeCell;
use std::io;
use std::time::Duration;

use crashcheck::robust::{Locked, NotLocked};

use super::robust_guard::{Guard, Lock, NotTaken, Taken};
use super::shm_safe::ShmSafe;

pub(crate) struct RobustMutex<T: ShmSafe> {
    mutex: crashcheck::robust::RobustMutex,
    value: UnsafeCell<T>,
}

// SAFETY: only the holder of the mutex reaches the value.
unsafe impl<T: ShmSafe> Sync for RobustMutex<T> {}
// SAFETY: as for Sync; nothing in it belongs to one thread.
unsafe impl<T: ShmSafe> Send for RobustMutex<T> {}

pub(crate) type RobustGuard<'a, T> = Guard<'a, RobustMutex<T>>;
pub(crate) type LockResult<'a, T> = Taken<'a, RobustMutex<T>>;

impl<T: ShmSafe> RobustMutex<T> {
    #[expect(clippy::unnecessary_wraps, reason = "as the machine's, which takes memory")]
    pub(crate) fn new(value: T) -> io::Result<Self> {
        // A mutex of nothing orders what is modelled; another one may guard plain memory.
        let mutex = if size_of::<T>() == 0 {
            crashcheck::robust::RobustMutex::of_modelled_memory()
        } else {
            crashcheck::robust::RobustMutex::new()
        };
        Ok(Self { mutex, value: UnsafeCell::new(value) })
    }

    #[track_caller]
    pub(crate) fn try_lock(&self) -> Option<LockResult<'_, T>> {
        self.taken(self.mutex.try_lock()).ok()
    }

    #[track_caller]
    pub(crate) fn lock_for(&self, timeout: Duration) -> Option<LockResult<'_, T>> {
        self.acquire_for(timeout).ok()
    }

    #[track_caller]
    pub(crate) fn try_acquire(&self) -> Result<LockResult<'_, T>, NotTaken> {
        self.taken(self.mutex.try_lock())
    }

    #[track_caller]
    pub(crate) fn acquire_for(&self, timeout: Duration) -> Result<LockResult<'_, T>, NotTaken> {
        self.taken(if timeout.is_zero() { self.mutex.try_lock() } else { self.mutex.lock_timeout() })
    }

    pub(crate) fn is_locked_by(&self, guard: &RobustGuard<'_, T>) -> bool {
        guard.is_of(self)
    }

    /// Not known to a model: 0 says so in the algorithms.
    #[expect(clippy::unused_self, reason = "as the machine's")]
    pub(crate) fn holder(&self) -> Option<i32> {
        None
    }

    fn taken(&self, locked: Result<Locked, NotLocked>) -> Result<LockResult<'_, T>, NotTaken> {
        // SAFETY: the calling actor has just taken the mutex, where this is called.
        let guard = || unsafe { Guard::new(self) };
        match locked {
            Ok(Locked::Clean) => Ok(Taken::Free(guard())),
            Ok(Locked::OwnerDied) => Ok(Taken::OwnerDied(guard())),
            Err(why) => {
                assert!(why != NotLocked::NotRecoverable, "a robust mutex was unlocked before it was consistent");
                Err(NotTaken::Busy)
            }
        }
    }
}

impl<T: ShmSafe> Lock for RobustMutex<T> {
    type Value = T;

    fn value(&self) -> &UnsafeCell<T> {
        &self.value
    }

    #[track_caller]
    fn make_consistent(&self) {
        self.mutex.make_consistent();
    }

    #[track_caller]
    fn unlock(&self) {
        self.mutex.unlock();
    }
}
