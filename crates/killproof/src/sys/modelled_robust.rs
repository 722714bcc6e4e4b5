//! The robust mutex of a model, with the value that it protects. Its actors share one thread, and it excludes all but
//! the one that the model let in.

use std::cell::UnsafeCell;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crashcheck::robust::{Locked, NotLocked};

use super::shm_safe::ShmSafe;

pub(crate) struct RobustMutex<T: ShmSafe> {
    mutex: crashcheck::robust::RobustMutex,
    value: UnsafeCell<T>,
}

// SAFETY: only the holder of the mutex reaches the value.
unsafe impl<T: ShmSafe> Sync for RobustMutex<T> {}
// SAFETY: as for Sync; nothing in it belongs to one thread.
unsafe impl<T: ShmSafe> Send for RobustMutex<T> {}

pub(crate) struct RobustGuard<'a, T: ShmSafe> {
    of: &'a RobustMutex<T>,
    _this_thread: PhantomData<*const ()>,
}

pub(crate) enum LockResult<'a, T: ShmSafe> {
    Free(RobustGuard<'a, T>),
    OwnerDied(RobustGuard<'a, T>),
}

#[derive(Clone, Copy)]
pub(crate) enum NotTaken {
    Busy,
    AlreadyHeld,
    TooManyHeld,
}

impl<T: ShmSafe> RobustMutex<T> {
    #[expect(clippy::unnecessary_wraps, reason = "as the machine's, which takes memory")]
    pub(crate) fn new(value: T) -> io::Result<Self> {
        Ok(Self { mutex: crashcheck::robust::RobustMutex::new(), value: UnsafeCell::new(value) })
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

    /// Not known to a model: 0 says so in the algorithms.
    #[expect(clippy::unused_self, reason = "as the machine's")]
    pub(crate) fn holder(&self) -> Option<i32> {
        None
    }

    fn taken(&self, locked: Result<Locked, NotLocked>) -> Result<LockResult<'_, T>, NotTaken> {
        let guard = || RobustGuard { of: self, _this_thread: PhantomData };
        match locked {
            Ok(Locked::Clean) => Ok(LockResult::Free(guard())),
            Ok(Locked::OwnerDied) => Ok(LockResult::OwnerDied(guard())),
            Err(why) => {
                assert!(why != NotLocked::NotRecoverable, "a robust mutex was unlocked before it was consistent");
                Err(NotTaken::Busy)
            }
        }
    }
}

impl<T: ShmSafe> RobustGuard<'_, T> {
    #[track_caller]
    pub(crate) fn made_consistent(self) -> Self {
        self.of.mutex.make_consistent();
        self
    }
}

impl<T: ShmSafe> Deref for RobustGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this actor holds the mutex, so no other actor writes, and a borrow of `self` shields the reference
        // from `deref_mut`.
        unsafe { &*self.of.value.get() }
    }
}

impl<T: ShmSafe> DerefMut for RobustGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this actor holds the mutex, so no other actor reads or writes, and the exclusive borrow of `self`
        // shields the reference from every other.
        unsafe { &mut *self.of.value.get() }
    }
}

impl<T: ShmSafe> Drop for RobustGuard<'_, T> {
    #[track_caller]
    fn drop(&mut self) {
        self.of.mutex.unlock();
    }
}
