//! What the rest of an execution depends on, as a hash: the state at a point at which more than one actor can go on.
//!
//! An actor does always the same after it has learned the same (values read, locks taken, how its waits ended), so its
//! place is the hash of all that. With it come the memory, the locks, who sleeps on what, and what was noted for the
//! check. An execution that comes to a state that was seen before, with no more left of the bounds than then, shows
//! nothing new: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 3; for
//! programs whose own state cannot be read, Musuvathi, Qadeer, Ball, Basler, Nainar, Neamtiu, "Finding and Reproducing
//! Heisenbugs in Concurrent Programs" (CHESS), OSDI 2008.
//!
//! Of older values only their order counts, and only as far as a living actor may still read them. Where it matters
//! what happened before what (sequentially consistent accesses, plain cells), the whole order of events is part of the
//! state.

use crate::event::What;
use crate::execution::{Actor, Execution, Op, Rewoken, Status};
use crate::hash::Digest;
use crate::memory::{Location, Message};
use crate::view::{ActorId, Clock, Place, View};
use crate::visited::Left;

/// Seeds.
const STATE: u64 = 10;
const ACTOR: u64 = 11;
const LOCK: u64 = 12;
const LOOSE: u64 = 13;
const SEEN: u64 = 14;
const WINDOW: u64 = 15;
const EVENT: u64 = 16;

/// A location of which an actor may still read an older value than the newest.
struct Loose<'a> {
    location: usize,
    of: &'a Location,
    /// The place of the oldest value that an actor may still read.
    oldest: Place,
}

impl Execution {
    /// Notes the state before it is chosen who goes on after the actor `from`. Returns whether it was seen before.
    pub(super) fn was_seen(&mut self, from: ActorId) -> bool {
        if !self.learned.remembers() || self.is_settled || self.choices.are_given() {
            return false;
        }
        let mut left = Left { preemptions: self.left.preemptions, stale: self.left.stale };
        let there = self.actors.iter().skip(1).filter(|actor| actor.is_there()).count();
        if there < 2 {
            // No actor can be left for another any more.
            left.preemptions = None;
        }
        if there == 0 {
            // The check reads the newest values.
            left.stale = Some(0);
        }
        let strong = self.strong_state(from);
        if left.stale == Some(0) {
            return self.remember(strong, left);
        }
        let mut weak = strong;
        weak.push_all(self.loose_state());
        let was_seen = self.remember(weak, left);
        if !was_seen {
            // What comes after it with stale values includes what comes after it without them.
            self.remember(strong, Left { stale: Some(0), ..left });
        }
        was_seen
    }

    fn remember(&mut self, state: Digest, left: Left) -> bool {
        self.learned.visited.as_mut().is_some_and(|visited| visited.covers(state, left))
    }

    /// The state as it is if all older values are forgotten.
    fn strong_state(&self, from: ActorId) -> Digest {
        let mut state = Digest::new(STATE);
        // Who goes on costs a preemption or not; and who waits may die.
        let goes_on = self.can_run(from);
        let counts = goes_on || self.left.deaths > 0 && self.actors[from].is_there();
        state.push(if counts { from as u64 * 2 + u64::from(goes_on) } else { u64::MAX });
        state.push(u64::from(self.ticks) << 32 | u64::from(self.left.early) << 16 | u64::from(self.asleep));
        for actor in &self.actors[1..] {
            state.push_all(self.actor_state(actor));
        }
        state.push_all(self.memory.values);
        let mut locks = Digest::default();
        for lock in &self.locks {
            if let Some(words) = lock.state() {
                locks.add(Digest::new(LOCK).with(lock.name.0).with(words[0]).with(words[1]).with(words[2]));
            }
        }
        state.push_all(locks);
        state.push_all(self.noted);
        if self.learned.needs_order() {
            state.push(self.is_weak.into());
            state.push_all(self.order);
            let mut places = Digest::default();
            for location in self.memory.locations() {
                let mut messages = Digest::new(EVENT).with(location.name.0);
                for Message { made_by: (actor, count), .. } in location.messages() {
                    messages.push((*actor as u64) << 32 | u64::from(*count));
                }
                places.add(messages);
            }
            state.push_all(places);
        }
        state
    }

    fn actor_state(&self, actor: &Actor) -> Digest {
        let mut digest = Digest::new(ACTOR);
        let asleep_on = match actor.status {
            Status::Dead => return self.left_behind(digest.with(1), actor),
            Status::Ended => return self.left_behind(digest.with(2), actor),
            Status::Ready => 0,
            Status::Asleep(location) => self.memory.location(location).name.0 + 1,
        };
        digest.push(3);
        digest.push(asleep_on);
        digest.push_all(actor.knowledge);
        let rewoken = match actor.rewoken {
            None => 0,
            Some(Rewoken::Spurious) => 1,
            Some(Rewoken::TimedOut) => 2,
        };
        let facts = [actor.is_timed, actor.spins, actor.has_news, actor.has_read_stale, actor.reads_fresh];
        // It may have been put to sleep on its way to where it is.
        let is_local = actor.next == Op::Local;
        digest.push(facts.iter().fold(rewoken * 2 + u64::from(is_local), |bits, fact| bits * 2 + u64::from(*fact)));
        digest
    }

    /// An actor that is over: what it has learned matters no more, unless only it knows what its objects are.
    fn left_behind(&self, mut digest: Digest, actor: &Actor) -> Digest {
        if self.names.has_nowhere {
            digest.push_all(actor.knowledge);
        }
        digest
    }

    /// What each actor has seen, and what it may still see.
    fn loose_state(&self) -> Digest {
        let loose = self.loose_locations();
        let mut state = Digest::new(LOOSE);
        for one in &loose {
            state.push(one.of.name.0);
            for message in one.messages() {
                state.push(message.value * 2 + u64::from(message.follows));
                let view = message.view.as_deref().map(|view| seen(&loose, view, Some(one.location)));
                state.push_all(view.unwrap_or_default());
            }
            state.push(u64::MAX);
        }
        for actor in &self.actors[1..] {
            let observer = &actor.observer;
            state.push_all(seen(&loose, &observer.view, None));
            if actor.is_there() {
                let released = observer.released.as_deref().map(|view| seen(&loose, view, None));
                state.push_all(pending(&loose, &observer.view, &observer.pending));
                state.push_all(released.unwrap_or_default());
                if self.left.deaths > 0 {
                    state.push_all(self.window(actor));
                }
            }
        }
        let mut sum = Digest::default();
        for lock in &self.locks {
            let view = seen(&loose, &lock.view, None);
            if view != Digest::default() {
                let mut one = Digest::new(LOCK).with(lock.name.0);
                one.push_all(view);
                sum.add(one);
            }
        }
        state.push_all(sum);
        state.push_all(seen(&loose, &self.memory.fences, None));
        state
    }

    /// Sorted by their names: the order of the locations is that of their first use.
    fn loose_locations(&self) -> Vec<Loose<'_>> {
        let readers: Vec<&View> =
            self.actors[1..].iter().filter(|actor| actor.is_there()).map(|actor| &actor.observer.view).collect();
        let mut loose = Vec::new();
        for (location, of) in self.memory.locations().iter().enumerate() {
            let newest = of.messages().last().map_or(0, |message| message.place);
            let oldest = readers.iter().map(|view| view.seen(location)).min().unwrap_or(newest);
            if oldest < newest {
                loose.push(Loose { location, of, oldest });
            }
        }
        loose.sort_unstable_by_key(|one: &Loose<'_>| one.of.name.0);
        loose
    }

    /// The stores of an actor that its death may undo.
    fn window(&self, actor: &Actor) -> Digest {
        let mut digest = Digest::new(WINDOW);
        for (location, place) in &actor.window {
            let location = self.memory.location(*location);
            let messages = location.messages();
            let index = messages.partition_point(|message| message.place < *place);
            digest.push(location.name.0);
            digest.push((messages.len() - index) as u64);
            digest.push(messages[index - 1].value);
            let is_followed = messages.get(index + 1).is_some_and(|next| next.follows);
            digest.push(u64::from(messages[index].was_read) * 2 + u64::from(is_followed));
        }
        digest
    }

    /// An event with what happened before it, so that the sum over all events is the same for all executions that
    /// differ in the order of independent events alone.
    pub(super) fn ordered(&self, actor: ActorId, what: &What, clock: &Clock) -> Digest {
        let mut digest = Digest::new(EVENT).with(actor as u64);
        // When main made an object known depends on who used it first.
        clock[1..self.actors.len()].iter().for_each(|count| digest.push((*count).into()));
        if let What::Access(access) = what {
            digest.push(self.memory.location(access.location).name.0);
            let (actor, count) = access.read.map_or((0, 0), |read| read.made_by);
            digest.push((actor as u64) << 32 | u64::from(count));
        }
        digest
    }
}

impl Loose<'_> {
    /// The values that may still be read, and those between which a store may come.
    fn messages(&self) -> &[Message] {
        let messages = self.of.messages();
        let begin = messages.partition_point(|message| message.place < self.oldest);
        &messages[begin..]
    }

    /// How far a view is, in values that may still be read. 0: it excludes none.
    fn rank(&self, place: Place) -> u64 {
        if place <= self.oldest { 0 } else { self.messages().partition_point(|message| message.place <= place) as u64 }
    }
}

/// What a view excludes.
fn seen(loose: &[Loose<'_>], view: &View, own: Option<usize>) -> Digest {
    let mut digest = Digest::default();
    for one in loose.iter().filter(|one| Some(one.location) != own) {
        let rank = one.rank(view.seen(one.location));
        if rank > 0 {
            digest.add(Digest::new(SEEN).with(one.of.name.0).with(rank));
        }
    }
    digest
}

/// What an acquire fence would add to a view.
fn pending(loose: &[Loose<'_>], view: &View, pending: &View) -> Digest {
    let mut digest = Digest::default();
    for one in loose {
        let place = pending.seen(one.location);
        if place > view.seen(one.location) {
            digest.add(Digest::new(SEEN).with(one.of.name.0).with(one.rank(place)));
        }
    }
    digest
}
