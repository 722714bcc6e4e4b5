//! Schedules by priority with a few changes at random: PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized
//! Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010), and deaths and stale values beside it.
//!
//! The actor with the highest priority goes on. At each of a few steps, which are drawn from the length of an
//! execution, the priority of the actor that would go on falls below all others. What is bounded in number, a death for
//! one, is placed in the same way: at opportunities that are drawn from all that an execution had.

use crate::bounds::Bounds;
use crate::random::Random;
use crate::view::ActorId;

/// What is placed at random: how many of each an execution has is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rare {
    Death,
    Early,
    Ahead,
    Stale,
}

const RARE: [Rare; 4] = [Rare::Death, Rare::Early, Rare::Ahead, Rare::Stale];

/// A way in which an execution can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// No actor can, for now.
    Wait,
    Run(ActorId),
    Rare(Rare),
}

/// How long executions were: their steps, and their opportunities for what is rare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    steps: u32,
    rare: [u32; RARE.len()],
}

impl Lengths {
    pub(crate) fn extend(&mut self, other: Self) {
        self.steps = self.steps.max(other.steps);
        for (mine, theirs) in self.rare.iter_mut().zip(other.rare) {
            *mine = (*mine).max(theirs);
        }
    }
}

/// The plan of one execution.
#[derive(Clone, Debug)]
pub(crate) struct Pct {
    random: Random,
    /// Of each actor, `main` first, which has none. The higher goes first.
    priorities: Vec<u64>,
    /// The steps at which a priority falls. The first one falls to the lowest.
    changes: Vec<u32>,
    /// At which opportunities each rare thing happens. `None`: at each of them as chance will have it.
    rare: [Option<Vec<u32>>; RARE.len()],
    seen: Lengths,
}

impl Pct {
    /// A plan for executions that are as long as those before were.
    pub(crate) fn new(seed: u64, actors: usize, depth: u32, bounds: Bounds, lengths: Lengths) -> Self {
        let mut random = Random::new(seed);
        let lowest = u64::from(depth);
        let mut priorities: Vec<u64> = (lowest..).take(actors + 1).collect();
        for last in (2..=actors).rev() {
            priorities.swap(last, 1 + random.index(last));
        }
        // No length is known before the first execution, which measures it.
        let steps = lengths.steps;
        let changes = (1..depth).filter(|_| steps > 0).map(|_| random.below(steps)).collect();
        let most = [Some(bounds.deaths), Some(bounds.early), Some(bounds.ahead), bounds.stale];
        let rare = std::array::from_fn(|kind| {
            let opportunities = lengths.rare[kind];
            let count = random.below(most[kind]?.min(opportunities) + 1);
            Some((0..count).map(|_| random.below(opportunities)).collect())
        });
        Self { random, priorities, changes, rare, seen: Lengths::default() }
    }

    /// Which of the ways an execution goes on. There is at least one.
    pub(crate) fn turn(&mut self, ways: &[Way]) -> usize {
        for kind in RARE {
            let is_of_it = |way: &Way| *way == Way::Rare(kind);
            let count = ways.iter().filter(|way| is_of_it(way)).count();
            if count > 0 && self.is_now(kind) {
                let nth = self.random.index(count);
                let mut fitting = ways.iter().enumerate().filter(|(_, way)| is_of_it(way));
                return fitting.nth(nth).map_or(0, |(index, _)| index);
            }
        }
        let step = self.seen.steps;
        self.seen.steps += 1;
        let mut first = self.first(ways);
        for (priority, _) in (1..).zip(&self.changes).filter(|(_, change)| **change == step) {
            if let Some(Way::Run(actor)) = ways.get(first) {
                self.priorities[*actor] = priority;
                first = self.first(ways);
            }
        }
        first
    }

    /// The actor with the highest priority. Where no actor can run, they wait.
    fn first(&self, ways: &[Way]) -> usize {
        let priority = |way: &Way| match way {
            Way::Run(actor) => self.priorities[*actor],
            Way::Wait => 1,
            Way::Rare(_) => 0,
        };
        let best = ways.iter().enumerate().max_by_key(|(_, way)| priority(way));
        best.map_or(0, |(index, _)| index)
    }

    /// How old a value is, of those that may be read: 0 is the newest.
    pub(crate) fn age(&mut self, options: u32) -> u32 {
        if options > 1 && self.is_now(Rare::Stale) { 1 + self.random.below(options - 1) } else { 0 }
    }

    /// One of several options that no bound counts.
    pub(crate) fn any(&mut self, options: u32) -> u32 {
        self.random.below(options)
    }

    pub(crate) fn lengths(&self) -> Lengths {
        self.seen
    }

    /// Whether a rare thing happens at this opportunity for it.
    fn is_now(&mut self, kind: Rare) -> bool {
        let kind = kind as usize;
        let opportunity = self.seen.rare[kind];
        self.seen.rare[kind] += 1;
        match &self.rare[kind] {
            Some(places) => places.contains(&opportunity),
            None => self.random.below(2) == 1,
        }
    }
}
