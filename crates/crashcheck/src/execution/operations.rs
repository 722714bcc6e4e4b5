//! Accesses of atomics: which value a load sees, and where in the modification order a store goes, are choices.

use std::panic::Location as Line;
use std::sync::atomic::Ordering;

use crate::event::{Access, Event, Read, What, Written};
use crate::execution::{Execution, MAIN};
use crate::memory::releases;

impl Execution {
    /// Makes an atomic with its initial value. It was there before the actors began.
    pub(crate) fn add_location(&mut self, address: usize, value: u64) -> usize {
        let name = self.names.name(address, self.current);
        if !name.is_lasting() {
            self.learns(name.0);
        }
        let contended = self.learned.contended_lines(name);
        if self.is_plain {
            return self.memory.add(name, value, None, contended);
        }
        self.actors[MAIN].observer.count();
        let location = self.memory.add(name, value, Some(&self.actors[MAIN].observer), contended);
        if self.records {
            let clock = self.actors[MAIN].observer.view.clock;
            let line = self.actors[self.current].line;
            self.events.push(Event { actor: MAIN, what: What::Initial(location), clock, line });
        }
        location
    }

    pub(crate) fn load(&mut self, location: usize, ordering: Ordering) -> u64 {
        self.touches(location, false);
        let value = if self.is_plain { self.memory.newest(location) } else { self.load_of_any_age(location, ordering) };
        self.learns(value);
        value
    }

    fn load_of_any_age(&mut self, location: usize, ordering: Ordering) -> u64 {
        self.needs(ordering);
        let me = self.current;
        let may_be_stale = self.may_be_stale() && !self.actors[me].reads_fresh;
        let count = if may_be_stale { self.memory.readable(location, &self.actors[me].observer) } else { 1 };
        let age = self.choose_age(count);
        let read = self.read(location, age, ordering);
        self.note_access(Access { location, ordering, read: Some(read), written: None });
        read.value
    }

    /// A sequentially consistent access asks for the order of events, unless all there is are interleavings.
    fn needs(&mut self, ordering: Ordering) {
        let is_weak = self.may_be_stale() || self.is_weak;
        if ordering == Ordering::SeqCst && is_weak && !self.learned.has_strong_accesses {
            self.learned.has_strong_accesses = true;
            if self.learned.remembers() || !self.records {
                self.surprise();
            }
        }
    }

    pub(crate) fn store(&mut self, location: usize, value: u64, ordering: Ordering) {
        self.touches(location, true);
        if self.is_plain {
            self.memory.renew(location, value);
            self.has_done();
            return;
        }
        self.needs(ordering);
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
        observer.count();
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
        self.touches(location, true);
        if self.is_plain {
            let old = self.memory.newest(location);
            self.learns(old);
            let new = change(old);
            if let Some(new) = new {
                self.memory.renew(location, new);
                self.has_done();
            }
            return (old, new.is_some());
        }
        self.needs(success);
        self.needs(failure);
        let me = self.current;
        let observer = &self.actors[me].observer;
        let count = if self.may_be_stale() { self.memory.modifiable(location, observer) } else { 1 };
        let nth = self.choose_age(count);
        let observer = &self.actors[me].observer;
        let age = if count == 1 { 0 } else { self.memory.modifiable_age(location, nth, observer) };
        let old = self.memory.value(location, age);
        self.learns(old);
        let Some(new) = change(old) else {
            let read = self.read(location, age, failure);
            self.note_access(Access { location, ordering: failure, read: Some(read), written: None });
            return (old, false);
        };
        let read = self.read(location, age, success);
        let observer = &mut self.actors[me].observer;
        observer.count();
        let place = self.memory.modify(location, age, new, success, observer);
        let written = Written { value: new, place, skipped: age };
        self.push_access(Access { location, ordering: success, read: Some(read), written: Some(written) });
        self.actors[me].window.clear();
        self.has_done();
        (old, true)
    }

    pub(crate) fn fence(&mut self, ordering: Ordering) {
        self.passes_a_point();
        if self.is_plain {
            return;
        }
        let me = self.current;
        self.actors[me].observer.count();
        self.memory.fence(ordering, &mut self.actors[me].observer);
        self.keep(me, What::Fence(ordering));
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
        Read { value: touched.value, place: touched.place, made_by: touched.made_by, age }
    }

    fn note_access(&mut self, access: Access) {
        self.note(What::Access(access));
    }

    /// Notes an access whose event was counted before it was made, so that its store gives it away.
    fn push_access(&mut self, access: Access) {
        self.keep(self.current, What::Access(access));
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
