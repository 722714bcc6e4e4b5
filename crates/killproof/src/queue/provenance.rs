//! The observer's stamp on each message: which actor put it, and when.
//!
//! The stamps are beside the slots, so that a queue that is not observed pays neither time nor memory.

use std::io;

use crate::observe::{self, Stamp};
use crate::primitive::atomic::{AtomicU64, Ordering};
use crate::primitive::memory::{ShmSlice, shm_layout};

shm_layout! {
    /// Belongs to the message in the slot of the same number, under the same lock.
    struct Place {
        stamp: [AtomicU64; 2],
    }
}

pub(super) struct Provenance(Option<ShmSlice<Place>>);

impl Provenance {
    pub(super) fn new(capacity: usize, is_observed: bool) -> io::Result<Self> {
        is_observed.then(|| ShmSlice::new(capacity)).transpose().map(Self)
    }

    /// The observer's stamp for a message of the caller, if the queue is observed. The observer is foreign code, so
    /// the caller holds no lock.
    #[inline]
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.0.as_ref().map(|_| observe::stamp())
    }

    /// Stamps the message that the caller puts into this slot, before it commits the slot: until then the
    /// stamp means nothing.
    #[inline]
    pub(super) fn put(&self, slot: u32, stamp: Option<Stamp>) {
        if let (Some(places), Some(stamp)) = (&self.0, stamp) {
            store(&places[slot as usize], stamp);
        }
    }

    /// The stamp on the message of this slot.
    #[inline]
    pub(super) fn of(&self, slot: u32) -> Option<Stamp> {
        self.0.as_ref().map(|places| read(&places[slot as usize]))
    }
}

#[cold]
fn store(place: &Place, stamp: Stamp) {
    for (word, value) in place.stamp.iter().zip(stamp.0) {
        word.store(value, Ordering::Relaxed);
    }
}

#[cold]
fn read(place: &Place) -> Stamp {
    Stamp(std::array::from_fn(|word| place.stamp[word].load(Ordering::Relaxed)))
}
