//! The notes' sale of tickets, with the lock and without it.

use std::collections::BTreeSet;

use common::Error;
use common::actor::Actor;
use common::journal::scaffold;
use common::limits;
use common::pace::PATIENCE;
use common::queue::Queue;
use common::stage::Stage;
use common::sync::{Barrier, Event};
use serde::{Deserialize, Serialize};

use crate::store::Store;
use crate::store::reservation::Purpose;
use crate::{Options, words};

/// The notes' `search_ticket`.
fn search_ticket(actor: &Actor, store: &Store, name: u32) -> Result<(), Error> {
    let left = store.read()?.tickets();
    actor.say(words::queries(words::user(name), left))
}

/// The notes' `buy_ticket`. `between` comes after the number was read, and before it is written.
fn buy_ticket(actor: &Actor, store: &Store, name: u32, between: impl Fn() -> Result<(), Error>) -> Result<Sale, Error> {
    let record = store.read()?;
    let seen = record.tickets();
    between()?;
    actor.pause_random(1..=5)?;
    if seen > 0 {
        store.write(&record.with_tickets(seen - 1))?;
        actor.say(words::bought(words::user(name), seen))?;
    } else {
        actor.say(words::sold_out(words::user(name)))?;
    }
    Ok(Sale { seen, sold: seen > 0 })
}

/// The sale of the notes: from reading the number to writing it, each buyer holds the lock.
pub(crate) fn locked(options: &Options, stage: &mut Stage) -> Result<Sales, Error> {
    sell(options, stage, |actor, store, name| {
        search_ticket(actor, store, name)?;
        let _held = store.lock().lock()?;
        buy_ticket(actor, store, name, || Ok(()))
    })
}

/// The same without the lock: no buyer writes before all have read.
pub(crate) fn unlocked(options: &Options, stage: &mut Stage) -> Result<Sales, Error> {
    stage.say(words::forced())?;
    let all_have_read = scaffold(|| Barrier::new(options.buyers))?;
    sell(options, stage, |actor, store, name| {
        search_ticket(actor, store, name)?;
        buy_ticket(actor, store, name, || Ok(all_have_read.wait(PATIENCE)?))
    })
}

/// What came of a sale.
pub(crate) struct Sales {
    pub(crate) by_buyer: Vec<Sale>,
    /// The number in the file at the end.
    pub(crate) left: u32,
}

/// What one buyer found, and whether it bought. The number that it found is the number of its ticket.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sale {
    /// The number that it read in `buy_ticket`.
    pub(crate) seen: u32,
    pub(crate) sold: bool,
}

impl Sales {
    pub(crate) fn sold(&self) -> usize {
        self.by_buyer.iter().filter(|sale| sale.sold).count()
    }

    pub(crate) fn refused(&self) -> usize {
        self.by_buyer.len() - self.sold()
    }

    /// How often the ticket of this number was sold.
    pub(crate) fn sold_of(&self, ticket: u32) -> usize {
        self.by_buyer.iter().filter(|sale| sale.sold && sale.seen == ticket).count()
    }

    /// How many numbers the tickets had that were sold.
    pub(crate) fn different(&self) -> usize {
        numbers(self.by_buyer.iter().filter(|sale| sale.sold))
    }

    /// How many numbers the buyers read.
    pub(crate) fn numbers_read(&self) -> usize {
        numbers(&self.by_buyer)
    }

    pub(crate) fn oversold(&self, tickets: u32) -> usize {
        self.sold().saturating_sub(tickets as usize)
    }
}

fn numbers<'a>(sales: impl IntoIterator<Item = &'a Sale>) -> usize {
    sales.into_iter().map(|sale| sale.seen).collect::<BTreeSet<_>>().len()
}

/// The whole sale: fills the file, and starts and joins a process for each buyer.
fn sell(
    options: &Options,
    stage: &mut Stage,
    task: impl Fn(&Actor, &Store, u32) -> Result<Sale, Error> + Sync,
) -> Result<Sales, Error> {
    let store = options.stage_store()?;
    limits::allow_processes(options.buyers, ["buyer", "buyers"])?;
    let mut alone = Options::reserve(&store, Purpose::Demonstration)?;
    store.validate()?;
    let sales = scaffold(|| Queue::builder(options.buyers as usize).max_message(64).build())?;
    let doors = scaffold(Event::new)?;
    let buy = |actor: &Actor, name| {
        doors.wait(PATIENCE)?;
        sales.put(task(actor, &store, name)?).map_err(Error::from)
    };
    let start = |name| stage.process(words::user(name), move |actor| buy(actor, name)).start();
    // The file is filled, and the doors open, when all buyers are there: if the system refuses a process,
    // nothing has changed.
    let mut buyers = (1..=options.buyers).map(start).collect::<Result<Vec<_>, _>>()?;
    scaffold(|| alone.restock(options.tickets))?;
    doors.set();
    stage.join_all(&mut buyers)?;

    let by_buyer = std::iter::from_fn(|| sales.try_get().ok()).collect();
    let held = scaffold(|| alone.lock())?;
    let left = scaffold(|| alone.read())?.tickets();
    let sales = Sales { by_buyer, left };
    drop(held);
    stage.figure(words::sold(), sales.sold(), words::tickets())?;
    stage.figure(words::different(), sales.different(), words::tickets())?;
    stage.figure(words::sold_again(), sales.sold() - sales.different(), common::units::count())?;
    stage.figure(words::refused(), sales.refused(), words::buyers())?;
    stage.figure(words::left(), sales.left, words::tickets())?;
    stage.figure(words::oversold(), sales.oversold(options.tickets), words::tickets())?;
    Ok(sales)
}
