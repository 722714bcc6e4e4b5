//! Values that were given up.

use std::fmt;
use std::marker::PhantomData;

use nix::sys::signal::Signal;
use serde::de::DeserializeOwned;

use super::buffer::Buffer;
use super::codec::{self, DecodeError};
use super::ring::{Letter, LetterName, Ring};
use super::slots::Kind;
use crate::primitive::Arc;

/// A value of a [`JoinableQueue`](super::JoinableQueue) that was given up: it is not done, and it is not
/// handed out any more. It keeps its place in the queue until it is discarded or retried.
///
/// Several processes may have a letter about the same value. The first one that
/// [discards](DeadLetter::discard) or [retries](DeadLetter::retry) it decides.
///
/// ```
/// use killproof::{process::Process, queue::{DeathCause, JoinableQueue}};
///
/// let tasks = JoinableQueue::builder(4).max_deaths(1).build()?;
/// tasks.put(13)?;
/// let panics = || -> u8 {
///     let task = tasks.get().expect("13");
///     panic!("cannot work on {}", *task);
/// };
/// Process::new("worker", panics).start()?.join()?;
///
/// let letter = tasks.dead_letters()?.remove(0);
/// assert_eq!(letter.value(), Ok(13));
/// assert!(matches!(letter.cause(), DeathCause::HoldersDied { times: 1, .. }));
/// assert!(letter.discard());
/// # Ok::<(), killproof::Error>(())
/// ```
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
    /// As many processes died, or panicked, while they held it as the queue allows.
    HoldersDied {
        /// How many.
        times: u32,
        /// The process id of the last of them, in its own pid namespace.
        last_pid: i32,
    },
    /// A consumer could not read it: [`DeadLetter::value`] returns why.
    Undecodable,
}

/// All dead letters, in the order in which their values were put.
pub(super) fn all<T>(ring: &Arc<Ring>) -> Result<Vec<DeadLetter<T>>, Signal> {
    let mut found = Vec::new();
    for slot in ring.dead_slots() {
        let mut message = Buffer::default();
        let letter = ring.lock_head_for_ever()?.letter(slot, &mut message);
        let Some(letter) = letter else { continue };
        let cause = cause(&letter);
        found.push(DeadLetter { ring: Arc::clone(ring), name: letter.name, cause, message, values: PhantomData });
    }
    found.sort_by_key(|letter| letter.name.turn);
    Ok(found)
}

fn cause(letter: &Letter) -> DeathCause {
    match letter.state.kind {
        Kind::Unreadable => DeathCause::Undecodable,
        _ => DeathCause::HoldersDied { times: letter.state.deaths.into(), last_pid: letter.last_death },
    }
}

impl<T: DeserializeOwned> DeadLetter<T> {
    /// The value.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if that is why it was given up.
    pub fn value(&self) -> Result<T, DecodeError> {
        codec::decode(self.message.as_slice())
    }
}

impl<T> DeadLetter<T> {
    /// Why it was given up.
    #[must_use]
    pub fn cause(&self) -> DeathCause {
        self.cause
    }

    /// Removes the value for good, and makes room for another one. False if another process has decided before,
    /// or if this process was asked to end while it waited for a lock of the queue that a stopped process keeps.
    pub fn discard(self) -> bool {
        let is_discarded = self.ring.lock_head_for_ever().is_ok_and(|head| head.discard(&self.name));
        if is_discarded {
            self.ring.not_full().notify_one();
        }
        is_discarded
    }

    /// Hands the value out again, at its old place in line, as if no holder had died. False in the same cases as
    /// of [`DeadLetter::discard`].
    pub fn retry(self) -> bool {
        let is_ready = self.ring.lock_head_for_ever().is_ok_and(|head| head.retry(&self.name));
        if is_ready {
            self.ring.not_empty().notify_one();
        }
        is_ready
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
