//! A value that several threads may read at a time, or one may change, each of them in any process: a thread that
//! holds one of several mutexes may read, and one that holds all of them may write. The kernel frees them when their
//! holder dies.
//!
//! "Big-reader locks" of Linux 2.4 were the same with spin locks: <https://lwn.net/Articles/378911/>.

use std::cell::UnsafeCell;
use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

#[cfg(not(killproof_model))]
use super::memory::ShmSlice;
#[cfg(killproof_model)]
use super::modelled_memory::ShmSlice;
#[cfg(killproof_model)]
use super::modelled_robust::{LockResult, RobustGuard, RobustMutex};
#[cfg(not(killproof_model))]
use super::robust::{LockResult, RobustGuard, RobustMutex};
use super::robust_guard::NotTaken;
use super::shm_safe::ShmSafe;

/// A value and its mutexes.
pub(crate) struct Shares<T: ShmSafe> {
    mutexes: Box<[RobustMutex<()>]>,
    memory: ShmSlice<Value<T>>,
}

struct Value<T>(UnsafeCell<T>);

// SAFETY: a reference is handed out to the holder of a mutex alone, an exclusive one to the holder of all.
unsafe impl<T: ShmSafe> Sync for Value<T> {}
// SAFETY: the same bytes as its content, under the same rules.
unsafe impl<T: ShmSafe> ShmSafe for Value<T> {}

/// Holds one of the mutexes.
pub(crate) struct OneShare<'a, T: ShmSafe> {
    shares: &'a Shares<T>,
    _held: RobustGuard<'a, ()>,
}

/// Holds the first ones of the mutexes.
pub(crate) struct SomeShares<'a, T: ShmSafe> {
    shares: &'a Shares<T>,
    held: Vec<RobustGuard<'a, ()>>,
}

/// Holds all of them.
pub(crate) struct AllShares<'a, T: ShmSafe>(SomeShares<'a, T>);

impl<T: ShmSafe> Shares<T> {
    /// For at most this number of readers at a time.
    pub(crate) fn new(value: T, readers: u32) -> io::Result<Self> {
        let mutexes = (0..readers).map(|_| RobustMutex::new(())).collect::<io::Result<_>>()?;
        let memory = ShmSlice::<Value<T>>::map(1)?;
        // SAFETY: the memory has no other owner yet; nothing is dropped by overwriting it, because a `ShmSafe` type
        // has nothing to drop.
        unsafe { memory[0].0.get().write(value) };
        Ok(Self { mutexes, memory })
    }

    pub(crate) fn len(&self) -> usize {
        self.mutexes.len()
    }

    /// Takes one, if it is free.
    pub(crate) fn try_one(&self, place: usize) -> Result<OneShare<'_, T>, NotTaken> {
        Ok(OneShare { shares: self, _held: usable(self.mutexes[place].try_acquire()?) })
    }

    /// Waits for one for at most `timeout`.
    pub(crate) fn one_within(&self, place: usize, timeout: Duration) -> Result<OneShare<'_, T>, NotTaken> {
        Ok(OneShare { shares: self, _held: usable(self.mutexes[place].acquire_for(timeout)?) })
    }

    /// Whether the thread of this id holds one.
    pub(crate) fn is_held_by(&self, thread: i32) -> bool {
        self.none().misses_one_of(thread)
    }

    /// The beginning of all.
    pub(crate) fn none(&self) -> SomeShares<'_, T> {
        SomeShares { shares: self, held: Vec::new() }
    }
}

impl<'a, T: ShmSafe> SomeShares<'a, T> {
    /// Waits for the next one for at most `timeout`. True if it has all now.
    pub(crate) fn next_within(&mut self, timeout: Duration) -> Result<bool, NotTaken> {
        if let Some(next) = self.shares.mutexes.get(self.held.len()) {
            self.held.push(usable(next.acquire_for(timeout)?));
        }
        Ok(self.is_all())
    }

    /// Whether the thread of this id holds one of the others.
    pub(crate) fn misses_one_of(&self, thread: i32) -> bool {
        self.shares.mutexes[self.held.len()..].iter().any(|mutex| mutex.holder() == Some(thread))
    }

    fn is_all(&self) -> bool {
        self.held.len() == self.shares.mutexes.len()
    }

    /// `None`: some are missing, and it has given up the others.
    pub(crate) fn all(self) -> Option<AllShares<'a, T>> {
        self.is_all().then_some(AllShares(self))
    }
}

/// A holder that died is of no interest: the value is that of all mutexes, and what its last writer left is known
/// otherwise.
fn usable(taken: LockResult<'_, ()>) -> RobustGuard<'_, ()> {
    match taken {
        LockResult::Free(held) => held,
        LockResult::OwnerDied(held) => held.made_consistent(),
    }
}

impl<T: ShmSafe> Deref for OneShare<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this thread holds a mutex of the value as long as the reference lives, so no thread holds all.
        unsafe { &*self.shares.memory[0].0.get() }
    }
}

impl<T: ShmSafe> Deref for AllShares<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this thread holds all mutexes of the value, so no other thread writes, and a borrow of `self` shields
        // the reference from `deref_mut`.
        unsafe { &*self.0.shares.memory[0].0.get() }
    }
}

impl<T: ShmSafe> DerefMut for AllShares<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this thread holds all mutexes of the value, so no other thread reads or writes, and the exclusive
        // borrow of `self` shields the reference from every other.
        unsafe { &mut *self.0.shares.memory[0].0.get() }
    }
}
