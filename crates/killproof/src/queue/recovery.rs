//! What a waiter does about processes that died: it repairs what they left locked, and returns to the
//! queue what they held.

use super::leases;
use super::ring::{Ring, Undone};
use crate::primitive::identity::Identity;

/// Checks for dead processes, once a tick at most in each process. True if a message was requeued or became
/// a dead letter.
#[inline]
pub(super) fn recover(ring: &Ring) -> bool {
    ring.check_is_due() && recover_now(ring)
}

#[cold]
fn recover_now(ring: &Ring) -> bool {
    // To take a lock is to notice that its holder died, and to repair what it left.
    drop(ring.lock_tail());
    drop(ring.lock_head());
    return_leases_of_the_dead(ring)
}

fn return_leases_of_the_dead(ring: &Ring) -> bool {
    // Without a lease there is no reason to look at every slot.
    if ring.unfinished() == ring.waiting() {
        return false;
    }
    // The kernel is asked without a lock, because that takes time, and once for each holder. A lease that
    // ends meanwhile has another name afterwards, and `return_undone` finds none to return.
    let mut holders: Vec<(Identity, bool)> = Vec::new();
    let mut any = false;
    for (lease, holder) in ring.leases() {
        let known = holders.iter().find(|(known, _)| *known == holder).map(|(_, is_alive)| *is_alive);
        let is_alive = known.unwrap_or_else(|| {
            let is_alive = holder.is_alive();
            holders.push((holder, is_alive));
            is_alive
        });
        any |= !is_alive && leases::return_undone(ring, &lease, Undone::HolderDied);
    }
    any
}
