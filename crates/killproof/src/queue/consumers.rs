//! What consumers do: take a message for good, or lease it.

use super::buffer::Buffer;
use super::consumers_registry::Consumer;
use super::errors::NoMessage;
use super::recovery;
use super::ring::{Lease, LockLimit, NoConsumer, NoLock, Ring};
use super::waiting::{Patience, Unmet, Wait};
use crate::error::Phrase;
use crate::observe::{Location, Mark, SpanKind, Stamp};
use crate::primitive::clock;

/// What a consumer comes back with.
enum Got<R> {
    Message(R),
    /// No message will ever come.
    Over,
    NoLock(NoLock),
}

/// Takes the first message for good.
#[inline]
pub(super) fn take<P: Patience>(
    ring: &Ring,
    message: &mut Buffer,
    patience: P,
    at: Location,
) -> Result<(), NoMessage<P::Limit>> {
    let mut origin = None;
    let limit = patience.lock_limit();
    let got = wait(ring, at).until(patience, || may_succeed(ring), || try_take(ring, message, &mut origin, limit));
    let Ok(Got::Message(())) = got else { return Err(why::<_, P>(got)) };
    ring.not_full().notify_one();
    if let Some(from) = origin {
        ring.id().mark(Mark::HandedOver { from }, at);
    }
    Ok(())
}

#[inline]
fn try_take(ring: &Ring, message: &mut Buffer, origin: &mut Option<Stamp>, limit: LockLimit) -> Option<Got<()>> {
    let head = match ring.lock_head(limit) {
        Ok(head) => head,
        Err(no_lock) => return Some(Got::NoLock(no_lock)),
    };
    let Some(first) = head.first() else { return no_message(ring) };
    *origin = head.origin(&first);
    head.take(first, message);
    Some(Got::Message(()))
}

/// Leases the first message to the calling process.
#[inline]
pub(super) fn lease<P: Patience>(ring: &Ring, patience: P, at: Location) -> Result<Lease, NoMessage<P::Limit>> {
    let now = clock::coarse_uptime_nanos();
    let limit = patience.lock_limit();
    // First: a consumer that takes long over the recovery is one to wait for.
    let me = match ring.consumer(limit) {
        Ok(me) => me,
        Err(NoConsumer::NoLock(no_lock)) => return Err(no_lock_for(no_lock, patience)),
        Err(NoConsumer::Refused(error)) => return Err(NoMessage::NoConsumer(Phrase::cause(&error))),
    };
    // Before any wait: where messages never run out, those that dead consumers held must come back, too.
    recovery::recover_at(ring, now);
    // A clock is read once, unless the caller has to wait.
    let mut now = Some(now);
    let attempt = || try_lease(ring, me, now.take().unwrap_or_else(clock::coarse_uptime_nanos), limit);
    match wait(ring, at).until(patience, || may_succeed(ring), attempt) {
        Ok(Got::Message(lease)) => Ok(lease),
        none => Err(why::<_, P>(none)),
    }
}

#[inline]
fn try_lease(ring: &Ring, me: Consumer, now: u64, limit: LockLimit) -> Option<Got<Lease>> {
    let head = match ring.lock_head(limit) {
        Ok(head) => head,
        Err(no_lock) => return Some(Got::NoLock(no_lock)),
    };
    let Some(first) = head.first() else { return no_message(ring) };
    Some(Got::Message(head.lease(first, me, now)))
}

#[inline]
fn wait(ring: &Ring, at: Location) -> Wait<'_> {
    Wait { ring, event: ring.not_empty(), kind: SpanKind::WaitGet, at, is_in_vain: &|| false }
}

#[inline]
fn may_succeed(ring: &Ring) -> bool {
    ring.has_ready() || ring.is_closed()
}

fn no_message<R>(ring: &Ring) -> Option<Got<R>> {
    ring.is_over().then_some(Got::Over)
}

#[cold]
fn no_lock_for<P: Patience>(no_lock: NoLock, _: P) -> NoMessage<P::Limit> {
    why::<(), P>(Ok(Got::NoLock(no_lock)))
}

#[cold]
fn why<R, P: Patience>(got: Result<Got<R>, Unmet<P::Limit>>) -> NoMessage<P::Limit> {
    match got {
        Ok(Got::NoLock(NoLock::Interrupted(signal))) | Err(Unmet::Interrupted(signal)) => {
            NoMessage::Interrupted(signal)
        }
        Ok(Got::NoLock(NoLock::TimedOut)) => NoMessage::Limit(P::reached(None)),
        Ok(Got::NoLock(NoLock::Stalled(holder))) => NoMessage::Limit(P::reached(Some(holder))),
        // A get never waits in vain: a producer may yet come.
        Ok(Got::Over | Got::Message(_)) | Err(Unmet::InVain) => NoMessage::Over,
        Err(Unmet::Limit(limit)) => NoMessage::Limit(limit),
    }
}
