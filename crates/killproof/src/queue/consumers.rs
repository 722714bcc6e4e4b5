//! What consumers do: take a message for good, or hold it for a while; and what becomes of it when
//! they die.

use super::buffer::Buffer;
use super::errors::GetError;
use super::ring::Ring;
use super::slots::{Kind, Slot};
use super::waiting::{NoMore, Until};
use crate::crashpoint::{CrashPoint, hit};
use crate::observe::{Location, Mark, SpanKind, Stamp};
use crate::primitive::atomic::Ordering;
use crate::primitive::identity::Identity;

/// Which delivery a lease is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeaseName {
    slot: u32,
    number: u64,
}

/// A message handed out to be worked on.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) name: LeaseName,
    /// How often it was handed out, this time included.
    pub(super) deliveries: u32,
    /// How many of its holders died or panicked.
    pub(super) deaths: u32,
    /// The last of them.
    pub(super) last_death: Option<Identity>,
}

/// What a getter comes back with. Small, so that it costs the way through little.
enum Got<R> {
    Message(R),
    /// Nothing will ever come.
    Over,
}

/// How a lease ended without the work being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// Its holder let go of it.
    Returned,
    /// Its holder died, or panicked with it.
    HolderDied,
}

impl Ring {
    /// Takes the first message for good.
    #[inline]
    pub(super) fn take(&self, message: &mut Buffer, until: Until, at: Location) -> Result<(), GetError> {
        let mut from = None;
        let got = self.wait_for(
            SpanKind::WaitGet,
            &self.header().not_empty,
            until,
            at,
            || self.may_have_some(),
            || self.try_take(message, &mut from),
        );
        let Ok(Got::Message(())) = got else { return Err(failure(&got)) };
        self.header().not_full.notify_one();
        if let Some(from) = from {
            self.record_hand_over(from, at);
        }
        if self.is_closed() {
            self.notify_if_all_done();
        }
        Ok(())
    }

    #[inline]
    fn try_take(&self, message: &mut Buffer, from: &mut Option<Stamp>) -> Option<Got<()>> {
        let _head = self.lock_head();
        let Some(number) = self.ready.first() else { return self.nothing() };
        self.fetch_ahead(&self.ready);
        self.slots.read(number, message);
        *from = self.provenance.of(number);
        hit(CrashPoint::TakeRead);
        self.ready.remove_first();
        hit(CrashPoint::TakeRemoved);
        self.release(number);
        Some(Got::Message(()))
    }

    /// Takes the first message until it is finished or returned.
    #[inline]
    pub(super) fn lease(&self, until: Until, at: Location) -> Result<Lease, GetError> {
        let me = crate::primitive::identity::process().map_err(|error| GetError::NoIdentity(error.to_string()))?;
        // Even where there always is something to do: what a dead consumer held must not wait for a lull.
        self.look_after_the_dead();
        self.register(me);
        let (event, hint) = (&self.header().not_empty, || self.may_have_some());
        match self.wait_for(SpanKind::WaitGet, event, until, at, hint, || self.try_lease(me)) {
            Ok(Got::Message(lease)) => Ok(lease),
            other => Err(failure(&other)),
        }
    }

    #[inline]
    fn try_lease(&self, me: Identity) -> Option<Got<Lease>> {
        let _head = self.lock_head();
        let Some(slot) = self.ready.first() else { return self.nothing() };
        self.fetch_ahead(&self.ready);
        let leased = self.slots.get(slot);
        let next_lease = &self.header().head.next_lease;
        let number = next_lease.load(Ordering::Relaxed);
        next_lease.store(number + 1, Ordering::Relaxed);
        let deliveries = leased.sign(me, number);
        hit(CrashPoint::LeaseSigned);
        let deaths = leased.state().deaths;
        leased.commit(Kind::Leased, deaths);
        hit(CrashPoint::LeaseCommitted);
        self.ready.remove_first();
        hit(CrashPoint::LeaseRemoved);
        let last_death = (deaths > 0).then(|| leased.last_death());
        Some(Got::Message(Lease { name: LeaseName { slot, number }, deliveries, deaths: deaths.into(), last_death }))
    }

    /// Reads the message of a lease. Its holder lives, so nobody else touches the slot.
    #[inline]
    pub(super) fn read(&self, lease: &Lease, message: &mut Buffer) {
        self.fetch_next_message();
        self.slots.read(lease.name.slot, message);
    }

    /// Who put the message of a lease. Its slot is its own as long as its holder lives.
    pub(super) fn origin(&self, lease: &Lease) -> Option<Stamp> {
        self.provenance.of(lease.name.slot)
    }

    /// Ends a lease with its message done. False if the lease had gone to somebody else.
    #[inline]
    pub(super) fn ack(&self, lease: &Lease) -> bool {
        let head = self.lock_head();
        if self.held(&lease.name).is_none() {
            return false;
        }
        self.release(lease.name.slot);
        // Then whoever finishes that one will ask whether all is finished. To count takes cache lines
        // away from the producers.
        let another_waits = self.ready.first().is_some();
        drop(head);
        hit(CrashPoint::DoneUnlocked);
        self.header().not_full.notify_one();
        if !another_waits {
            self.notify_if_all_done();
        }
        true
    }

    /// Ends a lease with its message undone: it goes back to its place in line, or becomes a dead
    /// letter. False as above.
    pub(super) fn return_undone(&self, lease: &LeaseName, why: Undone) -> bool {
        let head = self.lock_head();
        let Some(slot) = self.held(lease) else { return false };
        let mut deaths = slot.state().deaths;
        if why == Undone::HolderDied {
            slot.holder_died();
            hit(CrashPoint::ReturnNoted);
            deaths = deaths.saturating_add(1);
        }
        let is_dead = why == Undone::HolderDied && u32::from(deaths) >= self.max_deaths();
        if is_dead {
            self.dead_letter(slot, Kind::Dead, deaths);
        } else {
            slot.commit(Kind::Ready, deaths);
            hit(CrashPoint::ReturnCommitted);
            self.requeue(lease.slot);
        }
        let holder = slot.holder();
        drop(head);
        if is_dead {
            self.id.mark(Mark::DeadLetter { from_pid: Some(holder.pid) }, std::panic::Location::caller());
            self.notify_if_all_done();
        } else {
            self.header().not_empty.notify_one();
        }
        true
    }

    /// Ends a lease whose message cannot be read: it is a dead letter. False as above.
    #[track_caller]
    pub(super) fn reject(&self, lease: &LeaseName) -> bool {
        let head = self.lock_head();
        let Some(slot) = self.held(lease) else { return false };
        self.dead_letter(slot, Kind::Unreadable, slot.state().deaths);
        drop(head);
        self.id.mark(Mark::DeadLetter { from_pid: None }, std::panic::Location::caller());
        self.notify_if_all_done();
        true
    }

    /// Gives back what processes hold that are no more. True if there was any.
    pub(super) fn requeue_of_the_dead(&self) -> bool {
        // Where nothing is leased there is nothing to give back, and no reason to look at every slot.
        if self.unfinished() == self.waiting() {
            return false;
        }
        // The kernel is asked without a lock, and once for each holder: it takes its time. A lease that
        // ends meanwhile, or goes to somebody else, is another one, and `return_undone` sees that.
        let mut holders: Vec<(Identity, bool)> = Vec::new();
        let mut any = false;
        for (number, slot) in self.slots.numbered().take(self.used()) {
            if slot.state().kind != Kind::Leased {
                continue;
            }
            let lease = LeaseName { slot: number, number: slot.lease() };
            let holder = slot.holder();
            let known = holders.iter().find(|(known, _)| *known == holder).map(|(_, alive)| *alive);
            let alive = known.unwrap_or_else(|| {
                let alive = holder.is_alive();
                holders.push((holder, alive));
                alive
            });
            any |= !alive && self.return_undone(&lease, Undone::HolderDied);
        }
        any
    }

    /// Whether a getter has something to look at.
    #[inline]
    fn may_have_some(&self) -> bool {
        !self.ready.is_empty() || self.is_closed()
    }

    /// What a getter that finds no message is told, if anything.
    fn nothing<R>(&self) -> Option<Got<R>> {
        self.is_over().then_some(Got::Over)
    }

    /// The slot of a lease that still is one. Needs the head's lock.
    #[inline]
    fn held(&self, lease: &LeaseName) -> Option<&Slot> {
        let slot = self.slots.get(lease.slot);
        (slot.state().kind == Kind::Leased && slot.lease() == lease.number).then_some(slot)
    }

    /// Frees a slot. Needs the head's lock.
    #[inline]
    pub(super) fn release(&self, number: u32) {
        self.slots.get(number).commit(Kind::Free, 0);
        hit(CrashPoint::FreeCommitted);
        self.free.append(number);
        hit(CrashPoint::FreeAppended);
    }

    /// Enters a ready slot into the line by its turn. Needs the head's lock.
    pub(super) fn requeue(&self, number: u32) {
        let turn = self.slots.get(number).turn();
        self.ready.requeue(number, |other| self.slots.get(other).turn() < turn);
        hit(CrashPoint::ReturnOrdered);
    }

    /// Makes a message a dead letter. Needs the head's lock.
    fn dead_letter(&self, slot: &Slot, kind: Kind, deaths: u16) {
        slot.commit(kind, deaths);
        hit(CrashPoint::DeadLetterCommitted);
        // After the commit, so that it is not missing from both counts.
        self.header().status.dead.fetch_add(1, Ordering::Release);
        hit(CrashPoint::DeadLetterCounted);
    }

    #[inline]
    pub(super) fn notify_if_all_done(&self) {
        if self.unfinished() == 0 {
            self.header().all_done.notify_all();
            // Whoever waits at a closed queue for what may come back.
            if self.is_closed() {
                self.header().not_empty.notify_all();
            }
        }
    }
}

#[cold]
fn failure<R>(got: &Result<Got<R>, NoMore>) -> GetError {
    match got {
        Ok(_) => GetError::Disconnected,
        Err(NoMore::NotNow) => GetError::Empty,
        Err(NoMore::TooLate) => GetError::TimedOut,
        Err(NoMore::Interrupted(signal)) => GetError::Interrupted(*signal),
    }
}
