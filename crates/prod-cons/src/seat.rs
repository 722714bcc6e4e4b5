//! Where an eater can be killed: only in the middle of a meal.
//!
//! A kill at a random instant would mostly hit an eater that waits for a dish, and show nothing. So
//! an eater shows when it eats, in one word of shared memory that main and the eater change by
//! compare-and-swap: an eater cannot finish a meal in which it was chosen, and main cannot choose one
//! whose meal is over. At which instant of the meal the kill strikes is left to chance.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::Error;
use common::journal::scaffold;
use common::shared::Shared;
use common::sync::Event;
use common::words::Text;

/// The seat is empty, its eater eats nothing, or it eats what is served again: that kills no second eater.
const SAFE: u32 = 0;
/// In the middle of a meal.
const EATING: u32 = 1;
/// In the middle of the last meal: main is about to kill.
const CHOSEN: u32 = 2;

/// The place of one eater and its successors.
pub(crate) struct Seat<'a> {
    name: Text,
    /// `SAFE`, `EATING` or `CHOSEN`. The eater and main compete to end `EATING`: one by `SAFE`, the other by `CHOSEN`.
    state: Shared<AtomicU32>,
    /// Until it is set, no eater survives a meal.
    first_kill: &'a Event,
}

impl<'a> Seat<'a> {
    pub(crate) fn new(name: Text, first_kill: &'a Event) -> Result<Self, Error> {
        Ok(Self { name, state: Shared::new(AtomicU32::new(SAFE))?, first_kill })
    }

    /// The name of its eater, and of all successors.
    pub(crate) fn name(&self) -> &Text {
        &self.name
    }

    /// Before a successor sits down: what the dead eater showed is true no more.
    pub(crate) fn clear(&self) {
        self.state.store(SAFE, Ordering::Release);
    }

    /// The eater begins a meal in which it can be killed.
    pub(crate) fn risk(&self) {
        self.state.store(EATING, Ordering::Release);
    }

    /// The eater would finish its meal. One that was chosen waits for its end instead.
    pub(crate) fn survive(&self) -> Result<(), Error> {
        if self.state.load(Ordering::Acquire) == SAFE {
            return Ok(());
        }
        self.first_kill.wait(Duration::MAX)?;
        if self.swap(EATING, SAFE) { Ok(()) } else { Ok(scaffold(Event::new)?.wait(Duration::MAX)?) }
    }

    /// Chooses the eater. False if it is in no meal in which it can be killed.
    pub(crate) fn choose(&self) -> bool {
        self.swap(EATING, CHOSEN)
    }

    fn swap(&self, from: u32, to: u32) -> bool {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
