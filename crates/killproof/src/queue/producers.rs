//! What producers do: put.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::errors::Refused;
use super::ring::{LockLimit, NoLock, Ring};
use super::waiting::{Patience, Unmet, Wait};
use super::{buffer, codec};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::{Location, SpanKind};

/// The methods of a producer, which both kinds of queue have.
macro_rules! producer_methods {
    () => {
        /// Puts `value` at the end. Waits while the queue is full.
        ///
        /// # Errors
        ///
        /// [`PutError`](crate::queue::PutError) lists the reasons, and returns the value.
        #[track_caller]
        pub fn put(&self, value: T) -> Result<(), $crate::queue::PutError<T>> {
            let (forever, at) = ($crate::queue::waiting::Forever, std::panic::Location::caller());
            $crate::queue::producers::put(&self.ring, &value, forever, at)
                .map_err(|refused| $crate::queue::PutError::new(refused, value))
        }

        /// Puts `value` at the end if there is room now.
        ///
        /// # Errors
        ///
        /// [`TryPutError`](crate::queue::TryPutError) lists the reasons, and returns the value.
        #[track_caller]
        pub fn try_put(&self, value: T) -> Result<(), $crate::queue::TryPutError<T>> {
            let (now, at) = ($crate::queue::waiting::Now, std::panic::Location::caller());
            $crate::queue::producers::put(&self.ring, &value, now, at)
                .map_err(|refused| $crate::queue::TryPutError::new(refused, value))
        }

        /// Puts `value` at the end. Waits for at most `timeout` while the queue is full.
        ///
        /// # Errors
        ///
        /// [`PutTimeoutError`](crate::queue::PutTimeoutError) lists the reasons, and returns the value.
        #[track_caller]
        pub fn put_timeout(
            &self,
            value: T,
            timeout: std::time::Duration,
        ) -> Result<(), $crate::queue::PutTimeoutError<T>> {
            let (deadline, at) = ($crate::queue::waiting::Until::after(timeout), std::panic::Location::caller());
            $crate::queue::producers::put(&self.ring, &value, deadline, at)
                .map_err(|refused| $crate::queue::PutTimeoutError::new(refused, value))
        }
    };
}
pub(super) use producer_methods;

/// What became of a message. Returned in a register.
enum Put {
    Done,
    Closed,
    /// Every slot holds a dead letter; only discarding one makes room.
    DeadLetters,
    NoLock(NoLock),
}

/// Puts `value` at the end of the queue. It is serialised first: a value that has no serial form changes
/// nothing in the queue.
#[inline]
pub(super) fn put<T: Serialize + DeserializeOwned, P: Patience>(
    ring: &Ring,
    value: &T,
    patience: P,
    at: Location,
) -> Result<(), Refused<P::Limit>> {
    buffer::lend(|message| {
        codec::encode(value, message)?;
        if ring.is_verified() {
            codec::verify(value, message.as_slice())?;
        }
        put_message(ring, message.as_slice(), patience, at)
    })
}

#[inline]
fn put_message<P: Patience>(ring: &Ring, message: &[u8], patience: P, at: Location) -> Result<(), Refused<P::Limit>> {
    if message.len() > ring.max_message() {
        return Err(Refused::TooLarge { size: message.len(), limit: ring.max_message() });
    }
    let is_in_vain = || ring.is_abandoned();
    let wait = Wait { ring, event: ring.not_full(), kind: SpanKind::WaitPut, at, is_in_vain: &is_in_vain };
    let limit = patience.lock_limit();
    match wait.until(patience, || may_succeed(ring), || try_put(ring, message, limit)) {
        Ok(Put::Done) => {
            ring.not_empty().notify_one();
            Ok(())
        }
        refused => Err(why::<P>(ring, refused)),
    }
}

/// `None`: no slot is free.
#[inline]
fn try_put(ring: &Ring, message: &[u8], limit: LockLimit) -> Option<Put> {
    let stamp = ring.stamp();
    let tail = match ring.lock_tail(limit) {
        Ok(tail) => tail,
        Err(no_lock) => return Some(Put::NoLock(no_lock)),
    };
    if ring.is_closing() {
        return Some(Put::Closed);
    }
    let Some(slot) = tail.take_free() else {
        return (ring.dead() == ring.capacity()).then_some(Put::DeadLetters);
    };
    tail.append(slot, message, stamp);
    drop(tail);
    hit(CrashPoint::PutUnlocked);
    Some(Put::Done)
}

#[inline]
fn may_succeed(ring: &Ring) -> bool {
    ring.has_much_room() || ring.is_closing()
}

#[cold]
fn why<P: Patience>(ring: &Ring, put: Result<Put, Unmet<P::Limit>>) -> Refused<P::Limit> {
    match put {
        Ok(Put::NoLock(NoLock::Interrupted(signal))) | Err(Unmet::Interrupted(signal)) => Refused::Interrupted(signal),
        Ok(Put::NoLock(NoLock::TimedOut)) => Refused::Limit(P::reached(None)),
        Ok(Put::NoLock(NoLock::Stalled(holder))) => Refused::Limit(P::reached(Some(holder))),
        Err(Unmet::InVain) => Refused::Abandoned { unfinished: ring.unfinished() },
        Ok(Put::DeadLetters) => Refused::DeadLetters,
        Ok(Put::Done | Put::Closed) => Refused::Closed,
        Err(Unmet::Limit(limit)) => Refused::Limit(limit),
    }
}
