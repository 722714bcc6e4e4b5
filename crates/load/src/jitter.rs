//! Random numbers for pauses, the same ones for the same seed.

use std::ops::RangeInclusive;

/// `SplitMix64` by Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014):
/// <https://doi.org/10.1145/2714064.2660195>.
#[derive(Clone, Debug)]
pub(crate) struct Jitter {
    state: u64,
}

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, span) = (*range.start(), range.end() - range.start());
        // The high half of the product maps 64 random bits to the span without a division.
        let scaled = (u128::from(self.next()) * (u128::from(span) + 1)) >> 64;
        low + u64::try_from(scaled).unwrap_or(span)
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_algorithm() {
        let mut jitter = Jitter::new(1_234_567);
        let numbers = [(); 5].map(|()| jitter.next());
        // From the reference in C, <https://prng.di.unimi.it/splitmix64.c>, with the same seed.
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn draws_stay_in_their_range_and_reach_both_ends() {
        let mut jitter = Jitter::new(7);
        let draws: Vec<_> = (0..1000).map(|_| jitter.draw(5..=10)).collect();
        assert_eq!((draws.iter().min(), draws.iter().max()), (Some(&5), Some(&10)));
        assert_eq!(jitter.draw(3..=3), 3);
        assert!((0..1000).any(|_| jitter.draw(0..=u64::MAX) > u64::MAX / 2));
    }
}
