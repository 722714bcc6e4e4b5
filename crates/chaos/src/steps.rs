//! Which worker passes which instrumented step, and when.

use common::kill_point::Step;

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
    Recovering(&'static [Step]),
}

const PUTS: Passed = Passed::Working(&[Role::Producer, Role::Putter]);
const LOCKS: Passed = Passed::Working(&[Role::Holder]);
const WAKES: Passed = Passed::Waking(&[Role::Producer, Role::Consumer, Role::Putter, Role::Getter]);
/// Deaths with the lock of the entrance, and with that of the exit, before and after the commit.
const REPAIRS: Passed = Passed::Recovering(&[
    Step::PutTaken,
    Step::PutCommitted,
    Step::LeaseSigned,
    Step::LeaseCommitted,
    Step::TakeRemoved,
    Step::FreeCommitted,
]);
/// The death of a consumer that holds an item, and no lock.
const RETURNS: Passed = Passed::Recovering(&[Step::LeaseRemoved]);

/// Who passes `step`.
pub(crate) fn passed(step: Step) -> Passed {
    match step {
        Step::LockTaken | Step::LockSigned | Step::LockEntered | Step::LockUsed | Step::LockLeft => LOCKS,
        Step::LockRepaired => Passed::Recovering(&[Step::LockEntered, Step::LockUsed]),
        Step::PutTaken | Step::PutWritten | Step::PutCommitted | Step::PutOrdered | Step::PutUnlocked => PUTS,
        Step::TakeRead | Step::TakeRemoved => Passed::Working(&[Role::Getter]),
        Step::FreeCommitted | Step::FreeAppended => Passed::Working(&[Role::Getter, Role::Consumer]),
        Step::LeaseSigned | Step::LeaseCommitted | Step::LeaseRemoved | Step::DoneUnlocked => {
            Passed::Working(&[Role::Consumer])
        }
        Step::RosterHalf => Passed::First(&[Role::Consumer]),
        Step::ReturnNoted
        | Step::ReturnCommitted
        | Step::ReturnOrdered
        | Step::BuryCommitted
        | Step::BuryCounted
        | Step::DeadUncounted => RETURNS,
        Step::RepairNoted | Step::RepairEmptied | Step::RepairOrdered | Step::RepairCounted | Step::RepairFilled => {
            REPAIRS
        }
        Step::WakeAnnounced | Step::WakeCleared => WAKES,
    }
}

/// The roles in which somebody can be ordered to die at `step` as soon as it is passed.
pub(crate) fn workers(step: Step) -> &'static [Role] {
    match passed(step) {
        Passed::Working(roles) | Passed::Waking(roles) | Passed::First(roles) => roles,
        Passed::Recovering(_) => &[],
    }
}

/// Every way to have somebody die at `step`: in which role, and for the step of a recovery at which
/// other step somebody in that role has to die before.
pub(crate) fn ways(step: Step) -> Vec<(Role, Option<Step>)> {
    match passed(step) {
        Passed::Recovering(causes) => {
            let of = |cause: &Step| workers(*cause).iter().map(|role| (*role, Some(*cause))).collect::<Vec<_>>();
            causes.iter().flat_map(of).collect()
        }
        _ => workers(step).iter().map(|role| (*role, None)).collect(),
    }
}

/// How many steps are passed in this arena, or in all.
pub(crate) fn passed_in(arena: Option<Arena>) -> usize {
    let there = |(role, _): &(Role, Option<Step>)| arena.is_none_or(|arena| role.arena() == arena);
    Step::ALL.iter().filter(|step| ways(**step).iter().any(there)).count()
}

/// The place of `step` among all.
pub(crate) fn index(step: Step) -> usize {
    step as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_passed_by_somebody_and_has_a_place_of_its_own() {
        for (place, step) in Step::ALL.iter().enumerate() {
            assert!(!ways(*step).is_empty(), "{step:?}");
            assert_eq!(index(*step), place);
        }
    }

    #[test]
    fn a_recovery_follows_a_death_in_the_course_of_work() {
        for step in Step::ALL {
            if let Passed::Recovering(causes) = passed(*step) {
                assert!(causes.iter().all(|cause| matches!(passed(*cause), Passed::Working(_))), "{step:?}");
            }
        }
    }
}
