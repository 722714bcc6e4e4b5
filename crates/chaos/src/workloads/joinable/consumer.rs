//! The consumers of the `JoinableQueue`.

use common::Error;
use common::queue::{Delivery, TryGetError};
use rand::RngExt;

use super::{JoinableWorkload, execution, runs};
use crate::item::Item;
use crate::latency::Operation;
use crate::ledger::Fault;
use crate::roles::MOST_PER_ROLE;
use crate::traffic::{WaitMode, get, work};
use crate::workers::WorkerContext;

/// The note of a consumer that gets, holds or reports items.
const BUSY: u64 = 1;

/// For each producer: the number of its last item that was a first delivery.
type LastItems = [Option<u32>; MOST_PER_ROLE];

impl JoinableWorkload<'_> {
    /// Works until it gets the request to end.
    pub(super) fn consume(&self, context: &mut WorkerContext) -> Result<(), Error> {
        let mut last: LastItems = [None; MOST_PER_ROLE];
        let mut gave_back = false;
        loop {
            context.slot.take_order();
            let wait = WaitMode::any(&mut context.random);
            context.slot.note(BUSY);
            let Some(first) = get(&self.queue, context.slot, self.ledger, wait)? else {
                return Err(TryGetError::Disconnected.into());
            };
            let mut held = vec![first];
            // An only consumer gets an item that it gave back before any new one.
            if gave_back && self.traffic.consumers == 1 && held[0].attempt() == 1 {
                self.ledger.report(Fault::Disordered);
            }
            gave_back = false;
            if context.slot.executes() {
                return Err(execution::execute());
            }
            // Without waiting: the other workers may wait for an item that this consumer holds.
            while held.len() < self.batch
                && let Ok(more) = self.queue.try_get()
            {
                held.push(more);
            }
            for delivery in held {
                if delivery.is_stop() {
                    // The rest of the batch goes back: one request ends one consumer.
                    delivery.done();
                    return Ok(());
                }
                self.inspect(&delivery, &mut last);
                if self.traffic.content.is_poison(delivery.name) {
                    context.slot.kill_myself();
                }
                work(&mut context.random, self.traffic.work);
                gave_back |= self.gives_back(context, delivery);
            }
            context.slot.note(0);
        }
    }

    /// Compares a delivery with what its producer put and with what may have happened to it.
    fn inspect(&self, delivery: &Delivery<Item>, last: &mut LastItems) {
        let item: &Item = delivery;
        if !self.traffic.content.is_whole(item) {
            self.ledger.report(Fault::Torn);
        }
        let (attempt, deaths, died) = (delivery.attempt(), delivery.deaths(), delivery.last_death());
        self.ledger.handed_out(item.name, attempt);
        let is_possible = deaths < self.max_deaths
            && deaths < attempt
            && died.is_some() == (deaths > 0)
            && died.is_none_or(|died| !runs(died));
        if !is_possible {
            self.ledger.report(Fault::WrongDeath);
        }
        if let Some(last) = last.get_mut(usize::from(item.name.producer)).filter(|_| attempt == 1) {
            if last.is_some_and(|last| last >= item.name.number) {
                self.ledger.report(Fault::Disordered);
            }
            *last = Some(item.name.number);
        }
    }

    /// Gives it back undone, or reports it as done. True if it gave it back.
    fn gives_back(&self, context: &mut WorkerContext, delivery: Delivery<Item>) -> bool {
        if self.give_back > 0 && context.random.random_range(0..self.give_back) == 0 {
            self.ledger.gives_back();
            context.slot.during(Operation::Return, || drop(delivery));
            return true;
        }
        let item = delivery.name;
        self.ledger.processed(item);
        if context.slot.during(Operation::Done, || delivery.done()) {
            self.ledger.accepted(item);
            context.slot.complete();
        } else {
            // A lease ends with the life of its holder, and this holder is alive.
            self.ledger.report(Fault::Taken);
        }
        false
    }
}
