//! What the kernel does: robust mutexes, sleeping and waking, killing.

use crate::event::{LockOutcome, What};
use crate::execution::{Actor, Execution, MAIN, Op, Rewoken, Status};
use crate::hash::Digest;
use crate::memory::{Name, Observer};
use crate::view::{ActorId, View};

/// A robust mutex.
#[derive(Debug)]
pub(crate) struct Lock {
    pub(super) name: Name,
    /// It guards memory that is not modelled: what its owner does depends on what the last owner left there.
    guards_plain: bool,
    /// What the last owner had learned when it left, if that counts.
    left: Digest,
    owner: Option<ActorId>,
    /// Its last owner died with it, and no owner has made it consistent since.
    is_inconsistent: bool,
    /// It was unlocked while inconsistent.
    is_lost: bool,
    /// What was seen by who unlocked it.
    pub(super) view: View,
}

impl Lock {
    /// What it is, its view aside. `None`: as it was made.
    pub(super) fn state(&self) -> Option<[u64; 3]> {
        let owner = self.owner.map_or(0, |owner| owner as u64 + 1);
        let bits = owner * 4 + u64::from(self.is_inconsistent) * 2 + u64::from(self.is_lost);
        let (low, high) = self.left.halves();
        (bits != 0 || self.left != Digest::default()).then_some([bits, low, high])
    }

    /// Its owner leaves it.
    fn is_left(&mut self, owner: &Actor) {
        self.owner = None;
        self.view.join(&owner.observer.view);
        if self.guards_plain {
            self.left = owner.knowledge;
        }
    }

    /// Its owner has died with it.
    pub(super) fn loses_its_owner(&mut self, owner: &Actor) {
        self.is_left(owner);
        self.is_inconsistent = true;
    }

    pub(crate) fn is_free(&self) -> bool {
        self.owner.is_none() || self.is_lost
    }

    pub(crate) fn owner(&self) -> Option<ActorId> {
        self.owner
    }
}

impl Execution {
    /// Notes a call of the kernel. No compiler moves a store across one.
    fn call(&mut self, what: What) {
        self.note(what);
        self.passes_a_point();
        self.actors[self.current].window.clear();
    }

    /// The actor that runs reads what the kernel keeps, and may change it.
    pub(crate) fn call_table(&mut self, location: usize, value: u64) {
        self.touches(location, true);
        self.learns(self.memory.newest(location));
        self.note(What::Calls { table: location });
        self.actors[self.current].window.clear();
        self.memory.renew(location, value);
        self.has_done();
    }

    /// Notes what the check will read.
    pub(crate) fn note_for_check(&mut self, what: Digest) {
        self.shows(true);
        self.noted.push(self.current as u64);
        self.noted.push_all(what);
    }

    pub(crate) fn add_lock(&mut self, address: usize, guards_plain: bool) -> usize {
        let name = self.names.name(address, self.current);
        if !name.is_lasting() {
            self.learns(name.0);
        }
        self.locks.push(Lock {
            name,
            guards_plain,
            left: Digest::default(),
            owner: None,
            is_inconsistent: false,
            is_lost: false,
            view: View::default(),
        });
        self.locks.len() - 1
    }

    pub(super) fn free_all_locks(&mut self) {
        self.locks.iter_mut().for_each(|lock| lock.owner = None);
    }

    /// Locks for the actor that runs, which may do so now.
    pub(crate) fn lock(&mut self, id: usize) -> LockOutcome {
        let me = self.current;
        let rewoken = self.actors[me].rewoken.take();
        let lock = &mut self.locks[id];
        let outcome = if lock.is_lost {
            LockOutcome::NotRecoverable
        } else if lock.owner.is_some() {
            if rewoken.is_some() { LockOutcome::TimedOut } else { LockOutcome::Busy }
        } else {
            lock.owner = Some(me);
            self.actors[me].knowledge.push_all(lock.left);
            let view = std::mem::take(&mut lock.view);
            self.actors[me].observer.learn(&view);
            if self.locks[id].is_inconsistent { LockOutcome::OwnerDied } else { LockOutcome::Taken }
        };
        self.learns(outcome as u64);
        self.call(What::Lock { lock: id, how: outcome });
        self.has_done();
        outcome
    }

    /// Unlocks a mutex of the actor that runs. Returns whether it was its.
    pub(crate) fn unlock(&mut self, id: usize) -> bool {
        let me = self.current;
        self.call(What::Unlock { lock: id });
        let Self { actors, locks, .. } = self;
        let lock = &mut locks[id];
        let is_mine = lock.owner == Some(me);
        if is_mine {
            lock.is_left(&actors[me]);
            lock.is_lost = lock.is_inconsistent;
        }
        self.has_done();
        is_mine
    }

    /// Makes a mutex of the actor that runs consistent. Returns whether it was its.
    pub(crate) fn make_consistent(&mut self, id: usize) -> bool {
        self.call(What::Repaired { lock: id });
        let lock = &mut self.locks[id];
        lock.is_inconsistent &= lock.owner != Some(self.current);
        lock.owner == Some(self.current)
    }

    /// Puts the actor that runs to sleep on a word, if the word has the value. Returns whether it sleeps, and has to
    /// be left.
    pub(crate) fn sleep(&mut self, location: usize, expected: u64, is_timed: bool) -> bool {
        self.touches(location, false);
        let is_equal = self.memory.newest(location) == expected;
        let how = if is_equal { "sleeps" } else { "the word has changed" };
        self.learns(is_equal.into());
        self.call(What::Wait { location, how });
        if is_equal && self.current != MAIN {
            let me = self.current;
            let actor = &mut self.actors[me];
            actor.status = Status::Asleep(location);
            actor.next = Op::Local;
            actor.is_timed = is_timed;
            self.has_done();
            self.go_on(me);
        }
        is_equal
    }

    /// Wakes sleepers on a word; which of them is a choice. Returns how many.
    pub(crate) fn wake(&mut self, location: usize, count: usize) -> usize {
        let mut woken = 0;
        while woken < count {
            let asleep: Vec<ActorId> =
                (1..self.actors.len()).filter(|id| self.actors[*id].status == Status::Asleep(location)).collect();
            if asleep.is_empty() {
                break;
            }
            let takes_all = count - woken >= asleep.len() || self.is_settled;
            let chosen = if takes_all { 0 } else { self.choices.choose(asleep.len()) };
            let sleeper = &mut self.actors[asleep[chosen]];
            sleeper.status = Status::Ready;
            sleeper.is_timed = false;
            woken += 1;
        }
        self.learns(woken as u64);
        self.call(What::Wake { location, woken });
        self.has_done();
        woken
    }

    /// Ends the wait of an actor by itself.
    pub(crate) fn rewake(&mut self, id: ActorId, how: Rewoken) {
        let actor = &mut self.actors[id];
        if matches!(actor.status, Status::Asleep(_)) {
            actor.status = Status::Ready;
        }
        actor.rewoken = Some(how);
        actor.is_timed = false;
        let how = match how {
            Rewoken::Spurious => "woken for no reason",
            Rewoken::TimedOut => "timed out",
        };
        self.note_of(id, What::Woken { how });
    }

    pub(crate) fn spend_stale(&mut self) {
        if let Some(left) = &mut self.left.stale {
            *left -= 1;
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.is_settled
    }

    pub(crate) fn may_be_stale(&self) -> bool {
        self.left.stale != Some(0) && self.current != MAIN
    }

    /// Whether an actor is there. Who sees that it is not has seen all that it did.
    pub(crate) fn look_after(&mut self, id: ActorId) -> bool {
        let is_alive = id == MAIN || self.actors.get(id).is_some_and(Actor::is_there);
        if id < self.actors.len() {
            self.sees_end(id);
        }
        self.learns(is_alive.into());
        self.call(What::LooksAfter { actor: id, is_alive });
        if !is_alive && id < self.actors.len() {
            let view = self.actors[id].observer.view.clone();
            Observer::learn(&mut self.actors[self.current].observer, &view);
        }
        is_alive
    }
}
