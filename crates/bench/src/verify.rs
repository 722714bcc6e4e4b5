//! What arrived is what was sent, or the time measures nothing.

use common::Error;

use crate::words;

/// An error unless `observed` is as `expected`.
pub(crate) fn expect(what: &'static str, expected: u64, observed: u64) -> Result<(), Error> {
    if expected == observed {
        return Ok(());
    }
    Err(Error::unusable("measure", words::is_and_must_be(what.to_string(), observed.to_string(), expected.to_string())))
}

/// The sum of the numbers below `count`.
pub(crate) fn sum_below(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
