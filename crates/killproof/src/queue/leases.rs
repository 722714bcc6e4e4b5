//! How a lease ends: acknowledged, returned undone, or rejected.

use std::panic::Location;

use nix::sys::signal::Signal;

use super::ring::{LeaseName, LockLimit, NoLock, Ring, Undone};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::Mark;

/// Ends a lease whose work is done. False if it had ended before: another consumer has the message.
#[inline]
pub(super) fn ack(ring: &Ring, lease: &LeaseName) -> Result<bool, Signal> {
    let head = ring.lock_head_for_ever()?;
    if !head.ack(lease) {
        return Ok(false);
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
    Ok(true)
}

/// Ends leases whose work is not done: each message is requeued at its turn, or becomes a dead letter. They are
/// in the order of their turns. False if all had ended before.
pub(super) fn return_undone<'l>(
    ring: &Ring,
    leases: impl IntoIterator<Item = &'l LeaseName>,
    why: Undone,
    limit: LockLimit,
) -> Result<bool, NoLock> {
    let returned = ring.lock_head(limit)?.return_undone(leases, why);
    match returned.requeued {
        0 => {}
        1 => ring.not_empty().notify_one(),
        _ => ring.not_empty().notify_all(),
    }
    for pid in &returned.dead_letters {
        ring.id().mark(Mark::DeadLetter { from_pid: Some(*pid) }, Location::caller());
    }
    if !returned.dead_letters.is_empty() {
        ring.notify_if_all_done();
    }
    Ok(returned.requeued > 0 || !returned.dead_letters.is_empty())
}

/// Ends a lease whose message cannot be read, and makes it a dead letter. False if the lease had ended
/// before.
#[track_caller]
pub(super) fn reject(ring: &Ring, lease: &LeaseName) -> Result<bool, Signal> {
    let head = ring.lock_head_for_ever()?;
    if !head.reject(lease) {
        return Ok(false);
    }
    drop(head);
    ring.id().mark(Mark::DeadLetter { from_pid: None }, Location::caller());
    ring.notify_if_all_done();
    Ok(true)
}
