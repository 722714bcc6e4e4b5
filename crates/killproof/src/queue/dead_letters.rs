//! Values that nobody will be given any more.

use crate::primitive::Arc;
use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::buffer::Buffer;
use super::ring::Ring;
use super::slots::Kind;
use super::{GetError, decode};
use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::Ordering;
use crate::primitive::identity::Identity;

/// A value of a [`JoinableQueue`](super::JoinableQueue) that was given up: not done, and not handed
/// out any more. It keeps its place in the queue until somebody decides what becomes of it.
pub struct DeadLetter<T> {
    ring: Arc<Ring>,
    name: LetterName,
    cause: DeathCause,
    message: Buffer,
    values: PhantomData<fn() -> T>,
}

/// Why a value was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeathCause {
    /// So many processes died (or panicked) while they held it, which is as many as the queue allows.
    HoldersDied {
        /// How many.
        times: u32,
        /// The last of them.
        last: Identity,
    },
    /// A consumer could not read it: [`DeadLetter::value`] tells why.
    Undecodable,
}

/// Which message it is: its slot, and the turn that only this message has.
#[derive(Clone, Copy, Debug)]
struct LetterName {
    slot: u32,
    turn: u64,
}

impl Ring {
    /// All dead letters of now.
    pub(super) fn dead_letters<T>(self: &Arc<Self>) -> Vec<DeadLetter<T>> {
        let mut found = Vec::new();
        for (slot, letter) in self.slots.numbered() {
            let _head = self.lock_head();
            let state = letter.state();
            let cause = match state.kind {
                Kind::Dead => DeathCause::HoldersDied { times: state.deaths.into(), last: letter.last_death() },
                Kind::Unreadable => DeathCause::Undecodable,
                Kind::Free | Kind::Ready | Kind::Leased => continue,
            };
            let mut message = Buffer::default();
            self.slots.read(slot, &mut message);
            let name = LetterName { slot, turn: letter.turn() };
            found.push(DeadLetter { ring: Arc::clone(self), name, cause, message, values: PhantomData });
        }
        found.sort_by_key(|letter| letter.name.turn);
        found
    }

    /// Frees the slot of a dead letter. False if somebody else decided first.
    fn discard(&self, letter: LetterName) -> bool {
        let head = self.lock_head();
        if !self.is_dead(letter) {
            return false;
        }
        self.no_longer_dead();
        self.release(letter.slot);
        drop(head);
        self.header().not_full.notify_one();
        true
    }

    /// Puts a dead letter back in line, with no deaths to its name. False as above.
    fn retry(&self, letter: LetterName) -> bool {
        let head = self.lock_head();
        if !self.is_dead(letter) {
            return false;
        }
        self.no_longer_dead();
        self.slots.get(letter.slot).commit(Kind::Ready, 0);
        hit(CrashPoint::ReturnCommitted);
        self.requeue(letter.slot);
        drop(head);
        self.header().not_empty.notify_one();
        true
    }

    fn is_dead(&self, letter: LetterName) -> bool {
        let slot = self.slots.get(letter.slot);
        matches!(slot.state().kind, Kind::Dead | Kind::Unreadable) && slot.turn() == letter.turn
    }

    /// Before the commit, so that the message counts as unfinished until it is somewhere else.
    fn no_longer_dead(&self) {
        self.header().status.dead.fetch_sub(1, Ordering::Release);
        hit(CrashPoint::DeadLetterUncounted);
    }
}

impl<T: DeserializeOwned> DeadLetter<T> {
    /// The value.
    ///
    /// # Errors
    ///
    /// [`GetError::Undecodable`], again, if that was the cause.
    pub fn value(&self) -> Result<T, GetError> {
        decode(self.message.as_slice())
    }
}

impl<T> DeadLetter<T> {
    /// Why it was given up.
    #[must_use]
    pub fn cause(&self) -> DeathCause {
        self.cause
    }

    /// Removes it for good, and makes room for another value. False if somebody else decided first.
    pub fn discard(self) -> bool {
        self.ring.discard(self.name)
    }

    /// Hands it out again, at its old place in line, as if nobody had died. False if somebody else
    /// decided first.
    pub fn retry(self) -> bool {
        self.ring.retry(self.name)
    }
}

impl<T> fmt::Debug for DeadLetter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("cause", &self.cause)
            .field("bytes", &self.message.as_slice().len())
            .finish_non_exhaustive()
    }
}
