//! How much an exploration tries.

/// How much of what may happen an exploration tries. Each is a number in one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How often an actor that could go on is left for another. `None`: as often as may be.
    pub preemptions: Option<u32>,
    /// How many actors are killed.
    pub deaths: u32,
    /// How many loads see an old value, how many stores go before others, and how many deaths undo a store that the
    /// compiler had put too early. `None`: as many as may be. `Some(0)`: sequential consistency.
    pub stale: Option<u32>,
    /// How many waits end early: for no reason, or by a time-out that others would have forestalled.
    pub early: u32,
    /// How many relaxed stores others see before the loads that come before them in their actor: load buffering,
    /// which C++20 allows and few processors do. Of atomics that were used before alone.
    pub ahead: u32,
}

/// A bound that is never reached, and counts.
pub(crate) const ANY: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
pub(crate) struct Limits {
    pub(crate) reduces: bool,
    pub(crate) remembers: bool,
    pub(crate) steps: u64,
    pub(crate) forbids_ticks: bool,
    pub(crate) may_hang: bool,
}

/// All bounds below the given ones, the smallest first.
pub(crate) fn smaller(most: Bounds) -> impl Iterator<Item = Bounds> {
    // A violation that takes more than this is not made smaller.
    const MOST: u32 = 4;
    let top = |bound: Option<u32>| bound.unwrap_or(MOST).min(MOST);
    let (preemptions, stale) = (top(most.preemptions), top(most.stale));
    let mut all = Vec::new();
    for preemptions in 0..=preemptions {
        for deaths in 0..=most.deaths.min(MOST) {
            for stale in 0..=stale {
                for early in 0..=most.early.min(MOST) {
                    for ahead in 0..=most.ahead.min(MOST) {
                        let (preemptions, stale) = (Some(preemptions), Some(stale));
                        all.push(Bounds { preemptions, deaths, stale, early, ahead });
                    }
                }
            }
        }
    }
    let size = |bounds: &Bounds| {
        let Bounds { preemptions, deaths, stale, early, ahead } = *bounds;
        preemptions.unwrap_or(0) + deaths + stale.unwrap_or(0) + early + ahead
    };
    // Of two that are as small, the one without old values is easier to read.
    all.sort_by_key(|bounds| (size(bounds), bounds.stale, bounds.ahead, bounds.early));
    all.into_iter().take_while(move |bounds| *bounds != most)
}
