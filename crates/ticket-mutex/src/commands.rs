//! The commands for real use, safe from several terminals at once.
//!
//! They share the file with each other and give way to a demonstration, which restocks it and
//! counts what is left: a command in between would make it tell a lie.

use std::time::Duration;

use common::cli::{self, Section};
use common::file_lock::FileLockGuard;
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim, say, text};

use crate::Options;
use crate::store::Store;

/// How many tickets are left?
pub(crate) fn query(store: &Store, stage: &mut Stage) -> Result<(), Error> {
    let record = store.read()?;
    // Where no demonstration ever ran there is no lock, and a query makes no file.
    let shared = if store.demonstration().path().exists() { Some(share(store, stage)?) } else { None };
    let left = if shared.is_some() { store.read()? } else { record }.tickets();
    stage.scene("query", |stage| {
        say!(stage, "{left} tickets left", "余票:{left}")?;
        stage.figure("left", left, "tickets")
    })
}

/// One ticket for `user`, if there is one.
pub(crate) fn buy(store: &Store, user: &str, stage: &mut Stage) -> Result<(), Error> {
    store.read()?; // before any lock file is made
    let _shared = share(store, stage)?;
    stage.scene("buy", |stage| {
        let gets_one = claim!(stage, Is(true), "{user} gets a ticket", "{user} 买到一张票")?;
        let guard = store.lock().lock()?;
        let record = store.read()?;
        let seen = record.tickets();
        if seen > 0 {
            store.write(&record.with_tickets(seen - 1))?;
        }
        drop(guard);
        match seen {
            0 => say!(stage, "no tickets left, user {user} bought none", "余票不足,用户{user}买票失败")?,
            _ => say!(stage, "user {user} bought a ticket", "用户{user}买票成功")?,
        }
        stage.figure("left", seen.saturating_sub(1), "tickets")?;
        stage.check(gets_one, seen > 0)?;
        Ok(())
    })
}

/// `tickets` tickets from now on.
pub(crate) fn restock(store: &Store, tickets: u32, stage: &mut Stage) -> Result<(), Error> {
    store.validate()?;
    let _shared = share(store, stage)?;
    stage.scene("restock", |stage| {
        store.restock(tickets)?;
        let left = store.read()?.tickets();
        say!(stage, "{tickets} tickets from now on", "现有余票:{tickets}")?;
        stage.figure("left", left, "tickets")
    })
}

/// Waits until no demonstration runs on the file.
fn share(store: &Store, stage: &Stage) -> Result<FileLockGuard, Error> {
    let lock = store.demonstration();
    if let Some(guard) = lock.try_lock_shared()? {
        return Ok(guard);
    }
    let path = store.path().display();
    let waits = text!(stage, "waiting: a demonstration runs on {path}", "等待:{path} 上正在演示");
    cli::notice(Options::NAME, &waits);
    loop {
        if let Some(guard) = lock.lock_shared_timeout(Duration::from_mins(1))? {
            return Ok(guard);
        }
    }
}
