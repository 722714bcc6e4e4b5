//! A bounded queue of byte messages between processes: who may change what, and in which order.
//!
//! Two robust locks: producers hold the one of the *tail*, consumers that of the *head*, and only
//! whoever repairs holds both, the tail's first. The [`Slots`] are the truth; the two [`IndexRing`]s
//! and the count of the dead letters are an index of them. Nobody waits for anything but a lock while
//! it holds one, and never for the tail while it holds the head.
//!
//! Why a kill at any instruction leaves a valid queue:
//! - Every operation commits with one store of a slot's state. Before it the slot says what it said
//!   before the operation; whatever else was written (the message of a free slot, the name of a
//!   holder of a ready one) means nothing then. After it the slot says what it says when the
//!   operation has returned. So the message is wholly in or wholly out, wholly leased or not at all.
//! - What else an operation changes is the index, which the slots tell anew. Both locks are robust:
//!   the next one to take a dead process's lock is told, notes it in `broken` before it takes the
//!   kernel's news for read, and makes the index anew under both locks. If it is killed in the
//!   middle, `broken` is still set.
//! - Those who look without a lock (`len`, `join`, waiters) see the index grow and shrink in an order
//!   that errs on one side only: a message counts as unfinished from before it is committed until
//!   after it is finished. [`Ring::unfinished`] says how.
//! - Sleeping leaves nothing behind (`event_count.rs`), and nobody sleeps longer than a tick.

use std::time::Duration;

use super::consumers_registry::ConsumersRegistry;
use super::event_count::EventCount;
use super::index_ring::IndexRing;
use super::provenance::Provenance;
use super::slots::{Kind, Slots};
use super::waiting::TICK;
use crate::crashpoint::{CrashPoint, hit};
use crate::error::Error;
use crate::observe::{ObjectId, ObjectKind};
use crate::primitive::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::primitive::memory::{ShmBox, Zeroed, shm_layout};
use crate::primitive::robust::{LockResult, RobustGuard, RobustMutex};
use crate::primitive::{cache, clock};

/// How many messages before its turn a slot is fetched from the other side's core.
const AHEAD: u64 = 16;

/// How many free places are worth to go on for.
const MUCH: usize = 32;

shm_layout! {
    /// What the holder of the tail's lock counts.
    #[repr(C, align(128))]
    pub(super) struct Tail {
        /// The next message's place in line.
        pub(super) next_turn: AtomicU64,
    }
}

shm_layout! {
    /// What the holder of the head's lock counts.
    #[repr(C, align(128))]
    pub(super) struct Head {
        /// The next delivery's name.
        pub(super) next_lease: AtomicU64,
    }
}

shm_layout! {
    /// What changes seldom, and is asked for by everybody: no core has to wait for another to see it.
    #[repr(C, align(128))]
    pub(super) struct Status {
        /// How many slots hold dead letters. Written by the holder of the head's lock only.
        pub(super) dead: AtomicU64,
        /// How many slots were ever used: from this number up they are free and stand in no line. A
        /// queue takes no more memory than the messages that it ever held at once. Written by the
        /// holder of the tail's lock only.
        pub(super) used: AtomicU32,
        /// 1 once the queue is closed.
        closed: AtomicU32,
        /// 1 while the index may not be what the slots say.
        broken: AtomicU32,
        /// At how many deaths of its holders a message becomes a dead letter.
        max_deaths: AtomicU32,
    }
}

shm_layout! {
    #[repr(C)]
    pub(super) struct Header {
        pub(super) tail: Tail,
        pub(super) head: Head,
        pub(super) status: Status,
        /// A message is ready.
        pub(super) not_empty: EventCount,
        /// A slot is free.
        pub(super) not_full: EventCount,
        /// Nothing is unfinished.
        pub(super) all_done: EventCount,
    }
}

/// How much a queue takes, and bears.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) capacity: usize,
    /// In bytes.
    pub(super) max_message: usize,
    pub(super) max_deaths: u32,
}

pub(super) struct Ring {
    tail: RobustMutex<()>,
    head: RobustMutex<()>,
    header: ShmBox<Header>,
    pub(super) slots: Slots,
    /// The ready slots, first in first out.
    pub(super) ready: IndexRing,
    /// The free slots.
    pub(super) free: IndexRing,
    pub(super) max_message: usize,
    /// The processes that ever took a message to work on.
    pub(super) registry: ConsumersRegistry,
    /// When this process last looked after the dead, by the coarse clock. Not shared: each process
    /// looks for itself.
    looked: AtomicU64,
    pub(super) id: ObjectId,
    pub(super) provenance: Provenance,
}

impl Ring {
    pub(super) fn new(limits: Limits) -> Result<Self, Error> {
        let Limits { capacity, max_message, max_deaths } = limits;
        let unusable = |cause: String| Error::Unusable { operation: "make a queue", cause };
        if max_deaths == 0 {
            return Err(unusable("its messages may kill 0 holders, and must be allowed 1 at least".to_owned()));
        }
        if capacity == 0 {
            return Err(unusable("its capacity is 0, and must be at least 1".to_owned()));
        }
        let refused = |source| Error::refused("share", format_args!("a queue of {capacity} messages"), source);
        let slots = Slots::new(capacity, max_message).map_err(refused)?;
        let slots =
            slots.ok_or_else(|| unusable(format!("{capacity} messages of {max_message} bytes are too many")))?;
        let id = ObjectId::new(ObjectKind::Queue);
        let ring = Self {
            tail: RobustMutex::new(()).map_err(refused)?,
            head: RobustMutex::new(()).map_err(refused)?,
            header: ShmBox::new(Header::zeroed()).map_err(refused)?,
            slots,
            ready: IndexRing::new(capacity).map_err(refused)?,
            free: IndexRing::new(capacity).map_err(refused)?,
            max_message,
            registry: ConsumersRegistry::new().map_err(refused)?,
            looked: AtomicU64::new(0),
            id,
            provenance: Provenance::new(capacity, id.is_observed()).map_err(refused)?,
        };
        ring.header().status.max_deaths.store(max_deaths, Ordering::Relaxed);
        ring.rebuild();
        Ok(ring)
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn max_deaths(&self) -> u32 {
        self.header().status.max_deaths.load(Ordering::Relaxed)
    }

    /// How many messages wait, as of now.
    pub(super) fn waiting(&self) -> usize {
        usize::try_from(self.ready.len()).unwrap_or(usize::MAX)
    }

    /// How many slots hold dead letters, as of now.
    pub(super) fn dead(&self) -> usize {
        usize::try_from(self.header().status.dead.load(Ordering::Acquire)).unwrap_or(usize::MAX)
    }

    /// Whether there is no room for another message, as of now.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.free.is_empty() && self.used() == self.capacity()
    }

    /// Whether there is room for several messages, or for as many as a small queue ever has room for.
    /// Whoever waits awake for the first place that is free fills it, and waits for the next one: both
    /// sides would pass the same cache lines to and fro for each message.
    #[inline]
    pub(super) fn has_much_room(&self) -> bool {
        let free = usize::try_from(self.free.len()).unwrap_or(usize::MAX);
        free + self.capacity() - self.used() >= MUCH.min(self.capacity().div_ceil(8))
    }

    /// How many slots were ever used.
    #[inline]
    pub(super) fn used(&self) -> usize {
        self.header().status.used.load(Ordering::Acquire) as usize
    }

    /// How many messages are not finished: those that wait, that are worked on, and that are being
    /// put. Never fewer than there were at some moment of the call.
    ///
    /// A slot leaves the free ones before its message is committed, and enters their line after. A dead
    /// letter is counted after it is committed, and no more before its slot is free. So, read in
    /// this order, nothing is missed and nothing counted twice.
    #[inline]
    pub(super) fn unfinished(&self) -> usize {
        let back = self.free.back_position();
        let dead = self.dead();
        let free = usize::try_from(back.saturating_sub(self.free.front_position())).unwrap_or(usize::MAX);
        self.used().saturating_sub(free).saturating_sub(dead)
    }

    /// Nothing will ever come: the queue is closed, and nothing is on its way or may be returned.
    #[inline]
    pub(super) fn is_over(&self) -> bool {
        self.is_closed() && self.unfinished() == 0
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.header().status.closed.load(Ordering::Relaxed) == 1
    }

    pub(super) fn close(&self) {
        // Under the lock of those whom it concerns: a put that began before has ended.
        let tail = self.lock_tail();
        self.header().status.closed.store(1, Ordering::Relaxed);
        drop(tail);
        self.notify_all_waiters();
    }

    pub(super) fn notify_all_waiters(&self) {
        self.header().not_empty.notify_all();
        self.header().not_full.notify_all();
        self.header().all_done.notify_all();
    }

    /// Fetches the slot whose turn comes soon, before the one in front is worked on. Needs the lock of
    /// the line's front.
    #[inline]
    pub(super) fn fetch_ahead(&self, line: &IndexRing) {
        if let Some(number) = line.seen_behind(AHEAD) {
            cache::fetch(self.slots.get(number));
        }
    }

    /// Asks for the message that is first in line, whose bytes its producer's core still has, while
    /// another one is read. A hint: without the head's lock it may be about one that is gone.
    #[inline]
    pub(super) fn fetch_next_message(&self) {
        if self.slots.have_large()
            && let Some(number) = self.ready.seen_behind(0)
        {
            self.slots.fetch(number);
        }
    }

    #[inline]
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The lock of the producers, with the index whole.
    #[inline]
    pub(super) fn lock_tail(&self) -> RobustGuard<'_, ()> {
        self.lock(&self.tail)
    }

    /// The lock of the consumers, with the index whole.
    #[inline]
    pub(super) fn lock_head(&self) -> RobustGuard<'_, ()> {
        self.lock(&self.head)
    }

    #[inline]
    fn lock<'a>(&'a self, side: &'a RobustMutex<()>) -> RobustGuard<'a, ()> {
        match side.try_lock() {
            Some(LockResult::Free(held)) if !self.is_broken() => held,
            taken => self.lock_slowly(side, taken),
        }
    }

    #[cold]
    fn lock_slowly<'a>(
        &'a self,
        side: &'a RobustMutex<()>,
        mut taken: Option<LockResult<'a, ()>>,
    ) -> RobustGuard<'a, ()> {
        loop {
            match taken {
                Some(LockResult::Free(held)) if !self.is_broken() => return held,
                Some(taken) => {
                    drop(self.note(taken));
                    self.repair();
                }
                // RobustGuard for microseconds only: a request to end can wait until the operation is whole.
                None => {}
            }
            taken = side.lock_for(TICK);
        }
    }

    /// The lock, and in `broken` what the kernel says about its last holder.
    fn note<'a>(&self, taken: LockResult<'a, ()>) -> RobustGuard<'a, ()> {
        match taken {
            LockResult::Free(held) => held,
            LockResult::OwnerDied(held) => {
                // First of all: whoever dies after the next line leaves no news of the one before.
                self.header().status.broken.store(1, Ordering::Relaxed);
                hit(CrashPoint::RepairNoted);
                held.made_consistent()
            }
        }
    }

    fn noted<'a>(&'a self, side: &'a RobustMutex<()>) -> RobustGuard<'a, ()> {
        loop {
            if let Some(taken) = side.lock_for(TICK) {
                return self.note(taken);
            }
        }
    }

    #[inline]
    fn is_broken(&self) -> bool {
        self.header().status.broken.load(Ordering::Relaxed) == 1
    }

    /// Makes the index anew if a holder of a lock died, or somebody who made it anew.
    fn repair(&self) {
        let tail = self.noted(&self.tail);
        let head = self.noted(&self.head);
        if !self.is_broken() {
            return;
        }
        self.rebuild();
        self.header().status.broken.store(0, Ordering::Relaxed);
        drop((head, tail));
        self.notify_all_waiters();
    }

    /// The index, from the slots. Needs both locks.
    fn rebuild(&self) {
        let mut ready = self.slots.of_kind(Kind::Ready);
        ready.sort_by_key(|number| self.slots.get(*number).turn());
        // First the line that says what is finished: it is empty from here on, and so nothing is.
        self.free.refill([]);
        hit(CrashPoint::RepairEmptied);
        self.ready.refill(ready);
        hit(CrashPoint::RepairOrdered);
        let dead = self.slots.of_kind(Kind::Dead).len() + self.slots.of_kind(Kind::Unreadable).len();
        self.header().status.dead.store(dead as u64, Ordering::Release);
        hit(CrashPoint::RepairCounted);
        let used = u32::try_from(self.used()).unwrap_or(u32::MAX);
        self.free.refill(self.slots.of_kind(Kind::Free).into_iter().take_while(|number| *number < used));
        hit(CrashPoint::RepairFilled);
    }

    /// Once a tick at most, in each process: notices locks whose holders died, and gives back what
    /// dead consumers held. True if there was any.
    #[inline]
    pub(super) fn look_after_the_dead(&self) -> bool {
        let now = clock::coarse_nanos();
        // A clock that was set back must not keep us from looking.
        let since = now.abs_diff(self.looked.load(Ordering::Relaxed));
        if Duration::from_nanos(since) < TICK {
            return false;
        }
        self.looked.store(now, Ordering::Relaxed);
        self.look()
    }

    #[cold]
    fn look(&self) -> bool {
        // Taking the locks is noticing: it repairs.
        drop(self.lock_tail());
        drop(self.lock_head());
        self.requeue_of_the_dead()
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring")
            .field("capacity", &self.capacity())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
