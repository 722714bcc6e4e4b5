//! What an atomic, a mutex or a table is called, so that two executions mean the same one: where it is in a region that
//! was made known. Its number in an execution says only when it was first used.

use crate::view::{ACTORS, ActorId, MAIN};

/// The name of an object in all executions of an exploration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub(crate) u64);

/// Of a name, the bits of the place in its region.
const PLACE_BITS: u32 = 40;
/// Set in the name of an object that is in no known region.
const NOWHERE: u64 = 1 << 63;

/// The regions of an execution.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Where each begins and ends, in the order in which they were made known.
    regions: Vec<(usize, usize)>,
    /// How many objects of no region each actor was the first to use.
    nowhere: [u32; ACTORS],
    /// An actor was the first to use an object of no region.
    pub(crate) has_nowhere: bool,
}

impl Names {
    /// Makes a region known. What actors make has no lasting name: which of them comes first is not always the same.
    pub(crate) fn make_known(&mut self, start: usize, bytes: usize, by: ActorId) {
        if by == MAIN {
            self.regions.push((start, start + bytes));
        }
    }

    /// The name of the object at an address, which an actor is the first to use.
    pub(crate) fn name(&mut self, address: usize, first: ActorId) -> Name {
        // The last one: an earlier one may have been freed.
        let found = self.regions.iter().rposition(|(start, end)| (*start..*end).contains(&address));
        if let Some(region) = found {
            return Name((region as u64) << PLACE_BITS | (address - self.regions[region].0) as u64);
        }
        self.nowhere[first] += 1;
        self.has_nowhere |= first != MAIN;
        Name(NOWHERE | (first as u64) << PLACE_BITS | u64::from(self.nowhere[first]))
    }
}

impl Name {
    /// Whether it is the same name whatever actor was first to use the object.
    pub(crate) fn is_lasting(self) -> bool {
        self.0 & NOWHERE == 0
    }
}
