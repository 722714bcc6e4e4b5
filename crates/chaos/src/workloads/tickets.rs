//! An arena: the real store of `ticket-mutex`, with its file and its lock, whose buyers are killed,
//! and those who make the file.
//!
//! The file is whole at every instant. What was sold and reported is gone from it, and nothing else
//! but what buyers took who were killed between writing and reporting.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use common::Error;
use common::error::cause;
use common::process::{Exit, Process};
use common::shared::Shared;
use rand::RngExt;
use ticket_mutex::record::Record;
use ticket_mutex::store::{Store, Sync};

use crate::plan::{Role, Round};
use crate::scratch::Scratch;
use crate::slots::{Desks, Doing};
use crate::tally::{Tally, Tickets};
use crate::traffic::{one_of, work};
use crate::workers::{Crew, DEADLINE, Death, Post};

/// On the desk of a buyer: it may have sold itself a ticket that it has not reported yet.
const BUYING: u64 = 1;
/// More than a round can sell.
const STOCK: u32 = 1_000_000_000;
/// The name that a stocker makes again and again, and that is taken away from it.
const MADE: &str = "made.json";
const SOLD: &str = "tickets.json";

struct Arena {
    folder: PathBuf,
    /// How long a buyer takes between reading and writing, and between two purchases, in
    /// microseconds at most.
    work: u64,
    sold: Shared<AtomicU32>,
    over: Shared<AtomicU32>,
}

/// Plays one round.
pub(crate) fn play(mut round: Round, desks: &Desks, scratch: &Scratch, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let folder = scratch.folder(&format!("round-{}", round.number))?;
    let word = || Shared::new(AtomicU32::new(0));
    let arena = Arena { folder, work: one_of(random, &[0, 20, 100]), sold: word()?, over: word()? };
    arena.store(SOLD).restock(STOCK)?;
    let crowd = [(Role::Buyer, random.random_range(2..=4)), (Role::Stocker, 1)];
    let perform = |post: &mut Post| if post.role == Role::Buyer { arena.buy(post) } else { arena.stock(post) };
    desks.work_begins();
    let mut crew = Crew::start(desks, random.random(), &crowd, &perform)?;
    let mut account = Tickets::default();
    for kill in &round.kills {
        crew.inflict(kill)?;
        account.files_torn += arena.inspect()?;
    }
    crew.settle()?;
    desks.work_ends();
    arena.over.store(1, Ordering::SeqCst);
    crew.go_home(Role::Buyer)?;
    crew.go_home(Role::Stocker)?;
    arena.account(crew.deaths(), &mut account)?;
    tally.tickets.add(&account);
    tally.deaths(crew.deaths());
    Ok(())
}

impl Arena {
    fn store(&self, name: &str) -> Store {
        Store::new(self.folder.join(name), Sync::Never)
    }

    /// What the commands and the demonstration of `ticket-mutex` do, again and again.
    fn buy(&self, post: &mut Post) -> Result<(), Error> {
        let store = self.store(SOLD);
        while self.over.load(Ordering::SeqCst) == 0 {
            post.desk.heed();
            let pause = self.work;
            let (desk, random) = (post.desk, &mut post.random);
            desk.during(Doing::Buy, || -> Result<(), Error> {
                let guard = store.lock().lock()?;
                let record = store.read()?;
                work(random, pause);
                let left = record.tickets() - 1;
                desk.mark(BUYING);
                store.write(&record.with_tickets(left))?;
                self.sold.fetch_add(1, Ordering::SeqCst);
                desk.mark(0);
                drop(guard);
                Ok(())
            })?;
            desk.progresses();
            work(random, pause);
        }
        Ok(())
    }

    /// Makes a file that is not there yet, with its number from the beginning.
    fn stock(&self, post: &mut Post) -> Result<(), Error> {
        let store = self.store(MADE);
        while self.over.load(Ordering::SeqCst) == 0 {
            post.desk.heed();
            post.desk.mark(BUYING);
            post.desk.during(Doing::Buy, || store.restock(STOCK))?;
            post.desk.mark(0);
            remove(&store)?;
        }
        Ok(())
    }

    /// Has somebody look at the files: whoever reads waits for whoever writes, and main waits for
    /// nobody without a deadline.
    fn inspect(&self) -> Result<u64, Error> {
        let began = Instant::now();
        let mut inspector =
            Process::new("inspector", || self.torn_files()).die_with_parent().kill_on_drop().ignore_ctrl_c().start()?;
        match inspector.join_timeout(DEADLINE)? {
            Some(Exit::Code(torn)) => Ok(torn.unsigned_abs().into()),
            Some(exit) => Err(Error::Child { name: "inspector".to_owned(), exit }),
            None => Err(Error::timed_out("the tickets' files to be read", began.elapsed().as_secs_f64())),
        }
    }

    /// How many of the two files are not what they must be at every instant: the one whole, the
    /// other whole or not there.
    fn torn_files(&self) -> u8 {
        let sold = self.store(SOLD).read().is_err();
        // Past its lock: a file that comes to be with its whole content needs none.
        let made = match fs::read(self.store(MADE).path()) {
            Ok(bytes) => Record::parse(&bytes).map_or(true, |record| record.tickets() != STOCK),
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        u8::from(sold) + u8::from(made)
    }

    fn account(&self, deaths: &[Death], account: &mut Tickets) -> Result<(), Error> {
        account.files_torn += self.inspect()?;
        let gone = u64::from(STOCK - self.store(SOLD).read()?.tickets());
        let sold = u64::from(self.sold.load(Ordering::SeqCst));
        let in_doubt = deaths.iter().filter(|death| death.role == Role::Buyer && death.mark == BUYING).count() as u64;
        account.sold = sold;
        account.sold_unreported = gone.saturating_sub(sold);
        account.sold_wrong = sold.saturating_sub(gone) + gone.saturating_sub(sold + in_doubt);
        account.files_left = self.files_left()?;
        Ok(())
    }

    /// Files that nobody asked for: halves of new ones that killed processes left behind.
    fn files_left(&self) -> Result<u64, Error> {
        let path = self.folder.display();
        let entries = fs::read_dir(&self.folder).map_err(|source| Error::refused("read", path, source))?;
        let name =
            |entry: std::io::Result<fs::DirEntry>| entry.ok().and_then(|entry| entry.file_name().into_string().ok());
        let ours = |name: &str| [SOLD, MADE].iter().any(|ours| name == *ours || name == format!("{ours}.lock"));
        Ok(entries.filter_map(name).filter(|name| !ours(name)).count() as u64)
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
