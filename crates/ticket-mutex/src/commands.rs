//! The commands for real use, safe from several terminals at once.
//!
//! Commands share the file with each other. They wait for a demonstration, which restocks the file and
//! counts what is left: a command in between would make its checks fail.

use std::time::Duration;

use common::Error;
use common::cli::{self, Section};
use common::file_lock::FileLockGuard;
use common::stage::Stage;

use crate::store::Store;
use crate::{Options, claims, words};

/// How many tickets are left?
pub(crate) fn query(store: &Store, stage: &mut Stage) -> Result<(), Error> {
    let record = store.read()?;
    // Where no demonstration ever ran there is no lock, and a query makes no file.
    let shared = if store.demonstration().path().exists() { Some(share(store, stage)?) } else { None };
    let left = if shared.is_some() { store.read()? } else { record }.tickets();
    stage.scene("query", |stage| {
        stage.say(words::tickets_left(left))?;
        stage.figure(words::left(), left, "tickets")
    })
}

/// One ticket for `user`, if there is one.
pub(crate) fn buy(store: &Store, user: &str, stage: &mut Stage) -> Result<(), Error> {
    store.read()?; // before any lock file is made
    let _shared = share(store, stage)?;
    stage.scene("buy", |stage| stage.play(claims::buy(user), |stage| buy_ticket(store, user, stage)).map(drop))
}

/// Returns the number that it found.
fn buy_ticket(store: &Store, user: &str, stage: &mut Stage) -> Result<u32, Error> {
    let held = store.lock().lock()?;
    let record = store.read()?;
    let seen = record.tickets();
    if seen > 0 {
        store.write(&record.with_tickets(seen - 1))?;
    }
    drop(held);
    let user = words::user(user);
    stage.say(if seen > 0 { words::bought(user) } else { words::sold_out(user) })?;
    stage.figure(words::left(), seen.saturating_sub(1), "tickets")?;
    Ok(seen)
}

/// `tickets` tickets from now on.
pub(crate) fn restock(store: &Store, tickets: u32, stage: &mut Stage) -> Result<(), Error> {
    store.validate()?;
    let _shared = share(store, stage)?;
    stage.scene("restock", |stage| {
        store.restock(tickets)?;
        let left = store.read()?.tickets();
        stage.say(words::restocked(tickets))?;
        stage.figure(words::left(), left, "tickets")
    })
}

/// Waits until no demonstration runs on the file.
fn share(store: &Store, stage: &Stage) -> Result<FileLockGuard, Error> {
    let lock = store.demonstration();
    if let Some(guard) = lock.try_lock_shared()? {
        return Ok(guard);
    }
    let waits = words::waits_for_the_demonstration(store.path().display().to_string());
    cli::notice(Options::NAME, waits.in_lang(stage.lang()));
    loop {
        if let Some(guard) = lock.lock_shared_timeout(Duration::from_mins(1))? {
            return Ok(guard);
        }
    }
}
