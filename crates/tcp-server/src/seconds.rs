//! A timeout of the command line.
//!
//! Real seconds: `--speed` divides the delays of the notes, and the pauses of a network or of a silent
//! client are none of those.

use std::str::FromStr;
use std::time::Duration;

use common::refusal::Refusal;

use crate::words;

/// From a millisecond to eleven days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds(f64);

impl FromStr for Seconds {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().ok().filter(|seconds| (0.001..=1e6).contains(seconds));
        seconds.map(Self).ok_or_else(|| Refusal(words::timeout_is_a_number()))
    }
}

impl From<Seconds> for Duration {
    fn from(Seconds(seconds): Seconds) -> Self {
        Self::from_secs_f64(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_positive_and_finite_number() {
        let read = |text: &str| text.parse().ok().map(|seconds: Seconds| Duration::from(seconds));
        assert_eq!(read("0.25"), Some(Duration::from_millis(250)));
        assert_eq!(read("1e6"), Some(Duration::from_secs(1_000_000)));
        for refused in ["0", "-1", "1e7", "inf", "NaN", "soon", ""] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
