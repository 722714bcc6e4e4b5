//! Figures for people: three digits, in a unit that suits them.

use crate::case::{Measure, Wanted};
use crate::spread::Spread;

/// Where there is no figure.
pub(crate) const NONE: &str = "–";
const MIB: f64 = 1_048_576.0;

impl Measure {
    /// Figures in a unit that suits the size of their median.
    pub(crate) fn shown(self, spread: Spread) -> String {
        let (one, unit) = match (self, spread.median) {
            (Self::Rate(_), 1e6..) => (1e6, "M/s"),
            (Self::Rate(_), 1e3..) => (1e3, "k/s"),
            (Self::Rate(_), _) => (1.0, "/s"),
            (Self::Time | Self::P99, seconds) => time_unit(seconds),
            (Self::Memory, _) => (MIB, "MiB"),
            (Self::Share, _) => (1.0, "%"),
        };
        in_unit(spread, one, unit)
    }
}

/// The unit of a time, and how many seconds it has.
fn time_unit(seconds: f64) -> (f64, &'static str) {
    match seconds {
        1e-3.. => (1e-3, "ms"),
        1e-6.. => (1e-6, "µs"),
        _ => (1e-9, "ns"),
    }
}

impl Wanted {
    pub(crate) fn shown(self) -> String {
        match self {
            Self::Faster(times) => format!("at least {} ×", rounded(times)),
            Self::AtMost(times) => format!("at most {} ×", rounded(times)),
            Self::Within(seconds) => {
                let (one, unit) = time_unit(seconds);
                format!("at most {} {unit}", rounded(seconds / one))
            }
            Self::Below(limit) => format!("below {} %", rounded(limit)),
            Self::BelowMemory(limit) => format!("below {} MiB", rounded(limit / MIB)),
            Self::Shown => NONE.to_owned(),
        }
    }

    /// A ratio, in the sense of what is wanted.
    pub(crate) fn ratio_shown(self, spread: Spread) -> String {
        let unit = if matches!(self, Self::AtMost(_) | Self::Within(_)) { "× the time" } else { "×" };
        in_unit(spread, 1.0, unit)
    }
}

/// The median, the lowest and the highest, in a unit of the size `one`.
fn in_unit(Spread { median, lowest, highest }: Spread, one: f64, unit: &str) -> String {
    let [median, lowest, highest] = [median, lowest, highest].map(|value| rounded(value / one));
    format!("{median} ({lowest} – {highest}) {unit}")
}

/// Three significant digits: more are noise.
fn rounded(value: f64) -> String {
    let digits = match value.abs() {
        value if value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        value if value >= 0.0995 => 2,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit_that_suits_them() {
        let shown =
            |measure: Measure, median: f64, highest| measure.shown(Spread { median, lowest: median / 2.0, highest });
        let rate = Measure::Rate("items");
        assert_eq!(shown(rate, 8_712_345.0, 1e7), "8.71 (4.36 – 10) M/s");
        assert_eq!(shown(rate, 98_449.0, 2_000_000.0), "98.4 (49.2 – 2000) k/s");
        assert_eq!(shown(rate, 512.4, 600.0), "512 (256 – 600) /s");
        assert_eq!(shown(Measure::Time, 8.1e-9, 1e-8), "8.1 (4.05 – 10) ns");
        assert_eq!(shown(Measure::Time, 171.6e-6, 0.0019), "172 (85.8 – 1900) µs");
        assert_eq!(shown(Measure::Time, 0.001_904, 0.002), "1.9 (0.95 – 2) ms");
        assert_eq!(shown(Measure::Share, 0.0031, 100.0), "0.0031 (0.0015 – 100) %");
    }

    #[test]
    fn what_is_wanted_is_said_as_it_was_asked_for() {
        assert_eq!(Wanted::Faster(60.0).shown(), "at least 60 ×");
        assert_eq!(Wanted::Faster(0.5).shown(), "at least 0.5 ×");
        assert_eq!(Wanted::AtMost(1.2).shown(), "at most 1.2 ×");
        assert_eq!(Wanted::Within(2e-6).shown(), "at most 2 µs");
        assert_eq!(Wanted::Within(150e-9).shown(), "at most 150 ns");
        assert_eq!(Wanted::Below(1.0).shown(), "below 1 %");
    }
}
