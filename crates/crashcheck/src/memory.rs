//! Shared memory as a weakly ordered machine shows it: all stores of each location, and which of them an actor may
//! still read.

mod names;

use std::panic::Location as Line;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use crate::hash::Digest;
use crate::view::{ActorId, Place, View};

pub(crate) use names::{Name, Names};

/// Lines of the source.
pub(crate) type Lines = Rc<Vec<&'static Line<'static>>>;

/// The distance between two stores in the modification order, so that others fit in between.
const GAP: Place = 1 << 32;

/// A store.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) place: Place,
    pub(crate) value: u64,
    /// What an actor gets that reads it and acquires. Empty for a relaxed store that follows no fence.
    pub(crate) view: Option<Rc<View>>,
    /// It is a read-modify-write of the store before it: no other store may come in between.
    pub(crate) follows: bool,
    /// An actor has read it, or overwritten it knowingly.
    pub(crate) was_read: bool,
    /// Others see it, and this actor has yet to make it.
    promised_by: Option<ActorId>,
    /// Which event of which actor made it.
    pub(crate) made_by: (ActorId, u32),
}

/// One atomic.
#[derive(Debug)]
pub(crate) struct Location {
    pub(crate) name: Name,
    initial: u64,
    newest: u64,
    /// In modification order. The first is its initial value. Empty where only the newest value can be seen.
    messages: Vec<Message>,
    /// The accesses of it that another actor's access can come before.
    pub(crate) contended: Option<Lines>,
}

/// What the memory knows of an actor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observer {
    actor: ActorId,
    pub(crate) view: View,
    /// What an acquire fence gives it: the views of what it read without acquiring.
    pub(crate) pending: View,
    /// What its relaxed stores give away since its last release fence.
    pub(crate) released: Option<Rc<View>>,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    locations: Vec<Location>,
    /// What a sequentially consistent fence gives to each later one.
    pub(crate) fences: View,
    /// The hash of the newest values that are not the initial ones.
    pub(crate) values: Digest,
}

/// What a load or a store was: a place in the modification order, and the event that made what was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touched {
    pub(crate) value: u64,
    pub(crate) place: Place,
    pub(crate) made_by: (ActorId, u32),
}

impl Location {
    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }
}

pub(crate) fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

pub(crate) fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}

impl Observer {
    pub(crate) fn new(actor: ActorId) -> Self {
        Self { actor, ..Self::default() }
    }

    /// Sees all that the other has seen, as by the kernel's word.
    pub(crate) fn learn(&mut self, view: &View) {
        self.view.join(view);
    }

    /// Whether an acquire fence shows it more than it has seen.
    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_within(&self.view)
    }

    /// Another event of this actor.
    pub(crate) fn count(&mut self) -> u32 {
        let own = &mut self.view.clock[self.actor];
        *own += 1;
        *own
    }
}

impl Memory {
    /// A new atomic with its initial value. `by`: who made it, if older values than the newest can be seen.
    pub(crate) fn add(&mut self, name: Name, value: u64, by: Option<&Observer>, contended: Option<Lines>) -> usize {
        let messages = by.map(|by| {
            let view = Some(Rc::new(by.view.clone()));
            let made_by = (usize::MAX, 0);
            Message { place: 0, value, view, follows: false, was_read: true, promised_by: None, made_by }
        });
        let messages = messages.into_iter().collect();
        self.locations.push(Location { name, initial: value, newest: value, messages, contended });
        self.locations.len() - 1
    }

    pub(crate) fn location(&self, location: usize) -> &Location {
        &self.locations[location]
    }

    pub(crate) fn locations(&self) -> &[Location] {
        &self.locations
    }

    #[inline]
    pub(crate) fn newest(&self, location: usize) -> u64 {
        self.locations[location].newest
    }

    /// Has another newest value.
    #[inline]
    pub(crate) fn renew(&mut self, location: usize, value: u64) {
        let Location { name, initial, newest, .. } = &mut self.locations[location];
        let (old, initial, name) = (std::mem::replace(newest, value), *initial, *name);
        for (value, is_new) in [(old, false), (value, true)] {
            if value != initial {
                let digest = Digest::new(1).with(name.0).with(value);
                if is_new { self.values.add(digest) } else { self.values.remove(digest) }
            }
        }
    }

    fn renew_from_messages(&mut self, location: usize) {
        let newest = self.locations[location].messages.last().expect("an initial value").value;
        self.renew(location, newest);
    }

    /// How many stores of a location the actor may read.
    pub(crate) fn readable(&self, location: usize, by: &Observer) -> usize {
        let oldest = by.view.seen(location);
        self.locations[location].messages.iter().rev().take_while(|message| message.place >= oldest).count()
    }

    /// Whether the actor sees more than before if it reads the location.
    pub(crate) fn brings_news(&self, location: usize, by: &Observer) -> bool {
        let newest = self.locations[location].messages.last();
        newest.is_some_and(|newest| {
            newest.place > by.view.seen(location) || newest.view.as_ref().is_some_and(|view| !view.is_within(&by.view))
        })
    }

    /// Reads the store that has `age` newer ones.
    pub(crate) fn load(&mut self, location: usize, age: usize, ordering: Ordering, by: &mut Observer) -> Touched {
        let messages = &mut self.locations[location].messages;
        let index = messages.len() - 1 - age;
        let message = &mut messages[index];
        message.was_read = true;
        by.view.see(location, message.place);
        if let Some(view) = &message.view {
            let gets = if acquires(ordering) { &mut by.view } else { &mut by.pending };
            gets.join(view);
        }
        Touched { value: message.value, place: message.place, made_by: message.made_by }
    }

    /// How many newer stores a store of the actor may be put before: 0 is always allowed.
    pub(crate) fn storable(&self, location: usize, by: &Observer) -> usize {
        let oldest = by.view.seen(location);
        let newer = self.locations[location].messages.iter().rev().take_while(|message| message.place > oldest);
        newer.filter(|message| !message.follows).count()
    }

    /// Stores a value before `skipped` of the newer ones, those aside that follow another at once.
    pub(crate) fn store(
        &mut self,
        location: usize,
        value: u64,
        skipped: usize,
        ordering: Ordering,
        by: &mut Observer,
    ) -> Place {
        let messages = &self.locations[location].messages;
        let mut index = messages.len();
        for _ in 0..skipped {
            index -= 1;
            while messages[index].follows {
                index -= 1;
            }
        }
        self.insert(location, index, value, false, ordering, by)
    }

    /// How many stores a read-modify-write of the actor may read: those that no other one has read.
    pub(crate) fn modifiable(&self, location: usize, by: &Observer) -> usize {
        self.modifiable_ages(location, by).count()
    }

    fn modifiable_ages<'a>(&'a self, location: usize, by: &Observer) -> impl Iterator<Item = usize> + use<'a> {
        let oldest = by.view.seen(location);
        let messages = &self.locations[location].messages;
        let readable = messages.iter().rev().enumerate().take_while(move |(_, message)| message.place >= oldest);
        readable.map(|(age, _)| age).filter(move |age| {
            let next = messages.len() - age;
            messages.get(next).is_none_or(|message| !message.follows)
        })
    }

    /// The age of the nth store that a read-modify-write may read.
    pub(crate) fn modifiable_age(&self, location: usize, nth: usize, by: &Observer) -> usize {
        self.modifiable_ages(location, by).nth(nth).expect("one of those that were counted")
    }

    /// The value of the store with this age.
    pub(crate) fn value(&self, location: usize, age: usize) -> u64 {
        let messages = &self.locations[location].messages;
        messages[messages.len() - 1 - age].value
    }

    /// Stores a value right behind the store with this age, which the actor has just read.
    pub(crate) fn modify(
        &mut self,
        location: usize,
        age: usize,
        value: u64,
        ordering: Ordering,
        by: &mut Observer,
    ) -> Place {
        let index = self.locations[location].messages.len() - age;
        self.insert(location, index, value, true, ordering, by)
    }

    fn insert(
        &mut self,
        location: usize,
        index: usize,
        value: u64,
        follows: bool,
        ordering: Ordering,
        by: &mut Observer,
    ) -> Place {
        let messages = &mut self.locations[location].messages;
        let before = &messages[index - 1];
        let place = match messages.get(index) {
            None => before.place + GAP,
            Some(next) => before.place + (next.place - before.place) / 2,
        };
        assert!(place > before.place, "more stores between two others than the checker can tell apart");
        by.view.see(location, place);
        let mut view = match (releases(ordering), &by.released) {
            (true, _) => Some(Rc::new(by.view.clone())),
            (false, released) => released.clone(),
        };
        // A release sequence goes through read-modify-writes.
        if follows && let Some(earlier) = &before.view {
            let mut joined = View::clone(earlier);
            if let Some(own) = &view {
                joined.join(own);
            }
            view = Some(Rc::new(joined));
        }
        if let Some(view) = &mut view {
            Rc::make_mut(view).see(location, place);
        }
        let made_by = (by.actor, by.view.clock[by.actor]);
        let message = Message { place, value, view, follows, was_read: follows, promised_by: None, made_by };
        messages.insert(index, message);
        if follows {
            messages[index - 1].was_read = true;
        }
        self.renew_from_messages(location);
        place
    }

    /// Lets others see a relaxed store that the actor has yet to make, before `skipped` of the newer ones.
    pub(crate) fn promise(&mut self, location: usize, value: u64, skipped: usize, by: &Observer, actor: ActorId) {
        let mut ahead = Observer { pending: View::default(), ..by.clone() };
        let place = self.store(location, value, skipped, Ordering::Relaxed, &mut ahead);
        let mut messages = self.locations[location].messages.iter_mut();
        let message = messages.find(|message| message.place == place).expect("the store that was just made");
        message.promised_by = Some(actor);
    }

    /// Makes the store that the actor has promised, if this is one.
    pub(crate) fn fulfil(&mut self, location: usize, value: u64, by: &mut Observer, actor: ActorId) -> Option<Place> {
        let oldest = by.view.seen(location);
        let messages = &mut self.locations[location].messages;
        let promised = messages
            .iter_mut()
            .find(|message| message.promised_by == Some(actor) && message.value == value && message.place > oldest)?;
        // A release fence since then would have to be seen by those who have read it already.
        let clock = |view: &Option<Rc<View>>| view.as_deref().map(|view| view.clock);
        if clock(&promised.view) != clock(&by.released) {
            return None;
        }
        promised.promised_by = None;
        by.view.see(location, promised.place);
        Some(promised.place)
    }

    /// Whether each store that was seen was made.
    pub(crate) fn has_kept_its_promises(&self) -> bool {
        self.locations.iter().all(|location| location.messages.iter().all(|message| message.promised_by.is_none()))
    }

    /// How many atomics there are.
    pub(crate) fn len(&self) -> usize {
        self.locations.len()
    }

    pub(crate) fn fence(&mut self, ordering: Ordering, by: &mut Observer) {
        if acquires(ordering) {
            by.view.join(&by.pending);
        }
        if ordering == Ordering::SeqCst {
            by.view.join(&self.fences);
            self.fences.join(&by.view);
        }
        if releases(ordering) {
            by.released = Some(Rc::new(by.view.clone()));
        }
    }

    /// Takes a store back that its compiler had moved ahead, if no actor can have seen it.
    pub(crate) fn take_back(&mut self, location: usize, place: Place) -> bool {
        let messages = &mut self.locations[location].messages;
        let found = messages.iter().position(|message| message.place == place && !message.was_read);
        let Some(index) = found else { return false };
        let is_followed = messages.get(index + 1).is_some_and(|next| next.follows);
        if !is_followed {
            messages.remove(index);
            self.renew_from_messages(location);
        }
        !is_followed
    }
}
