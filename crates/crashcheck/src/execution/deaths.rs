//! Who is killed, where, and what that does.
//!
//! A death is tried where it makes a difference. What an actor does that no other can see leaves the same behind
//! whether it dies before it or behind it, so it dies before what others can see, and before it learns what they would
//! learn from its death. Once it was left for another actor, it does nothing, and dies when another is about to see
//! that, or when all others could die as well before one of them goes on.

use crate::event::What;
use crate::execution::{Execution, MAIN, Op, Status};
use crate::view::ActorId;

impl Execution {
    /// The actors that may be killed before it is chosen who goes on after the actor `from`.
    pub(super) fn mortals(&self, from: ActorId, goes_on: bool) -> impl Iterator<Item = ActorId> {
        let mortals = (1..self.actors.len()).filter(|id| self.left.deaths > 0 && self.actors[*id].is_there());
        mortals.filter(move |id| self.dies_here(*id, from, goes_on))
    }

    fn dies_here(&self, id: ActorId, from: ActorId, goes_on: bool) -> bool {
        if self.tries_all_deaths {
            return true;
        }
        if !goes_on {
            let others = (1..self.actors.len()).filter(|other| *other != id && self.can_run(*other));
            // If one of them lives, this one may as well die when that sees it, or can go on no more.
            return others.count() < self.left.deaths as usize;
        }
        if id == from { self.has_effect(from) } else { self.sees_death(from, id) }
    }

    /// Another actor goes on after the actor `from`. Those that it would see alive, or not, may die before that. The
    /// death of one that could go on itself was tried, or is tried where it has come so far that it has an effect.
    pub(super) fn third_parties(&self, about: ActorId, from: ActorId) -> Vec<ActorId> {
        if self.left.deaths == 0 || self.is_settled || self.tries_all_deaths {
            return Vec::new();
        }
        let was_tried = |id: ActorId| id == from && self.can_run(from);
        let others = (1..self.actors.len()).filter(|id| *id != about && self.actors[*id].is_there() && !was_tried(*id));
        others.filter(|id| self.sees_death(about, *id)).collect()
    }

    /// Whether a death of the actor before its next operation differs from one behind it. (No compiler moves a store
    /// across a call of the kernel.)
    fn has_effect(&self, id: ActorId) -> bool {
        match self.actors[id].next {
            Op::Wait(_) => self.may_take_back(id),
            // What it has stored before is seen by all that pass a strong fence later.
            Op::Fence => self.left.stale != Some(0),
            Op::Read(location) => self.dies_with_less(id, location),
            Op::LookAfter(other) if self.left.stale != Some(0) => self.actors.get(other).is_some_and(|other| {
                !other.is_there() && !other.observer.view.is_within(&self.actors[id].observer.view)
            }),
            Op::Local => self.left.stale != Some(0) && self.actors[id].observer.has_pending(),
            op => op.has_effect(),
        }
    }

    /// Whether an actor that dies before it reads a location has seen less than behind that: and so will the next owner
    /// of its locks, and the actors that look after it.
    pub(super) fn dies_with_less(&self, id: ActorId, location: usize) -> bool {
        self.left.deaths > 0
            && self.left.stale != Some(0)
            && self.memory.brings_news(location, &self.actors[id].observer)
    }

    /// Whether the next operation of an actor differs if another one has died before it.
    fn sees_death(&self, id: ActorId, other: ActorId) -> bool {
        match self.actors[id].next {
            Op::Lock(lock) | Op::TryLock(lock) => self.locks[lock].owner() == Some(other),
            Op::LookAfter(actor) => actor == other,
            Op::Read(location) | Op::Write(location) => self.may_take_back_of(other, location),
            Op::Wake(location) | Op::Wait(location) => {
                self.actors[other].status == Status::Asleep(location) || self.may_take_back_of(other, location)
            }
            Op::Unlock(_) | Op::Local | Op::Settle | Op::Fence | Op::Spin | Op::Note => false,
        }
    }

    /// Whether the death of another actor can take a store of a location back.
    pub(super) fn is_loose(&self, location: usize) -> bool {
        self.left.deaths > 0
            && (1..self.actors.len()).any(|id| id != self.current && self.may_take_back_of(id, location))
    }

    fn may_take_back_of(&self, id: ActorId, location: usize) -> bool {
        self.may_take_back(id) && self.actors[id].window.iter().any(|(of, _)| *of == location)
    }

    fn may_take_back(&self, id: ActorId) -> bool {
        self.left.stale != Some(0) && self.actors[id].is_there() && self.actors[id].window.len() > 1
    }

    /// Whether the actor that runs is about to note what it has found, and a death that comes before that was not tried:
    /// the operation that found it has no effect.
    pub(crate) fn may_die_before_a_note(&self) -> bool {
        let me = self.current;
        let may_die = self.left.deaths > 0 && !self.is_settled && !self.is_starting;
        me != MAIN && may_die && !self.actors[me].next.has_effect()
    }

    /// Kills an actor: what it stored is there, its locks are free, and each is marked.
    pub(super) fn kill(&mut self, id: ActorId) {
        self.left.deaths -= 1;
        self.asleep = 0;
        self.note_of(id, What::Dies);
        self.take_back_a_store(id);
        self.actors[id].status = Status::Dead;
        self.actors[id].run += 1;
        let Self { actors, locks, .. } = self;
        for lock in locks.iter_mut().filter(|lock| lock.owner() == Some(id)) {
            lock.loses_its_owner(&actors[id]);
        }
        for actor in &mut self.actors {
            actor.spins = false;
            actor.has_news = true;
        }
    }

    /// A compiler may have put one of the last stores behind the others: then the death came before it.
    fn take_back_a_store(&mut self, id: ActorId) {
        let can = self.may_take_back(id);
        let window = std::mem::take(&mut self.actors[id].window);
        if !can {
            return;
        }
        // The last one is not offered: to take it back is a death before it.
        let chosen = self.choices.choose_age(window.len());
        if chosen > 0 {
            let (location, place) = window[chosen - 1];
            if self.memory.take_back(location, place) {
                self.spend_stale();
                self.note_of(id, What::TakenBack { location });
            }
        }
    }

    /// Whether a death here could show the last stores of the actor that runs in another order.
    pub(crate) fn has_loose_stores(&self) -> bool {
        self.left.deaths > 0 && self.may_be_stale() && self.may_take_back(self.current)
    }
}
