//! A bounded queue of byte messages in shared memory.
//!
//! Every message lives in a slot, and the slots are the truth: each says on its own whether it is
//! free, ready or leased, and a single store of that state commits every change. The order of the
//! ready slots and the list of the free ones are only an index, made so that nobody has to search.
//! One robust mutex guards all changes. Whoever gets it after a holder died rebuilds the index from
//! the slots, so any prefix of any operation is a valid queue.
//!
//! Nobody waits while holding the mutex. Waiting is a futex on a sequence number that changes with
//! every event waited for (an eventcount); a waiter that is killed leaves nothing behind.
//!
//! All memory is atomics with relaxed accesses, ordered by the mutex. So no copy of this code is
//! ever undefined behaviour, not even one that a killed process left half done.

use std::time::{Duration, Instant};

use super::errors::{GetError, PutFailure};
use crate::error::Error;
use crate::interrupt;
use crate::mutex::{LockError, SharedMutex, SharedMutexGuard};
use crate::procfs::Identity;
use crate::sys::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::sys::futex;
use crate::sys::memory::{Mapping, plain_struct};

/// Messages up to this size lie beside each other; larger ones have a place of their own each.
const INLINE_WORDS: usize = 8;
const WORD: usize = size_of::<u64>();

/// How long a waiter sleeps before it asks whether the holders of leases still live, and whether
/// its run was asked to end.
const TICK: Duration = Duration::from_millis(50);

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
    /// Fields of the mutex's holder, and the words that waiters sleep on.
    #[repr(C)]
    struct Control {
        /// The next message's place in line.
        next_turn: AtomicU64,
        /// The next delivery's name.
        next_lease: AtomicU64,
        /// Where in `order` the first ready slot stands.
        first: AtomicU32,
        /// How many slots are ready, and how many are free.
        ready: AtomicU32,
        free: AtomicU32,
        /// 1 once the queue is closed.
        closed: AtomicU32,
        came: Event,
        left: Event,
        finished: Event,
    }
}

plain_struct! {
    /// A sequence number to sleep on, and how many may be sleeping. The count may stay too high when a
    /// waiter is killed: that costs a needless system call, never a missed one.
    #[repr(C)]
    struct Event {
        sequence: AtomicU32,
        waiters: AtomicU32,
    }
}

/// How long an operation may wait.
#[derive(Clone, Copy)]
pub(super) enum Until {
    Now,
    Forever,
    Deadline(Instant),
}

impl Until {
    pub(super) fn after(timeout: Duration) -> Self {
        Instant::now().checked_add(timeout).map_or(Self::Forever, Self::Deadline)
    }
}

/// Why waiting ended without what was waited for.
enum NoMore {
    NotNow,
    TooLate,
    Interrupted(nix::sys::signal::Signal),
}

/// A message handed out to be worked on.
#[derive(Debug)]
pub(super) struct Lease {
    slot: u32,
    number: u64,
    pub(super) deliveries: u32,
    pub(super) bytes: Vec<u8>,
}

pub(super) struct Ring {
    mutex: SharedMutex<()>,
    control: Mapping<Control>,
    slots: Mapping<Slot>,
    /// A ring of the ready slots' numbers, in the order in which they will be handed out.
    order: Mapping<AtomicU32>,
    /// A stack of the free slots' numbers.
    free: Mapping<AtomicU32>,
    /// Messages above the inline size, `words_each` for each slot.
    large: Mapping<AtomicU64>,
    words_each: usize,
    max_message: usize,
}

impl Ring {
    pub(super) fn new(capacity: usize, max_message: usize) -> Result<Self, Error> {
        let unusable = |cause: String| Error::Unusable { operation: "make a queue", cause };
        if capacity == 0 || i32::try_from(capacity).is_err() {
            return Err(unusable(format!("its capacity is {capacity}, and must be from 1 to {}", i32::MAX)));
        }
        let words_each = if max_message <= INLINE_WORDS * WORD { 0 } else { max_message.div_ceil(WORD) };
        let words = capacity.checked_mul(words_each).filter(|_| u32::try_from(max_message).is_ok());
        let words =
            words.ok_or_else(|| unusable(format!("{capacity} messages of {max_message} bytes are too many")))?;
        let refused = |source| Error::refused("share", format_args!("a queue of {capacity} messages"), source);
        let ring = Self {
            mutex: SharedMutex::new(())?,
            control: Mapping::zeroed(1).map_err(refused)?,
            slots: Mapping::zeroed(capacity).map_err(refused)?,
            order: Mapping::zeroed(capacity).map_err(refused)?,
            free: Mapping::zeroed(capacity).map_err(refused)?,
            large: Mapping::zeroed(words).map_err(refused)?,
            words_each,
            max_message,
        };
        ring.rebuild();
        Ok(ring)
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn waiting(&self) -> usize {
        get(&self.control().ready) as usize
    }

    /// How many messages are not done yet: those that wait and those that are worked on.
    pub(super) fn unfinished(&self) -> usize {
        self.capacity() - get(&self.control().free) as usize
    }

    pub(super) fn close(&self) {
        let guard = self.lock();
        set(&self.control().closed, 1);
        drop(guard);
        self.control().came.tell_all();
        self.control().left.tell_all();
    }

    /// Appends a message, waiting for a free slot.
    pub(super) fn put(&self, message: &[u8], until: Until) -> Result<(), PutFailure> {
        if message.len() > self.max_message {
            return Err(PutFailure::TooLarge { size: message.len(), limit: self.max_message });
        }
        let put = self.wait_for(&self.control().left, until, || self.put_now(message));
        put.unwrap_or_else(|end| {
            Err(match end {
                NoMore::NotNow => PutFailure::Full,
                NoMore::TooLate => PutFailure::TimedOut,
                NoMore::Interrupted(signal) => PutFailure::Interrupted(signal),
            })
        })
    }

    /// Takes the first message for good.
    pub(super) fn take(&self, until: Until) -> Result<Vec<u8>, GetError> {
        self.hand_out(until, |number| {
            let message = self.read(number);
            self.make_free(number);
            message
        })
    }

    /// Takes the first message until it is finished or returned.
    pub(super) fn lease(&self, until: Until) -> Result<Lease, GetError> {
        let me = Identity::me().map_err(|error| GetError::NoIdentity(error.to_string()))?;
        self.hand_out(until, |number| {
            let slot = self.slot(number);
            let bytes = self.read(number);
            let lease = self.control().next_lease.fetch_add(1, Ordering::Relaxed);
            slot.lease.store(lease, Ordering::Relaxed);
            slot.holder_started.store(me.started, Ordering::Relaxed);
            set(&slot.holder_pid, me.pid.cast_unsigned());
            let deliveries = get(&slot.deliveries) + 1;
            set(&slot.deliveries, deliveries);
            slot.state.store(LEASED, Ordering::Release);
            Lease { slot: number, number: lease, deliveries, bytes }
        })
    }

    /// Ends a lease with its message done. False if the lease had gone to somebody else.
    pub(super) fn finish(&self, lease: &Lease) -> bool {
        let guard = self.lock();
        let ours = self.is_held(lease);
        if ours {
            self.make_free(lease.slot);
        }
        drop(guard);
        if ours {
            self.control().left.tell_one();
            self.control().finished.tell_all();
        }
        ours
    }

    /// Ends a lease with its message undone: it goes back to its place in line.
    pub(super) fn give_back(&self, lease: &Lease) {
        let guard = self.lock();
        let ours = self.is_held(lease);
        if ours {
            self.make_ready(lease.slot);
        }
        drop(guard);
        if ours {
            self.control().came.tell_one();
        }
    }

    /// Waits until every message is finished.
    pub(super) fn wait_finished(&self, until: Until) -> Result<bool, nix::sys::signal::Signal> {
        match self.wait_for(&self.control().finished, until, || (self.unfinished() == 0).then_some(())) {
            Ok(()) => Ok(true),
            Err(NoMore::Interrupted(signal)) => Err(signal),
            Err(NoMore::NotNow | NoMore::TooLate) => Ok(false),
        }
    }

    fn put_now(&self, message: &[u8]) -> Option<Result<(), PutFailure>> {
        let guard = self.lock();
        let control = self.control();
        if get(&control.closed) == 1 {
            return Some(Err(PutFailure::Closed));
        }
        let left = get(&control.free).checked_sub(1)?;
        let number = get(&self.free[left as usize]);
        let slot = self.slot(number);
        self.write(number, message);
        slot.turn.store(control.next_turn.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        set(&slot.deliveries, 0);
        set(&control.free, left);
        self.make_ready(number);
        drop(guard);
        control.came.tell_one();
        Some(Ok(()))
    }

    /// Removes the first message from the line and lets `hand` do with it what it must.
    fn hand_out<R>(&self, until: Until, mut hand: impl FnMut(u32) -> R) -> Result<R, GetError> {
        let handed = self.wait_for(&self.control().came, until, || {
            let guard = self.lock();
            let control = self.control();
            let Some(left) = get(&control.ready).checked_sub(1) else {
                return (get(&control.closed) == 1).then_some(Err(GetError::Disconnected));
            };
            let first = get(&control.first);
            let number = get(&self.order[first as usize]);
            set(&control.first, self.at(1));
            set(&control.ready, left);
            let handed = hand(number);
            let freed = get(&self.slot(number).state) == FREE;
            drop(guard);
            if freed {
                control.left.tell_one();
            }
            Some(Ok(handed))
        });
        handed.unwrap_or_else(|end| {
            Err(match end {
                NoMore::NotNow => GetError::Empty,
                NoMore::TooLate => GetError::TimedOut,
                NoMore::Interrupted(signal) => GetError::Interrupted(signal),
            })
        })
    }

    /// Tries `attempt` until it gives something. Between tries it sleeps, without the mutex.
    fn wait_for<R>(&self, event: &Event, until: Until, mut attempt: impl FnMut() -> Option<R>) -> Result<R, NoMore> {
        let mut asked = Instant::now();
        loop {
            // Before the attempt: an event after it changes the sequence, and the sleep ends at once.
            let sequence = event.sequence.load(Ordering::SeqCst);
            if let Some(result) = attempt() {
                return Ok(result);
            }
            if let Some(signal) = interrupt::requested() {
                return Err(NoMore::Interrupted(signal));
            }
            let left = match until {
                Until::Now => return Err(NoMore::NotNow),
                Until::Forever => TICK,
                Until::Deadline(deadline) => deadline.saturating_duration_since(Instant::now()),
            };
            if left.is_zero() {
                return Err(NoMore::TooLate);
            }
            event.sleep(sequence, left.min(TICK));
            if asked.elapsed() >= TICK {
                self.return_leases_of_the_dead();
                asked = Instant::now();
            }
        }
    }

    /// Gives back what processes held that are no more. Whoever waits does this now and then.
    fn return_leases_of_the_dead(&self) {
        let guard = self.lock();
        let mut returned = false;
        for (number, slot) in (0..).zip(self.slots.iter()) {
            if get(&slot.state) == LEASED && !holder(slot).is_alive() {
                self.make_ready(number);
                returned = true;
            }
        }
        drop(guard);
        if returned {
            self.control().came.tell_all();
        }
    }

    /// The mutex, with the index whole, whatever happened to the last holder.
    fn lock(&self) -> SharedMutexGuard<'_, ()> {
        loop {
            match self.mutex.lock() {
                Ok(guard) => return guard,
                Err(LockError::OwnerDied(died)) => return died.repair(|()| self.rebuild()),
                // Held for microseconds only: a request to end can wait until the operation is whole.
                Err(_) => {}
            }
        }
    }

    /// Makes the index anew from the slots.
    fn rebuild(&self) {
        let slots = || (0_u32..).zip(self.slots.iter());
        let mut ready: Vec<u32> =
            slots().filter(|(_, slot)| get(&slot.state) == READY).map(|(number, _)| number).collect();
        ready.sort_by_key(|number| self.turn(*number));
        for (place, number) in self.order.iter().zip(&ready) {
            set(place, *number);
        }
        let mut free = 0;
        // The lowest number on top of the stack: a queue that is mostly empty reuses warm memory.
        for (number, _) in slots().filter(|(_, slot)| get(&slot.state) == FREE).collect::<Vec<_>>().into_iter().rev() {
            set(&self.free[free as usize], number);
            free += 1;
        }
        let control = self.control();
        set(&control.first, 0);
        set(&control.ready, u32::try_from(ready.len()).unwrap_or(u32::MAX));
        set(&control.free, free);
    }

    /// Commits a slot as ready and enters it into the order by its turn: a new message at the end,
    /// a returned one in front.
    fn make_ready(&self, number: u32) {
        let control = self.control();
        self.slot(number).state.store(READY, Ordering::Release);
        let mut place = get(&control.ready);
        // From the end: a new message has the highest turn and stays there.
        while place > 0 && self.turn(get(&self.order[self.at(place - 1) as usize])) > self.turn(number) {
            set(&self.order[self.at(place) as usize], get(&self.order[self.at(place - 1) as usize]));
            place -= 1;
        }
        set(&self.order[self.at(place) as usize], number);
        set(&control.ready, get(&control.ready) + 1);
    }

    fn make_free(&self, number: u32) {
        self.slot(number).state.store(FREE, Ordering::Release);
        let free = get(&self.control().free);
        set(&self.free[free as usize], number);
        set(&self.control().free, free + 1);
    }

    fn is_held(&self, lease: &Lease) -> bool {
        let slot = self.slot(lease.slot);
        get(&slot.state) == LEASED && slot.lease.load(Ordering::Relaxed) == lease.number
    }

    fn control(&self) -> &Control {
        &self.control[0]
    }

    fn slot(&self, number: u32) -> &Slot {
        &self.slots[number as usize]
    }

    fn turn(&self, number: u32) -> u64 {
        self.slot(number).turn.load(Ordering::Relaxed)
    }

    /// The index in `order` of the `place`-th ready slot.
    fn at(&self, place: u32) -> u32 {
        let sum = u64::from(get(&self.control().first)) + u64::from(place);
        (sum % self.slots.len() as u64).try_into().unwrap_or_default()
    }

    fn words(&self, number: u32, length: usize) -> &[AtomicU64] {
        if length <= INLINE_WORDS * WORD {
            return &self.slot(number).inline;
        }
        let start = number as usize * self.words_each;
        &self.large[start..start + self.words_each]
    }

    fn write(&self, number: u32, message: &[u8]) {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX); // `new` and `put` bound it
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

impl Event {
    fn sleep(&self, sequence: u32, timeout: Duration) {
        self.waiters.fetch_add(1, Ordering::SeqCst);
        futex::wait(&self.sequence, sequence, timeout);
        self.waiters.fetch_sub(1, Ordering::SeqCst);
    }

    fn tell_one(&self) {
        self.tell(1);
    }

    fn tell_all(&self) {
        self.tell(i32::MAX);
    }

    fn tell(&self, count: i32) {
        self.sequence.fetch_add(1, Ordering::SeqCst);
        if self.waiters.load(Ordering::SeqCst) > 0 {
            futex::wake(&self.sequence, count);
        }
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

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring")
            .field("capacity", &self.capacity())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
