//! Who may use the tickets' file: a demonstration alone, or commands together, one sale at a time.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use common::file_lock::FileLockGuard;
use common::journal::wait;
use common::whole_file::{self, Draft};
use common::{Error, interrupt};

use super::Store;
use crate::byte_lock::{self, Byte, Mode, Obstacle};
use crate::record::Record;
use crate::words;

/// How often a waiter looks again.
const POLL: Duration = Duration::from_millis(5);
/// How long a waiter waits for a sale before it says so: a sale that is under way takes a moment.
const MOMENT: Duration = Duration::from_secs(1);

/// What a waiter waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The end of a demonstration.
    Demonstration,
    /// The end of whatever another program does with the file.
    Use,
}

/// Says to the user what is waited for.
pub type Waits = Box<dyn Fn(Wait)>;

/// What the file is reserved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To read it, beside other commands.
    Query,
    /// To change it, beside other commands.
    Change,
    /// To fill it, sell and count what is left, alone.
    Demonstration,
}

/// The right to use the file: [`Store::reserve`]. It ends when this value and its copies in forked children are gone.
///
/// It is a lock on the file, not on a name of it. Where another file has the name meanwhile, it moves there with the
/// next [`lock`](Self::lock).
pub struct Reservation {
    store: Store,
    purpose: Purpose,
    waits: Waits,
    /// `None`: there is none yet.
    file: Option<File>,
}

impl Reservation {
    pub(super) fn new(store: Store, purpose: Purpose, waits: Waits) -> Result<Self, Error> {
        let mut reservation = Self { store, purpose, waits, file: None };
        reservation.take()?;
        Ok(reservation)
    }

    /// Waits for the lock that a process holds from reading the number to writing it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there is no file; [`Error::Toolkit`] if the system refuses, or the run is asked to
    /// end.
    #[track_caller]
    pub fn lock(&mut self) -> Result<FileLockGuard, Error> {
        self.look()?;
        let lock = self.store.lock();
        loop {
            let held = if let Some(held) = lock.lock_timeout(MOMENT)? {
                held
            } else {
                (self.waits)(Wait::Use);
                lock.lock()?
            };
            if self.is_current()? {
                return Ok(held);
            }
            drop(held);
            self.take()?;
        }
    }

    /// Waits until no process holds that lock, and keeps it from being taken.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    #[track_caller]
    pub fn lock_shared(&mut self) -> Result<FileLockGuard, Error> {
        self.look()?;
        let lock = self.store.lock();
        let mut patience = MOMENT;
        loop {
            match lock.lock_shared_timeout(patience)? {
                None if patience == MOMENT => {
                    (self.waits)(Wait::Use);
                    patience = Duration::from_mins(1);
                }
                None => {}
                Some(held) if self.is_current()? => return Ok(held),
                Some(held) => {
                    drop(held);
                    self.take()?;
                }
            }
        }
    }

    /// As [`Store::read`], of the file that is reserved.
    ///
    /// # Errors
    ///
    /// Those of [`Store::read`].
    #[track_caller]
    pub fn read(&self) -> Result<Record, Error> {
        self.file.as_ref().map_or_else(|| self.store.read(), |file| self.store.read_from(file))
    }

    /// As [`Store::write`], of the file that is reserved.
    ///
    /// # Errors
    ///
    /// Those of [`Store::write`].
    #[track_caller]
    pub fn write(&self, record: &Record) -> Result<(), Error> {
        self.file.as_ref().map_or_else(|| self.store.write(record), |file| self.store.write_to(file, record))
    }

    /// Sets the number of tickets, making the file if there is none. Other keys stay.
    ///
    /// It waits for a sale that is under way.
    ///
    /// # Errors
    ///
    /// Those of [`Store::write`].
    pub fn restock(&mut self, tickets: u32) -> Result<(), Error> {
        if self.file.is_none() {
            if self.create(tickets)? {
                return Ok(());
            }
            self.take()?;
        }
        let _held = self.lock()?;
        self.write(&self.read()?.with_tickets(tickets))
    }

    /// Makes the file, which is reserved before it has its name. False if another program has made one.
    fn create(&mut self, tickets: u32) -> Result<bool, Error> {
        let refused = |source: io::Error| self.store.refused("write", source);
        let draft = whole_file::resolve(self.store.path()).and_then(|place| Draft::new(&place)).map_err(refused)?;
        self.store.refuse_a_network("write", draft.file())?;
        self.try_lock(draft.file())?;
        self.store.fill(draft.file(), tickets)?;
        match draft.create() {
            Ok(file) => {
                // A draft with a name has the lock of a sale as well.
                let _ = file.unlock();
                self.file = Some(file);
                self.store.settle_folder()?;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }

    /// Waits for the right to use the file that has the name now. Says once what it waits for.
    fn take(&mut self) -> Result<(), Error> {
        let (mut said, mut waiting) = (false, None);
        // What it had before must not keep a demonstration from its end.
        self.file = None;
        while let Some(file) = self.store.open_if_there(self.purpose)? {
            if self.try_lock(&file)? {
                if self.store.is(&file)? {
                    self.file = Some(file);
                    break;
                }
                continue;
            }
            if !said && let Some(wait) = self.wait(&file)? {
                (self.waits)(wait);
                said = true;
            }
            waiting.get_or_insert_with(|| wait::for_event(self.store.name()));
            interrupt::sleep(POLL)?;
        }
        Ok(())
    }

    fn try_lock(&self, file: &File) -> Result<bool, Error> {
        let locked = byte_lock::try_lock(file, Byte::Demonstration, self.purpose.mode());
        locked.map_err(|source| self.store.refused("lock", source))
    }

    /// What must end first. `None` if that has ended meanwhile.
    fn wait(&self, file: &File) -> Result<Option<Wait>, Error> {
        let mode = self.purpose.mode();
        let obstacle = byte_lock::obstacle(file, Byte::Demonstration, mode);
        let wait = |obstacle| match (mode, obstacle) {
            (Mode::Shared, Obstacle::Holder) => Wait::Demonstration,
            // A command, or another program.
            _ => Wait::Use,
        };
        Ok(obstacle.map_err(|source| self.store.refused("lock", source))?.map(wait))
    }

    /// The error of a missing file, which has no lock.
    fn look(&self) -> Result<(), Error> {
        if self.file.is_none() { self.store.read().map(drop) } else { Ok(()) }
    }

    /// Whether the name still leads to the file that is reserved.
    fn is_current(&self) -> Result<bool, Error> {
        self.file.as_ref().map_or(Ok(false), |file| self.store.is(file))
    }
}

impl Purpose {
    fn mode(self) -> Mode {
        match self {
            Self::Query | Self::Change => Mode::Shared,
            Self::Demonstration => Mode::Exclusive,
        }
    }
}

/// Takes back a sale whose buyer cannot learn of it. A request to end does not keep it from that, so it waits for other
/// programs for a moment alone.
///
/// Tickets have no names: the ticket goes to what is there, which is another stock if one came meanwhile.
///
/// # Errors
///
/// Those of [`Store::write`]; a demonstration runs by now, or another program holds the lock for longer.
pub(crate) fn take_back(store: &Store) -> Result<(), Error> {
    let began = Instant::now();
    let refused = |source: io::Error| store.refused("lock", source);
    while began.elapsed() < MOMENT {
        let Some(file) = store.open_if_there(Purpose::Change)? else { break };
        if byte_lock::try_lock(&file, Byte::Demonstration, Mode::Shared).map_err(refused)?
            && let Some(held) = store.lock().try_lock()?
            && store.is(&file)?
        {
            let record = store.read_from(&file)?;
            let tickets = record.tickets().saturating_add(1);
            store.write_to(&file, &record.with_tickets(tickets))?;
            drop(held);
            return Ok(());
        }
        thread::park_timeout(POLL);
    }
    Err(Error::timed_out(words::lock_on(store.path().display()), began.elapsed().as_secs_f64()))
}
