//! The crash points of the toolkit, and which workers hit them. No other module names where they come from.

pub(crate) use killproof::crashpoint::{CrashPoint, arm, arm_to_stop};

use crate::roles::{Role, Workload};

/// Which workers hit a crash point, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HitBy {
    /// Workers of these roles, again and again.
    Working(&'static [Role]),
    /// Workers of these roles, whenever they wake a waiter.
    Waking(&'static [Role]),
    /// Workers of these roles, once in their lives.
    Fresh(&'static [Role]),
    /// A worker that recovers from a death at one of these crash points.
    Recovering(&'static [CrashPoint]),
}

const PUTS: HitBy = HitBy::Working(&[Role::Producer, Role::Putter]);
const LOCKS: HitBy = HitBy::Working(&[Role::Holder]);
const LOGS: HitBy = HitBy::Working(&[Role::Writer]);
const WAKES: HitBy = HitBy::Waking(&[Role::Producer, Role::Consumer, Role::Putter, Role::Getter]);
/// Deaths with the tail lock and with the head lock, before and after the commit.
const REPAIRS: HitBy = HitBy::Recovering(&[
    CrashPoint::PutTaken,
    CrashPoint::PutCommitted,
    CrashPoint::LeaseSigned,
    CrashPoint::LeaseCommitted,
    CrashPoint::TakeRemoved,
    CrashPoint::FreeCommitted,
]);
/// The death of a consumer that holds an item and no lock.
const RETURNS: HitBy = HitBy::Recovering(&[CrashPoint::LeaseRemoved]);

pub(crate) fn hit_by(point: CrashPoint) -> HitBy {
    match point {
        CrashPoint::LockTaken
        | CrashPoint::LockSigned
        | CrashPoint::LockEntered
        | CrashPoint::LockUsed
        | CrashPoint::LockLeft => LOCKS,
        CrashPoint::LockRepaired => HitBy::Recovering(&[CrashPoint::LockEntered, CrashPoint::LockUsed]),
        CrashPoint::PutTaken
        | CrashPoint::PutWritten
        | CrashPoint::PutCommitted
        | CrashPoint::PutOrdered
        | CrashPoint::PutUnlocked => PUTS,
        CrashPoint::TakeRead | CrashPoint::TakeRemoved => HitBy::Working(&[Role::Getter]),
        CrashPoint::FreeCommitted | CrashPoint::FreeAppended => HitBy::Working(&[Role::Getter, Role::Consumer]),
        CrashPoint::LeaseSigned | CrashPoint::LeaseCommitted | CrashPoint::LeaseRemoved | CrashPoint::DoneUnlocked => {
            HitBy::Working(&[Role::Consumer])
        }
        CrashPoint::RegistryHalf => HitBy::Fresh(&[Role::Consumer]),
        CrashPoint::ReturnNoted
        | CrashPoint::ReturnCommitted
        | CrashPoint::ReturnOrdered
        | CrashPoint::DeadLetterCommitted
        | CrashPoint::DeadLetterCounted
        | CrashPoint::DeadLetterUncounted => RETURNS,
        CrashPoint::RepairNoted
        | CrashPoint::RepairEmptied
        | CrashPoint::RepairOrdered
        | CrashPoint::RepairCounted
        | CrashPoint::RepairFilled => REPAIRS,
        CrashPoint::LogReserved
        | CrashPoint::LogAdvanced
        | CrashPoint::LogHalf
        | CrashPoint::LogWritten
        | CrashPoint::LogCommitted => LOGS,
        // The next writer steps over a record whose writer died before it said where the next one begins.
        CrashPoint::LogSkipped => HitBy::Recovering(&[CrashPoint::LogReserved]),
        CrashPoint::WakeAnnounced | CrashPoint::WakeCleared => WAKES,
        // A pool's own workers hit them, and none of these roles is one.
        CrashPoint::PoolTaken
        | CrashPoint::PoolWritten
        | CrashPoint::PoolCounted
        | CrashPoint::PoolFinished
        | CrashPoint::PoolMarked
        | CrashPoint::PoolReturned => HitBy::Working(&[]),
    }
}

/// Whether a worker at this crash point has something for which others wait: a lock, or a place in a log, which no
/// other worker must wait for.
pub(crate) fn is_inside(point: CrashPoint) -> bool {
    !matches!(
        point,
        CrashPoint::PutUnlocked
            | CrashPoint::RegistryHalf
            | CrashPoint::DoneUnlocked
            | CrashPoint::LogCommitted
            | CrashPoint::LogSkipped
            | CrashPoint::WakeAnnounced
            | CrashPoint::WakeCleared
    )
}

/// Crash points of every worker of a recorded round, whatever it works on: it appends to the record.
pub(crate) const RECORDING: [CrashPoint; 5] = [
    CrashPoint::LogReserved,
    CrashPoint::LogAdvanced,
    CrashPoint::LogHalf,
    CrashPoint::LogWritten,
    CrashPoint::LogCommitted,
];

/// Crash points that a recovery hits only while it makes a dead letter.
pub(crate) const DEAD_LETTERS: [CrashPoint; 3] =
    [CrashPoint::DeadLetterCommitted, CrashPoint::DeadLetterCounted, CrashPoint::DeadLetterUncounted];

/// The roles whose workers hit `point` without a death before.
pub(crate) fn roles_at(point: CrashPoint) -> &'static [Role] {
    match hit_by(point) {
        HitBy::Working(roles) | HitBy::Waking(roles) | HitBy::Fresh(roles) => roles,
        HitBy::Recovering(_) => &[],
    }
}

/// Every way to have a worker die at `point`: the role of the first victim, and for a crash point of a
/// recovery the one at which that victim dies.
pub(crate) fn ways_to_die_at(point: CrashPoint) -> Vec<(Role, Option<CrashPoint>)> {
    match hit_by(point) {
        HitBy::Recovering(causes) => {
            let by_cause =
                |cause: &CrashPoint| roles_at(*cause).iter().map(|role| (*role, Some(*cause))).collect::<Vec<_>>();
            causes.iter().flat_map(by_cause).collect()
        }
        _ => roles_at(point).iter().map(|role| (*role, None)).collect(),
    }
}

/// The crash points that the workers of `only` hit in the course of their work, or those of all workloads.
pub(crate) fn reachable(only: Option<Workload>) -> Vec<CrashPoint> {
    let is_there = |(role, _): &(Role, Option<CrashPoint>)| only.is_none_or(|only| role.workload() == only);
    let all = CrashPoint::ALL.iter().copied();
    all.filter(|point| ways_to_die_at(*point).iter().any(is_there)).collect()
}

/// The position of `point` in [`CrashPoint::ALL`].
pub(crate) fn index(point: CrashPoint) -> usize {
    point as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crash_point_is_hit_by_a_worker_and_has_an_index_of_its_own() {
        for (place, point) in CrashPoint::ALL.iter().enumerate() {
            assert!(!ways_to_die_at(*point).is_empty(), "{point:?}");
            assert_eq!(index(*point), place);
        }
    }

    #[test]
    fn a_recovery_follows_a_death_in_the_course_of_work() {
        for point in CrashPoint::ALL {
            if let HitBy::Recovering(causes) = hit_by(*point) {
                assert!(causes.iter().all(|cause| matches!(hit_by(*cause), HitBy::Working(_))), "{point:?}");
            }
        }
    }
}
