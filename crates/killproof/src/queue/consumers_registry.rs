//! Which processes ever took a delivery, and which of them are alive: so that others get what a dead consumer
//! held, and `join` can tell when no consumer is left.

mod threads;

use std::io;

use self::threads::ConsumerThreads;
use crate::crashpoint::{CrashPoint, hit};
use crate::error::Phrase;
use crate::places::{Places, place_of};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::liveness::PLACES;
use crate::primitive::memory::{ShmBox, ShmSlice, Zeroed, shm_layout};
use crate::primitive::{identity, private};

shm_layout! {
    struct Place {
        /// Raised by each consumer that takes the place, under the lock of the head: a lease of an earlier one has a
        /// lower number.
        generation: AtomicU32,
    }
}

shm_layout! {
    struct Entries {
        /// How many consumers there ever were.
        count: AtomicU64,
    }
}

/// A consumer of one queue: its place, and the generation of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConsumerId(u64);

/// The calling process as a consumer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consumer {
    pub(super) id: ConsumerId,
    pub(super) pid: i32,
}

pub(super) struct ConsumersRegistry {
    generations: ShmSlice<Place>,
    entries: ShmBox<Entries>,
    places: Places,
    me: Me,
}

/// What this process knows of its own entry. Not shared: a child is another process.
struct Me {
    /// The generation of the process that entered, as [`identity::generation`] counts; 0: none.
    process: private::AtomicU64,
    id: private::AtomicU64,
    pid: private::AtomicI32,
    threads: ConsumerThreads,
}

impl ConsumersRegistry {
    /// Takes a descriptor.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            generations: ShmSlice::new(PLACES as usize)?,
            entries: ShmBox::new(Entries::zeroed())?,
            places: Places::new()?,
            me: Me {
                process: private::AtomicU64::new(0),
                id: private::AtomicU64::new(0),
                pid: private::AtomicI32::new(0),
                threads: ConsumerThreads::new(),
            },
        })
    }

    /// This process, if it has entered, and the calling thread with it.
    #[inline]
    pub(super) fn entered(&self) -> Option<Consumer> {
        let me = self.me()?;
        self.me.threads.enter();
        Some(me)
    }

    /// Holds a place for this process, before it enters: from here on it is a consumer to wait for, however long it
    /// takes to get the lock of the head, and to repair what a dead holder of that left.
    pub(super) fn announce(&self) -> io::Result<()> {
        let too_many = || io::Error::other(Phrase::new("it has {} living consumers", [PLACES.into()]));
        self.places.hold(self.entries.count.load(Ordering::Relaxed))?.map(drop).ok_or_else(too_many)
    }

    /// Enters this process, unless another thread of it was first. The caller has announced it, and holds the lock of
    /// the head.
    #[cold]
    pub(super) fn enter(&self) -> Consumer {
        if let Some(me) = self.entered() {
            return me;
        }
        let number = self.places.number().unwrap_or_default();
        let place = place_of(number);
        let generation = self.generations[place as usize].generation.load(Ordering::Relaxed).wrapping_add(1);
        self.generations[place as usize].generation.store(generation, Ordering::Relaxed);
        hit(CrashPoint::RegistryHalf);
        // Others may have entered since this one was announced.
        let count = self.entries.count.load(Ordering::Relaxed);
        self.entries.count.store(count.max(number + 1), Ordering::Relaxed);
        let me = Consumer { id: ConsumerId::new(place, generation), pid: identity::pid() };
        self.me.id.store(me.id.0, Ordering::Relaxed);
        self.me.pid.store(me.pid, Ordering::Relaxed);
        self.me.threads.forget();
        self.me.threads.enter();
        self.me.process.store(identity::generation(), Ordering::Release);
        me
    }

    /// Whether this consumer's process is alive, and runs the program that it ran then.
    pub(super) fn is_alive(&self, consumer: ConsumerId) -> bool {
        let place = consumer.place();
        // Relaxed: the caller has read a lease of this consumer, which was released after the generation. It sees
        // that one, or a later one's.
        self.generations[place as usize].generation.load(Ordering::Relaxed) == consumer.generation()
            && (self.is_me(consumer) || self.places.another_holds(place))
    }

    /// Whether a consumer is this process.
    pub(super) fn is_me(&self, consumer: ConsumerId) -> bool {
        self.me().is_some_and(|me| me.id == consumer)
    }

    /// Whether there were consumers, and none is alive but the calling thread.
    pub(super) fn all_others_are_dead(&self) -> bool {
        // Relaxed: nothing is read because of it. An old 0 is that of a moment before.
        self.entries.count.load(Ordering::Relaxed) > 0
            && !self.places.another_holds_any()
            && (self.me().is_none() || !self.me.threads.another_is_alive())
    }

    #[inline]
    fn me(&self) -> Option<Consumer> {
        let is_mine = self.me.process.load(Ordering::Acquire) == identity::generation();
        is_mine.then(|| Consumer {
            id: ConsumerId(self.me.id.load(Ordering::Relaxed)),
            pid: self.me.pid.load(Ordering::Relaxed),
        })
    }
}

impl ConsumerId {
    fn new(place: u32, generation: u32) -> Self {
        Self(u64::from(generation) << 32 | u64::from(place))
    }

    /// From its place in shared memory.
    #[inline]
    pub(super) fn from_word(word: u64) -> Self {
        Self(word)
    }

    #[inline]
    pub(super) fn word(self) -> u64 {
        self.0
    }

    /// Its place. The remainder keeps the index in range whatever the word is.
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the place")]
    fn place(self) -> u32 {
        self.0 as u32 % PLACES
    }

    fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }
}
