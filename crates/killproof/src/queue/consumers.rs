//! What consumers do: take a message for good, or lease it.

use super::buffer::Buffer;
use super::errors::NoMessage;
use super::recovery;
use super::ring::{Lease, Ring};
use super::waiting::{Patience, Unmet, Wait};
use crate::observe::{Location, Mark, SpanKind, Stamp};
use crate::primitive::identity::Identity;

/// What a consumer comes back with.
enum Got<R> {
    Message(R),
    /// No message will ever come.
    Over,
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
    let got = wait(ring, at).until(patience, || may_succeed(ring), || try_take(ring, message, &mut origin));
    let Ok(Got::Message(())) = got else { return Err(why(got)) };
    ring.not_full().notify_one();
    if let Some(from) = origin {
        ring.id().mark(Mark::HandedOver { from }, at);
    }
    if ring.is_closed() {
        ring.notify_if_all_done();
    }
    Ok(())
}

#[inline]
fn try_take(ring: &Ring, message: &mut Buffer, origin: &mut Option<Stamp>) -> Option<Got<()>> {
    let head = ring.lock_head();
    let Some(first) = head.first() else { return no_message(ring) };
    *origin = head.origin(&first);
    head.take(first, message);
    Some(Got::Message(()))
}

/// Leases the first message to the calling process, `me`.
#[inline]
pub(super) fn lease<P: Patience>(
    ring: &Ring,
    me: Identity,
    patience: P,
    at: Location,
) -> Result<Lease, NoMessage<P::Limit>> {
    // Before any wait: where messages never run out, those that dead consumers held must come back, too.
    recovery::recover(ring);
    ring.register(me);
    match wait(ring, at).until(patience, || may_succeed(ring), || try_lease(ring, me)) {
        Ok(Got::Message(lease)) => Ok(lease),
        none => Err(why(none)),
    }
}

#[inline]
fn try_lease(ring: &Ring, me: Identity) -> Option<Got<Lease>> {
    let head = ring.lock_head();
    let Some(first) = head.first() else { return no_message(ring) };
    Some(Got::Message(head.lease(first, me)))
}

#[inline]
fn wait(ring: &Ring, at: Location) -> Wait<'_> {
    Wait { ring, event: ring.not_empty(), kind: SpanKind::WaitGet, at }
}

#[inline]
fn may_succeed(ring: &Ring) -> bool {
    ring.has_ready() || ring.is_closed()
}

fn no_message<R>(ring: &Ring) -> Option<Got<R>> {
    ring.is_over().then_some(Got::Over)
}

#[cold]
fn why<R, L>(got: Result<Got<R>, Unmet<L>>) -> NoMessage<L> {
    match got {
        Ok(_) => NoMessage::Over,
        Err(Unmet::Limit(limit)) => NoMessage::Limit(limit),
        Err(Unmet::Interrupted(signal)) => NoMessage::Interrupted(signal),
    }
}
