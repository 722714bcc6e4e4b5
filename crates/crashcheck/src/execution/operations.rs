//! Accesses of atomics: which value a load sees, and where in the modification order a store goes, are choices.

use std::panic::Location as Line;
use std::sync::atomic::Ordering;

use crate::event::{Access, Event, Read, What, Written};
use crate::execution::{Execution, MAIN};
use crate::memory::releases;

impl Execution {
    /// Makes an atomic with its initial value. It was there before the actors began.
    pub(crate) fn add_location(&mut self, value: u64) -> usize {
        self.actors[MAIN].observer.count(MAIN);
        let location = self.memory.add(value, &self.actors[MAIN].observer);
        let clock = self.actors[MAIN].observer.view.clock;
        self.events.push(Event {
            actor: MAIN,
            what: What::Initial(location),
            clock,
            line: self.actors[self.current].line,
        });
        location
    }

    pub(crate) fn load(&mut self, location: usize, ordering: Ordering) -> u64 {
        let me = self.current;
        let may_be_stale = self.may_be_stale() && !self.actors[me].reads_fresh;
        let count = if may_be_stale { self.memory.readable(location, &self.actors[me].observer) } else { 1 };
        let age = self.choose_age(count);
        let read = self.read(location, age, ordering);
        self.note_access(Access { location, ordering, read: Some(read), written: None });
        read.value
    }

    pub(crate) fn store(&mut self, location: usize, value: u64, ordering: Ordering) {
        let me = self.current;
        if ordering == Ordering::Relaxed {
            self.note_ahead(location, value);
            let observer = &mut self.actors[me].observer;
            if let Some(place) = self.memory.fulfil(location, value, observer, me) {
                let written = Written { value, place, skipped: 0 };
                self.note_access(Access { location, ordering, read: None, written: Some(written) });
                return;
            }
        }
        let observer = &self.actors[me].observer;
        let skippable = if self.may_be_stale() { self.memory.storable(location, observer) } else { 0 };
        let skipped = self.choose_age(skippable + 1);
        let observer = &mut self.actors[me].observer;
        observer.count(me);
        let place = self.memory.store(location, value, skipped, ordering, observer);
        let written = Written { value, place, skipped };
        self.push_access(Access { location, ordering, read: None, written: Some(written) });
        self.remember_store(location, written, ordering);
        self.has_done();
    }

    /// Reads, and stores what `change` makes of it, if anything, with no other store in between. Returns what was
    /// read, and whether a value was stored.
    pub(crate) fn modify(
        &mut self,
        location: usize,
        success: Ordering,
        failure: Ordering,
        change: impl FnOnce(u64) -> Option<u64>,
    ) -> (u64, bool) {
        let me = self.current;
        let observer = &self.actors[me].observer;
        let count = if self.may_be_stale() { self.memory.modifiable(location, observer) } else { 1 };
        let nth = self.choose_age(count);
        let observer = &self.actors[me].observer;
        let age = if count == 1 { 0 } else { self.memory.modifiable_age(location, nth, observer) };
        let old = self.memory.value(location, age);
        let Some(new) = change(old) else {
            let read = self.read(location, age, failure);
            self.note_access(Access { location, ordering: failure, read: Some(read), written: None });
            return (old, false);
        };
        let read = self.read(location, age, success);
        let observer = &mut self.actors[me].observer;
        observer.count(me);
        let place = self.memory.modify(location, age, new, success, observer);
        let written = Written { value: new, place, skipped: age };
        self.push_access(Access { location, ordering: success, read: Some(read), written: Some(written) });
        self.actors[me].window.clear();
        self.has_done();
        (old, true)
    }

    pub(crate) fn fence(&mut self, ordering: Ordering) {
        let me = self.current;
        self.actors[me].observer.count(me);
        self.memory.fence(ordering, &mut self.actors[me].observer);
        let clock = self.actors[me].observer.view.clock;
        self.events.push(Event { actor: me, what: What::Fence(ordering), clock, line: self.actors[me].line });
        self.actors[me].window.clear();
        if releases(ordering) {
            self.end_look_ahead();
        }
    }

    pub(crate) fn compiler_fence(&mut self, line: &'static Line<'static>) {
        self.actors[self.current].line = line;
        self.note(What::CompilerFence);
        self.actors[self.current].window.clear();
    }

    fn choose_age(&mut self, count: usize) -> usize {
        if self.is_settled() {
            return 0;
        }
        let age = self.choices.choose_age(count);
        if age > 0 {
            self.spend_stale();
            self.is_weak = true;
        }
        age
    }

    fn read(&mut self, location: usize, age: usize, ordering: Ordering) -> Read {
        let actor = &mut self.actors[self.current];
        actor.has_read_stale |= age > 0;
        let touched = self.memory.load(location, age, ordering, &mut actor.observer);
        Read { value: touched.value, place: touched.place, age }
    }

    fn note_access(&mut self, access: Access) {
        self.note(What::Access(access));
    }

    /// Notes an access whose event was counted before it was made, so that its store gives it away.
    fn push_access(&mut self, access: Access) {
        let clock = self.actors[self.current].observer.view.clock;
        let line = self.actors[self.current].line;
        self.events.push(Event { actor: self.current, what: What::Access(access), clock, line });
    }

    /// A store that nothing keeps in its place may be made later than it stands, until something does.
    fn remember_store(&mut self, location: usize, written: Written, ordering: Ordering) {
        let window = &mut self.actors[self.current].window;
        if ordering != Ordering::Relaxed {
            window.clear();
        }
        // Stores of one location stay in order.
        window.retain(|(other, _)| *other != location);
        window.push((location, written.place));
    }
}
