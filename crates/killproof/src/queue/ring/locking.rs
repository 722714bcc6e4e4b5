//! Taking a lock whose last holder may have died, or may be stopped, and the repair of what a dead one left.
//!
//! The lock of the tail is taken before that of the head by a process that needs both, and only a repair
//! does.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::{Head, Ring, TICK, Tail};
use crate::crashpoint::{CrashPoint, hit};
use crate::primitive::atomic::Ordering;
use crate::primitive::robust::{LockResult, RobustGuard, RobustMutex};
use crate::primitive::{clock, interrupt};
use crate::queue::slots::{Kind, Slot};

/// How long an operation that does not wait for messages waits for a lock. A holder that runs needs it for
/// microseconds.
const GLANCE: Duration = TICK.saturating_mul(2);

/// How long an operation waits for a lock that its holder keeps, because it was stopped.
#[derive(Clone, Copy)]
pub(in crate::queue) enum LockLimit {
    /// Only as long as it takes to try.
    Now,
    /// For [`GLANCE`].
    Glance,
    Until(Instant),
    /// Until this process is asked to end.
    Forever,
}

/// Why a lock was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::queue) enum NoLock {
    /// The thread of this id has kept it for a tick or longer. 0: it is not known which.
    Stalled(i32),
    /// The limit is too short to say more.
    TimedOut,
    /// This process was asked to end.
    Interrupted(Signal),
}

/// Takes the lock of one side, with the index whole.
#[inline]
pub(super) fn lock<'a>(
    ring: &'a Ring,
    side: &'a RobustMutex<()>,
    limit: LockLimit,
) -> Result<RobustGuard<'a, ()>, NoLock> {
    match side.try_lock() {
        Some(LockResult::Free(held)) if !is_broken(ring) => Ok(held),
        taken => lock_slowly(ring, side, limit, taken),
    }
}

#[cold]
fn lock_slowly<'a>(
    ring: &'a Ring,
    side: &'a RobustMutex<()>,
    limit: LockLimit,
    mut taken: Option<LockResult<'a, ()>>,
) -> Result<RobustGuard<'a, ()>, NoLock> {
    let wait = LockWait { limit, began: clock::now() };
    loop {
        match taken {
            Some(LockResult::Free(held)) if !is_broken(ring) => return Ok(held),
            Some(taken) => {
                drop(note(ring, taken));
                repair(ring, &wait)?;
            }
            None => {}
        }
        taken = Some(wait.take(side)?);
    }
}

/// One operation's wait for a lock, or for both.
struct LockWait {
    limit: LockLimit,
    began: Instant,
}

impl LockWait {
    fn take<'a>(&self, side: &'a RobustMutex<()>) -> Result<LockResult<'a, ()>, NoLock> {
        loop {
            let left = self.left();
            if let Some(taken) = side.lock_for(left.min(TICK)) {
                return Ok(taken);
            }
            if left.is_zero() {
                let is_stalled = clock::elapsed(self.began) >= TICK;
                return Err(if is_stalled { NoLock::Stalled(side.holder().unwrap_or(0)) } else { NoLock::TimedOut });
            }
            // A holder that runs releases it before a tick is over, so a request to end waits for that long: then
            // the operation is whole.
            if left >= TICK
                && let Some(signal) = interrupt::requested()
            {
                return Err(NoLock::Interrupted(signal));
            }
        }
    }

    fn left(&self) -> Duration {
        match self.limit {
            LockLimit::Now => Duration::ZERO,
            LockLimit::Glance => GLANCE.saturating_sub(clock::elapsed(self.began)),
            LockLimit::Until(deadline) => deadline.saturating_duration_since(clock::now()),
            LockLimit::Forever => Duration::MAX,
        }
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

#[inline]
fn is_broken(ring: &Ring) -> bool {
    ring.header.status.broken.load(Ordering::Relaxed) == 1
}

/// Rebuilds the index if a lock holder died, or a process that rebuilt it.
fn repair(ring: &Ring, wait: &LockWait) -> Result<(), NoLock> {
    let tail = Tail::new(ring, note(ring, wait.take(&ring.tail)?));
    let head = Head::new(ring, note(ring, wait.take(&ring.head)?));
    if !is_broken(ring) {
        return Ok(());
    }
    rebuild(ring, &tail, &head);
    ring.header.status.broken.store(0, Ordering::Relaxed);
    drop((tail, head));
    ring.notify_all_waiters();
    Ok(())
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
