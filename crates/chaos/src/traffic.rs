//! What the two arenas of queues have in common: how wide, how large, how fast.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::item::Content;
use crate::workers::CROWD;

/// What a round's queue is like, and who works on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) capacity: usize,
    pub(crate) producers: usize,
    pub(crate) consumers: usize,
    pub(crate) content: Content,
    /// How long a consumer works on an item, in microseconds at most.
    pub(crate) work: u64,
}

/// How a worker waits for room or for an item: all three ways must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Forever,
    /// Again and again for a moment.
    Moments,
    /// Not at all, again and again.
    None,
}

/// How long a moment is: far below the queue's own tick, so that it does time out now and then.
pub(crate) const MOMENT: Duration = Duration::from_micros(300);

impl Traffic {
    pub(crate) fn new(random: &mut Xoshiro256PlusPlus, poison_every: u64) -> Self {
        let capacity = one_of(random, &[1, 2, 3, 8, 64]);
        let largest = one_of(random, &[0, 40, 400, 4_000, 50_000]);
        let content = Content { seed: random.random(), largest, poison_every };
        let work = one_of(random, &[0, 5, 50]);
        let mut crowd = || random.random_range(1..=CROWD);
        Self { capacity, producers: crowd(), consumers: crowd(), content, work }
    }
}

impl Patience {
    pub(crate) fn any(random: &mut Xoshiro256PlusPlus) -> Self {
        one_of(random, &[Self::Forever, Self::Moments, Self::None])
    }
}

/// One of `choices`, each as likely.
pub(crate) fn one_of<T: Copy>(random: &mut Xoshiro256PlusPlus, choices: &[T]) -> T {
    choices[random.random_range(0..choices.len())]
}

/// Keeps the processor busy for up to `micros`: work during which a worker may be killed.
pub(crate) fn work(random: &mut Xoshiro256PlusPlus, micros: u64) {
    let time = Duration::from_micros(random.random_range(0..=micros));
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}
