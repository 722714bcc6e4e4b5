//! A bounded ring of byte messages in shared memory: the state machine of the design note,
//! [`queue`](super).
//!
//! What a producer changes needs the lock of the tail and is a method of [`Tail`]; what a consumer
//! changes needs the lock of the head and is a method of [`Head`]. What needs no lock is a method of
//! [`Ring`]: it reads, and what it reads may have changed before the caller looks at it.

mod head;
mod holders;
mod layout;
mod locking;
mod tail;

pub(super) use head::{Head, Lease, LeaseName, Letter, LetterName, Undone};
pub(super) use holders::{HeldLease, NoConsumer};
pub(super) use locking::{LockLimit, NoLock};
pub(super) use tail::Tail;

use std::time::Duration;

use nix::sys::signal::Signal;

use super::buffer::Buffer;
use super::consumers_registry::ConsumersRegistry;
use super::grace_period::GracePeriod;
use super::index_ring::IndexRing;
use super::provenance::Provenance;
use super::slots::{Kind, Slot, Slots};
use crate::error::{Error, Phrase};
use crate::event_count::EventCount;
use crate::observe::{ObjectId, ObjectKind, Stamp};
use crate::primitive::atomic::Ordering;
use crate::primitive::memory::{ShmBox, Zeroed};
use crate::primitive::robust::RobustMutex;
use crate::primitive::{cache, private};
use layout::{CLOSED, CLOSING, Header};

/// How long any waiter sleeps before it checks for dead processes, and whether its own was asked to end.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// How many messages before its turn a slot is fetched from the other side's core.
const AHEAD: u64 = 16;

/// The minimum number of free slots before a spinning producer stops spinning.
const MUCH: usize = 32;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) capacity: usize,
    /// In bytes.
    pub(super) max_message: usize,
    /// At this number of deaths of its holders a message becomes a dead letter.
    pub(super) max_deaths: u32,
    /// How long a lease lasts at most.
    pub(super) max_lease: Option<Duration>,
    /// Each message is decoded by its producer, too.
    pub(super) verified: bool,
}

pub(super) struct Ring {
    tail: RobustMutex<()>,
    head: RobustMutex<()>,
    header: ShmBox<Header>,
    slots: Slots,
    /// The ready slots, first in first out.
    ready: IndexRing,
    free: IndexRing,
    max_message: usize,
    verified: bool,
    /// Where messages are leased.
    registry: Option<ConsumersRegistry>,
    grace: GracePeriod,
    /// When this process last checked for dead consumers, by the coarse clock. Not shared: each process
    /// checks for itself.
    last_check: private::AtomicU64,
    id: ObjectId,
    provenance: Provenance,
}

impl Ring {
    /// A ring whose messages are leased has a registry.
    pub(super) fn new(limits: Limits, registry: Option<ConsumersRegistry>) -> Result<Self, Error> {
        let Limits { capacity, max_message, max_deaths, max_lease, verified } = limits;
        let unusable = |cause: Phrase| Error::Unusable { operation: "make a queue", cause };
        if max_deaths == 0 {
            return Err(unusable("its max_deaths is 0, and must be at least 1".into()));
        }
        if capacity == 0 {
            return Err(unusable("its capacity is 0, and must be at least 1".into()));
        }
        let this = || Phrase::counted(capacity, ["a queue of {} message", "a queue of {} messages"], [capacity.into()]);
        let refused = |source| Error::refused("share", this(), source);
        let slots = Slots::new(capacity, max_message).map_err(refused)?;
        let too_many = || {
            let words = ["{} message of {} bytes is too much", "{} messages of {} bytes are too many"];
            Phrase::counted(capacity, words, [capacity.into(), max_message.into()])
        };
        let slots = slots.ok_or_else(|| unusable(too_many()))?;
        let id = ObjectId::new(ObjectKind::Queue);
        let ring = Self {
            tail: RobustMutex::new(()).map_err(refused)?,
            head: RobustMutex::new(()).map_err(refused)?,
            header: ShmBox::new(Header::zeroed()).map_err(refused)?,
            slots,
            ready: IndexRing::new(capacity).map_err(refused)?,
            free: IndexRing::new(capacity).map_err(refused)?,
            max_message,
            verified,
            registry,
            grace: GracePeriod::default(),
            last_check: private::AtomicU64::new(0),
            id,
            provenance: Provenance::new(capacity, id.is_observed()).map_err(refused)?,
        };
        ring.header.status.max_deaths.store(max_deaths, Ordering::Relaxed);
        ring.header.status.max_lease.store(max_lease.map_or(0, nanos), Ordering::Relaxed);
        Ok(ring)
    }

    /// The lock of the producers, with the index whole.
    #[inline]
    pub(super) fn lock_tail(&self, limit: LockLimit) -> Result<Tail<'_>, NoLock> {
        Ok(Tail::new(self, locking::lock(self, &self.tail, limit)?))
    }

    /// The lock of the consumers, with the index whole.
    #[inline]
    pub(super) fn lock_head(&self, limit: LockLimit) -> Result<Head<'_>, NoLock> {
        Ok(Head::new(self, locking::lock(self, &self.head, limit)?))
    }

    /// The same, for as long as it takes: until this process is asked to end.
    #[inline]
    pub(super) fn lock_head_for_ever(&self) -> Result<Head<'_>, Signal> {
        loop {
            match self.lock_head(LockLimit::Forever) {
                Ok(head) => return Ok(head),
                Err(NoLock::Interrupted(signal)) => return Err(signal),
                Err(NoLock::Stalled(_) | NoLock::TimedOut) => {}
            }
        }
    }

    /// Slept for by consumers: there may be a message.
    #[inline]
    pub(super) fn not_empty(&self) -> &EventCount {
        &self.header.not_empty
    }

    /// Slept for by producers: there may be a free slot.
    #[inline]
    pub(super) fn not_full(&self) -> &EventCount {
        &self.header.not_full
    }

    /// Slept for by `join`: there may be no unfinished message.
    #[inline]
    pub(super) fn all_done(&self) -> &EventCount {
        &self.header.all_done
    }

    pub(super) fn id(&self) -> ObjectId {
        self.id
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(super) fn is_verified(&self) -> bool {
        self.verified
    }

    /// In bytes.
    #[inline]
    pub(super) fn max_message(&self) -> usize {
        self.max_message
    }

    /// How many messages wait.
    pub(super) fn waiting(&self) -> usize {
        usize::try_from(self.ready.len()).unwrap_or(usize::MAX)
    }

    #[inline]
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// How many slots hold dead letters.
    pub(super) fn dead(&self) -> usize {
        usize::try_from(self.header.status.dead.load(Ordering::Acquire)).unwrap_or(usize::MAX)
    }

    /// Whether there is no room for another message.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.free.is_empty() && self.used() == self.capacity()
    }

    /// Whether there is room for several messages, or for as many as a small queue ever has room for.
    ///
    /// A producer that stops spinning for a single free slot fills it and spins again: producer and
    /// consumer would exchange cache lines once per message.
    #[inline]
    pub(super) fn has_much_room(&self) -> bool {
        let free = usize::try_from(self.free.len()).unwrap_or(usize::MAX);
        free + self.capacity() - self.used() >= MUCH.min(self.capacity().div_ceil(8))
    }

    /// How many messages are unfinished: those that wait, that are worked on, and that are being put.
    /// Never fewer than there were at some moment of the call.
    ///
    /// A slot leaves the free ones before its message is committed, and is appended to them after it was
    /// freed. A dead letter is counted after it is committed, and no longer counted before its slot is
    /// free. So, read in this order, no message is missed and none is counted as finished twice.
    #[inline]
    pub(super) fn unfinished(&self) -> usize {
        let back = self.free.back_position();
        let dead = self.dead();
        let free = usize::try_from(back.saturating_sub(self.free.front_position())).unwrap_or(usize::MAX);
        self.used().saturating_sub(free).saturating_sub(dead)
    }

    /// Whether no message will ever come: the queue is closed, and none is being put or may be requeued.
    #[inline]
    pub(super) fn is_over(&self) -> bool {
        self.is_closed() && self.unfinished() == 0
    }

    /// Whether no message is put any more.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.header.status.closed.load(Ordering::Acquire) == CLOSED
    }

    /// Whether no `put` begins any more.
    #[inline]
    pub(super) fn is_closing(&self) -> bool {
        self.header.status.closed.load(Ordering::Relaxed) != 0
    }

    /// How many deliveries there were.
    pub(super) fn deliveries(&self) -> u64 {
        self.header.head.next_lease.load(Ordering::Relaxed)
    }

    /// The numbers of the slots that may hold a dead letter.
    pub(super) fn dead_slots(&self) -> impl Iterator<Item = u32> {
        let is_dead = |slot: &Slot| matches!(slot.state().kind, Kind::Dead | Kind::Unreadable);
        self.used_slots().filter(move |(_, slot)| is_dead(slot)).map(|(number, _)| number)
    }

    /// Reads the message of a lease that the caller holds: no other thread changes its slot.
    #[inline]
    pub(super) fn read(&self, lease: &LeaseName, message: &mut Buffer) {
        self.prefetch_next_message();
        self.slots.read(lease.slot(), message);
    }

    /// The observer's stamp for a message that the caller is about to put. The caller holds no lock.
    #[inline]
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.provenance.stamp()
    }

    /// The stamp on the message of a lease that the caller holds.
    pub(super) fn origin(&self, lease: &LeaseName) -> Option<Stamp> {
        self.provenance.of(lease.slot())
    }

    /// True once a tick at most, in each process: then the caller checks for dead consumers. `now` is in
    /// nanoseconds since boot.
    #[inline]
    pub(super) fn check_is_due(&self, now: u64) -> bool {
        let since = now.saturating_sub(self.last_check.load(Ordering::Relaxed));
        let is_due = Duration::from_nanos(since) >= TICK;
        if is_due {
            self.last_check.store(now, Ordering::Relaxed);
        }
        is_due
    }

    /// No message is put any more. Where a producer is stopped in the middle of its `put`, that takes effect when
    /// the producer goes on or dies: [`Ring::finish_closing`].
    pub(super) fn close(&self) {
        let closed = &self.header.status.closed;
        // A failure: it is closing, or closed.
        let _ = closed.compare_exchange(0, CLOSING, Ordering::Relaxed, Ordering::Relaxed);
        if let Ok(tail) = self.lock_tail(LockLimit::Glance) {
            tail.finish_closing();
        }
        self.notify_all_waiters();
    }

    /// Closes a queue that is closing.
    pub(super) fn finish_closing(&self) {
        if self.is_closing()
            && let Ok(tail) = self.lock_tail(LockLimit::Now)
            && tail.finish_closing()
        {
            drop(tail);
            self.notify_all_waiters();
        }
    }

    fn notify_all_waiters(&self) {
        self.not_empty().notify_all();
        self.not_full().notify_all();
        self.all_done().notify_all();
    }

    #[inline]
    pub(super) fn notify_if_all_done(&self) {
        if self.unfinished() == 0 {
            self.all_done().notify_all();
            // Consumers of a closed queue wait for messages that may be requeued. None will be.
            if self.is_closed() {
                self.not_empty().notify_all();
            }
        }
    }

    /// How many slots were ever used. Relaxed: a slot that is read because of it says on its own what it holds, and one
    /// that another process has not been seen to fill is free.
    #[inline]
    fn used(&self) -> usize {
        self.header.status.used.load(Ordering::Relaxed) as usize
    }

    fn used_slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        self.slots.first(self.used())
    }

    /// Prefetches the slot whose turn comes soon, before the first one is worked on.
    #[inline]
    fn prefetch_ahead(&self, ring: &IndexRing) {
        if let Some(number) = ring.seen_behind(AHEAD) {
            cache::fetch(self.slots.get(number));
        }
    }

    /// Prefetches the first message, whose bytes its producer's core still has, while another message is
    /// read. A hint: without the lock of the head, another consumer may have taken it.
    #[inline]
    fn prefetch_next_message(&self) {
        if self.slots.have_large()
            && let Some(number) = self.ready.seen_behind(0)
        {
            self.slots.prefetch(number);
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).max(1)
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring")
            .field("capacity", &self.capacity())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
