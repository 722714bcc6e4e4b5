//! Stores that others see before the loads that come before them in their actor: load buffering.
//!
//! An actor may promise a relaxed store that it would make if it ran alone from here on (Kang et al., "A Promising
//! Semantics for Relaxed-Memory Concurrency", POPL 2017). So a value cannot come out of thin air. What an actor would
//! do alone is found by an execution that is broken off afterwards: a look ahead.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::choices::Choice;
use crate::event::What;
use crate::execution::Execution;
use crate::view::ActorId;

/// A point of an exploration: the choices that lead to it, how far it is, and whose look ahead.
type Point = (Vec<Choice>, usize, ActorId);
/// A store: the location and the value.
pub(crate) type Store = (usize, u64);

/// What looks ahead have found, for a whole exploration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks(Rc<RefCell<HashMap<Point, Vec<Store>>>>);

/// A look ahead that is under way.
#[derive(Debug)]
pub(super) struct Look {
    point: Point,
    actor: ActorId,
    stores: Vec<Store>,
}

impl Execution {
    /// The stores that an actor may promise here. `None`: they are not known, and this execution looks.
    pub(super) fn promises_of(&mut self, actor: ActorId) -> Option<Vec<Store>> {
        let point = (self.choices.prefix().to_vec(), self.events.len(), actor);
        if let Some(stores) = self.looks.0.borrow().get(&point) {
            return Some(stores.clone());
        }
        self.look = Some(Look { point, actor, stores: Vec::new() });
        self.is_settled = true;
        self.known_locations = self.memory.len();
        None
    }

    /// Who runs alone, because it looks ahead.
    pub(super) fn looks_ahead(&self) -> Option<ActorId> {
        self.look.as_ref().map(|look| look.actor)
    }

    pub(super) fn note_ahead(&mut self, location: usize, value: u64) {
        if let Some(look) = &mut self.look
            && !look.stores.contains(&(location, value))
        {
            look.stores.push((location, value));
        }
    }

    /// No store behind this point may be promised.
    pub(super) fn end_look_ahead(&mut self) {
        self.is_over |= self.look.is_some();
    }

    /// Keeps what was found. Returns whether this execution was a look ahead.
    pub(crate) fn keep_look(&mut self) -> bool {
        let Some(look) = self.look.take() else { return false };
        // An atomic that was first used during the look has no place to put a promise at.
        let known = look.stores.into_iter().filter(|(location, _)| *location < self.known_locations);
        let stores: Vec<Store> = known.collect();
        self.looks.0.borrow_mut().insert(look.point, stores);
        true
    }

    pub(super) fn promise(&mut self, actor: ActorId, (location, value): Store) {
        let observer = &self.actors[actor].observer;
        let positions = self.memory.storable(location, observer) + 1;
        let skipped = self.choices.choose(positions);
        self.memory.promise(location, value, skipped, &self.actors[actor].observer, actor);
        self.note_of(actor, What::Promises { location, value });
        self.is_weak = true;
    }
}
