//! The lock of the head, and what consumers change under it.

use super::Ring;
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::Stamp;
use crate::primitive::atomic::Ordering;
use crate::primitive::robust::RobustGuard;
use crate::queue::buffer::Buffer;
use crate::queue::consumers_registry::Consumer;
use crate::queue::index_ring::{Back, Front};
use crate::queue::slots::{Kind, Slot, State};

/// Holds the lock of the head until it is dropped.
pub(in crate::queue) struct Head<'a> {
    ring: &'a Ring,
    held: RobustGuard<'a, ()>,
}

/// The slot of the first ready message.
pub(in crate::queue) struct First(u32);

/// Which delivery a lease is about: a slot, and the number that no other delivery of the queue has.
#[derive(Clone, Copy, Debug)]
pub(in crate::queue) struct LeaseName {
    slot: u32,
    number: u64,
}

/// A message that a consumer works on.
#[derive(Debug)]
pub(in crate::queue) struct Lease {
    pub(in crate::queue) name: LeaseName,
    /// How often the message was handed out, this time included.
    pub(in crate::queue) deliveries: u32,
    /// How many of its holders died or panicked.
    pub(in crate::queue) deaths: u32,
    /// The pid of the last one.
    pub(in crate::queue) last_death: Option<i32>,
}

/// How a lease ended without the work being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::queue) enum Undone {
    /// Its holder dropped it.
    Returned,
    /// Its holder died, panicked with it, or held it for too long.
    HolderDied,
}

/// What became of messages that were returned undone.
#[derive(Default)]
pub(in crate::queue) struct Returned {
    pub(in crate::queue) requeued: usize,
    /// The pids of the last holders of those that became dead letters.
    pub(in crate::queue) dead_letters: Vec<i32>,
}

/// Which message a dead letter is: its slot, and the turn that no other message of the queue has.
#[derive(Clone, Copy, Debug)]
pub(in crate::queue) struct LetterName {
    slot: u32,
    pub(in crate::queue) turn: u64,
}

/// A dead letter.
pub(in crate::queue) struct Letter {
    pub(in crate::queue) name: LetterName,
    pub(in crate::queue) state: State,
    /// A pid. It means nothing before the first death.
    pub(in crate::queue) last_death: i32,
}

impl LeaseName {
    pub(super) fn new(slot: u32, number: u64) -> Self {
        Self { slot, number }
    }

    #[inline]
    pub(super) fn slot(&self) -> u32 {
        self.slot
    }
}

impl<'a> Head<'a> {
    #[inline]
    pub(super) fn new(ring: &'a Ring, held: RobustGuard<'a, ()>) -> Self {
        Self { ring, held }
    }

    #[inline]
    pub(in crate::queue) fn first(&self) -> Option<First> {
        self.ready().first().map(First)
    }

    /// The stamp on a ready message.
    #[inline]
    pub(in crate::queue) fn origin(&self, first: &First) -> Option<Stamp> {
        self.ring.provenance.of(first.0)
    }

    /// Ready to free: takes the first message for good.
    #[inline]
    pub(in crate::queue) fn take(&self, First(number): First, message: &mut Buffer) {
        self.ring.prefetch_ahead(&self.ring.ready);
        self.ring.slots.read(number, message);
        hit(CrashPoint::TakeRead);
        self.ready().remove_first();
        hit(CrashPoint::TakeRemoved);
        self.release(number);
    }

    /// Ready to leased: hands the first message out to `me`, at this time.
    #[inline]
    pub(in crate::queue) fn lease(&self, First(number): First, me: Consumer, now: u64) -> Lease {
        self.ring.prefetch_ahead(&self.ring.ready);
        let slot = self.ring.slots.get(number);
        let name = LeaseName::new(number, self.next_lease());
        let deliveries = slot.sign(me, now, name.number);
        hit(CrashPoint::LeaseSigned);
        let deaths = slot.state().deaths;
        slot.commit(Kind::Leased, deaths);
        hit(CrashPoint::LeaseCommitted);
        self.ready().remove_first();
        hit(CrashPoint::LeaseRemoved);
        let last_death = (deaths > 0).then(|| slot.last_death());
        Lease { name, deliveries, deaths: deaths.into(), last_death }
    }

    /// Leased to free: the work is done. False if the lease has ended before, another way.
    #[inline]
    pub(in crate::queue) fn ack(&self, lease: &LeaseName) -> bool {
        let is_held = self.held(lease).is_some();
        if is_held {
            self.release(lease.slot);
        }
        is_held
    }

    /// Leased to ready, or to dead after too many deaths: the work is not done. Leases that have ended before
    /// are left alone. The leases are in the order of their turns.
    pub(in crate::queue) fn return_undone<'l>(
        &self,
        leases: impl IntoIterator<Item = &'l LeaseName>,
        why: Undone,
    ) -> Returned {
        let mut returned = Returned::default();
        let mut ready = Vec::new();
        for lease in leases {
            let Some(slot) = self.held(lease) else { continue };
            let mut deaths = slot.state().deaths;
            if why == Undone::HolderDied {
                slot.holder_died();
                hit(CrashPoint::ReturnNoted);
                deaths = deaths.saturating_add(1);
                if u32::from(deaths) >= self.ring.header.status.max_deaths.load(Ordering::Relaxed) {
                    self.dead_letter(slot, Kind::Dead, deaths);
                    returned.dead_letters.push(slot.last_death());
                    continue;
                }
            }
            slot.commit(Kind::Ready, deaths);
            hit(CrashPoint::ReturnCommitted);
            ready.push(lease.slot);
        }
        returned.requeued = ready.len();
        self.requeue(&ready);
        returned
    }

    /// Leased to unreadable: the message cannot be read. False if the lease has ended before.
    pub(in crate::queue) fn reject(&self, lease: &LeaseName) -> bool {
        let Some(slot) = self.held(lease) else { return false };
        self.dead_letter(slot, Kind::Unreadable, slot.state().deaths);
        true
    }

    /// The dead letter in this slot, if there is one, and its bytes.
    pub(in crate::queue) fn letter(&self, slot: u32, message: &mut Buffer) -> Option<Letter> {
        let letter = self.ring.slots.get(slot);
        let name = LetterName { slot, turn: letter.turn() };
        self.is_dead(&name).then(|| {
            self.ring.slots.read(slot, message);
            Letter { name, state: letter.state(), last_death: letter.last_death() }
        })
    }

    /// Dead or unreadable to free. False if another process has decided before.
    pub(in crate::queue) fn discard(&self, letter: &LetterName) -> bool {
        let is_dead = self.is_dead(letter);
        if is_dead {
            self.uncount_dead();
            self.release(letter.slot);
        }
        is_dead
    }

    /// Dead or unreadable to ready, with its deaths forgotten. False if another process has decided before.
    pub(in crate::queue) fn retry(&self, letter: &LetterName) -> bool {
        let is_dead = self.is_dead(letter);
        if is_dead {
            self.uncount_dead();
            self.ring.slots.get(letter.slot).commit(Kind::Ready, 0);
            hit(CrashPoint::ReturnCommitted);
            self.requeue(&[letter.slot]);
        }
        is_dead
    }

    #[inline]
    pub(super) fn ready(&self) -> Front<'_> {
        self.ring.ready.front(&self.held)
    }

    #[inline]
    pub(super) fn free(&self) -> Back<'_> {
        self.ring.free.back(&self.held)
    }

    /// The slot of a lease that has not ended.
    #[inline]
    fn held(&self, lease: &LeaseName) -> Option<&Slot> {
        let slot = self.ring.slots.get(lease.slot);
        (slot.state().kind == Kind::Leased && slot.lease() == lease.number).then_some(slot)
    }

    #[inline]
    fn release(&self, number: u32) {
        self.ring.slots.get(number).commit(Kind::Free, 0);
        hit(CrashPoint::FreeCommitted);
        self.free().append(number);
        hit(CrashPoint::FreeAppended);
    }

    /// Enters slots whose messages are ready again into the index, each at its turn. They are in the order of
    /// their turns.
    fn requeue(&self, numbers: &[u32]) {
        let turn = |number| self.ring.slots.get(number).turn();
        self.ready().requeue(numbers, |one, other| turn(one) < turn(other));
        hit(CrashPoint::ReturnOrdered);
    }

    fn dead_letter(&self, slot: &Slot, kind: Kind, deaths: u16) {
        slot.commit(kind, deaths);
        hit(CrashPoint::DeadLetterCommitted);
        // After the commit: before it the message would be missing from both counts. Release: a reader that counts this
        // letter counts what its consumer put before.
        self.ring.header.status.dead.fetch_add(1, Ordering::Release);
        hit(CrashPoint::DeadLetterCounted);
    }

    /// Before the slot is committed as something else, so that its message counts as unfinished until then.
    fn uncount_dead(&self) {
        // Relaxed: a reader of this number acquires what those released that counted the letters.
        self.ring.header.status.dead.fetch_sub(1, Ordering::Relaxed);
        hit(CrashPoint::DeadLetterUncounted);
    }

    fn is_dead(&self, letter: &LetterName) -> bool {
        let slot = self.ring.slots.get(letter.slot);
        matches!(slot.state().kind, Kind::Dead | Kind::Unreadable) && slot.turn() == letter.turn
    }

    #[inline]
    fn next_lease(&self) -> u64 {
        let next = &self.ring.header.head.next_lease;
        let number = next.load(Ordering::Relaxed);
        next.store(number + 1, Ordering::Relaxed);
        number
    }
}
