//! How a lease ends: acknowledged, returned undone, or rejected.

use std::panic::Location;

use super::ring::{LeaseName, Returned, Ring, Undone};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::Mark;

/// Ends a lease whose work is done. False if it had ended before: another consumer has the message.
#[inline]
pub(super) fn ack(ring: &Ring, lease: &LeaseName) -> bool {
    let head = ring.lock_head();
    if !head.ack(lease) {
        return false;
    }
    // The consumer that finishes the last message checks whether all are done. To count them here would
    // take cache lines from the producers.
    let is_last = head.first().is_none();
    drop(head);
    hit(CrashPoint::DoneUnlocked);
    ring.not_full().notify_one();
    if is_last {
        ring.notify_if_all_done();
    }
    true
}

/// Ends a lease whose work is not done: the message is requeued at its turn, or becomes a dead letter. False
/// if the lease had ended before.
pub(super) fn return_undone(ring: &Ring, lease: &LeaseName, why: Undone) -> bool {
    let head = ring.lock_head();
    let Some(returned) = head.return_undone(lease, why) else { return false };
    drop(head);
    match returned {
        Returned::Requeued => ring.not_empty().notify_one(),
        Returned::DeadLetter { last_holder } => {
            ring.id().mark(Mark::DeadLetter { from_pid: Some(last_holder.pid) }, Location::caller());
            ring.notify_if_all_done();
        }
    }
    true
}

/// Ends a lease whose message cannot be read, and makes it a dead letter. False if the lease had ended
/// before.
#[track_caller]
pub(super) fn reject(ring: &Ring, lease: &LeaseName) -> bool {
    let head = ring.lock_head();
    if !head.reject(lease) {
        return false;
    }
    drop(head);
    ring.id().mark(Mark::DeadLetter { from_pid: None }, Location::caller());
    ring.notify_if_all_done();
    true
}
