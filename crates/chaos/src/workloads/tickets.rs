//! The real store of `ticket-mutex` with its file and its lock, whose buyers and stockers are killed.
//!
//! The file is whole at every instant. Each ticket that was reported as sold is gone from it. Each other ticket
//! that is gone was bought by a buyer that was killed between writing and reporting.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use common::Error;
use common::error::cause;
use common::process::{Exit, Process};
use common::shared::Shared;
use rand::RngExt;
use ticket_mutex::record::Record;
use ticket_mutex::store::{Store, Sync};

use crate::latency::Operation;
use crate::plan::Round;
use crate::random::one_of;
use crate::roles::Role;
use crate::slots::Slots;
use crate::stop_flag::StopFlag;
use crate::tally::{Tally, Tickets};
use crate::traffic::work;
use crate::words;
use crate::workers::{DEADLINE, Death, WorkerContext, WorkerPool, bound_to_this_process};

/// The note of a buyer that may have bought a ticket which it has not reported yet.
const BUYING: u64 = 1;
/// More than a round can sell.
const STOCK: u32 = 1_000_000_000;
/// The file that the buyers sell from.
const SOLD: &str = "tickets.json";
/// The file that a stocker creates and removes, again and again.
const CREATED: &str = "created.json";

struct TicketsWorkload {
    folder: PathBuf,
    /// How long a buyer takes between reading and writing, and between two purchases, in microseconds at
    /// most.
    work: u64,
    sold: Shared<AtomicU32>,
    stop: StopFlag,
}

pub(super) fn run(mut round: Round, slots: &Slots, folder: &Path, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let folder = folder.join(format!("round-{}", round.number));
    fs::create_dir(&folder).map_err(|source| Error::refused("make", folder.display(), source))?;
    let work = one_of(random, &[0, 20, 100]);
    let workload = TicketsWorkload { folder, work, sold: Shared::new(AtomicU32::new(0))?, stop: StopFlag::new()? };
    workload.store(SOLD).restock(STOCK)?;
    let roles = [(Role::Buyer, random.random_range(2..=4)), (Role::Stocker, 1)];
    let work = |context: &mut WorkerContext| workload.work(context);
    slots.latency.work_begins();
    let mut workers = WorkerPool::start(slots, random.random(), &roles, &work)?;
    let mut account = Tickets::default();
    for kill in &round.kills {
        workers.inject(kill)?;
        account.files_torn += workload.inspect()?;
    }
    workers.wait_until_none_is_stopped()?;
    slots.latency.work_ends();
    workload.stop.raise();
    workers.join(Role::Buyer)?;
    workers.join(Role::Stocker)?;
    workload.account(workers.deaths(), &mut account)?;
    tally.tickets.add(&account);
    tally.add_workers(&workers);
    // The same round may come again.
    let folder = &workload.folder;
    fs::remove_dir_all(folder).map_err(|source| Error::refused("remove", folder.display(), source))
}

impl TicketsWorkload {
    fn store(&self, name: &str) -> Store {
        Store::new(self.folder.join(name), Sync::Never)
    }

    fn work(&self, context: &mut WorkerContext) -> Result<(), Error> {
        if context.role == Role::Buyer { self.buy(context) } else { self.stock(context) }
    }

    /// The same as the commands and the demonstration of `ticket-mutex`, again and again.
    fn buy(&self, context: &mut WorkerContext) -> Result<(), Error> {
        let store = self.store(SOLD);
        while !self.stop.is_raised() {
            context.slot.take_order();
            let pause = self.work;
            let (slot, random) = (context.slot, &mut context.random);
            slot.during(Operation::Buy, || -> Result<(), Error> {
                let guard = store.lock().lock()?;
                let record = store.read()?;
                work(random, pause);
                let left = record.tickets() - 1;
                slot.note(BUYING);
                store.write(&record.with_tickets(left))?;
                self.sold.fetch_add(1, Ordering::SeqCst);
                slot.note(0);
                drop(guard);
                Ok(())
            })?;
            slot.complete();
            work(random, pause);
        }
        Ok(())
    }

    /// Creates a file that is not there yet, with its number of tickets from the beginning, and removes it.
    fn stock(&self, context: &mut WorkerContext) -> Result<(), Error> {
        let store = self.store(CREATED);
        while !self.stop.is_raised() {
            context.slot.take_order();
            context.slot.note(BUYING);
            context.slot.during(Operation::Buy, || store.restock(STOCK))?;
            context.slot.note(0);
            remove(&store)?;
        }
        Ok(())
    }

    /// Has a process look at the files. A reader waits for the writer, and the main process waits for
    /// neither without a deadline.
    fn inspect(&self) -> Result<u64, Error> {
        let began = Instant::now();
        let mut inspector = bound_to_this_process(Process::new("inspector", || self.torn_files())).start()?;
        match inspector.join_timeout(DEADLINE)? {
            Some(Exit::Code(torn)) => Ok(torn.unsigned_abs().into()),
            Some(exit) => Err(Error::Child { name: "inspector".to_owned(), exit }),
            None => Err(Error::timed_out(words::tickets_files_read(), began.elapsed().as_secs_f64())),
        }
    }

    /// How many of the two files are not what they must be at every instant: one is whole, the other is
    /// whole or absent.
    fn torn_files(&self) -> u8 {
        let sold = self.store(SOLD).read().is_err();
        // Without its lock: a file that appears with its whole content needs none.
        let created = match fs::read(self.store(CREATED).path()) {
            Ok(bytes) => Record::parse(&bytes).map_or(true, |record| record.tickets() != STOCK),
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        u8::from(sold) + u8::from(created)
    }

    fn account(&self, deaths: &[Death], account: &mut Tickets) -> Result<(), Error> {
        account.files_torn += self.inspect()?;
        let gone = u64::from(STOCK - self.store(SOLD).read()?.tickets());
        let sold = u64::from(self.sold.load(Ordering::SeqCst));
        let in_doubt = deaths.iter().filter(|death| death.role == Role::Buyer && death.note == BUYING).count() as u64;
        account.sold = sold;
        account.sold_unreported = gone.saturating_sub(sold);
        account.sold_wrong = sold.saturating_sub(gone) + gone.saturating_sub(sold + in_doubt);
        account.files_left = self.files_left()?;
        Ok(())
    }

    /// How many other files are in the folder: halves of new ones that killed processes left behind.
    fn files_left(&self) -> Result<u64, Error> {
        let path = self.folder.display();
        let entries = fs::read_dir(&self.folder).map_err(|source| Error::refused("read", path, source))?;
        let name =
            |entry: std::io::Result<fs::DirEntry>| entry.ok().and_then(|entry| entry.file_name().into_string().ok());
        Ok(entries.filter_map(name).filter(|name| ![SOLD, CREATED].contains(&name.as_str())).count() as u64)
    }
}

fn remove(store: &Store) -> Result<(), Error> {
    match fs::remove_file(store.path()) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::input("remove", store.path().display(), cause(&error)))
        }
        _ => Ok(()),
    }
}
