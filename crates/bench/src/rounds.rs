//! Interleaved rounds: ours, peer, peer, ours, ours, peer ...
//!
//! A machine is faster at one moment than at another, and two figures that were taken one after the
//! other differ by that as well. The ratio of two figures that were taken side by side, round by
//! round, does not. The order within a round alternates, because the second turn may find a warmer
//! machine.

use common::Error;

use crate::sample::{Sample, Unmeasured};

/// The samples of one contestant, one for each round, or why there are none.
pub(crate) type Samples = Result<Vec<Sample>, Unmeasured>;

/// The samples of both contestants.
#[derive(Debug, PartialEq)]
pub(crate) struct Rounds {
    pub(crate) ours: Samples,
    pub(crate) peer: Samples,
}

/// Which of the two contestants is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Ours,
    Peer,
}

/// The order of the two turns of a round.
pub(crate) fn order(round: usize) -> [Turn; 2] {
    if round.is_multiple_of(2) { [Turn::Ours, Turn::Peer] } else { [Turn::Peer, Turn::Ours] }
}

impl Rounds {
    /// Plays `count` rounds. A contestant that fails has no more turns; the other one goes on alone.
    pub(crate) fn play(
        count: usize,
        mut measure: impl FnMut(Turn) -> Result<Result<Sample, Unmeasured>, Error>,
    ) -> Result<Self, Error> {
        let mut rounds = Self { ours: Ok(vec![]), peer: Ok(vec![]) };
        for turn in (0..count).flat_map(order) {
            let samples = match turn {
                Turn::Ours => &mut rounds.ours,
                Turn::Peer => &mut rounds.peer,
            };
            if let Ok(known) = samples {
                match measure(turn)? {
                    Ok(sample) => known.push(sample),
                    Err(why) => *samples = Err(why),
                }
            }
        }
        Ok(rounds)
    }

    /// The samples of each round in which both contestants were measured.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Sample, &Sample)> {
        self.ours.iter().flatten().zip(self.peer.iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sample(seconds: u64) -> Sample {
        Sample::new(1, Duration::from_secs(seconds))
    }

    #[test]
    fn rounds_are_interleaved_and_the_order_alternates() {
        use Turn::{Ours, Peer};
        let mut turns = vec![];
        let rounds = Rounds::play(3, |turn| {
            turns.push(turn);
            Ok(Ok(sample(turns.len() as u64)))
        });
        assert_eq!(turns, [Ours, Peer, Peer, Ours, Ours, Peer]);
        let rounds = rounds.unwrap();
        let pairs: Vec<_> = rounds.pairs().map(|(ours, peer)| (ours.seconds, peer.seconds)).collect();
        assert_eq!(pairs, [(1.0, 2.0), (4.0, 3.0), (5.0, 6.0)]);
    }

    #[test]
    fn a_contestant_that_fails_has_no_more_turns_and_the_other_one_goes_on() {
        let missing = Unmeasured::Missing("python3 is missing".to_owned());
        let mut asked = 0;
        let rounds = Rounds::play(5, |turn| match turn {
            Turn::Ours => Ok(Ok(sample(1))),
            Turn::Peer => {
                asked += 1;
                Ok(Err(missing.clone()))
            }
        });
        let rounds = rounds.unwrap();
        assert_eq!((asked, rounds.ours.as_ref().map(Vec::len)), (1, Ok(5)));
        assert_eq!((rounds.pairs().count(), rounds.peer), (0, Err(missing)));
    }
}
