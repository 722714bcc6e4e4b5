//! Ways to come to a crash point, each before any comes again.

use std::collections::VecDeque;

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;

use super::{DIVISIBLE, MOST_HITS, Manner, Victim};
use crate::crash_points::{self, CrashPoint, HitBy};
use crate::roles::{Role, Workload};

/// For each workload: the ways that are still to come before all come again.
#[derive(Debug)]
pub(super) struct Ways {
    is_wanted: fn(CrashPoint) -> bool,
    left: Vec<(Workload, VecDeque<(Role, Manner)>)>,
}

impl Ways {
    /// Ways to the crash points of this kind.
    pub(super) fn to(is_wanted: fn(CrashPoint) -> bool) -> Self {
        Self { is_wanted, left: Vec::new() }
    }

    /// The next way of a workload, and a worker of its role. `None` if its workers hit no such point.
    pub(super) fn next(&mut self, workload: Workload, random: &mut Xoshiro256PlusPlus) -> Option<(Victim, Manner)> {
        if !self.left.iter().any(|(known, _)| *known == workload) {
            self.left.push((workload, VecDeque::new()));
        }
        let (_, left) = self.left.iter_mut().find(|(known, _)| *known == workload)?;
        if left.is_empty() {
            left.extend(all(workload, self.is_wanted, random));
        }
        let (role, manner) = left.pop_front()?;
        Some((Victim { role, index: random.random_range(0..DIVISIBLE) }, manner))
    }
}

/// Every way to a crash point of this workload in random order, one way for each point first.
fn all(workload: Workload, is_wanted: fn(CrashPoint) -> bool, random: &mut Xoshiro256PlusPlus) -> Vec<(Role, Manner)> {
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for point in CrashPoint::ALL.iter().filter(|point| is_wanted(**point)) {
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
