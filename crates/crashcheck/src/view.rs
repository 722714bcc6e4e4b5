//! What an actor has seen: of each actor how far, and of each location up to which store.
//!
//! Two actors agree on nothing but this. An actor that acquires joins another's view with its own, and may then no
//! longer read anything older than that. The model is the promising semantics' (Kang et al., "A Promising Semantics
//! for Relaxed-Memory Concurrency", POPL 2017), without promises.

/// The actors that an execution may have, the one that sets up and checks included.
pub(crate) const ACTORS: usize = 8;

/// Which actor, in the order of the model. 0 is the one that sets up and checks.
pub(crate) type ActorId = usize;

/// The actor that sets up and checks. It is alone while it runs.
pub(crate) const MAIN: ActorId = 0;

/// A place in the modification order of a location. A store may get a place between two others.
pub(crate) type Place = u64;

/// The events of each actor that happened before.
pub(crate) type Clock = [u32; ACTORS];

/// The events that happened before, and the oldest store of each location that may still be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    pub(crate) clock: Clock,
    /// By location. A location that is not in it was not seen: place 0.
    seen: Vec<Place>,
}

impl View {
    pub(crate) fn seen(&self, location: usize) -> Place {
        self.seen.get(location).copied().unwrap_or(0)
    }

    pub(crate) fn see(&mut self, location: usize, place: Place) {
        if self.seen.len() <= location {
            self.seen.resize(location + 1, 0);
        }
        self.seen[location] = self.seen[location].max(place);
    }

    /// Whether the other has seen all stores that this one has.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.seen.iter().enumerate().all(|(location, place)| *place <= other.seen(location))
    }

    /// Takes over all that the other has seen.
    pub(crate) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.clock.iter_mut().zip(other.clock) {
            *mine = (*mine).max(theirs);
        }
        if self.seen.len() < other.seen.len() {
            self.seen.resize(other.seen.len(), 0);
        }
        for (mine, theirs) in self.seen.iter_mut().zip(&other.seen) {
            *mine = (*mine).max(*theirs);
        }
    }
}
