//! The lock of the tail, and what producers change under it.

use super::Ring;
use super::layout::{CLOSED, CLOSING};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::Stamp;
use crate::primitive::atomic::Ordering;
use crate::primitive::robust::RobustGuard;
use crate::queue::index_ring::{Back, Front};
use crate::queue::slots::Kind;

/// Holds the lock of the tail until it is dropped.
pub(in crate::queue) struct Tail<'a> {
    ring: &'a Ring,
    held: RobustGuard<'a, ()>,
}

/// A slot that was taken from the free ones, and that no message is in yet.
pub(in crate::queue) struct FreeSlot(u32);

impl<'a> Tail<'a> {
    #[inline]
    pub(super) fn new(ring: &'a Ring, held: RobustGuard<'a, ()>) -> Self {
        Self { ring, held }
    }

    /// Takes a slot from the free ones: one that was used before if there is any. From here on the message
    /// counts as unfinished, which must be so before a consumer can take it.
    #[inline]
    pub(in crate::queue) fn take_free(&self) -> Option<FreeSlot> {
        if let Some(number) = self.free().first() {
            self.ring.prefetch_ahead(&self.ring.free);
            self.free().remove_first();
            return Some(FreeSlot(number));
        }
        let used = &self.ring.header.status.used;
        let number = used.load(Ordering::Relaxed);
        let is_free = (number as usize) < self.ring.capacity();
        is_free.then(|| {
            used.store(number + 1, Ordering::Relaxed);
            FreeSlot(number)
        })
    }

    /// Free to ready: puts a message at the end.
    #[inline]
    pub(in crate::queue) fn append(&self, FreeSlot(number): FreeSlot, message: &[u8], stamp: Option<Stamp>) {
        hit(CrashPoint::PutTaken);
        let ring = self.ring;
        let slot = ring.slots.get(number);
        ring.slots.write(number, message);
        slot.begin(self.next_turn());
        ring.provenance.put(number, stamp);
        hit(CrashPoint::PutWritten);
        slot.commit(Kind::Ready, 0);
        hit(CrashPoint::PutCommitted);
        self.ready().append(number);
        hit(CrashPoint::PutOrdered);
    }

    /// Closing to closed: under the producers' lock, so that every `put` that began before has ended. True if the
    /// queue was closing.
    pub(in crate::queue) fn finish_closing(&self) -> bool {
        let closed = &self.ring.header.status.closed;
        let is_closing = closed.load(Ordering::Relaxed) == CLOSING;
        if is_closing {
            closed.store(CLOSED, Ordering::Release);
        }
        is_closing
    }

    #[inline]
    pub(super) fn free(&self) -> Front<'_> {
        self.ring.free.front(&self.held)
    }

    #[inline]
    pub(super) fn ready(&self) -> Back<'_> {
        self.ring.ready.back(&self.held)
    }

    #[inline]
    fn next_turn(&self) -> u64 {
        let next = &self.ring.header.tail.next_turn;
        let turn = next.load(Ordering::Relaxed);
        next.store(turn + 1, Ordering::Relaxed);
        turn
    }
}
