//! What each scene must show, and where the answer is in what it returns.

use std::ops::RangeInclusive;

use common::claims::Claims;
use common::pace::Speed;
use common::report::{Expect, Is};

use crate::{PAUSE, words};

/// Of what is left, and of the seconds that all threads took.
pub(crate) fn mutex(threads: u32, speed: Speed) -> Claims<(i64, f64)> {
    let least = (speed.scale(PAUSE) * threads).as_secs_f64();
    Claims::<(i64, f64)>::new().claim(words::lock_loses_none(threads), Is(0), |(left, _), _| *left).claim_if(
        least > 0.0,
        words::one_by_one(least),
        Expect::AtLeast(least),
        |(_, seconds), _| *seconds,
    )
}

/// Of the lowest and the highest number that a round left.
pub(crate) fn unlocked(threads: u32) -> Claims<RangeInclusive<i64>> {
    Claims::<RangeInclusive<i64>>::new()
        .claim(words::never_below_0(), Expect::AtLeast(0.0), |left, _| *left.start())
        .claim(words::never_all(threads), Expect::Below(threads.into()), |left, _| *left.end())
}

/// Of what the forced round leaves.
pub(crate) fn unlocked_slow(threads: u32) -> Claims<i64> {
    let expected = i64::from(threads) - 1;
    Claims::<i64>::new().claim(words::all_but_one_lost(threads, expected), Is(expected), |left, _| *left)
}

/// Of what is left, and of the updates that were lost while the cost was measured.
pub(crate) fn atomic(threads: u32) -> Claims<(i64, i64)> {
    let claims = Claims::<(i64, i64)>::new().claim(words::atomic_loses_none(threads), Is(0), |(left, _), _| *left);
    claims.claim(words::none_lost_while_measured(), Is(0), |(_, lost), _| *lost)
}
