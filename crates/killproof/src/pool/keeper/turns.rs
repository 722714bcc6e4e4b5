//! The last attempts, each of which runs alone: a task that was only near the process that used up the memory gets its
//! chance, and one that used it up harms no other.

use std::collections::VecDeque;

use crate::pool::floor::{Floor, Gate, Phase};
use crate::pool::place::State;

/// The places that wait for a last attempt, in their order.
#[derive(Default)]
pub(super) struct Turns(VecDeque<u32>);

impl Turns {
    pub(super) fn wait(&mut self, place: u32) {
        self.0.push_back(place);
    }

    /// Begins the next turn if no task runs, and opens the gate after the last one.
    pub(super) fn go_on(&mut self, floor: &Floor) {
        let gate = floor.gate();
        if let Gate::Only(place) = gate
            && matches!(floor.place(place).state(), State::Alone | State::Running(_))
        {
            return;
        }
        let Some(next) = self.0.front().copied() else {
            if gate != Gate::Open {
                floor.set_gate(Gate::Open);
                floor.work().notify_all();
            }
            return;
        };
        // Also after a turn: no other chunk may begin before the next one.
        floor.set_gate(Gate::Closed);
        // A worker that is busy rings as soon as it is idle.
        if floor.seats().iter().all(|seat| seat.phase() != Phase::Busy) {
            self.0.pop_front();
            floor.set_gate(Gate::Only(next));
            floor.work().notify_all();
        }
    }
}
