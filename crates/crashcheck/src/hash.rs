//! A hash of 128 bits: so wide that two states are not taken for one another by chance. Of 10^9 states the chance is
//! one in 10^20.

use std::hash::Hasher;

const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
const SECOND: u64 = 0xBF58_476D_1CE4_E5B9;
const THIRD: u64 = 0x94D0_49BB_1331_11EB;

/// The hash of words in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    low: u64,
    high: u64,
}

impl Digest {
    /// The hash of no word. Each kind of thing that is hashed has its own seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { low: seed.wrapping_mul(FIRST), high: seed.wrapping_mul(SECOND) ^ THIRD }
    }

    #[inline]
    pub(crate) fn push(&mut self, word: u64) {
        self.low = (self.low ^ word).wrapping_mul(FIRST);
        self.low ^= self.low >> 32;
        self.high = self.high.wrapping_add(word).wrapping_mul(SECOND);
        self.high ^= self.high >> 29;
    }

    #[inline]
    pub(crate) fn push_all(&mut self, other: Self) {
        self.push(other.low);
        self.push(other.high);
    }

    #[inline]
    #[must_use]
    pub(crate) fn with(mut self, word: u64) -> Self {
        self.push(word);
        self
    }

    /// Adds the hash of one more of several things that have no order.
    #[inline]
    pub(crate) fn add(&mut self, one: Self) {
        let one = one.mixed();
        self.low = self.low.wrapping_add(one.low);
        self.high = self.high.wrapping_add(one.high);
    }

    /// Takes the hash of one of them away again.
    #[inline]
    pub(crate) fn remove(&mut self, one: Self) {
        let one = one.mixed();
        self.low = self.low.wrapping_sub(one.low);
        self.high = self.high.wrapping_sub(one.high);
    }

    /// Each bit of the result depends on each bit of both halves.
    #[inline]
    #[must_use]
    pub(crate) fn mixed(self) -> Self {
        let low = mix(self.low ^ self.high.rotate_left(32));
        Self { low, high: mix(self.high.wrapping_add(low)) }
    }

    pub(crate) fn halves(self) -> (u64, u64) {
        (self.low, self.high)
    }
}

/// The last step of `SplitMix64` (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
#[inline]
fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(SECOND);
    word = (word ^ (word >> 27)).wrapping_mul(THIRD);
    word ^ (word >> 31)
}

/// So that any value can be hashed.
impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(size_of::<u64>()) {
            let mut word = [0; size_of::<u64>()];
            word[..chunk.len()].copy_from_slice(chunk);
            self.push(u64::from_le_bytes(word));
        }
        self.push(bytes.len() as u64);
    }

    fn write_u8(&mut self, word: u8) {
        self.push(word.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.push(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.push(word as u64);
    }

    fn finish(&self) -> u64 {
        self.mixed().low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_an_order_and_things_that_are_added_have_none() {
        let one = Digest::new(1).with(2).with(3);
        let other = Digest::new(1).with(3).with(2);
        assert_ne!(one, other);
        let sum = |things: [Digest; 2]| {
            let mut sum = Digest::default();
            for thing in things {
                sum.add(thing);
            }
            sum
        };
        assert_eq!(sum([one, other]), sum([other, one]));
        let mut rest = sum([one, other]);
        rest.remove(one);
        assert_eq!(rest, sum([other, Digest::default()]).difference(Digest::default()));
    }

    impl Digest {
        fn difference(mut self, other: Self) -> Self {
            self.remove(other);
            self
        }
    }
}
