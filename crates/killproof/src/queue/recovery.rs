//! What a waiter does about processes that died: it repairs what they left locked, and returns to the
//! queue what they held.

use std::collections::BTreeMap;

use super::consumers_registry::ConsumerId;
use super::leases;
use super::ring::{HeldLease, LeaseName, LockLimit, Ring, Undone};
use crate::primitive::clock;

/// How many leases are returned under one lock.
const SLICE: usize = 4096;

/// Checks for dead processes, once a tick at most in each process. True if a message was requeued or became
/// a dead letter.
#[inline]
pub(super) fn recover(ring: &Ring) -> bool {
    recover_at(ring, clock::coarse_uptime_nanos())
}

/// The same, at this time.
#[inline]
pub(super) fn recover_at(ring: &Ring, now: u64) -> bool {
    ring.check_is_due(now) && recover_now(ring)
}

#[cold]
fn recover_now(ring: &Ring) -> bool {
    // To take a lock is to notice that its holder died, and to repair what it left. A lock that is held has a
    // living holder, which may be stopped: the caller, whose time is limited, waits for none.
    drop(ring.lock_tail(LockLimit::Now));
    drop(ring.lock_head(LockLimit::Now));
    ring.finish_closing();
    return_lapsed_leases(ring)
}

fn return_lapsed_leases(ring: &Ring) -> bool {
    // Without a lease there is no reason to look at every slot.
    if ring.unfinished() == ring.waiting() {
        return false;
    }
    // The kernel is asked without a lock, because that takes time. A lease that ends meanwhile has another name
    // afterwards, and `return_undone` finds none to return.
    let mut lapsed: Vec<(u64, LeaseName)> = lapsed(ring).map(|lease| (lease.turn, lease.name)).collect();
    lapsed.sort_unstable_by_key(|(turn, _)| *turn);
    let mut any = false;
    // The last ones first: then no slice has to pass those that are returned before it.
    for slice in lapsed.rchunks(SLICE) {
        let names = slice.iter().map(|(_, name)| name);
        any |= leases::return_undone(ring, names, Undone::HolderDied, LockLimit::Now).unwrap_or(false);
    }
    any
}

/// The leases that lapsed. The kernel is asked once for each holder that is alive.
fn lapsed(ring: &Ring) -> impl Iterator<Item = HeldLease> {
    let mut holders: BTreeMap<ConsumerId, bool> = BTreeMap::new();
    ring.leases().filter(move |lease| {
        ring.is_overdue(lease) || *holders.entry(lease.holder.id).or_insert_with(|| ring.is_dead(lease.holder.id))
    })
}
