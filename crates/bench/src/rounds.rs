//! Interleaved rounds: ours, peer, peer, ours, ours, peer ...
//!
//! A machine is faster at one moment than at another. Two figures that were taken one after the
//! other differ by that as well; of two that were taken side by side, round by round, the ratio of
//! each round does not. And who goes first changes every round, because whoever goes second may find
//! a warmer machine.

use std::time::Duration;

use common::Error;
use common::report::median;

use crate::contestant::{Sample, Unmeasured};

/// One of the two that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    Peer,
}

/// The samples of one side, a round each, or why there are none.
pub(crate) type Found = Result<Vec<Sample>, Unmeasured>;

/// What both sides found.
#[derive(Debug, PartialEq)]
pub(crate) struct Rounds {
    pub(crate) ours: Found,
    pub(crate) peer: Found,
}

/// Who goes first in a round, and who second.
pub(crate) fn order(round: usize) -> [Who; 2] {
    if round.is_multiple_of(2) { [Who::Ours, Who::Peer] } else { [Who::Peer, Who::Ours] }
}

impl Rounds {
    /// Plays `count` rounds. A side that fails takes no more turns; the other one goes on alone.
    pub(crate) fn play(
        count: usize,
        mut turn: impl FnMut(Who) -> Result<Result<Sample, Unmeasured>, Error>,
    ) -> Result<Self, Error> {
        let mut rounds = Self { ours: Ok(vec![]), peer: Ok(vec![]) };
        for who in (0..count).flat_map(order) {
            let found = match who {
                Who::Ours => &mut rounds.ours,
                Who::Peer => &mut rounds.peer,
            };
            if let Ok(samples) = found {
                match turn(who)? {
                    Ok(sample) => samples.push(sample),
                    Err(why) => *found = Err(why),
                }
            }
        }
        Ok(rounds)
    }

    /// The samples of each round in which both sides were measured.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Sample, &Sample)> {
        self.ours.iter().flatten().zip(self.peer.iter().flatten())
    }
}

/// How many a side does in a round so that it takes about `target`, found out by doing few first,
/// which also warms the machine up for it.
pub(crate) fn calibrate(
    target: Duration,
    mut turn: impl FnMut(u64) -> Result<Result<Sample, Unmeasured>, Error>,
) -> Result<Result<u64, Unmeasured>, Error> {
    /// Each multiplies the count by 2 to 100, and 10 million is a lot for one round.
    const TRIES: usize = 12;
    let mut count = FEWEST;
    for _ in 0..TRIES {
        let sample = match turn(count)? {
            Ok(sample) => sample,
            Err(why) => return Ok(Err(why)),
        };
        // Few items take hardly longer than none, so a small sample says little about a large one.
        let missing = target.as_secs_f64() / sample.seconds;
        if missing < 2.0 {
            return Ok(Ok(scaled(count, missing.max(0.01))));
        }
        count = scaled(count, missing.min(100.0));
    }
    Ok(Ok(count))
}

/// The least that a round does: every one of eight processes something.
const FEWEST: u64 = 16;

#[expect(clippy::cast_precision_loss, reason = "a guess")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, and is positive")]
fn scaled(count: u64, factor: f64) -> u64 {
    // A number of tickets has 32 bits.
    ((count as f64 * factor) as u64).clamp(FEWEST, u64::from(u32::MAX))
}

/// Many values in three.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Spread {
    /// The upper one of an even number.
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
}

impl Spread {
    /// `None` of no values.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        if values.is_empty() {
            return None;
        }
        let median = median(&mut values);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { median, lowest, highest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seconds: f64) -> Sample {
        Sample { count: 1.0, seconds, loop_seconds: None, p99_seconds: None }
    }

    #[test]
    fn rounds_are_interleaved_and_who_goes_first_changes() {
        use Who::{Ours, Peer};
        let mut turns = vec![];
        let rounds = Rounds::play(3, |who| {
            turns.push(who);
            Ok(Ok(sample(f64::from(u32::try_from(turns.len()).unwrap()))))
        });
        assert_eq!(turns, [Ours, Peer, Peer, Ours, Ours, Peer]);
        let rounds = rounds.unwrap();
        let pairs: Vec<_> = rounds.pairs().map(|(ours, peer)| (ours.seconds, peer.seconds)).collect();
        assert_eq!(pairs, [(1.0, 2.0), (4.0, 3.0), (5.0, 6.0)]);
    }

    #[test]
    fn a_side_that_fails_takes_no_more_turns_and_the_other_goes_on() {
        let missing = Unmeasured::Missing("python3 is missing".to_owned());
        let mut asked = 0;
        let rounds = Rounds::play(5, |who| match who {
            Who::Ours => Ok(Ok(sample(1.0))),
            Who::Peer => {
                asked += 1;
                Ok(Err(missing.clone()))
            }
        });
        let rounds = rounds.unwrap();
        assert_eq!((asked, rounds.ours.as_ref().map(Vec::len)), (1, Ok(5)));
        assert_eq!((rounds.pairs().count(), rounds.peer), (0, Err(missing)));
    }

    #[test]
    fn the_spread_is_median_lowest_and_highest() {
        let spread = |median, lowest, highest| Some(Spread { median, lowest, highest });
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), spread(2.0, 1.0, 3.0));
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]), spread(3.0, 1.0, 4.0));
        assert_eq!(Spread::of([5.0]), spread(5.0, 5.0, 5.0));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn a_round_is_made_as_long_as_wanted_whatever_the_speed() {
        for (nanoseconds, fixed) in [(8_u32, 1e-4), (5_000, 0.02), (1_000_000, 0.0), (100_000_000, 0.0)] {
            let each = f64::from(nanoseconds) * 1e-9;
            let turn = |count: u64| Ok(Ok(sample(fixed + f64::from(u32::try_from(count).unwrap()) * each)));
            let count = calibrate(Duration::from_millis(200), turn).unwrap().unwrap();
            let took = f64::from(u32::try_from(count).unwrap()) * each;
            let least = f64::from(u32::try_from(FEWEST).unwrap()) * each;
            assert!((0.1..0.4).contains(&took) || took <= least, "{count} of {nanoseconds} ns each take {took} s");
        }
    }

    #[test]
    fn what_cannot_be_measured_cannot_be_calibrated() {
        let why = Unmeasured::Failed("hangs".to_owned());
        assert_eq!(calibrate(Duration::from_secs(1), |_| Ok(Err(why.clone()))).unwrap(), Err(why));
    }
}
