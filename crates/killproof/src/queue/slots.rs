//! The messages of a queue in shared memory.
//!
//! Every message is in a slot, and the slots are the truth: each says on its own what it holds, and one
//! store of its state word commits every change. The states and their changes are drawn in the design
//! note, [`queue`](super). Every access is an atomic one, relaxed where a lock orders it, so none is
//! undefined behaviour, not even after a process was killed in the middle of a change.

use std::io;

use super::buffer::Buffer;
use super::consumers_registry::{Consumer, ConsumerId};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::cache;
use crate::primitive::memory::{ShmSlice, shm_layout};

const WORD: usize = size_of::<u64>();

/// Messages up to this size are stored in their slot; larger ones have a place of their own.
const INLINE_WORDS: usize = 8;
const _: () = assert!(INLINE_WORDS * WORD == 64, "`Builder::max_message` promises 64 bytes");

/// A cache line, in bytes.
const LINE: usize = 64;

/// Up to this size a message is prefetched, in bytes. In a longer one the processor predicts the copy by
/// itself.
const FETCHED: usize = 2048;

/// The state of a slot, in the low half of its state word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Kind {
    /// It holds no message.
    Free = 0,
    /// Its message waits for a consumer.
    Ready = 1,
    /// A consumer works on its message.
    Leased = 2,
    /// Its message is a dead letter, because its holders died.
    Dead = 3,
    /// Its message is a dead letter, because it cannot be read.
    Unreadable = 4,
}

/// A slot's whole state word: its state, and how many holders died with its message. Both change with one
/// store, so that no death is counted twice and none is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) kind: Kind,
    pub(super) deaths: u16,
}

impl State {
    fn from_word(word: u32) -> Self {
        let kind = match word & 0xffff {
            0 => Kind::Free,
            1 => Kind::Ready,
            2 => Kind::Leased,
            3 => Kind::Dead,
            _ => Kind::Unreadable,
        };
        Self { kind, deaths: (word >> 16) as u16 }
    }

    fn word(self) -> u32 {
        u32::from(self.deaths) << 16 | self.kind as u32
    }
}

shm_layout! {
    #[repr(C, align(128))]
    pub(super) struct Slot {
        /// A [`State`]. Stored last in every change: this store is the change.
        state: AtomicU32,
        /// Of the message, in bytes.
        length: AtomicU32,
        /// The number of the message among all that were put. A message that is requeued keeps it, and
        /// with it its place among the others.
        turn: AtomicU64,
        deliveries: AtomicU32,
        /// The consumer that holds the lease, or held the last one.
        holder_pid: AtomicU32,
        /// A [`ConsumerId`].
        holder: AtomicU64,
        /// The number of this delivery among all of the queue's.
        lease: AtomicU64,
        /// When the lease began, in nanoseconds since boot.
        since: AtomicU64,
        inline: [AtomicU64; INLINE_WORDS],
        /// The last holder that died with the message.
        died_pid: AtomicU32,
    }
}

/// What a queue takes for each slot, in bytes.
pub(super) const BYTES_PER_SLOT: usize = size_of::<Slot>();
#[cfg(not(killproof_model))]
const _: () = assert!(BYTES_PER_SLOT == 2 * LINE, "two cache lines, which the processor fetches together");

pub(super) struct Slots {
    all: ShmSlice<Slot>,
    /// Messages above the inline size, `words_each` words for each slot.
    large: ShmSlice<AtomicU64>,
    words_each: usize,
}

impl Slots {
    /// Free slots for `capacity` messages of up to `max_message` bytes; `None` if no address space is so
    /// large.
    pub(super) fn new(capacity: usize, max_message: usize) -> io::Result<Option<Self>> {
        let words_each = if max_message <= INLINE_WORDS * WORD { 0 } else { max_message.div_ceil(WORD) };
        let fits = capacity <= 1 << 31 && u32::try_from(max_message).is_ok();
        let Some(words) = capacity.checked_mul(words_each).filter(|_| fits) else { return Ok(None) };
        Ok(Some(Self { all: ShmSlice::new(capacity)?, large: ShmSlice::new(words)?, words_each }))
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> &Slot {
        &self.all[number as usize]
    }

    /// The first `count` slots, with their numbers. To read a slot that was never used takes memory for it.
    pub(super) fn first(&self, count: usize) -> impl Iterator<Item = (u32, &Slot)> {
        (0..).zip(self.all.iter().take(count))
    }

    /// Writes a message into a free slot, which no other thread writes to.
    #[inline]
    pub(super) fn write(&self, number: u32, message: &[u8]) {
        // `new` has refused a larger `max_message`.
        self.get(number).length.store(u32::try_from(message.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
        let words = self.words(number, message.len());
        let (whole, rest) = message.as_chunks::<WORD>();
        for (word, bytes) in words.iter().zip(whole) {
            word.store(u64::from_ne_bytes(*bytes), Ordering::Relaxed);
        }
        if !rest.is_empty() {
            let mut padded = [0; WORD];
            padded[..rest.len()].copy_from_slice(rest);
            words[whole.len()].store(u64::from_ne_bytes(padded), Ordering::Relaxed);
        }
    }

    /// Reads the message of a slot to which no other thread writes.
    #[inline]
    pub(super) fn read(&self, number: u32, message: &mut Buffer) {
        let length = self.get(number).length.load(Ordering::Relaxed) as usize;
        let words = self.words(number, length);
        let (whole, rest) = message.room(length).as_chunks_mut::<WORD>();
        for (bytes, word) in whole.iter_mut().zip(words) {
            *bytes = word.load(Ordering::Relaxed).to_ne_bytes();
        }
        if !rest.is_empty() {
            let last = words[whole.len()].load(Ordering::Relaxed).to_ne_bytes();
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }

    /// Whether a message may be too long for its slot.
    #[inline]
    pub(super) fn have_large(&self) -> bool {
        self.words_each > 0
    }

    /// Prefetches the bytes of a message that will be read soon.
    #[inline]
    pub(super) fn prefetch(&self, number: u32) {
        let length = self.get(number).length.load(Ordering::Relaxed) as usize;
        if length <= FETCHED {
            let words = self.words(number, length);
            let used = length.div_ceil(WORD).min(words.len());
            words[..used].iter().step_by(LINE / WORD).for_each(cache::fetch_to_read);
        }
    }

    /// The place of a message of this length.
    #[inline]
    fn words(&self, number: u32, length: usize) -> &[AtomicU64] {
        if length <= INLINE_WORDS * WORD {
            return &self.get(number).inline;
        }
        let start = number as usize * self.words_each;
        &self.large[start..start + self.words_each]
    }
}

impl Slot {
    /// Acquire: a reader without the lock that sees a lease sees its number, which may be that of no lease before, and
    /// that its holder has entered.
    #[inline]
    pub(super) fn state(&self) -> State {
        State::from_word(self.state.load(Ordering::Acquire))
    }

    /// Commits a change: a thread that sees the new state sees all that was stored before it.
    #[inline]
    pub(super) fn commit(&self, kind: Kind, deaths: u16) {
        self.state.store(State { kind, deaths }.word(), Ordering::Release);
    }

    /// Gives a message that was just written its turn.
    #[inline]
    pub(super) fn begin(&self, turn: u64) {
        self.turn.store(turn, Ordering::Relaxed);
        self.deliveries.store(0, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }

    /// Records which consumer is about to hold the message, and since when, and returns the number of its
    /// deliveries.
    #[inline]
    pub(super) fn sign(&self, holder: Consumer, since: u64, lease: u64) -> u32 {
        let deliveries = self.deliveries() + 1;
        self.holder.store(holder.id.word(), Ordering::Relaxed);
        self.holder_pid.store(holder.pid.cast_unsigned(), Ordering::Relaxed);
        self.since.store(since, Ordering::Relaxed);
        self.deliveries.store(deliveries, Ordering::Relaxed);
        // After its holder: a reader without the lock that sees this number sees its holder, or a later one.
        self.lease.store(lease, Ordering::Release);
        deliveries
    }

    /// The number of this delivery, or of the last one.
    #[inline]
    pub(super) fn lease(&self) -> u64 {
        self.lease.load(Ordering::Acquire)
    }

    /// How often the message was handed out.
    #[inline]
    pub(super) fn deliveries(&self) -> u32 {
        self.deliveries.load(Ordering::Relaxed)
    }

    /// The consumer that holds the lease, or held the last one.
    pub(super) fn holder(&self) -> Consumer {
        Consumer {
            id: ConsumerId::from_word(self.holder.load(Ordering::Relaxed)),
            pid: self.holder_pid.load(Ordering::Relaxed).cast_signed(),
        }
    }

    /// When the lease began, in nanoseconds since boot.
    pub(super) fn since(&self) -> u64 {
        self.since.load(Ordering::Relaxed)
    }

    /// Records that the holder of the lease died with the message.
    pub(super) fn holder_died(&self) {
        self.died_pid.store(self.holder_pid.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The pid of the last holder that died with the message. Before the first death it means nothing.
    pub(super) fn last_death(&self) -> i32 {
        self.died_pid.load(Ordering::Relaxed).cast_signed()
    }
}
