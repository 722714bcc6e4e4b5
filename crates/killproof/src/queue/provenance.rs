//! The observer's stamp on each message: which actor put it, and when.
//!
//! It lies beside the slots, so that a queue that is not observed pays neither time nor memory.

use std::io;

use super::ring::Ring;
use crate::observe::{self, Location, Mark, Stamp};
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::memory::{ShmSlice, shm_layout};

shm_layout! {
    /// Belongs to the message in the slot of the same number, under the same locks.
    struct Place {
        stamp: [AtomicU64; 2],
    }
}

pub(super) struct Provenance(Option<ShmSlice<Place>>);

impl Provenance {
    pub(super) fn new(capacity: usize, recorded: bool) -> io::Result<Self> {
        recorded.then(|| ShmSlice::new(capacity)).transpose().map(Self)
    }

    /// Stamps the message that the caller puts into this slot. The stamp belongs to the slot when that
    /// is committed, so a kill before leaves nothing.
    #[inline]
    pub(super) fn sign(&self, slot: u32) {
        if let Some(places) = &self.0 {
            sign(&places[slot as usize]);
        }
    }

    /// The stamp on the message of this slot.
    #[inline]
    pub(super) fn of(&self, slot: u32) -> Option<Stamp> {
        self.0.as_ref().map(|places| read(&places[slot as usize]))
    }
}

impl Ring {
    /// Reports that a message has come from one actor to another, the caller.
    pub(super) fn record_hand_over(&self, from: Stamp, at: Location) {
        self.id.mark(Mark::HandedOver { from }, at);
    }
}

#[cold]
fn sign(place: &Place) {
    for (word, value) in place.stamp.iter().zip(observe::stamp().0) {
        word.store(value, Ordering::Relaxed);
    }
}

#[cold]
fn read(place: &Place) -> Stamp {
    Stamp(std::array::from_fn(|word| place.stamp[word].load(Ordering::Relaxed)))
}
