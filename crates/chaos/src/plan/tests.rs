//! What a plan has in it.

use super::*;

fn kills(seed: u64) -> Vec<Kill> {
    let mut planner = Planner::new(seed, None);
    (0..20).flat_map(|_| planner.next_round().kills).collect()
}

#[test]
fn the_same_seed_gives_the_same_choices_and_another_one_others() {
    assert_eq!(kills(7), kills(7));
    assert_ne!(kills(7), kills(8));
    assert_eq!(Planner::round(7, None, 9).kills, kills(7)[9 * KILLS..10 * KILLS]);
}

#[test]
fn some_hundred_kills_arm_every_crash_point_in_every_way() {
    let mut planner = Planner::new(1, None);
    let kills: Vec<Kill> = (0..50).flat_map(|_| planner.next_round().kills).collect();
    for point in CrashPoint::ALL {
        for (role, cause) in crash_points::ways_to_die_at(*point) {
            let is_it = |manner| match manner {
                Manner::AtCrashPoint(armed, _) | Manner::FirstAt(armed) | Manner::FreshAt(armed) => {
                    armed == *point && cause.is_none()
                }
                Manner::InRecovery(first, second) => (Some(first), second) == (cause, *point),
                Manner::AtInstant(_) | Manner::InOperation(_) => false,
            };
            let found = kills.iter().any(|kill| kill.victims[0].role == role && is_it(kill.manner));
            assert!(found, "{point:?} after {cause:?} in a {}", role.name());
        }
    }
}

#[test]
fn every_role_is_killed_from_outside_too() {
    let planned = kills(2);
    let outside = planned.iter().filter(|kill| matches!(kill.manner, Manner::AtInstant(_) | Manner::InOperation(_)));
    let victims: Vec<Role> = outside.flat_map(|kill| &kill.victims).map(|victim| victim.role).collect();
    for role in Role::ALL.iter().filter(|role| role.weight() > 0) {
        assert!(victims.contains(role), "a {}", role.name());
    }
}

/// As many as the shortest run has.
fn short_run() -> Vec<Round> {
    let mut planner = Planner::new(3, None);
    (0..27).map(|_| planner.next_round()).collect()
}

#[test]
fn a_short_run_has_each_kind_of_fault_in_each_workload_that_can_have_it() {
    let rounds = short_run();
    assert!(rounds.iter().any(Round::has_an_execution));
    assert!(rounds.iter().filter(|round| round.hides_proc()).count() > 1);
    assert!(rounds.iter().filter(|round| round.has_own_pids()).count() > 1);
    for end in [DebuggersEnd::Detaches, DebuggersEnd::Dies, DebuggersEnd::DiesAndKills] {
        assert!(rounds.iter().filter_map(|round| round.trace).any(|trace| trace.end == end), "{end:?}");
    }
    for workload in [Workload::Joinable, Workload::Queue, Workload::Mutex, Workload::Log] {
        assert!(rounds.iter().any(|round| round.workload == workload && round.long_stop.is_some()), "{workload:?}");
    }
}

#[test]
fn a_short_run_stops_a_worker_at_every_crash_point() {
    let rounds = short_run();
    let stops: Vec<_> = rounds.iter().flat_map(|round| &round.stops).map(|stop| stop.manner.crash_point()).collect();
    for point in CrashPoint::ALL {
        assert!(stops.contains(&Some(*point)), "{point:?}");
    }
}

#[test]
fn every_workload_is_recorded_in_some_rounds_and_not_in_others() {
    let rounds = short_run();
    for workload in SCHEDULE.into_iter().filter(|workload| *workload != Workload::Sections) {
        for recorded in [false, true] {
            assert!(rounds.iter().any(|round| round.workload == workload && round.is_recorded() == recorded));
        }
    }
}

#[test]
fn workers_of_recorded_rounds_die_and_stop_while_they_record_whatever_they_work_on() {
    let is_recording = |manner: Manner| matches!(manner, Manner::FirstAt(point) if RECORDING.contains(&point));
    for round in short_run() {
        let dies = round.kills.iter().any(|kill| is_recording(kill.manner));
        let stops = round.stops.iter().any(|stop| is_recording(stop.manner));
        let records = round.is_recorded() && round.workload.is_shared_memory();
        assert_eq!((dies, stops), (records, records), "{round:?}");
    }
}
