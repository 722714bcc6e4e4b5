//! How fast a run goes, and how long it waits for what must come.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::refusal::Refusal;

crate::words! {
    fn speed_is_a_number(slowest) {
        en: "a speed is a number from {slowest} up, or inf", zh: "速度是不小于 {slowest} 的数,或者 inf"
    }
}

/// How long a lesson waits for what must come: far longer than a busy machine needs, and the end of the
/// wait is a failure.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What the notes' delays are divided by: from 0.01 up, or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(f64);

impl Speed {
    /// No delays at all.
    pub const INFINITE: Self = Self(f64::INFINITY);

    const SLOWEST: f64 = 0.01;

    /// How long a delay of the notes takes in this run.
    #[must_use]
    pub fn scale(self, delay: Duration) -> Duration {
        delay.div_f64(self.0)
    }

    /// Whether there are no delays at all.
    #[must_use]
    pub fn is_infinite(self) -> bool {
        self.0.is_infinite()
    }
}

impl FromStr for Speed {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text.parse() {
            Ok(speed) if speed >= Self::SLOWEST => Ok(Self(speed)),
            _ => Err(Refusal(speed_is_a_number(Self::SLOWEST))),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
