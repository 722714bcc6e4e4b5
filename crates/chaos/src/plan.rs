//! What the seed decides: which workload a round has, which workers are killed in it, and how.
//!
//! The same seed gives the same choices: the same rounds with the same capacities, sizes and numbers of
//! workers, the same victims in the same order, the same crash points, the same instants in microseconds.
//! It cannot give the same interleaving: what a victim is doing at that microsecond depends on the kernel.

use std::collections::VecDeque;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::crash_points::{self, CrashPoint, HitBy};
use crate::random::mix;
use crate::roles::{Role, Workload};

/// How many kills a round plans.
pub(crate) const KILLS: usize = 20;
/// The longest time before a kill from outside, in microseconds after the last kill.
const LATEST: u64 = 4_000;
/// The longest time between the beginning of an operation and the kill in it, in nanoseconds.
const DEEPEST: u32 = 20_000;
/// The last hit of a crash point at which a worker is armed to die.
const MOST_HITS: u16 = 40;
/// How many workers are killed at the same instant, at most.
const TOGETHER: usize = 3;

/// The order in which the workloads take turns.
const SCHEDULE: [Workload; 10] = [
    Workload::Joinable,
    Workload::Queue,
    Workload::Mutex,
    Workload::Joinable,
    Workload::Tickets,
    Workload::Joinable,
    Workload::Queue,
    Workload::Mutex,
    Workload::Joinable,
    Workload::Daemons,
];

/// How a victim dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// From outside, this many microseconds after the kill before.
    AtInstant(u64),
    /// From outside, this many nanoseconds after it began something during which a death matters.
    InOperation(u32),
    /// By its own hand, at the nth hit of a crash point.
    AtCrashPoint(CrashPoint, u16),
    /// All workers are armed: the first one to hit the crash point dies, whatever its role.
    FirstAt(CrashPoint),
    /// From outside, and its replacement dies at a crash point that a worker hits once in its life.
    FreshAt(CrashPoint),
    /// At the first crash point, and a worker that recovers from this death at the second one.
    InRecovery(CrashPoint, CrashPoint),
}

/// The worker with this index among those of its role, modulo their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Victim {
    pub(crate) role: Role,
    pub(crate) index: usize,
}

/// A worker that is stopped for a while and not killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped {
    pub(crate) worker: Victim,
    /// The crash point at which it stops, and the hit: between two of its stores, so that other workers
    /// have time to come in between. `None`: it stops wherever it is.
    pub(crate) at: Option<(CrashPoint, u16)>,
}

/// A planned kill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kill {
    /// Several victims die at the same instant, from outside.
    pub(crate) victims: Vec<Victim>,
    /// It goes on when the victims are dead. No other worker may take it for dead.
    pub(crate) stopped: Option<Stopped>,
    pub(crate) manner: Manner,
}

/// One round: a new queue, mutex or file, its workers, and the kills.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(crate) number: u64,
    pub(crate) workload: Workload,
    /// The source of everything else that the workload decides.
    pub(crate) random: Xoshiro256PlusPlus,
    pub(crate) kills: Vec<Kill>,
}

impl Round {
    /// Whether its workers write a journal, so that the recorder is killed in every state as well. Every
    /// second pass of the schedule: most users run without one.
    pub(crate) fn is_recorded(&self) -> bool {
        !(self.number / SCHEDULE.len() as u64).is_multiple_of(2)
    }
}

/// What happens seldom, because it takes long.
impl Round {
    /// Whether a worker of a queue is stopped for long with a lock.
    pub(crate) fn has_a_stop(&self) -> bool {
        matches!(self.workload, Workload::Joinable | Workload::Queue) && matches!(self.number % 100, 3 | 56)
    }

    /// Whether a consumer executes another program.
    pub(crate) fn has_an_execution(&self) -> bool {
        self.workload == Workload::Joinable && self.number % 20 == 5
    }

    /// Whether every second worker sees no `/proc`, and no file.
    pub(crate) fn hides_proc(&self) -> bool {
        !matches!(self.workload, Workload::Tickets | Workload::Daemons) && self.number % 4 == 2
    }
}

/// Plans rounds, from the seed alone.
#[derive(Debug)]
pub(crate) struct Planner {
    seed: u64,
    only: Option<Workload>,
    rounds: u64,
    /// For each workload: the deaths at crash points that are still to come before all come again.
    at_crash_points: Vec<(Workload, VecDeque<(Role, Manner)>)>,
}

impl Planner {
    pub(crate) fn new(seed: u64, only: Option<Workload>) -> Self {
        Self { seed, only, rounds: 0, at_crash_points: Vec::new() }
    }

    /// The round of this number.
    pub(crate) fn round(seed: u64, only: Option<Workload>, number: u64) -> Round {
        let mut planner = Self::new(seed, only);
        // A round's crash points follow those of the rounds before it.
        (0..number).for_each(|_| drop(planner.next_round()));
        planner.next_round()
    }

    /// The next round. There is always one.
    pub(crate) fn next_round(&mut self) -> Round {
        let number = self.rounds;
        self.rounds += 1;
        let turn = usize::try_from(number % SCHEDULE.len() as u64).unwrap_or_default();
        let workload = self.only.unwrap_or(SCHEDULE[turn]);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(mix(self.seed, number));
        let kills = (0..KILLS).map(|turn| self.kill(workload, turn, &mut random)).collect();
        Round { number, workload, random, kills }
    }

    /// Every second kill is at a crash point, if the workload's workers hit any.
    fn kill(&mut self, workload: Workload, turn: usize, random: &mut Xoshiro256PlusPlus) -> Kill {
        if turn.is_multiple_of(2)
            && let Some((role, manner)) = self.at_crash_point(workload, random)
        {
            let victim = Victim { role, index: random.random_range(0..DIVISIBLE) };
            return Kill { victims: vec![victim], stopped: None, manner };
        }
        let here = Role::ALL.iter().filter(|role| role.workload() == workload);
        let roles: Vec<Role> = here.flat_map(|role| std::iter::repeat_n(*role, role.weight())).collect();
        let together = if random.random_range(0..4) == 0 { random.random_range(2..=TOGETHER) } else { 1 };
        let victim = |random: &mut Xoshiro256PlusPlus| Victim {
            role: roles[random.random_range(0..roles.len())],
            index: random.random_range(0..DIVISIBLE),
        };
        let victims = (0..together).map(|_| victim(random)).collect();
        if together == 1 && workload != Workload::Daemons && random.random() {
            let manner = Manner::InOperation(random.random_range(0..=DEEPEST));
            return Kill { victims, stopped: None, manner };
        }
        let stopped = random.random::<bool>().then(|| stopped(workload, victim(random), random));
        Kill { victims, stopped, manner: Manner::AtInstant(random.random_range(0..=LATEST)) }
    }

    /// The next death at a crash point: each point in each way before any comes again.
    fn at_crash_point(&mut self, workload: Workload, random: &mut Xoshiro256PlusPlus) -> Option<(Role, Manner)> {
        if !self.at_crash_points.iter().any(|(known, _)| *known == workload) {
            self.at_crash_points.push((workload, VecDeque::new()));
        }
        let (_, left) = self.at_crash_points.iter_mut().find(|(known, _)| *known == workload)?;
        if left.is_empty() {
            left.extend(all_ways_to_die(workload, random));
        }
        left.pop_front()
    }
}

/// This worker wherever it is, or another one at a crash point.
fn stopped(workload: Workload, worker: Victim, random: &mut Xoshiro256PlusPlus) -> Stopped {
    let in_work = |point: &CrashPoint| matches!(crash_points::hit_by(*point), HitBy::Working(_));
    let by_role =
        |point: &CrashPoint| crash_points::roles_at(*point).iter().map(|role| (*role, *point)).collect::<Vec<_>>();
    let mut points: Vec<_> = CrashPoint::ALL.iter().filter(|point| in_work(point)).flat_map(by_role).collect();
    points.retain(|(role, _)| role.workload() == workload);
    match points.get(random.random_range(0..=points.len())) {
        Some((role, point)) => {
            let worker = Victim { role: *role, index: worker.index };
            Stopped { worker, at: Some((*point, random.random_range(1..=MOST_HITS))) }
        }
        None => Stopped { worker, at: None },
    }
}

/// Every way to die at a crash point of this workload in random order, one way for each point first.
fn all_ways_to_die(workload: Workload, random: &mut Xoshiro256PlusPlus) -> Vec<(Role, Manner)> {
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for point in CrashPoint::ALL {
        let mut ways = crash_points::ways_to_die_at(*point);
        ways.retain(|(role, _)| role.workload() == workload);
        ways.shuffle(random);
        let manner = |cause, random: &mut Xoshiro256PlusPlus| match (cause, crash_points::hit_by(*point)) {
            (Some(cause), _) => Manner::InRecovery(cause, *point),
            (None, HitBy::Fresh(_)) => Manner::FreshAt(*point),
            (None, HitBy::Waking(_)) => Manner::FirstAt(*point),
            (None, _) => Manner::AtCrashPoint(*point, random.random_range(1..=MOST_HITS)),
        };
        let mut ways = ways.into_iter().map(|(role, cause)| (role, manner(cause, random)));
        first.extend(ways.next());
        others.extend(ways);
    }
    first.shuffle(random);
    others.shuffle(random);
    first.extend(others);
    first
}

/// An index below this, taken modulo any number up to 10, gives each remainder equally often.
const DIVISIBLE: usize = 5040;

#[cfg(test)]
mod tests {
    use super::*;

    fn kills(seed: u64) -> Vec<Kill> {
        let mut planner = Planner::new(seed, None);
        (0..20).flat_map(|_| planner.next_round().kills).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_choices_and_another_one_others() {
        assert_eq!(kills(7), kills(7));
        assert_ne!(kills(7), kills(8));
        assert_eq!(Planner::round(7, None, 13).kills, kills(7)[13 * KILLS..14 * KILLS]);
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
        let outside =
            planned.iter().filter(|kill| matches!(kill.manner, Manner::AtInstant(_) | Manner::InOperation(_)));
        let victims: Vec<Role> = outside.flat_map(|kill| &kill.victims).map(|victim| victim.role).collect();
        for role in Role::ALL.iter().filter(|role| role.weight() > 0) {
            assert!(victims.contains(role), "a {}", role.name());
        }
    }

    #[test]
    fn a_short_run_has_a_stop_an_execution_and_workers_without_proc() {
        let mut planner = Planner::new(3, None);
        let rounds: Vec<_> = (0..12).map(|_| planner.next_round()).collect();
        assert!(rounds.iter().any(Round::has_a_stop));
        assert!(rounds.iter().any(Round::has_an_execution));
        assert!(rounds.iter().filter(|round| round.hides_proc()).count() > 1);
    }

    #[test]
    fn every_workload_is_recorded_in_some_rounds_and_not_in_others() {
        let mut planner = Planner::new(3, None);
        let rounds: Vec<_> = (0..20).map(|_| planner.next_round()).collect();
        for workload in SCHEDULE {
            for recorded in [false, true] {
                assert!(rounds.iter().any(|round| round.workload == workload && round.is_recorded() == recorded));
            }
        }
    }
}
