//! Whether the deaths that lock holders heard of are those that happened inside.

use std::collections::BTreeSet;

use super::{INSIDE, REPAIRING};
use crate::crash_points::CrashPoint;
use crate::tally::Mutexes;
use crate::workers::{Cause, Death};

/// A death inside must be repaired once, a death on the way in or out once or never, and any other death
/// never. `repairs` are the process ids of the repaired deaths.
pub(super) fn judge(deaths: &[Death], repairs: &[i32]) -> Mutexes {
    let inside = deaths.iter().filter(|death| expected(death) == Some(1)).count();
    let mut account = Mutexes { deaths_inside: inside as u64, ..Mutexes::default() };
    // Several workers, one after the other, may have had the same pid.
    let pids: BTreeSet<i32> = deaths.iter().map(|death| death.pid).collect();
    for pid in &pids {
        let of_pid = || deaths.iter().filter(|death| death.pid == *pid).map(expected);
        let repaired = repairs.iter().filter(|repaired| *repaired == pid).count();
        // A worker that repaired it may have died before it wrote that down.
        let missing = deaths.iter().filter(|other| other.note >> REPAIRING == u64::from(pid.cast_unsigned())).count();
        let fewest = of_pid().filter(|times| *times == Some(1)).count().saturating_sub(missing);
        let most = of_pid().filter(|times| *times != Some(0)).count();
        account.misreported += (fewest.saturating_sub(repaired) + repaired.saturating_sub(most)) as u64;
    }
    let strangers = repairs.iter().filter(|pid| **pid != 0 && !pids.contains(pid));
    account.misreported += strangers.count() as u64;
    account
}

/// How often this death must be repaired, where that is known.
fn expected(death: &Death) -> Option<usize> {
    use CrashPoint::{LockEntered, LockLeft, LockRepaired, LockSigned, LockTaken, LockUsed};
    match (death.cause, death.note) {
        (Cause::CrashPoint(LockTaken | LockSigned | LockLeft | LockRepaired), _) | (_, 0) => Some(0),
        (Cause::CrashPoint(LockEntered | LockUsed), _) | (_, INSIDE) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::BETWEEN;
    use super::*;
    use crate::roles::Role;

    fn death(pid: i32, cause: Cause, note: u64) -> Death {
        Death { role: Role::Holder, pid, cause, note }
    }

    fn wrong(deaths: &[Death], repairs: &[i32]) -> u64 {
        judge(deaths, repairs).misreported
    }

    #[test]
    fn a_death_inside_is_reported_once_and_one_outside_never() {
        let inside = [death(1, Cause::FromOutside, INSIDE)];
        assert_eq!((wrong(&inside, &[1]), wrong(&inside, &[]), wrong(&inside, &[1, 1])), (0, 1, 1));
        let outside = [death(1, Cause::FromOutside, 0)];
        assert_eq!((wrong(&outside, &[]), wrong(&outside, &[1])), (0, 1));
        let between = [death(1, Cause::FromOutside, BETWEEN)];
        assert_eq!((wrong(&between, &[]), wrong(&between, &[1]), wrong(&between, &[1, 1])), (0, 0, 1));
        assert_eq!(wrong(&[], &[9]), 1, "no process of this id died");
    }

    #[test]
    fn at_a_crash_point_it_is_known_whether_a_death_is_reported() {
        let taken = [death(1, Cause::CrashPoint(CrashPoint::LockTaken), BETWEEN)];
        assert_eq!((wrong(&taken, &[]), wrong(&taken, &[1])), (0, 1));
        let entered = [death(1, Cause::CrashPoint(CrashPoint::LockEntered), BETWEEN)];
        assert_eq!((wrong(&entered, &[]), wrong(&entered, &[1])), (1, 0));
    }

    #[test]
    fn deaths_of_several_workers_with_one_pid_are_counted_together() {
        let inside = death(1, Cause::FromOutside, INSIDE);
        let both = [inside, inside, death(1, Cause::FromOutside, 0)];
        assert_eq!((wrong(&both, &[1, 1]), wrong(&both, &[1]), wrong(&both, &[1, 1, 1])), (0, 1, 1));
    }

    #[test]
    fn a_repair_that_was_cut_short_may_be_missing() {
        let deaths = [death(1, Cause::FromOutside, INSIDE), death(2, Cause::FromOutside, 1 << REPAIRING | BETWEEN)];
        assert_eq!((wrong(&deaths, &[1]), wrong(&deaths, &[])), (0, 0));
    }
}
