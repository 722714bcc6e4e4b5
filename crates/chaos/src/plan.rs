//! What the seed decides: which arena plays which round, who is killed there, and how.
//!
//! The same seed gives the same choices: the same rounds with the same capacities, sizes and crowds,
//! the same victims in the same order, the same steps and passings, the same instants in microseconds.
//! It cannot give the same interleaving: what the victim was doing at that microsecond, and which
//! core was free for whom, is the kernel's business.

use std::collections::VecDeque;

use clap::ValueEnum;
use killproof::crashpoint::CrashPoint;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::crash_points::{self, Passed};

/// How many kills a round plans.
pub(crate) const KILLS: usize = 20;
/// The latest instant of a kill from outside, in microseconds after the last one.
const LATEST: u64 = 4_000;
/// The latest instant of a kill in the middle of something, in nanoseconds after its beginning was seen.
const MIDDLE: u32 = 20_000;
/// At which passing of a step an armed worker dies, at most.
const PASSINGS: u16 = 40;
/// How many die at the same instant, at most.
const TOGETHER: usize = 3;

/// Where kills are inflicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arena {
    /// Producers and consumers of a `JoinableQueue`.
    Joinable,
    /// Producers and consumers of a `Queue`.
    Queue,
    /// Holders of a `SharedMutex`.
    Mutex,
    /// Buyers and stockers of the tickets' file.
    Tickets,
    /// Parents of daemons.
    Daemons,
}

/// The order in which the arenas play, again and again.
const PROGRAMME: [Arena; 10] = [
    Arena::Joinable,
    Arena::Queue,
    Arena::Mutex,
    Arena::Joinable,
    Arena::Tickets,
    Arena::Joinable,
    Arena::Queue,
    Arena::Mutex,
    Arena::Joinable,
    Arena::Daemons,
];

macro_rules! roles {
    ($($(#[$about:meta])* $role:ident $name:literal $arena:ident $weight:literal)*) => {
        /// What a worker does, and so what is killed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Role { $($(#[$about])* $role,)* }

        impl Role {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$role),*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$role => $name,)* }
            }

            pub(crate) fn arena(self) -> Arena {
                match self { $(Self::$role => Arena::$arena,)* }
            }

            /// How often it is killed from outside, compared with the others of its arena.
            fn weight(self) -> usize {
                match self { $(Self::$role => $weight,)* }
            }
        }
    };
}

roles! {
    /// Puts into a `JoinableQueue`.
    Producer "producer" Joinable 3
    /// Gets from it, works, and reports.
    Consumer "consumer" Joinable 4
    /// Waits in its `join`.
    Joiner "joiner" Joinable 1
    /// Discards its dead letters, or has them tried again.
    Collector "collector" Joinable 1
    /// Puts into a `Queue`.
    Putter "putter" Queue 1
    /// Gets from it.
    Getter "getter" Queue 1
    /// Closes it. (It is there at the end of a round only, and killed then.)
    Closer "closer" Queue 0
    /// Takes a `SharedMutex` and changes its value.
    Holder "lock holder" Mutex 1
    /// Buys tickets.
    Buyer "ticket buyer" Tickets 3
    /// Makes the tickets' file.
    Stocker "ticket stocker" Tickets 1
    /// Starts daemons.
    Parent "daemons' parent" Daemons 1
}

/// How a victim dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// From outside, so many microseconds after the kill before.
    Instant(u64),
    /// From outside, so many nanoseconds after it is seen to begin what is worth being killed in.
    InTheMiddle(u32),
    /// At the nth passing of a step, by its own hand.
    Step(CrashPoint, u16),
    /// The first one of all to pass this step, whoever it is.
    Anybody(CrashPoint),
    /// At a step that it passes once in its life.
    First(CrashPoint),
    /// At the first step, and whoever recovers from that at the second one.
    Recovery(CrashPoint, CrashPoint),
}

/// Somebody: the one at this place, counted round and round, of those who have this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Victim {
    pub(crate) role: Role,
    pub(crate) place: usize,
}

/// Somebody who is stopped for a while: between two stores of others, where a step is named, so that
/// they have all the time to get in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped {
    pub(crate) victim: Victim,
    /// At which passing of which step; `None`: wherever it is.
    pub(crate) at: Option<(CrashPoint, u16)>,
}

/// A kill that was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kill {
    /// More than one only from outside: they die at the same instant.
    pub(crate) victims: Vec<Victim>,
    /// Somebody who is stopped until they are dead, and then goes on: stopped is not dead.
    pub(crate) stopped: Option<Stopped>,
    pub(crate) manner: Manner,
}

/// One round: a fresh queue, mutex or file, a crowd, and the kills.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(crate) number: u64,
    pub(crate) arena: Arena,
    /// For everything else that the arena decides.
    pub(crate) random: Xoshiro256PlusPlus,
    pub(crate) kills: Vec<Kill>,
}

/// Decides, from the seed alone.
#[derive(Debug)]
pub(crate) struct Planner {
    seed: u64,
    only: Option<Arena>,
    rounds: u64,
    /// The deaths at steps that are still to come, before all of them come again.
    steps: Vec<(Arena, VecDeque<(Role, Manner)>)>,
}

impl Planner {
    pub(crate) fn new(seed: u64, only: Option<Arena>) -> Self {
        Self { seed, only, rounds: 0, steps: Vec::new() }
    }

    /// The round of this number.
    pub(crate) fn round(seed: u64, only: Option<Arena>, number: u64) -> Round {
        let mut planner = Self::new(seed, only);
        // The steps that a round dies at follow those of the rounds before.
        (0..number).for_each(|_| drop(planner.next_round()));
        planner.next_round()
    }

    /// The next round. There is always one.
    pub(crate) fn next_round(&mut self) -> Round {
        let number = self.rounds;
        self.rounds += 1;
        let turn = usize::try_from(number % PROGRAMME.len() as u64).unwrap_or_default();
        let arena = self.only.unwrap_or(PROGRAMME[turn]);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(mix(self.seed, number));
        let kills = (0..KILLS).map(|turn| self.kill(arena, turn, &mut random)).collect();
        Round { number, arena, random, kills }
    }

    /// Every second one dies at a step, if the arena has any.
    fn kill(&mut self, arena: Arena, turn: usize, random: &mut Xoshiro256PlusPlus) -> Kill {
        if turn.is_multiple_of(2)
            && let Some((role, manner)) = self.step(arena, random)
        {
            let victim = Victim { role, place: random.random_range(0..DIVISIBLE) };
            return Kill { victims: vec![victim], stopped: None, manner };
        }
        let here = Role::ALL.iter().filter(|role| role.arena() == arena);
        let roles: Vec<Role> = here.flat_map(|role| std::iter::repeat_n(*role, role.weight())).collect();
        let together = if random.random_range(0..4) == 0 { random.random_range(2..=TOGETHER) } else { 1 };
        let victim = |random: &mut Xoshiro256PlusPlus| Victim {
            role: roles[random.random_range(0..roles.len())],
            place: random.random_range(0..DIVISIBLE),
        };
        let victims = (0..together).map(|_| victim(random)).collect();
        if together == 1 && arena != Arena::Daemons && random.random() {
            let manner = Manner::InTheMiddle(random.random_range(0..=MIDDLE));
            return Kill { victims, stopped: None, manner };
        }
        let stopped = random.random::<bool>().then(|| stopped(arena, victim(random), random));
        Kill { victims, stopped, manner: Manner::Instant(random.random_range(0..=LATEST)) }
    }

    /// The next death at a step in this arena: each step in each way before any comes again.
    fn step(&mut self, arena: Arena, random: &mut Xoshiro256PlusPlus) -> Option<(Role, Manner)> {
        if !self.steps.iter().any(|(known, _)| *known == arena) {
            self.steps.push((arena, VecDeque::new()));
        }
        let (_, left) = self.steps.iter_mut().find(|(known, _)| *known == arena)?;
        if left.is_empty() {
            left.extend(all_ways(arena, random));
        }
        left.pop_front()
    }
}

/// This one wherever it is, or somebody else at a step.
fn stopped(arena: Arena, victim: Victim, random: &mut Xoshiro256PlusPlus) -> Stopped {
    let working = |step: &CrashPoint| matches!(crash_points::passed(*step), Passed::Working(_));
    let places = |step: &CrashPoint| crash_points::workers(*step).iter().map(|role| (*role, *step)).collect::<Vec<_>>();
    let mut steps: Vec<_> = CrashPoint::ALL.iter().filter(|step| working(step)).flat_map(places).collect();
    steps.retain(|(role, _)| role.arena() == arena);
    match steps.get(random.random_range(0..=steps.len())) {
        Some((role, step)) => {
            let victim = Victim { role: *role, place: victim.place };
            Stopped { victim, at: Some((*step, random.random_range(1..=PASSINGS))) }
        }
        None => Stopped { victim, at: None },
    }
}

/// Every way to die at a step of this arena, in random order; first of all one way for each step.
fn all_ways(arena: Arena, random: &mut Xoshiro256PlusPlus) -> Vec<(Role, Manner)> {
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for step in CrashPoint::ALL {
        let mut ways = crash_points::ways(*step);
        ways.retain(|(role, _)| role.arena() == arena);
        ways.shuffle(random);
        let manner = |cause, random: &mut Xoshiro256PlusPlus| match (cause, crash_points::passed(*step)) {
            (Some(cause), _) => Manner::Recovery(cause, *step),
            (None, Passed::First(_)) => Manner::First(*step),
            (None, Passed::Waking(_)) => Manner::Anybody(*step),
            (None, _) => Manner::Step(*step, random.random_range(1..=PASSINGS)),
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

/// A place below this, taken modulo any small number of workers, is as likely as any other.
const DIVISIBLE: usize = 5040;

/// One number out of two, each bit of which depends on each of theirs: the finaliser of `SplitMix64`,
/// <https://prng.di.unimi.it/splitmix64.c>.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_add(b.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

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
    fn some_hundred_kills_arm_every_step_in_every_way() {
        let mut planner = Planner::new(1, None);
        let kills: Vec<Kill> = (0..50).flat_map(|_| planner.next_round().kills).collect();
        for step in CrashPoint::ALL {
            for (role, cause) in crash_points::ways(*step) {
                let is_it = |manner| match manner {
                    Manner::Step(armed, _) | Manner::Anybody(armed) | Manner::First(armed) => {
                        armed == *step && cause.is_none()
                    }
                    Manner::Recovery(first, second) => (Some(first), second) == (cause, *step),
                    Manner::Instant(_) | Manner::InTheMiddle(_) => false,
                };
                let found = kills.iter().any(|kill| kill.victims[0].role == role && is_it(kill.manner));
                assert!(found, "{step:?} after {cause:?} in a {}", role.name());
            }
        }
    }

    #[test]
    fn everybody_is_killed_from_outside_too() {
        let planned = kills(2);
        let outside = planned.iter().filter(|kill| matches!(kill.manner, Manner::Instant(_) | Manner::InTheMiddle(_)));
        let victims: Vec<Role> = outside.flat_map(|kill| &kill.victims).map(|victim| victim.role).collect();
        for role in Role::ALL.iter().filter(|role| role.weight() > 0) {
            assert!(victims.contains(role), "a {}", role.name());
        }
    }
}
