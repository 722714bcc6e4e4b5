//! A time axis: round times, and words for them.

use journal::Lang;

use crate::units;

const SECOND: u64 = 1_000_000_000;

/// Round times from `from` to `until`, at most `most` and at least one apart, with their labels.
pub(crate) fn ticks(from: u64, until: u64, most: usize, lang: Lang) -> Vec<(u64, String)> {
    let length = until.saturating_sub(from).max(1);
    let least = length.div_ceil(u64::try_from(most.max(1)).unwrap_or(1));
    let step = round_up(least);
    let (unit, name) = unit_of(until, lang);
    let digits = decimals(step, unit);
    let first = from.div_ceil(step);
    let times = (first..).map(|number| number * step).take_while(|time| *time <= until);
    times.map(|time| (time, label(time, unit, name, digits))).collect()
}

/// A time or a length with three digits that matter: `201 ms`.
pub(crate) fn readable(nanos: u64, lang: Lang) -> String {
    let (unit, name) = unit_of(nanos, lang);
    let digits = match nanos / unit {
        100.. => 0,
        10.. => 1,
        _ => 2,
    };
    label(nanos, unit, name, digits)
}

/// The smallest of 1, 2, 5, 10, 20, 50, ... that is not below `least`.
fn round_up(least: u64) -> u64 {
    let power = 10_u64.pow(least.max(1).ilog10());
    [1, 2, 5].into_iter().map(|factor| power * factor).find(|step| *step >= least).unwrap_or(power.saturating_mul(10))
}

fn unit_of(nanos: u64, lang: Lang) -> (u64, &'static str) {
    match nanos {
        SECOND.. => (SECOND, units::seconds(lang)),
        1_000_000.. => (1_000_000, units::milliseconds(lang)),
        _ => (1_000, units::microseconds(lang)),
    }
}

/// How many decimals tell multiples of `step` apart.
fn decimals(step: u64, unit: u64) -> usize {
    let mut digits = 0;
    let mut scale = unit;
    while scale > 1 && !step.is_multiple_of(scale) {
        scale /= 10;
        digits += 1;
    }
    digits
}

fn label(nanos: u64, unit: u64, name: &str, digits: usize) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    // Whole nanoseconds below 2^53: exact.
    #[expect(clippy::cast_precision_loss, reason = "a run is shorter than a hundred days")]
    let value = nanos as f64 / unit as f64;
    format!("{value:.digits$} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: u64, until: u64, most: usize) -> Vec<String> {
        ticks(from, until, most, Lang::En).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn the_times_are_round_and_the_labels_tell_them_apart() {
        assert_eq!(labels(0, 2_115_000_000, 5), ["0", "0.5 s", "1.0 s", "1.5 s", "2.0 s"]);
        assert_eq!(labels(3_210_000_000, 3_225_000_000, 3), ["3.210 s", "3.215 s", "3.220 s", "3.225 s"]);
        assert_eq!(labels(0, 900, 2), ["0", "0.5 µs"]);
        assert_eq!(labels(0, 40_000_000, 2), ["0", "20 ms", "40 ms"]);
    }

    #[test]
    fn a_moment_without_length_has_an_axis_too() {
        assert_eq!(labels(7, 7, 4), ["0.007 µs"]);
        assert_eq!(labels(0, 0, 0), ["0"]);
    }

    #[test]
    fn a_length_has_three_digits_that_matter() {
        let told = [900, 15_300, 201_000_000, 1_250_000_000].map(|nanos| readable(nanos, Lang::En));
        assert_eq!(told, ["0.90 µs", "15.3 µs", "201 ms", "1.25 s"]);
    }
}
