//! Eight processes buy tickets from one file until it is sold out.

use std::fs;
use std::io::ErrorKind;

use common::Error;
use common::python::Script;
use ticket_mutex::store::{Store, Sync};

use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::TICKETS;
use crate::verify::expect;
use crate::workers::Workers;

const BUYERS: u32 = 8;

pub(super) fn cases() -> Vec<Case> {
    let case = |what, sync, times, note| Case {
        what,
        ours: Contestant::rust("ticket-mutex", move |job| sell(job, sync)),
        peer: Contestant::python_with("Python, unsynced", script),
        amount: Amount::Filling,
        measure: Measure::Rate("sales"),
        wanted: Wanted::Faster(times),
        note: Note::Own(note),
        needs_disk: sync == Sync::Always,
    };
    vec![
        case(
            "tickets, 8 processes, --sync never",
            Sync::Never,
            10.0,
            "the same file format on the same file system, without the notes' delays; ours locks a file, Python a Lock",
        ),
        case(
            "tickets, 8 processes, --sync always",
            Sync::Always,
            1.0,
            "every sale of ours is on the disk before the next one begins; Python never syncs",
        ),
    ]
}

fn script(job: &Job) -> Script<'static> {
    Script::new(TICKETS).args([job.count.to_string().into(), job.folder.as_os_str().to_owned()])
}

fn sell(job: &Job, sync: Sync) -> Result<Sample, Error> {
    let store = Store::new(job.folder.join("tickets.json"), sync);
    // A new file, whichever contestant made the one before.
    match fs::remove_file(store.path()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Error::refused("remove", store.path().display(), error));
        }
        _ => {}
    }
    store.restock(u32::try_from(job.count).unwrap_or(u32::MAX))?;
    let mut workers = Workers::new(BUYERS)?;
    for _ in 0..BUYERS {
        workers.start("buyer", |stopwatch| {
            let mut sold = 0;
            while buy(&store)? {
                sold += 1;
            }
            stopwatch.stop();
            Ok(sold)
        })?;
    }
    let (sold, took) = workers.join()?;
    expect("the number left", 0, store.read()?.tickets().into())?;
    expect("the number sold", job.count, sold)?;
    Ok(Sample::new(sold, took))
}

/// Buys one ticket as `ticket-mutex buy` does. False if they are sold out.
fn buy(store: &Store) -> Result<bool, Error> {
    let _held = store.lock().lock()?;
    let record = store.read()?;
    let seen = record.tickets();
    if seen > 0 {
        store.write(&record.with_tickets(seen - 1))?;
    }
    Ok(seen > 0)
}
