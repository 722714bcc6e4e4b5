//! Eight processes buy tickets from one file until it is sold out.

use std::fs;
use std::io::ErrorKind;

use common::Error;
use ticket_mutex::store::{Store, Sync};

use crate::case::{Amount, Case, Measure, Wanted};
use crate::contestant::{Contestant, How, Job, Sample};
use crate::scripts::{Script, TICKETS};
use crate::workers::{Workers, expect};

const BUYERS: u32 = 8;

pub(super) fn rows() -> Vec<Case> {
    let row = |what, name, sync, times, note| Case {
        what,
        ours: Contestant { name, how: How::Rust(Box::new(move |job: &Job| sell(job, sync))) },
        peer: Contestant {
            name: "Python, unsynced",
            how: How::Python(Script { in_folder: true, ..Script::new(TICKETS) }),
        },
        amount: Amount::Filling,
        measure: Measure::Rate("sales"),
        wanted: Wanted::Faster(times),
        note,
    };
    vec![
        row(
            "tickets, 8 processes, --sync never",
            "ticket-mutex",
            Sync::Never,
            10.0,
            "the same file format on the same file system, without the notes' delays; ours locks a file, Python a Lock",
        ),
        row(
            "tickets, 8 processes, --sync always",
            "ticket-mutex",
            Sync::Always,
            1.0,
            "every sale of ours is on the disk before the next one; Python's is never synced",
        ),
    ]
}

fn sell(job: &Job, sync: Sync) -> Result<Sample, Error> {
    let store = Store::new(job.folder.join("tickets.json"), sync);
    // A fresh file, whichever side made the one before.
    match fs::remove_file(store.path()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Error::refused("remove", store.path().display(), error));
        }
        _ => {}
    }
    store.restock(u32::try_from(job.count).unwrap_or(u32::MAX))?;
    let mut workers = Workers::new(BUYERS)?;
    for _ in 0..BUYERS {
        workers.add("buyer", |watch| {
            let mut sold = 0;
            while buy(&store)? {
                sold += 1;
            }
            watch.stop();
            Ok(sold)
        })?;
    }
    let (sold, took) = workers.join()?;
    expect("the number left", 0, store.read()?.tickets().into())?;
    expect("the number sold", job.count, sold)?;
    Ok(Sample::new(sold, took))
}

/// Buys one ticket as `ticket-mutex buy` does. False if it is sold out.
fn buy(store: &Store) -> Result<bool, Error> {
    let _held = store.lock().lock()?;
    let record = store.read()?;
    let seen = record.tickets();
    if seen > 0 {
        store.write(&record.with_tickets(seen - 1))?;
    }
    Ok(seen > 0)
}
