//! What producers do: put.

use super::errors::PutFailure;
use super::ring::Ring;
use super::slots::Kind;
use super::waiting::{NoMore, Until};
use crate::kill_point::{Step, pass};
use crate::sys::atomic::Ordering;

impl Ring {
    /// Appends a message, waiting for a free slot.
    #[inline]
    pub(super) fn put(&self, message: &[u8], until: Until) -> Result<(), PutFailure> {
        if message.len() > self.max_message {
            return Err(PutFailure::TooLarge { size: message.len(), limit: self.max_message });
        }
        let hint = || !self.is_full() || self.is_closed();
        let put = self.wait_for(&self.header().left, until, hint, || self.try_put(message));
        match put {
            Ok(Ok(())) => {
                self.header().came.tell_one();
                Ok(())
            }
            Ok(failure) => failure,
            Err(NoMore::NotNow) => Err(PutFailure::Full),
            Err(NoMore::TooLate) => Err(PutFailure::TimedOut),
            Err(NoMore::Interrupted(signal)) => Err(PutFailure::Interrupted(signal)),
        }
    }

    /// `None` if no slot is free.
    #[inline]
    fn try_put(&self, message: &[u8]) -> Option<Result<(), PutFailure>> {
        let entrance = self.enter();
        if self.is_closed() {
            return Some(Err(PutFailure::Closed));
        }
        // Before the commit, so that a message that can be taken is counted as unfinished.
        let Some(number) = self.take_free() else {
            // Nobody but whoever looks after the dead letters can make room.
            let full_of_them = self.dead() == self.capacity();
            return full_of_them.then_some(Err(PutFailure::DeadLetters));
        };
        pass(Step::PutTaken);
        let slot = self.slots.get(number);
        self.slots.write(number, message);
        let next_turn = &self.header().entrance.next_turn;
        let turn = next_turn.load(Ordering::Relaxed);
        next_turn.store(turn + 1, Ordering::Relaxed);
        slot.begin(turn);
        pass(Step::PutWritten);
        slot.commit(Kind::Ready, 0);
        pass(Step::PutCommitted);
        self.ready.append(number);
        pass(Step::PutOrdered);
        drop(entrance);
        pass(Step::PutUnlocked);
        Some(Ok(()))
    }

    /// Removes a slot from the free ones: one that was used before if there is any.
    #[inline]
    fn take_free(&self) -> Option<u32> {
        if let Some(number) = self.free.first() {
            self.free.remove_first();
            return Some(number);
        }
        let used = &self.header().entrance.used;
        let number = used.load(Ordering::Relaxed);
        let is_free = (number as usize) < self.capacity();
        is_free.then(|| {
            used.store(number + 1, Ordering::Release);
            number
        })
    }
}
