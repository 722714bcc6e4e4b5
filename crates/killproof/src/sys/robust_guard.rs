//! What a thread gets of a robust mutex: its guard, or why there is none. Both mutexes, that of the machine and that of
//! a model, hand these out.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// A mutex, and the value that it protects.
pub(crate) trait Lock {
    type Value;

    /// Shared by all that may take the mutex.
    fn value(&self) -> &UnsafeCell<Self::Value>;

    /// Declares the mutex usable again after the death of its holder. The caller holds it.
    fn make_consistent(&self);

    /// Releases the mutex. The caller holds it, or is a process that was forked while its parent did.
    fn unlock(&self);
}

/// Holds the mutex until it is dropped, and dereferences to the value.
///
/// It is neither `Send` nor `Sync`: the thread that took a mutex must release it, and a guard that a forked
/// child could use would let two processes in at once ([`Process`](crate::process::Process) takes closures
/// that are `Send`).
pub(crate) struct Guard<'a, L: Lock> {
    lock: &'a L,
    _this_thread: PhantomData<*const ()>,
}

/// The mutex was taken.
pub(crate) enum Taken<'a, L: Lock> {
    /// Its last holder had unlocked it.
    Free(Guard<'a, L>),
    /// Its last holder died with it. Dropped without [`Guard::made_consistent`], the mutex is unusable for ever.
    OwnerDied(Guard<'a, L>),
}

/// The mutex was not taken.
#[derive(Clone, Copy)]
pub(crate) enum NotTaken {
    /// Another thread holds it.
    Busy,
    /// The calling thread holds it.
    AlreadyHeld,
    /// The calling thread holds [`MAX_HELD`](super::held::MAX_HELD) mutexes.
    TooManyHeld,
}

impl<'a, L: Lock> Guard<'a, L> {
    /// # Safety
    ///
    /// The calling thread has just taken the mutex.
    #[inline]
    pub(super) unsafe fn new(lock: &'a L) -> Self {
        Self { lock, _this_thread: PhantomData }
    }

    /// Whether it holds this lock.
    pub(super) fn is_of(&self, lock: &L) -> bool {
        std::ptr::eq(self.lock, lock)
    }

    /// Declares the mutex usable after [`Taken::OwnerDied`]: the value is whole again, or noted as broken.
    #[cfg_attr(killproof_model, track_caller)]
    pub(crate) fn made_consistent(self) -> Self {
        self.lock.make_consistent();
        self
    }
}

impl<L: Lock> Deref for Guard<'_, L> {
    type Target = L::Value;

    #[inline]
    fn deref(&self) -> &L::Value {
        // SAFETY: this thread holds the mutex, so no other thread writes, and a borrow of `self` shields the
        // reference from `deref_mut`.
        unsafe { &*self.lock.value().get() }
    }
}

impl<L: Lock> DerefMut for Guard<'_, L> {
    #[inline]
    fn deref_mut(&mut self) -> &mut L::Value {
        // SAFETY: this thread holds the mutex, so no other thread reads or writes, and the exclusive borrow of
        // `self` shields the reference from every other.
        unsafe { &mut *self.lock.value().get() }
    }
}

impl<L: Lock> Drop for Guard<'_, L> {
    #[inline]
    #[cfg_attr(killproof_model, track_caller)]
    fn drop(&mut self) {
        self.lock.unlock();
    }
}
