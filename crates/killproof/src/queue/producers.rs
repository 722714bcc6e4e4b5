//! What producers do: put.

use super::errors::PutFailure;
use super::ring::Ring;
use super::slots::Kind;
use super::waiting::{NoMore, Until};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::{Location, SpanKind};
use crate::primitive::atomic::Ordering;

/// What became of a message. Small, so that it costs the way through nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Done,
    Closed,
    /// There is no room, and nobody but whoever looks after the dead letters can make any.
    DeadLetters,
}

impl Ring {
    /// Appends a message, waiting for a free slot.
    #[inline]
    pub(super) fn put(&self, message: &[u8], until: Until, at: Location) -> Result<(), PutFailure> {
        if message.len() > self.max_message {
            return Err(PutFailure::TooLarge { size: message.len(), limit: self.max_message });
        }
        let hint = || self.has_much_room() || self.is_closed();
        match self.wait_for(SpanKind::WaitPut, &self.header().not_full, until, at, hint, || self.try_put(message)) {
            Ok(Put::Done) => {
                self.header().not_empty.notify_one();
                Ok(())
            }
            other => Err(failure(&other)),
        }
    }

    /// `None` if no slot is free.
    #[inline]
    fn try_put(&self, message: &[u8]) -> Option<Put> {
        let tail = self.lock_tail();
        if self.is_closed() {
            return Some(Put::Closed);
        }
        // Before the commit, so that a message that can be taken is counted as unfinished.
        let Some(number) = self.take_free() else {
            return (self.dead() == self.capacity()).then_some(Put::DeadLetters);
        };
        hit(CrashPoint::PutTaken);
        let slot = self.slots.get(number);
        self.slots.write(number, message);
        let next_turn = &self.header().tail.next_turn;
        let turn = next_turn.load(Ordering::Relaxed);
        next_turn.store(turn + 1, Ordering::Relaxed);
        slot.begin(turn);
        self.provenance.sign(number);
        hit(CrashPoint::PutWritten);
        slot.commit(Kind::Ready, 0);
        hit(CrashPoint::PutCommitted);
        self.ready.append(number);
        hit(CrashPoint::PutOrdered);
        drop(tail);
        hit(CrashPoint::PutUnlocked);
        Some(Put::Done)
    }

    /// Removes a slot from the free ones: one that was used before if there is any.
    #[inline]
    fn take_free(&self) -> Option<u32> {
        if let Some(number) = self.free.first() {
            self.fetch_ahead(&self.free);
            self.free.remove_first();
            return Some(number);
        }
        let used = &self.header().status.used;
        let number = used.load(Ordering::Relaxed);
        let is_free = (number as usize) < self.capacity();
        is_free.then(|| {
            used.store(number + 1, Ordering::Release);
            number
        })
    }
}

#[cold]
fn failure(put: &Result<Put, NoMore>) -> PutFailure {
    match put {
        Ok(Put::DeadLetters) => PutFailure::DeadLetters,
        Ok(Put::Done | Put::Closed) => PutFailure::Closed,
        Err(NoMore::NotNow) => PutFailure::Full,
        Err(NoMore::TooLate) => PutFailure::TimedOut,
        Err(NoMore::Interrupted(signal)) => PutFailure::Interrupted(*signal),
    }
}
