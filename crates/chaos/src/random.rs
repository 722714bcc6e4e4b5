//! Random choices, all of which follow from the seed.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

/// One number made from two, each of whose bits depends on every bit of both: the finaliser of
/// `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_add(b.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One of `choices`, each with the same probability.
pub(crate) fn one_of<T: Copy>(random: &mut Xoshiro256PlusPlus, choices: &[T]) -> T {
    choices[random.random_range(0..choices.len())]
}
