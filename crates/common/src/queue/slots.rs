//! The messages of a queue in shared memory, and the order in which they are handed out.
//!
//! Every message lives in a slot, and the slots are the truth: each says on its own whether it is
//! free, ready or leased, and a single store of that state commits every change. The order of the
//! ready slots and the stack of the free ones are only an index, made so that nobody has to search:
//! [`Slots::rebuild`] makes it anew from the slots, whatever a killed process left of it.
//!
//! All of it is atomics with relaxed accesses, ordered by the mutex that every caller holds. So no
//! access is undefined behaviour, not even after a process was killed in the middle of a change.

use std::io;

use crate::kill_point::{Step, pass};
use crate::procfs::Identity;
use crate::sys::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sys::memory::{Mapping, plain_struct};

/// Messages up to this size lie beside each other; larger ones have a place of their own each.
const INLINE_WORDS: usize = 8;
const WORD: usize = size_of::<u64>();

/// Nothing in it; ready for a put.
const FREE: u32 = 0;
/// Holds a message that waits for a consumer.
const READY: u32 = 1;
/// Holds a message that a consumer works on; `holder_*` say which one.
const LEASED: u32 = 2;

plain_struct! {
    #[repr(C)]
    struct Slot {
        /// `FREE`, `READY` or `LEASED`. Stored last in every change: this store is the change.
        state: AtomicU32,
        /// Of the message, in bytes.
        length: AtomicU32,
        /// The place in line that the message got when it was put. It keeps it when it is returned.
        turn: AtomicU64,
        /// How often it was handed out.
        deliveries: AtomicU32,
        /// Who holds the lease: pid and start time.
        holder_pid: AtomicU32,
        holder_started: AtomicU64,
        /// Names this delivery among all of the queue's.
        lease: AtomicU64,
        inline: [AtomicU64; INLINE_WORDS],
    }
}

plain_struct! {
    #[repr(C)]
    struct Counters {
        /// The next message's place in line.
        next_turn: AtomicU64,
        /// The next delivery's name.
        next_lease: AtomicU64,
        /// Where in `order` the first ready slot stands.
        first: AtomicU32,
        /// How many slots are ready.
        ready: AtomicU32,
        /// How many slots are free.
        free: AtomicU32,
    }
}

/// Which delivery a lease is about.
#[derive(Debug)]
pub(super) struct LeaseName {
    slot: u32,
    number: u64,
}

/// A message handed out to be worked on.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) name: LeaseName,
    pub(super) deliveries: u32,
    pub(super) bytes: Vec<u8>,
}

/// The slots and their index. Everything but the counts is for the holder of the queue's mutex only.
pub(super) struct Slots {
    counters: Mapping<Counters>,
    all: Mapping<Slot>,
    /// A ring of the ready slots' numbers, in the order in which they will be handed out.
    order: Mapping<AtomicU32>,
    /// A stack of the free slots' numbers.
    free: Mapping<AtomicU32>,
    /// Messages above the inline size, `words_each` for each slot.
    large: Mapping<AtomicU64>,
    words_each: usize,
}

impl Slots {
    /// Free slots for `capacity` messages of up to `max_message` bytes; `None` if there is no such
    /// amount of memory anywhere.
    pub(super) fn new(capacity: usize, max_message: usize) -> io::Result<Option<Self>> {
        let words_each = if max_message <= INLINE_WORDS * WORD { 0 } else { max_message.div_ceil(WORD) };
        let fits = i32::try_from(capacity).is_ok() && u32::try_from(max_message).is_ok();
        let Some(words) = capacity.checked_mul(words_each).filter(|_| fits) else { return Ok(None) };
        let slots = Self {
            counters: Mapping::zeroed(1)?,
            all: Mapping::zeroed(capacity)?,
            order: Mapping::zeroed(capacity)?,
            free: Mapping::zeroed(capacity)?,
            large: Mapping::zeroed(words)?,
            words_each,
        };
        slots.rebuild();
        Ok(Some(slots))
    }

    pub(super) fn capacity(&self) -> usize {
        self.all.len()
    }

    /// How many messages wait. May be read without the mutex, and is then as of some moment ago.
    pub(super) fn ready(&self) -> u32 {
        get(&self.counters().ready)
    }

    /// How many slots are free. May be read without the mutex, as above.
    pub(super) fn free(&self) -> u32 {
        // Acquire: whoever sees that all is done also sees what was done.
        self.counters().free.load(Ordering::Acquire)
    }

    /// Appends a message. False if no slot is free.
    pub(super) fn put(&self, message: &[u8]) -> bool {
        let counters = self.counters();
        let Some(left) = self.free().checked_sub(1) else { return false };
        let number = get(&self.free[left as usize]);
        let slot = self.slot(number);
        pass(Step::PutTaken);
        self.write(number, message);
        slot.turn.store(counters.next_turn.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        set(&slot.deliveries, 0);
        set(&counters.free, left);
        pass(Step::PutWritten);
        self.make_ready(number);
        pass(Step::PutOrdered);
        true
    }

    /// Takes the first message for good.
    pub(super) fn take(&self) -> Option<Vec<u8>> {
        let number = self.first()?;
        let message = self.read(number);
        self.make_free(number);
        Some(message)
    }

    /// Takes the first message until it is finished or returned.
    pub(super) fn lease(&self, holder: Identity) -> Option<Lease> {
        let number = self.first()?;
        let slot = self.slot(number);
        let lease = self.counters().next_lease.fetch_add(1, Ordering::Relaxed);
        let deliveries = get(&slot.deliveries) + 1;
        slot.holder_started.store(holder.started, Ordering::Relaxed);
        set(&slot.holder_pid, holder.pid.cast_unsigned());
        // After its holder: whoever reads this number without the mutex reads its holder, or a later one.
        slot.lease.store(lease, Ordering::Release);
        set(&slot.deliveries, deliveries);
        slot.state.store(LEASED, Ordering::Release);
        Some(Lease { name: LeaseName { slot: number, number: lease }, deliveries, bytes: self.read(number) })
    }

    /// Ends a lease with its message done. False if the lease had gone to somebody else.
    pub(super) fn finish(&self, lease: &Lease) -> bool {
        let ours = self.is_held(&lease.name);
        if ours {
            self.make_free(lease.name.slot);
        }
        ours
    }

    /// Ends a lease with its message undone: it goes back to its place in line. False as above.
    pub(super) fn give_back(&self, lease: &LeaseName) -> bool {
        let ours = self.is_held(lease);
        if ours {
            self.make_ready(lease.slot);
        }
        ours
    }

    /// What processes hold that are no more. Needs no mutex: a lease that ends meanwhile, or goes to
    /// somebody else, is another one, and [`Slots::give_back`] sees that.
    pub(super) fn leases_of_the_dead(&self) -> Vec<LeaseName> {
        let leased = self.numbered().filter(|(_, slot)| slot.state.load(Ordering::Acquire) == LEASED);
        let named = leased.map(|(slot, leased)| (slot, leased.lease.load(Ordering::Acquire), holder(leased)));
        let dead = named.filter(|(_, _, holder)| !holder.is_alive());
        dead.map(|(slot, number, _)| LeaseName { slot, number }).collect()
    }

    /// Makes the index anew from the slots.
    pub(super) fn rebuild(&self) {
        let in_state = |state| self.numbered().filter(move |(_, slot)| get(&slot.state) == state);
        let mut ready: Vec<u32> = in_state(READY).map(|(number, _)| number).collect();
        ready.sort_by_key(|number| self.turn(*number));
        for (place, number) in self.order.iter().zip(&ready) {
            set(place, *number);
        }
        let free: Vec<u32> = in_state(FREE).map(|(number, _)| number).collect();
        // The lowest number on top of the stack: a queue that is mostly empty reuses warm memory.
        for (place, number) in self.free.iter().zip(free.iter().rev()) {
            set(place, *number);
        }
        let counters = self.counters();
        set(&counters.first, 0);
        set(&counters.ready, u32::try_from(ready.len()).unwrap_or(u32::MAX)); // `new` bounds both
        set(&counters.free, u32::try_from(free.len()).unwrap_or(u32::MAX));
    }

    /// Removes the first ready slot from the order. Its own state is left to the caller to change.
    fn first(&self) -> Option<u32> {
        let left = self.ready().checked_sub(1)?;
        let counters = self.counters();
        let number = get(&self.order[get(&counters.first) as usize]);
        set(&counters.first, self.at(1));
        set(&counters.ready, left);
        Some(number)
    }

    /// Commits a slot as ready and enters it into the order by its turn: a new message at the end,
    /// a returned one in front.
    fn make_ready(&self, number: u32) {
        self.slot(number).state.store(READY, Ordering::Release);
        pass(Step::PutCommitted);
        let mut place = self.ready();
        // From the end: a new message has the highest turn and stays there.
        while place > 0 && self.turn(self.in_line(place - 1)) > self.turn(number) {
            set(&self.order[self.at(place) as usize], self.in_line(place - 1));
            place -= 1;
        }
        set(&self.order[self.at(place) as usize], number);
        set(&self.counters().ready, self.ready() + 1);
    }

    fn make_free(&self, number: u32) {
        self.slot(number).state.store(FREE, Ordering::Release);
        let free = self.free();
        set(&self.free[free as usize], number);
        self.counters().free.store(free + 1, Ordering::Release);
    }

    fn is_held(&self, lease: &LeaseName) -> bool {
        let slot = self.slot(lease.slot);
        get(&slot.state) == LEASED && slot.lease.load(Ordering::Relaxed) == lease.number
    }

    fn counters(&self) -> &Counters {
        &self.counters[0]
    }

    fn slot(&self, number: u32) -> &Slot {
        &self.all[number as usize]
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, &Slot)> {
        (0..).zip(self.all.iter())
    }

    fn turn(&self, number: u32) -> u64 {
        self.slot(number).turn.load(Ordering::Relaxed)
    }

    /// The number of the ready slot at this place in line.
    fn in_line(&self, place: u32) -> u32 {
        get(&self.order[self.at(place) as usize])
    }

    /// Where in `order` a place in line is.
    fn at(&self, place: u32) -> u32 {
        let sum = u64::from(get(&self.counters().first)) + u64::from(place);
        (sum % self.all.len() as u64).try_into().unwrap_or_default() // below the capacity
    }

    fn words(&self, number: u32, length: usize) -> &[AtomicU64] {
        if length <= INLINE_WORDS * WORD {
            return &self.slot(number).inline;
        }
        let start = number as usize * self.words_each;
        &self.large[start..start + self.words_each]
    }

    fn write(&self, number: u32, message: &[u8]) {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX); // the queue's limit is below
        set(&self.slot(number).length, length);
        for (word, bytes) in self.words(number, message.len()).iter().zip(message.chunks(WORD)) {
            let mut padded = [0; WORD];
            padded[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(padded), Ordering::Relaxed);
        }
    }

    fn read(&self, number: u32) -> Vec<u8> {
        let length = get(&self.slot(number).length) as usize;
        let words = &self.words(number, length)[..length.div_ceil(WORD)];
        let mut message: Vec<u8> = words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes()).collect();
        message.truncate(length);
        message
    }
}

fn holder(slot: &Slot) -> Identity {
    Identity { pid: get(&slot.holder_pid).cast_signed(), started: slot.holder_started.load(Ordering::Relaxed) }
}

fn get(word: &AtomicU32) -> u32 {
    word.load(Ordering::Relaxed)
}

fn set(word: &AtomicU32, value: u32) {
    word.store(value, Ordering::Relaxed);
}
