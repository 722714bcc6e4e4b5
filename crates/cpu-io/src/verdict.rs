//! What the measurements of the three ways prove, and when they prove nothing.

use common::words::Text;

use crate::rounds::Rounds;
use crate::ways::Way;
use crate::words;

/// A task that computes one at a time has a processor for itself. With less of it than this, it was starved.
const LEAST_CPU: f64 = 0.8;
/// How many times as long as it needs a way may take that computes on all cores.
const MOST_WALL: f64 = 1.25;

/// How many seconds of a wall time are the measurement's own.
const MEASURING: f64 = 0.0005;

/// What a kind of work needs of the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needs {
    /// Nothing while it waits.
    Nothing,
    /// One core, where the tasks are done one after the other. Of the other ways nothing is known.
    OneCore,
    /// As many cores as there are, after the starts of all tasks, whose seconds are in the order of [`Way::ALL`].
    AllCores { starts: [f64; 3], at_once: f64 },
}

/// How many of `tasks` equal tasks `cores` cores do at once, on average until the last one is done.
pub(crate) fn at_once(tasks: u32, cores: usize) -> f64 {
    let cores = u32::try_from(cores).unwrap_or(u32::MAX);
    f64::from(tasks) / f64::from(tasks.div_ceil(cores))
}

/// The ways that did best, the fastest first; there are several if the rounds do not tell them apart. Serial alone: no
/// other way beat it. The error is why there is no verdict.
pub(crate) fn best(ways: &[Rounds; 3], needs: Needs) -> Result<Vec<Way>, Text> {
    if let Some(starved) = Way::ALL.into_iter().find_map(|way| starved(ways, way, needs)) {
        return Err(starved);
    }
    let mut order = Way::ALL;
    order.sort_by(|a, b| ways[*a as usize].wall().total_cmp(&ways[*b as usize].wall()));
    let fastest = &ways[order[0] as usize];
    let best: Vec<_> = order.into_iter().filter(|way| ways[*way as usize].overlap(fastest)).collect();
    if best.len() > 1 && best.contains(&Way::Serial) { Err(words::rounds_differ()) } else { Ok(best) }
}

/// Why the measurements do not tell whether `way` is faster than serial, if they do not.
pub(crate) fn doubt(ways: &[Rounds; 3], way: Way, needs: Needs) -> Option<Text> {
    let starved = [Way::Serial, way].into_iter().find_map(|way| starved(ways, way, needs));
    starved.or_else(|| ways[0].overlap(&ways[way as usize]).then(words::rounds_differ))
}

/// Why the machine had too little time on its processors for a way, if it had.
fn starved(ways: &[Rounds; 3], way: Way, needs: Needs) -> Option<Text> {
    let rounds = &ways[way as usize];
    let (wall, cpu) = (rounds.wall(), rounds.cpu());
    let is_starved = match (way, needs) {
        (_, Needs::Nothing) | (Way::Threads | Way::Processes, Needs::OneCore) => false,
        (Way::Serial, _) => cpu + MEASURING < LEAST_CPU * wall,
        (_, Needs::AllCores { starts, at_once }) => {
            wall > MOST_WALL * (starts[way as usize] + cpu / at_once) + MEASURING
        }
    };
    is_starved.then(|| words::was_busy(way.text(), cpu * 1e3, wall * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::Took;

    /// Rounds with these wall times, in which each CPU second that is needed was there.
    fn took(walls: [f64; 3], cores: f64) -> Rounds {
        walls.into_iter().map(|wall| Took { wall, cpu: wall * cores }).collect()
    }

    const NEEDS: Needs = Needs::AllCores { starts: [0.0, 0.001, 0.01], at_once: 2.0 };

    fn key(result: Result<Vec<Way>, Text>) -> Result<Vec<Way>, &'static str> {
        result.map_err(|doubt| doubt.key().unwrap_or_default())
    }

    #[test]
    fn the_way_whose_slowest_round_beats_the_others_fastest_did_best() {
        let serial = took([1.0, 1.1, 1.02], 1.0);
        let ways = [serial.clone(), took([0.51, 0.52, 0.5], 2.0), took([0.6, 0.61, 0.62], 2.0)];
        assert_eq!(key(best(&ways, NEEDS)), Ok(vec![Way::Threads]));
        assert_eq!(doubt(&ways, Way::Threads, NEEDS), None);
        let alike = [serial.clone(), took([0.51, 0.52, 0.5], 2.0), took([0.505, 0.53, 0.54], 2.0)];
        assert_eq!(key(best(&alike, NEEDS)), Ok(vec![Way::Threads, Way::Processes]));
        let slower = [serial, took([1.3, 1.31, 1.4], 2.0), took([2.0, 2.1, 2.0], 2.0)];
        assert_eq!(key(best(&slower, NEEDS)), Ok(vec![Way::Serial]));
    }

    #[test]
    fn rounds_that_differ_more_than_the_ways_do_prove_nothing() {
        let ways = [took([1.0, 1.4, 1.1], 1.0), took([0.9, 1.05, 0.7], 2.0), took([2.0, 2.1, 2.2], 2.0)];
        for needs in [NEEDS, Needs::OneCore, Needs::Nothing] {
            assert_eq!(key(best(&ways, needs)), Err("rounds_differ"));
            assert_eq!(doubt(&ways, Way::Threads, needs).and_then(|doubt| doubt.key()), Some("rounds_differ"));
        }
    }

    #[test]
    fn a_way_that_was_starved_proves_nothing_however_clear_the_numbers_are() {
        let threads = took([0.5, 0.5, 0.5], 2.0);
        // Serial had 1319 ms of CPU time in 5562 ms.
        let starved = [took([5.562; 3], 1.319 / 5.562), threads.clone(), took([0.6; 3], 2.0)];
        assert_eq!(key(best(&starved, NEEDS)), Err("was_busy"));
        assert_eq!(key(best(&starved, Needs::OneCore)), Err("was_busy"));
        assert_eq!(key(best(&starved, Needs::Nothing)), Ok(vec![Way::Threads]), "tasks that wait need no processor");
        // Threads had a core and a half of two.
        let starved = [took([1.0; 3], 1.0), took([0.8; 3], 1.3), took([1.2; 3], 2.0)];
        assert_eq!(key(best(&starved, NEEDS)), Err("was_busy"));
        assert_eq!(doubt(&starved, Way::Threads, NEEDS).and_then(|doubt| doubt.key()), Some("was_busy"));
        assert_eq!(key(best(&starved, Needs::OneCore)), Ok(vec![Way::Threads]), "Python's threads have one core");
    }

    #[test]
    fn a_way_whose_start_decides_was_not_starved() {
        // A hundred starts took 0.5 s, in which the other core had little to do.
        let slow_start = [took([0.02; 3], 1.0), took([0.5; 3], 1.0), took([0.6; 3], 1.0)];
        let needs = Needs::AllCores { starts: [0.0, 0.4, 0.5], at_once: 2.0 };
        assert_eq!(key(best(&slow_start, needs)), Ok(vec![Way::Serial]));
    }

    #[test]
    fn tasks_are_done_in_waves() {
        for (tasks, cores, expected) in [(100, 2, 2.0), (65, 64, 32.5), (3, 8, 3.0), (1, 1, 1.0)] {
            assert!((at_once(tasks, cores) - expected).abs() < 1e-9, "{tasks} tasks, {cores} cores");
        }
    }
}
