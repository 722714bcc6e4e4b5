//! What a reader and a writer hold.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::mutex::{Holder, Record};
use crate::observe::{End, FreedSpan, HoldSpan, SpanHere};
use crate::primitive::robust::{AllShares, OneShare, RobustGuard};
use crate::shared::ShmSafe;

/// Holds an [`RwLock`](super::RwLock) to read until it is dropped. It cannot be sent to another thread, and no process
/// can be started while it lives.
#[must_use = "the lock is held only as long as its guard lives"]
pub struct RwLockReadGuard<'a, T: ShmSafe> {
    /// In this order: the span ends before the lock is free, and the report comes after that.
    _span: HoldSpan,
    share: OneShare<'a, T>,
    _freed: FreedSpan,
}

/// Holds an [`RwLock`](super::RwLock) to write until it is dropped. It cannot be sent to another thread, and no
/// process can be started while it lives.
#[must_use = "the lock is held only as long as its guard lives"]
pub struct RwLockWriteGuard<'a, T: ShmSafe> {
    shares: AllShares<'a, T>,
    gate: RobustGuard<'a, Record>,
    /// Its bit is set if the thread was already panicking when it took the lock: then unwinding does not poison.
    span: FreedSpan,
}

/// The lock was free because its last writer died, or panicked, inside; the value may be half changed.
///
/// The new writer may look at the value, and then either repair it with [`WriterDied::repair`] or refuse it by
/// dropping this. Then the next reader or writer learns the same.
pub struct WriterDied<'a, T: ShmSafe> {
    span: HoldSpan,
    shares: AllShares<'a, T>,
    gate: RobustGuard<'a, Record>,
    freed: FreedSpan,
    holder: Box<Holder>,
}

impl<'a, T: ShmSafe> RwLockReadGuard<'a, T> {
    pub(super) fn new(share: OneShare<'a, T>, span: SpanHere) -> Self {
        Self { _span: HoldSpan::new(span), share, _freed: FreedSpan::new(span) }
    }
}

impl<'a, T: ShmSafe> RwLockWriteGuard<'a, T> {
    pub(super) fn new(shares: AllShares<'a, T>, gate: RobustGuard<'a, Record>, span: SpanHere) -> Self {
        gate.sign_and_enter();
        Self { shares, gate, span: FreedSpan::new(span.with(std::thread::panicking())) }
    }
}

impl<'a, T: ShmSafe> WriterDied<'a, T> {
    pub(super) fn new(
        shares: AllShares<'a, T>,
        gate: RobustGuard<'a, Record>,
        span: SpanHere,
        holder: Box<Holder>,
    ) -> Self {
        Self { span: HoldSpan::new(span), shares, gate, freed: FreedSpan::new(span), holder }
    }

    /// The value as the dead writer left it.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.shares
    }

    /// The writer that died inside, and how.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Calls `put_right`, which repairs the value, and returns the guard. If the new writer dies in the middle of
    /// `put_right`, the next one gets [`WriterDied`] again.
    #[must_use = "the lock is held only as long as its guard lives"]
    pub fn repair(mut self, put_right: impl FnOnce(&mut T)) -> RwLockWriteGuard<'a, T> {
        put_right(&mut self.shares);
        self.gate.repaired();
        self.freed.disarm();
        RwLockWriteGuard::new(self.shares, self.gate, self.span.into_here())
    }
}

impl<T: ShmSafe> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.share
    }
}

impl<T: ShmSafe> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.shares
    }
}

impl<T: ShmSafe> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.shares
    }
}

impl<T: ShmSafe> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        let span = self.span.span();
        if !self.gate.is_signed_by_caller() {
            // The copy of a guard, in a process that was forked while it was held: the record is about its holder.
            self.span.disarm();
            return;
        }
        let panics = std::thread::panicking() && !span.bit();
        if panics {
            self.gate.panicked();
        } else {
            self.gate.leave();
        }
        if span.is_observed() {
            span.end(if panics { End::Panicked } else { End::Usual });
        }
    }
}

impl<T: ShmSafe + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ShmSafe + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ShmSafe> fmt::Debug for WriterDied<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterDied").field("holder", &self.holder).finish_non_exhaustive()
    }
}
