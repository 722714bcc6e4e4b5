//! What both workloads of queues have in common: their sizes, their ways to wait, what their
//! producers and consumers do.

mod consumer;
mod producer;

use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

pub(crate) use consumer::get;
pub(crate) use producer::{is_full, produce};

use crate::item::Content;
use crate::random::one_of;
use crate::roles::MOST_PER_ROLE;

/// What a round's queue is like, and its workers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
    pub(crate) content: Content,
    /// The longest work on an item, in microseconds.
    pub(crate) work: u64,
}

/// How a worker waits for room, for an item or for a lock. The promises hold for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitMode {
    /// In one call, as long as it takes.
    Blocking,
    /// In calls with the timeout [`MOMENT`], again and again.
    Timeout,
    /// Not at all: it tries again and again.
    Polling,
}

/// A timeout far below the interval of the toolkit's own waits, so that it does run out now and then.
pub(crate) const MOMENT: Duration = Duration::from_micros(300);

impl Traffic {
    pub(crate) fn new(random: &mut Xoshiro256PlusPlus, poison_every: u64) -> Self {
        let capacity = one_of(random, &[1, 2, 3, 8, 64]);
        let largest = one_of(random, &[0, 40, 400, 4_000, 50_000]);
        let content = Content { seed: random.random(), largest, poison_every };
        let work = one_of(random, &[0, 5, 50]);
        let mut workers = || random.random_range(1..=MOST_PER_ROLE);
        Self { capacity, producers: workers(), consumers: workers(), content, work }
    }
}

impl WaitMode {
    /// By when a call must return. One that polls waits for a lock that is kept for less than this.
    pub(crate) fn limit(self) -> Option<Duration> {
        match self {
            Self::Blocking => None,
            Self::Timeout => Some(MOMENT),
            Self::Polling => Some(Duration::from_millis(200)),
        }
    }

    pub(crate) fn any(random: &mut Xoshiro256PlusPlus) -> Self {
        one_of(random, &[Self::Blocking, Self::Timeout, Self::Polling])
    }
}

/// Keeps the processor busy for up to `micros`: work during which a worker may be killed.
pub(crate) fn work(random: &mut Xoshiro256PlusPlus, micros: u64) {
    let time = Duration::from_micros(random.random_range(0..=micros));
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}
