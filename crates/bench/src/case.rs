//! What a case is, one row of the table: two contestants, what is measured, and what is wanted.

use crate::contestant::Contestant;
use crate::rounds::Rounds;
use crate::sample::Sample;
use crate::spread::Spread;

/// One row of the table: ours against one peer.
pub(crate) struct Case {
    /// What both contestants do.
    pub(crate) what: &'static str,
    pub(crate) ours: Contestant,
    pub(crate) peer: Contestant,
    pub(crate) amount: Amount,
    pub(crate) measure: Measure,
    pub(crate) wanted: Wanted,
    pub(crate) note: Note,
    /// Whether the figures depend on a disk below the folder for files.
    pub(crate) needs_disk: bool,
}

/// How much a contestant does in a round.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    /// As many items as fill the time of a round. Each contestant has its own count, because rates
    /// are compared.
    Filling,
    /// Waiting, for this many milliseconds, in at most [`LONG_ROUNDS`] rounds.
    Milliseconds(u32),
    /// A load on a server, for this many milliseconds.
    Load(u32),
    /// A load on a server for as long as the user says, in one round.
    Soak,
}

/// The most rounds of a case that only waits.
pub(crate) const LONG_ROUNDS: usize = 3;

/// Which figure a sample gives.
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

/// What was demanded of the figures before anything was built.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Ours is at least this many times as fast.
    Faster(f64),
    /// Ours takes at most this many times the peer's time.
    AtMost(f64),
    /// Ours takes at most this many seconds. The ratio is shown and not judged.
    Within(f64),
    /// Our figure is below this. The peer's is for information.
    Below(f64),
    /// Ours takes fewer bytes than this. The peer's are for information.
    BelowMemory(f64),
    /// Nothing: both figures are for information.
    Shown,
}

/// What a reader has to know to judge a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// About this row.
    Own(&'static str),
    /// About all rows whose names have the form `rows`, in which `…` is any text.
    Shared { rows: &'static str, text: &'static str },
}

impl Case {
    /// The name, part of which `--only` gives.
    pub(crate) fn name(&self) -> String {
        format!("{} against {}", self.what, self.peer.name)
    }

    /// The figures of one contestant.
    pub(crate) fn spread<'a>(&self, samples: impl IntoIterator<Item = &'a Sample>) -> Option<Spread> {
        Spread::of(samples.into_iter().map(|sample| self.measure.value(sample)))
    }

    /// The ratio of one round, in the sense of what is wanted.
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

    /// Whether the median is as wanted. `None` if nothing is wanted, or a contestant has no samples.
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
    /// The figure of a sample, in [`Measure::unit`].
    pub(crate) fn value(self, sample: &Sample) -> f64 {
        match self {
            Self::Rate(_) => sample.count / sample.seconds,
            Self::Time => sample.seconds / sample.count,
            Self::Share => 100.0 * sample.count / sample.seconds,
            Self::P99 => sample.p99_seconds.unwrap_or(f64::NAN),
            Self::Memory => sample.count,
        }
    }

    /// The unit of the figures.
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
    use crate::scripts::PROCESS;

    fn case(measure: Measure, wanted: Wanted) -> Case {
        Case {
            what: "",
            ours: Contestant::python("", PROCESS),
            peer: Contestant::python("", PROCESS),
            amount: Amount::Filling,
            measure,
            wanted,
            note: Note::Own(""),
            needs_disk: false,
        }
    }

    fn sample(count: f64, seconds: f64) -> Sample {
        Sample { count, seconds, loop_seconds: None, p99_seconds: None }
    }

    #[test]
    fn twice_as_many_a_second_is_twice_as_fast_and_half_the_time() {
        let (ours, peer) = (sample(400.0, 2.0), sample(50.0, 0.5));
        for measure in [Measure::Rate("items"), Measure::Time] {
            assert_eq!(case(measure, Wanted::Faster(1.0)).ratio(&ours, &peer), Some(2.0));
            assert_eq!(case(measure, Wanted::AtMost(1.0)).ratio(&ours, &peer), Some(0.5));
            assert_eq!(case(measure, Wanted::Below(1.0)).ratio(&ours, &peer), None);
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
            assert_eq!(case(Measure::Time, wanted).reached(&rounds), reached, "{wanted:?}");
        }
        assert_eq!(case(Measure::Time, Wanted::Faster(1.0)).reached(&found(&[])), None);
    }

    #[test]
    fn a_share_is_cpu_time_in_percent_of_the_time() {
        assert_eq!(Measure::Share.value(&sample(0.05, 5.0)).to_bits(), 1.0_f64.to_bits());
    }
}
