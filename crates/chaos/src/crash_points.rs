//! Which worker passes which instrumented step, and when.

use killproof::crashpoint::CrashPoint;

use crate::plan::{Arena, Role};

/// Who passes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// Workers of these roles, again and again.
    Working(&'static [Role]),
    /// Workers of these roles, when they find that somebody sleeps who is to be woken.
    Waking(&'static [Role]),
    /// Workers of these roles, once in their lives: the first time that they do something.
    First(&'static [Role]),
    /// Whoever comes after somebody died at one of these steps.
    Recovering(&'static [CrashPoint]),
}

const PUTS: Passed = Passed::Working(&[Role::Producer, Role::Putter]);
const LOCKS: Passed = Passed::Working(&[Role::Holder]);
const WAKES: Passed = Passed::Waking(&[Role::Producer, Role::Consumer, Role::Putter, Role::Getter]);
/// Deaths with the lock of the entrance, and with that of the exit, before and after the commit.
const REPAIRS: Passed = Passed::Recovering(&[
    CrashPoint::PutTaken,
    CrashPoint::PutCommitted,
    CrashPoint::LeaseSigned,
    CrashPoint::LeaseCommitted,
    CrashPoint::TakeRemoved,
    CrashPoint::FreeCommitted,
]);
/// The death of a consumer that holds an item, and no lock.
const RETURNS: Passed = Passed::Recovering(&[CrashPoint::LeaseRemoved]);

/// Who passes `step`.
pub(crate) fn passed(step: CrashPoint) -> Passed {
    match step {
        CrashPoint::LockTaken
        | CrashPoint::LockSigned
        | CrashPoint::LockEntered
        | CrashPoint::LockUsed
        | CrashPoint::LockLeft => LOCKS,
        CrashPoint::LockRepaired => Passed::Recovering(&[CrashPoint::LockEntered, CrashPoint::LockUsed]),
        CrashPoint::PutTaken
        | CrashPoint::PutWritten
        | CrashPoint::PutCommitted
        | CrashPoint::PutOrdered
        | CrashPoint::PutUnlocked => PUTS,
        CrashPoint::TakeRead | CrashPoint::TakeRemoved => Passed::Working(&[Role::Getter]),
        CrashPoint::FreeCommitted | CrashPoint::FreeAppended => Passed::Working(&[Role::Getter, Role::Consumer]),
        CrashPoint::LeaseSigned | CrashPoint::LeaseCommitted | CrashPoint::LeaseRemoved | CrashPoint::DoneUnlocked => {
            Passed::Working(&[Role::Consumer])
        }
        CrashPoint::RegistryHalf => Passed::First(&[Role::Consumer]),
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
        CrashPoint::WakeAnnounced | CrashPoint::WakeCleared => WAKES,
    }
}

/// The roles in which somebody can be ordered to die at `step` as soon as it is passed.
pub(crate) fn workers(step: CrashPoint) -> &'static [Role] {
    match passed(step) {
        Passed::Working(roles) | Passed::Waking(roles) | Passed::First(roles) => roles,
        Passed::Recovering(_) => &[],
    }
}

/// Every way to have somebody die at `step`: in which role, and for the step of a recovery at which
/// other step somebody in that role has to die before.
pub(crate) fn ways(step: CrashPoint) -> Vec<(Role, Option<CrashPoint>)> {
    match passed(step) {
        Passed::Recovering(causes) => {
            let of = |cause: &CrashPoint| workers(*cause).iter().map(|role| (*role, Some(*cause))).collect::<Vec<_>>();
            causes.iter().flat_map(of).collect()
        }
        _ => workers(step).iter().map(|role| (*role, None)).collect(),
    }
}

/// How many steps are passed in this arena, or in all.
pub(crate) fn passed_in(arena: Option<Arena>) -> usize {
    let there = |(role, _): &(Role, Option<CrashPoint>)| arena.is_none_or(|arena| role.arena() == arena);
    CrashPoint::ALL.iter().filter(|step| ways(**step).iter().any(there)).count()
}

/// The place of `step` among all.
pub(crate) fn index(step: CrashPoint) -> usize {
    step as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_passed_by_somebody_and_has_a_place_of_its_own() {
        for (place, step) in CrashPoint::ALL.iter().enumerate() {
            assert!(!ways(*step).is_empty(), "{step:?}");
            assert_eq!(index(*step), place);
        }
    }

    #[test]
    fn a_recovery_follows_a_death_in_the_course_of_work() {
        for step in CrashPoint::ALL {
            if let Passed::Recovering(causes) = passed(*step) {
                assert!(causes.iter().all(|cause| matches!(passed(*cause), Passed::Working(_))), "{step:?}");
            }
        }
    }
}
