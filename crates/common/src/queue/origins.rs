//! Who put which message, and when: for the journal, and only in a queue that somebody records.
//!
//! It stands beside the slots, so that a queue that nobody records pays neither time nor memory.

use std::io;

use super::ring::Ring;
use crate::journal::{self, At, Here, What};
use crate::sys::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sys::memory::{Mapping, plain_struct};

plain_struct! {
    /// Belongs to the message in the slot of the same number, under the same locks.
    struct Place {
        pid: AtomicU32,
        tid: AtomicU32,
        at: AtomicU64,
    }
}

pub(super) struct Origins(Option<Mapping<Place>>);

impl Origins {
    pub(super) fn new(capacity: usize, recorded: bool) -> io::Result<Self> {
        recorded.then(|| Mapping::zeroed(capacity)).transpose().map(Self)
    }

    /// Notes that the caller puts a message into this slot, now. It belongs to the slot when that is
    /// committed, so a kill before leaves nothing.
    #[inline]
    pub(super) fn sign(&self, slot: u32) {
        if let Some(places) = &self.0 {
            sign(&places[slot as usize]);
        }
    }

    /// Who put the message of this slot.
    #[inline]
    pub(super) fn of(&self, slot: u32) -> Option<Here> {
        self.0.as_ref().map(|places| read(&places[slot as usize]))
    }
}

impl Ring {
    /// Writes into the journal that a message has come from one actor to another, the caller.
    pub(super) fn record_hand_over(&self, from: Here, at: At) {
        let keys: [(&str, &dyn std::fmt::Display); 3] =
            [("from_pid", &from.pid), ("from_tid", &from.tid), ("from_t", &from.t)];
        self.made.mark(What::HandedOver, &keys, at);
    }
}

#[cold]
fn sign(place: &Place) {
    let here = journal::here().unwrap_or_default();
    place.pid.store(here.pid.cast_unsigned(), Ordering::Relaxed);
    place.tid.store(here.tid.cast_unsigned(), Ordering::Relaxed);
    place.at.store(here.t, Ordering::Relaxed);
}

#[cold]
fn read(place: &Place) -> Here {
    Here {
        pid: place.pid.load(Ordering::Relaxed).cast_signed(),
        tid: place.tid.load(Ordering::Relaxed).cast_signed(),
        t: place.at.load(Ordering::Relaxed),
    }
}
