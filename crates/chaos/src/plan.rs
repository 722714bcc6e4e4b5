//! What the seed decides: which workload a round has, which workers are killed and stopped in it, and how.
//!
//! The same seed gives the same choices: the same rounds with the same capacities, sizes and numbers of
//! workers, the same victims in the same order, the same crash points, the same instants in microseconds.
//! It cannot give the same interleaving: what a victim is doing at that microsecond depends on the kernel.

mod round;
mod ways;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::crash_points::{self, CrashPoint, HitBy, RECORDING};
use crate::random::{mix, one_of};
use crate::roles::{Role, Workload};

pub(crate) use round::Round;
use round::{has_a_long_stop, is_recorded};
use ways::Ways;

/// How many kills a round plans.
pub(crate) const KILLS: usize = 20;
/// How many stops at a crash point a round plans.
const STOPS: usize = 3;
/// The longest time before a kill from outside, in microseconds after the last kill.
const LATEST: u64 = 4_000;
/// The longest time between the beginning of an operation and the kill in it, in nanoseconds.
const DEEPEST: u32 = 20_000;
/// The last hit of a crash point at which a worker is armed to die.
const MOST_HITS: u16 = 40;
/// How many workers are killed at the same instant, at most.
const TOGETHER: usize = 3;

/// The order in which the workloads take turns.
const SCHEDULE: [Workload; 12] = [
    Workload::Joinable,
    Workload::Queue,
    Workload::Mutex,
    Workload::Joinable,
    Workload::Tickets,
    Workload::Log,
    Workload::Joinable,
    Workload::Queue,
    Workload::Mutex,
    Workload::Joinable,
    Workload::Daemons,
    Workload::Sections,
];

/// How a victim dies, or comes to the crash point at which it stops.
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

impl Manner {
    /// The crash point, if the plan has chosen one.
    pub(crate) fn crash_point(self) -> Option<CrashPoint> {
        match self {
            Self::AtInstant(_) | Self::InOperation(_) => None,
            Self::AtCrashPoint(point, _) | Self::FirstAt(point) | Self::FreshAt(point) | Self::InRecovery(_, point) => {
                Some(point)
            }
        }
    }
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

/// A planned stop: a worker comes to a crash point, stops there, and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) victim: Victim,
    pub(crate) manner: Manner,
}

/// A debugger that is attached to a worker in the middle of the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) worker: Victim,
    pub(crate) end: DebuggersEnd,
}

/// How a debugger leaves the worker that it has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DebuggersEnd {
    Detaches,
    /// It is killed, and the worker goes on.
    Dies,
    /// It is killed, and the kernel kills the worker with it.
    DiesAndKills,
}

/// Plans rounds, from the seed alone.
#[derive(Debug)]
pub(crate) struct Planner {
    seed: u64,
    only: Option<Workload>,
    rounds: u64,
    /// How many rounds each workload had.
    turns: [u64; Workload::COUNT],
    deaths: Ways,
    stops: Ways,
    long_stops: Ways,
}

impl Planner {
    pub(crate) fn new(seed: u64, only: Option<Workload>) -> Self {
        let (deaths, stops, long_stops) = (Ways::to(|_| true), Ways::to(|_| true), Ways::to(crash_points::is_inside));
        Self { seed, only, rounds: 0, turns: [0; Workload::COUNT], deaths, stops, long_stops }
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
        let place = usize::try_from(number % SCHEDULE.len() as u64).unwrap_or_default();
        let workload = self.only.unwrap_or(SCHEDULE[place]);
        let turn = self.turns[workload as usize];
        self.turns[workload as usize] += 1;
        let random = &mut Xoshiro256PlusPlus::seed_from_u64(mix(self.seed, number));
        // Sections are killed by their round.
        let count = if workload == Workload::Sections { 0 } else { KILLS };
        let mut kills: Vec<Kill> = (0..count).map(|turn| self.kill(workload, turn, random)).collect();
        let mut stop = |ways: &mut Ways| ways.next(workload, random).map(|(victim, manner)| Stop { victim, manner });
        let mut stops: Vec<Stop> = (0..STOPS).filter_map(|_| stop(&mut self.stops)).collect();
        let long_stop = has_a_long_stop(turn).then(|| stop(&mut self.long_stops)).flatten();
        if is_recorded(turn) && workload.is_shared_memory() {
            // In the middle of what the worker tells the record, whatever it works on.
            let mut manner = || Manner::FirstAt(one_of(random, &RECORDING));
            if let Some(kill) = kills.last_mut() {
                *kill = Kill { stopped: None, manner: manner(), ..kill.clone() };
            }
            let victim = stops.first().map(|stop| stop.victim);
            stops.extend(victim.map(|victim| Stop { victim, manner: manner() }));
        }
        let trace = workload.is_shared_memory().then(|| trace(workload, random));
        Round { number, workload, turn, random: random.clone(), kills, stops, long_stop, trace }
    }

    /// Every second kill is at a crash point, if the workload's workers hit any.
    fn kill(&mut self, workload: Workload, turn: usize, random: &mut Xoshiro256PlusPlus) -> Kill {
        if turn.is_multiple_of(2)
            && let Some((victim, manner)) = self.deaths.next(workload, random)
        {
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
}

fn trace(workload: Workload, random: &mut Xoshiro256PlusPlus) -> Trace {
    let roles: Vec<_> = Role::ALL.iter().filter(|role| role.workload() == workload && role.weight() > 0).collect();
    let worker = Victim { role: *roles[random.random_range(0..roles.len())], index: random.random_range(0..DIVISIBLE) };
    Trace { worker, end: one_of(random, &[DebuggersEnd::Detaches, DebuggersEnd::Dies, DebuggersEnd::DiesAndKills]) }
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

/// An index below this, taken modulo any number up to 10, gives each remainder equally often.
const DIVISIBLE: usize = 5040;

#[cfg(test)]
mod tests;
