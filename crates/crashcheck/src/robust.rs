//! A mutex between processes that its owner's death frees, as `PTHREAD_MUTEX_ROBUST`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::atomic::before;
use crate::event::LockOutcome;
use crate::execution::{self, Failure, Op};

/// Of a number of an execution and a number of a mutex in it, the bits of the second.
const INDEX_BITS: u32 = 20;

/// A robust mutex. It guards nothing by itself: as the C library's it is locked and unlocked by calls.
///
/// If its owner dies, the next one learns of it ([`Locked::OwnerDied`]). It repairs what the mutex guards, and calls
/// [`make_consistent`](Self::make_consistent). If it unlocks without that, the mutex is lost for all.
#[derive(Debug, Default)]
pub struct RobustMutex {
    /// The execution that uses it, and its number there. 0: none.
    known_as: AtomicU64,
    /// What it guards is modelled.
    guards_modelled: bool,
}

/// How it was locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locked {
    /// As it was left.
    Clean,
    /// The last owner died with it.
    OwnerDied,
}

/// Why it was not locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLocked {
    /// Another actor has it.
    #[error("the mutex is locked")]
    Busy,
    /// Another actor had it until the time-out.
    #[error("the mutex stayed locked")]
    TimedOut,
    /// An owner unlocked it without making it consistent.
    #[error("the mutex is lost")]
    NotRecoverable,
}

impl RobustMutex {
    /// A mutex that no actor has.
    pub const fn new() -> Self {
        Self { known_as: AtomicU64::new(0), guards_modelled: false }
    }

    /// A mutex that guards modelled objects alone, or nothing. Where states are
    /// [remembered](crate::Model::remember_states), that makes more of them equal: what its owner reads does not depend
    /// on what the last owner had in mind.
    pub const fn of_modelled_memory() -> Self {
        Self { known_as: AtomicU64::new(0), guards_modelled: true }
    }

    #[track_caller]
    fn id(&self) -> usize {
        execution::with(|execution| {
            let known_as = self.known_as.load(Ordering::Relaxed);
            if known_as >> INDEX_BITS == execution.number {
                return (known_as & ((1 << INDEX_BITS) - 1)) as usize;
            }
            let id = execution.add_lock(std::ptr::from_ref(self).addr(), !self.guards_modelled);
            self.known_as.store(execution.number << INDEX_BITS | id as u64, Ordering::Relaxed);
            id
        })
    }

    /// Waits for the mutex and locks it.
    ///
    /// # Errors
    ///
    /// If it is not recoverable.
    #[track_caller]
    pub fn lock(&self) -> Result<Locked, NotLocked> {
        self.wait(false)
    }

    /// Waits for the mutex and locks it, or gives up: when no actor can go on, or early, within the model's bound.
    ///
    /// # Errors
    ///
    /// If it timed out, or is not recoverable.
    #[track_caller]
    pub fn lock_timeout(&self) -> Result<Locked, NotLocked> {
        self.wait(true)
    }

    #[track_caller]
    fn wait(&self, is_timed: bool) -> Result<Locked, NotLocked> {
        let id = self.id();
        execution::with(|execution| {
            let me = execution.current;
            execution.actors[me].is_timed = is_timed;
        });
        before(Op::Lock(id));
        result(execution::with(|execution| execution.lock(id)))
    }

    /// Locks it, if no actor has it.
    ///
    /// # Errors
    ///
    /// If it is busy, or not recoverable.
    #[track_caller]
    pub fn try_lock(&self) -> Result<Locked, NotLocked> {
        let id = self.id();
        before(Op::TryLock(id));
        result(execution::with(|execution| execution.lock(id)))
    }

    /// What it guards is in order again.
    #[track_caller]
    pub fn make_consistent(&self) {
        let id = self.id();
        before(Op::Unlock(id));
        if !execution::with(|execution| execution.make_consistent(id)) {
            misused("a mutex was made consistent by an actor that has not locked it");
        }
    }

    /// Unlocks it.
    #[track_caller]
    pub fn unlock(&self) {
        let id = self.id();
        before(Op::Unlock(id));
        if !execution::with(|execution| execution.unlock(id)) {
            misused("a mutex was unlocked by an actor that has not locked it");
        }
    }
}

fn result(outcome: LockOutcome) -> Result<Locked, NotLocked> {
    match outcome {
        LockOutcome::Taken => Ok(Locked::Clean),
        LockOutcome::OwnerDied => Ok(Locked::OwnerDied),
        LockOutcome::Busy => Err(NotLocked::Busy),
        LockOutcome::TimedOut => Err(NotLocked::TimedOut),
        LockOutcome::NotRecoverable => Err(NotLocked::NotRecoverable),
    }
}

fn misused(what: &str) {
    execution::with(|execution| execution.fail(Failure::Misused { what: what.to_owned() }));
}
