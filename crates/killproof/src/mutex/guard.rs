//! What `lock` returns: the guard, or the mutex of a dead holder.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::SharedMutex;
use super::holder::{Holder, Record};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::{End, FreedSpan, HoldSpan, SpanHere};
use crate::primitive::robust::RobustGuard;
use crate::shared::ShmSafe;

/// Holds the mutex until it is dropped. It cannot be sent to another thread, and no process can be started while
/// it lives.
#[must_use = "the mutex is held only as long as its guard lives"]
pub struct SharedMutexGuard<'a, T: ShmSafe> {
    held: RobustGuard<'a, (Record, T)>,
    /// Its bit is set if the thread was already panicking when it locked: then unwinding does not poison.
    /// Declared after the lock, it is dropped after the lock is free.
    span: FreedSpan,
}

/// The mutex was free because its last holder died inside; the value may be half changed.
///
/// The new holder may look at the value, and then either repair it with [`OwnerDied::repair`] or refuse it by
/// dropping this. Then the next holder gets the same.
pub struct OwnerDied<'a, T: ShmSafe> {
    /// Ends before the lock is free, and so before the next holder's begins.
    span: HoldSpan,
    held: RobustGuard<'a, (Record, T)>,
    /// Reports after the lock is free.
    freed: FreedSpan,
    holder: Box<Holder>,
}

impl<'a, T: ShmSafe> SharedMutexGuard<'a, T> {
    #[inline]
    pub(super) fn new(held: RobustGuard<'a, (Record, T)>, span: SpanHere) -> Self {
        Self { held, span: FreedSpan::new(span.with(std::thread::panicking())) }
    }

    /// Whether it is a guard of this mutex.
    pub(crate) fn is_of(&self, mutex: &SharedMutex<T>) -> bool {
        mutex.inner.is_locked_by(&self.held)
    }

    /// Leaves during a panic, or observed: the span ends before the mutex is free.
    #[cold]
    fn leave_slowly(&mut self) {
        let span = self.span.span();
        if std::thread::panicking() && !span.bit() {
            self.held.0.panicked();
            span.end(End::Panicked);
        } else {
            self.held.0.leave();
            span.end(End::Usual);
        }
    }
}

impl<T: ShmSafe> Deref for SharedMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held.1
    }
}

impl<T: ShmSafe> DerefMut for SharedMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held.1
    }
}

impl<T: ShmSafe> Drop for SharedMutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        hit(CrashPoint::LockUsed);
        if !self.held.0.is_signed_by_caller() {
            // This is the copy of a guard, in a process that was forked while the guard was held. The record and
            // the span are about the holder, which may still be inside.
            self.span.disarm();
        } else if std::thread::panicking() || self.span.span().is_observed() {
            self.leave_slowly();
        } else {
            self.held.0.leave();
        }
        hit(CrashPoint::LockLeft);
    }
}

impl<T: ShmSafe + fmt::Debug> fmt::Debug for SharedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'a, T: ShmSafe> OwnerDied<'a, T> {
    pub(super) fn new(held: RobustGuard<'a, (Record, T)>, span: SpanHere, holder: Box<Holder>) -> Self {
        Self { span: HoldSpan::new(span), held, freed: FreedSpan::new(span), holder }
    }

    /// The value as the dead holder left it.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.held.1
    }

    /// The holder that died inside, and how.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Calls `put_right`, which repairs the value, and returns the guard. If the new holder dies in the middle
    /// of `put_right`, the next one gets [`OwnerDied`] again.
    #[must_use = "the mutex is held only as long as its guard lives"]
    pub fn repair(mut self, put_right: impl FnOnce(&mut T)) -> SharedMutexGuard<'a, T> {
        put_right(&mut self.held.1);
        hit(CrashPoint::LockRepaired);
        self.held.0.repaired();
        self.held.0.sign_and_enter();
        self.freed.disarm();
        SharedMutexGuard::new(self.held, self.span.into_here())
    }
}

impl<T: ShmSafe> fmt::Debug for OwnerDied<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerDied").field("holder", &self.holder).finish_non_exhaustive()
    }
}
