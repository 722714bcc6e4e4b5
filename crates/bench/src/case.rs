//! What a row of the table is: two sides, what is measured, and what is wanted.

use crate::contestant::{Contestant, Sample};
use crate::rounds::{Rounds, Spread};

/// One row: ours against one peer.
pub(crate) struct Case {
    /// What both do.
    pub(crate) what: &'static str,
    pub(crate) ours: Contestant,
    pub(crate) peer: Contestant,
    pub(crate) amount: Amount,
    pub(crate) measure: Measure,
    pub(crate) wanted: Wanted,
    /// What a reader has to know to judge the comparison.
    pub(crate) note: &'static str,
}

/// How much a side does in a round.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    /// As many as fill the time of a round; each side its own number, because rates are compared.
    Filling,
    /// So many milliseconds of waiting, in at most [`LONG_ROUNDS`] rounds.
    Milliseconds(u32),
    /// A load for so many milliseconds.
    Load(u32),
    /// A load for as long as the user says, in one round.
    Soak,
}

/// How many rounds a row has at most that does nothing but wait.
pub(crate) const LONG_ROUNDS: usize = 3;

/// What a sample says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure {
    /// How many of these a second.
    Rate(&'static str),
    /// How long one takes.
    Time,
    /// How much of one core is used, in percent.
    Share,
    /// How long 99 of 100 take at most.
    P99,
    /// How many bytes.
    Memory,
}

/// What the figures shall be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Ours is so many times as fast, or faster.
    Faster(f64),
    /// Ours takes so many times as long, or less.
    AtMost(f64),
    /// Ours takes so many seconds, or less, however many times the peer's time that is.
    Within(f64),
    /// Ours is below this, whatever the peer is.
    Below(f64),
    /// Ours takes fewer bytes than this, whatever the peer takes.
    BelowMemory(f64),
    /// Nobody said: it is shown for information.
    Shown,
}

impl Case {
    /// The name that `--only` looks at.
    pub(crate) fn name(&self) -> String {
        format!("{} against {}", self.what, self.peer.name)
    }

    /// The values of one side.
    pub(crate) fn spread<'a>(&self, samples: impl IntoIterator<Item = &'a Sample>) -> Option<Spread> {
        Spread::of(samples.into_iter().map(|sample| self.measure.value(sample)))
    }

    /// Ours to the peer's of one round, in the sense of what is wanted.
    pub(crate) fn ratio(&self, ours: &Sample, peer: &Sample) -> Option<f64> {
        let (ours, peer) = (self.measure.value(ours), self.measure.value(peer));
        let times_as_fast = match self.measure {
            Measure::Rate(_) => ours / peer,
            Measure::Time | Measure::Share | Measure::P99 | Measure::Memory => peer / ours,
        };
        match self.wanted {
            Wanted::Faster(_) => Some(times_as_fast),
            Wanted::Shown if matches!(self.measure, Measure::Rate(_)) => Some(times_as_fast),
            Wanted::AtMost(_) | Wanted::Within(_) => Some(times_as_fast.recip()),
            Wanted::Below(_) | Wanted::BelowMemory(_) | Wanted::Shown => None,
        }
    }

    /// The ratios of all rounds.
    pub(crate) fn ratios(&self, rounds: &Rounds) -> Option<Spread> {
        Spread::of(rounds.pairs().filter_map(|(ours, peer)| self.ratio(ours, peer)))
    }

    /// Whether the median is what was wanted. `None` if nobody knows.
    pub(crate) fn reached(&self, rounds: &Rounds) -> Option<bool> {
        match self.wanted {
            Wanted::Faster(times) => self.ratios(rounds).map(|ratio| ratio.median >= times),
            Wanted::AtMost(times) => self.ratios(rounds).map(|ratio| ratio.median <= times),
            Wanted::Within(limit) => self.spread(rounds.ours.iter().flatten()).map(|ours| ours.median <= limit),
            Wanted::Below(limit) | Wanted::BelowMemory(limit) => {
                self.spread(rounds.ours.iter().flatten()).map(|ours| ours.median < limit)
            }
            Wanted::Shown => None,
        }
    }
}

impl Measure {
    /// The value of a sample, in [`Measure::unit`].
    pub(crate) fn value(self, sample: &Sample) -> f64 {
        match self {
            Self::Rate(_) => sample.count / sample.seconds,
            Self::Time => sample.seconds / sample.count,
            Self::Share => 100.0 * sample.count / sample.seconds,
            Self::P99 => sample.p99_seconds.unwrap_or(f64::NAN),
            Self::Memory => sample.count,
        }
    }

    /// The unit of the values.
    pub(crate) fn unit(self) -> String {
        match self {
            Self::Rate(what) => format!("{what}/s"),
            Self::Time | Self::P99 => "s".to_owned(),
            Self::Memory => "bytes".to_owned(),
            Self::Share => "% of one core".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contestant::How;
    use crate::scripts::{PROCESS, Script};

    fn row(measure: Measure, wanted: Wanted) -> Case {
        let side = |name| Contestant { name, how: How::Python(Script::new(PROCESS)) };
        Case { what: "", ours: side(""), peer: side(""), amount: Amount::Filling, measure, wanted, note: "" }
    }

    fn sample(count: f64, seconds: f64) -> Sample {
        Sample { count, seconds, loop_seconds: None, p99_seconds: None }
    }

    #[test]
    fn twice_as_many_a_second_is_twice_as_fast_and_half_the_time() {
        let (ours, peer) = (sample(400.0, 2.0), sample(50.0, 0.5));
        for measure in [Measure::Rate("items"), Measure::Time] {
            assert_eq!(row(measure, Wanted::Faster(1.0)).ratio(&ours, &peer), Some(2.0));
            assert_eq!(row(measure, Wanted::AtMost(1.0)).ratio(&ours, &peer), Some(0.5));
            assert_eq!(row(measure, Wanted::Below(1.0)).ratio(&ours, &peer), None);
        }
    }

    #[test]
    fn wanted_is_reached_by_the_median_and_by_nothing_unknown() {
        let found = |ours: &[f64]| Rounds {
            ours: Ok(ours.iter().map(|seconds| sample(1.0, *seconds)).collect()),
            peer: Ok(ours.iter().map(|_| sample(1.0, 1.0)).collect()),
        };
        let rounds = found(&[0.9, 1.1, 5.0]);
        for (wanted, reached) in [
            (Wanted::AtMost(1.2), Some(true)),
            (Wanted::AtMost(1.0), Some(false)),
            (Wanted::Faster(0.9), Some(true)),
            (Wanted::Faster(0.95), Some(false)),
            (Wanted::Within(1.1), Some(true)),
            (Wanted::Within(1.0), Some(false)),
            (Wanted::Below(1.2), Some(true)),
            (Wanted::Below(1.1), Some(false)),
        ] {
            assert_eq!(row(Measure::Time, wanted).reached(&rounds), reached, "{wanted:?}");
        }
        assert_eq!(row(Measure::Time, Wanted::Faster(1.0)).reached(&found(&[])), None);
    }

    #[test]
    fn a_share_is_cpu_time_in_percent_of_the_time() {
        assert_eq!(Measure::Share.value(&sample(0.05, 5.0)).to_bits(), 1.0_f64.to_bits());
    }
}
