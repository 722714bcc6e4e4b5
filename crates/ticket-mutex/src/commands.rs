//! The commands for real use, safe from several terminals at once.
//!
//! Commands share the file with each other. They wait for a demonstration, which restocks the file and
//! counts what is left: a command in between would make its checks fail.

use common::Error;
use common::stage::Stage;

use crate::store::Store;
use crate::store::reservation::{Purpose, take_back};
use crate::{Options, claims, words};

/// How many tickets are left?
pub(crate) fn query(store: &Store, stage: &mut Stage) -> Result<(), Error> {
    stage.scene("query", |stage| {
        let mut reserved = Options::reserve(store, Purpose::Query)?;
        let held = reserved.lock_shared()?;
        let left = reserved.read()?.tickets();
        drop((held, reserved));
        stage.say(words::tickets_left(left))?;
        stage.figure(words::left(), left, words::tickets())
    })
}

/// One ticket for `user`, if there is one.
pub(crate) fn buy(store: &Store, user: &str, stage: &mut Stage) -> Result<(), Error> {
    stage.scene("buy", |stage| stage.play(claims::buy(user), |stage| buy_ticket(store, user, stage)).map(drop))
}

/// Returns the number that it found.
fn buy_ticket(store: &Store, user: &str, stage: &mut Stage) -> Result<u32, Error> {
    let mut reserved = Options::reserve(store, Purpose::Change)?;
    let held = reserved.lock()?;
    let record = reserved.read()?;
    let seen = record.tickets();
    if seen > 0 {
        reserved.write(&record.with_tickets(seen - 1))?;
    }
    drop((held, reserved));
    let (user, store) = (words::user(user), store.clone());
    if seen > 0 {
        stage.answer(words::bought(user, seen), move || take_back(&store))?;
    } else {
        stage.say(words::sold_out(user))?;
    }
    stage.figure(words::left(), seen.saturating_sub(1), words::tickets())?;
    Ok(seen)
}

/// `tickets` tickets from now on.
pub(crate) fn restock(store: &Store, tickets: u32, stage: &mut Stage) -> Result<(), Error> {
    stage.scene("restock", |stage| {
        let mut reserved = Options::reserve(store, Purpose::Change)?;
        store.validate()?;
        reserved.restock(tickets)?;
        drop(reserved);
        stage.say(words::restocked(tickets))?;
        stage.figure(words::left(), tickets, words::tickets())
    })
}
