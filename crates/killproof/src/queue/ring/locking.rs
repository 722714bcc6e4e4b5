//! Taking a lock whose last holder may have died, and the repair of what it left.
//!
//! The lock of the tail is taken before that of the head by a process that needs both, and only a repair
//! does.

use super::{Head, Ring, TICK, Tail};
use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::Ordering;
use crate::primitive::robust::{LockResult, RobustGuard, RobustMutex};
use crate::queue::slots::{Kind, Slot};

/// Takes the lock of one side, with the index whole.
#[inline]
pub(super) fn lock<'a>(ring: &'a Ring, side: &'a RobustMutex<()>) -> RobustGuard<'a, ()> {
    match side.try_lock() {
        Some(LockResult::Free(held)) if !is_broken(ring) => held,
        taken => lock_slowly(ring, side, taken),
    }
}

#[cold]
fn lock_slowly<'a>(
    ring: &'a Ring,
    side: &'a RobustMutex<()>,
    mut taken: Option<LockResult<'a, ()>>,
) -> RobustGuard<'a, ()> {
    loop {
        match taken {
            Some(LockResult::Free(held)) if !is_broken(ring) => return held,
            Some(taken) => {
                drop(note(ring, taken));
                repair(ring);
            }
            // Its holder needs it for microseconds, so a request to end waits until the operation is whole.
            None => {}
        }
        taken = side.lock_for(TICK);
    }
}

/// The lock, after what the kernel says of its last holder is noted in `broken`.
fn note<'a>(ring: &Ring, taken: LockResult<'a, ()>) -> RobustGuard<'a, ()> {
    match taken {
        LockResult::Free(held) => held,
        LockResult::OwnerDied(held) => {
            // Before `made_consistent`: after that call the kernel no longer reports this death.
            ring.header.status.broken.store(1, Ordering::Relaxed);
            hit(CrashPoint::RepairNoted);
            held.made_consistent()
        }
    }
}

fn lock_noted<'a>(ring: &Ring, side: &'a RobustMutex<()>) -> RobustGuard<'a, ()> {
    loop {
        if let Some(taken) = side.lock_for(TICK) {
            return note(ring, taken);
        }
    }
}

#[inline]
fn is_broken(ring: &Ring) -> bool {
    ring.header.status.broken.load(Ordering::Relaxed) == 1
}

/// Rebuilds the index if a lock holder died, or a process that rebuilt it.
fn repair(ring: &Ring) {
    let tail = Tail::new(ring, lock_noted(ring, &ring.tail));
    let head = Head::new(ring, lock_noted(ring, &ring.head));
    if !is_broken(ring) {
        return;
    }
    rebuild(ring, &tail, &head);
    ring.header.status.broken.store(0, Ordering::Relaxed);
    drop((tail, head));
    ring.notify_all_waiters();
}

/// The index, from the slots.
fn rebuild(ring: &Ring, tail: &Tail<'_>, head: &Head<'_>) {
    let of_kind = |kind| ring.used_slots().filter(move |(_, slot)| slot.state().kind == kind);
    let numbers = |kind| of_kind(kind).map(|(number, _)| number);
    let mut ready: Vec<(u32, &Slot)> = of_kind(Kind::Ready).collect();
    ready.sort_by_key(|(_, slot)| slot.turn());
    // The ring of the free slots first: while it is empty, no message counts as finished.
    tail.free().refill(head.free(), []);
    hit(CrashPoint::RepairEmptied);
    head.ready().refill(tail.ready(), ready.into_iter().map(|(number, _)| number));
    hit(CrashPoint::RepairOrdered);
    let dead = of_kind(Kind::Dead).chain(of_kind(Kind::Unreadable)).count();
    ring.header.status.dead.store(dead as u64, Ordering::Release);
    hit(CrashPoint::RepairCounted);
    tail.free().refill(head.free(), numbers(Kind::Free));
    hit(CrashPoint::RepairFilled);
}
