//! A set of places in shared memory, a bit for each: an index of their states.
//!
//! The states are the truth. A place's bit is set after its state is stored, and cleared by the process that takes the
//! place out of that state. A bit too many is passed over.

use std::io;

use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::memory::ShmSlice;

const BITS: u32 = u64::BITS;

pub(super) struct Bits(ShmSlice<AtomicU64>);

impl Bits {
    pub(super) fn new(places: u32) -> io::Result<Self> {
        Ok(Self(ShmSlice::new(places.div_ceil(BITS) as usize)?))
    }

    /// A full fence on the processors that the toolkit is measured on, and a release on all.
    #[inline]
    pub(super) fn set(&self, place: u32) {
        self.0[(place / BITS) as usize].fetch_or(1 << (place % BITS), Ordering::AcqRel);
    }

    #[inline]
    pub(super) fn clear(&self, place: u32) {
        self.0[(place / BITS) as usize].fetch_and(!(1 << (place % BITS)), Ordering::AcqRel);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| word.load(Ordering::Acquire) == 0)
    }

    /// The places whose bits are set, from `from` on and then from the beginning. Each word is read once.
    #[inline]
    pub(super) fn from(&self, from: u32) -> impl Iterator<Item = u32> {
        let words = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let (first, low) = (from / BITS % words, (1_u64 << (from % BITS)) - 1);
        (0..=words).flat_map(move |step| {
            let at = (first + step) % words;
            let mask = match step {
                0 => !low,
                last if last == words => low,
                _ => u64::MAX,
            };
            numbers(at, self.0[at as usize].load(Ordering::Acquire) & mask)
        })
    }

    /// Clears all, and returns which were set.
    #[inline]
    pub(super) fn take(&self) -> impl Iterator<Item = u32> {
        (0..).zip(self.0.iter()).flat_map(|(at, word)| {
            let taken = if word.load(Ordering::Relaxed) == 0 { 0 } else { word.swap(0, Ordering::AcqRel) };
            numbers(at, taken)
        })
    }
}

#[inline]
fn numbers(word: u32, mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (lowest < BITS).then(|| word * BITS + lowest)
    })
}
