//! A `Queue` under load, whose putters and getters are killed.
//!
//! Every item whose put returned is received once, except those that a killed getter took with it: a getter
//! that is killed inside `get` may have had one item, which no other getter can have again. That loss is
//! documented, counted, and bounded by the number of such getters. One item more is lost.

mod closer;

use common::Error;
use common::queue::{GetTimeoutError, Queue, TryPutError};
use rand::RngExt;

use super::start_and_inject;
use crate::hidden_proc::HiddenProc;
use crate::item::Item;
use crate::ledger::{Fault, Ledger};
use crate::plan::Round;
use crate::roles::{MOST_PER_ROLE, Role};
use crate::slots::Slots;
use crate::stop_flag::StopFlag;
use crate::tally::Tally;
use crate::traffic::{self, Traffic, WaitMode, get, work};
use crate::words;
use crate::workers::{DEADLINE, Death, WorkerContext};

/// The note of a getter that may have an item which is not in the ledger yet.
const GETTING: u64 = 1;

struct QueueWorkload<'a> {
    queue: Queue<Item>,
    traffic: Traffic,
    ledger: &'a Ledger,
    /// For the putters.
    stop: StopFlag,
}

pub(super) fn run(
    mut round: Round,
    slots: &Slots,
    ledger: &Ledger,
    hidden_proc: &HiddenProc,
    tally: &mut Tally,
) -> Result<(), Error> {
    let random = &mut round.random;
    let traffic = Traffic::new(random, 0);
    let queue = Queue::builder(traffic.capacity).max_message(traffic.content.max_message()).build()?;
    ledger.wipe();
    let workload = QueueWorkload { queue, traffic, ledger, stop: StopFlag::new()? };
    let roles = [(Role::Putter, traffic.producers), (Role::Getter, traffic.consumers)];
    let work = |context: &mut WorkerContext| workload.work(context);
    let closes = random.random::<bool>();
    let mut workers = start_and_inject(&mut round, slots, hidden_proc, &roles, &work)?;
    workload.stop.raise();
    workers.join(Role::Putter)?;
    slots.latency.work_ends();
    if closes {
        // The queue itself ends its getters.
        tally.add_deaths(&workload.close_and_die(&workers, &mut round.random)?);
        workers.join(Role::Getter)?;
    } else {
        workers.join_each(Role::Getter, || workload.ask_one_to_end())?;
    }
    tally.room_lost += workload.room_lost()?;

    let mut account = ledger.account();
    let may_have_one = |death: &&Death| death.role == Role::Getter && death.note == GETTING;
    let getters = workers.deaths().iter().filter(may_have_one).count() as u64;
    tally.taken_along += account.missing.min(getters);
    account.missing = account.missing.saturating_sub(getters);
    tally.add_workers(&workers);
    tally.items.add(&account);
    Ok(())
}

impl QueueWorkload<'_> {
    fn work(&self, context: &mut WorkerContext) -> Result<(), Error> {
        if context.role == Role::Putter {
            let is_over = || self.stop.is_raised();
            return traffic::produce(&self.queue, &self.traffic, self.ledger, context, is_over);
        }
        self.receive(context)
    }

    /// Gets until it gets the request to end, or the queue is closed and empty.
    fn receive(&self, context: &mut WorkerContext) -> Result<(), Error> {
        let mut last = [None; MOST_PER_ROLE];
        loop {
            context.slot.take_order();
            let wait = WaitMode::any(&mut context.random);
            context.slot.note(GETTING);
            let Some(item) = get(&self.queue, context.slot, self.ledger, wait)? else { return Ok(()) };
            if item.is_stop() {
                return Ok(());
            }
            self.ledger.handed_out(item.name, 1);
            self.ledger.processed(item.name);
            context.slot.note(0);
            context.slot.complete();
            self.inspect(&item, &mut last);
            work(&mut context.random, self.traffic.work);
        }
    }

    /// Compares an item with what its producer put, and with the last one of the same producer.
    fn inspect(&self, item: &Item, last: &mut [Option<u32>]) {
        if !self.traffic.content.is_whole(item) {
            self.ledger.report(Fault::Torn);
        }
        if let Some(last) = last.get_mut(usize::from(item.name.producer)) {
            if last.is_some_and(|last| last >= item.name.number) {
                self.ledger.report(Fault::Disordered);
            }
            *last = Some(item.name.number);
        }
    }

    /// Puts a request to end, unless the last one is still in the queue.
    fn ask_one_to_end(&self) -> Result<(), Error> {
        if !self.queue.is_empty() {
            return Ok(());
        }
        match self.queue.try_put(Item::stop()) {
            Ok(()) | Err(TryPutError::Full(_) | TryPutError::Stalled { .. }) => Ok(()),
            Err(refused) => Err(refused.into()),
        }
    }

    /// How many places the queue lost; of a closed one, how many items are left in it.
    fn room_lost(&self) -> Result<u64, Error> {
        let capacity = self.queue.capacity();
        // A request to end that no getter needed any more.
        while self.queue.try_get().is_ok_and(|item| item.is_stop()) {}
        let room = std::iter::repeat_with(|| self.queue.try_put(Item::stop()));
        let room = room.take_while(Result::is_ok).take(capacity + 1).count();
        let is_closed = room == 0;
        let left = std::iter::repeat_with(|| self.queue.try_get()).take_while(Result::is_ok).count();
        self.queue.close();
        match self.queue.get_timeout(DEADLINE) {
            Err(GetTimeoutError::Disconnected) if is_closed => Ok(left as u64),
            Err(GetTimeoutError::Disconnected) => Ok((room.abs_diff(capacity) + left.abs_diff(room)) as u64),
            other => Err(Error::unusable("end a queue", words::get_returned(format!("{other:?}")))),
        }
    }
}
