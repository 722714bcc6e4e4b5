//! The collectors of dead letters.

use common::queue::{DeadLetter, DeathCause};
use common::{Error, interrupt};
use rand::RngExt;

use super::{JoinableWorkload, Phase, runs};
use crate::item::Item;
use crate::ledger::Fault;
use crate::traffic::MOMENT;
use crate::workers::WorkerContext;

impl JoinableWorkload<'_> {
    pub(super) fn collect(&self, context: &mut WorkerContext) -> Result<(), Error> {
        while !self.has_reached(Phase::CollectorsEnd) {
            context.slot.take_order();
            for letter in self.queue.dead_letters()? {
                let Some(item) = self.read(&letter) else { continue };
                if context.random.random_range(0..self.retry) == 0 {
                    self.ledger.tries_again();
                    letter.retry();
                } else {
                    self.discard(letter, &item);
                }
            }
            interrupt::sleep(MOMENT)?;
        }
        Ok(())
    }

    /// The item in a dead letter; `None`, and a fault, if it is not what its producer put.
    pub(super) fn read(&self, letter: &DeadLetter<Item>) -> Option<Item> {
        let item = letter.value().ok().filter(|item| self.traffic.content.is_whole(item));
        match letter.cause() {
            DeathCause::HoldersDied { times, last_pid } if times >= self.max_deaths && !runs(last_pid) => {}
            _ => self.ledger.report(Fault::WrongDeath),
        }
        if item.is_none() {
            self.ledger.report(Fault::Torn);
        }
        item
    }

    pub(super) fn discard(&self, letter: DeadLetter<Item>, item: &Item) {
        self.ledger.dead_letter(item.name);
        if letter.discard() {
            self.ledger.discarded(item.name);
        } else {
            // There is only one collector at a time, and no other process decides about a letter.
            self.ledger.report(Fault::Taken);
        }
    }
}
