//! How much a contestant has to do so that a round takes as long as wanted.

use std::time::Duration;

use common::Error;

use crate::sample::{Sample, Unmeasured};

/// The count with which a contestant takes about `target`. It is found by trying small counts first,
/// which also warms the machine up for the contestant.
pub(crate) fn calibrate(
    target: Duration,
    mut turn: impl FnMut(u64) -> Result<Result<Sample, Unmeasured>, Error>,
) -> Result<Result<u64, Unmeasured>, Error> {
    /// Each try multiplies the count by 2 to 100, so these reach any count that fits a round.
    const TRIES: usize = 12;
    let mut count = FEWEST;
    for _ in 0..TRIES {
        let sample = match turn(count)? {
            Ok(sample) => sample,
            Err(why) => return Ok(Err(why)),
        };
        // A few items take hardly longer than none, so a small sample says little about a large one.
        let missing = target.as_secs_f64() / sample.seconds;
        if missing < 2.0 {
            return Ok(Ok(scaled(count, missing.max(0.01))));
        }
        count = scaled(count, missing.min(100.0));
    }
    Ok(Ok(count))
}

/// The least that a round does: each of eight processes has two items.
const FEWEST: u64 = 16;

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, and is positive")]
fn scaled(count: u64, factor: f64) -> u64 {
    // A number of tickets has 32 bits.
    ((count as f64 * factor) as u64).clamp(FEWEST, u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_made_as_long_as_wanted_whatever_the_speed() {
        for (nanoseconds, fixed) in [(8_u32, 1e-4), (5_000, 0.02), (1_000_000, 0.0), (100_000_000, 0.0)] {
            let each = f64::from(nanoseconds) * 1e-9;
            let turn = |count: u64| {
                let seconds = fixed + f64::from(u32::try_from(count).unwrap()) * each;
                Ok(Ok(Sample::new(1, Duration::from_secs_f64(seconds))))
            };
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
