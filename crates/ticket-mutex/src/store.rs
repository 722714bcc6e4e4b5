//! The tickets' file, in the notes' own format: `{"tickets_num": 5}`.
//!
//! A process may be killed at any instant, so the file is whole at every instant. It is never replaced: the file
//! itself is the lock, by whichever name a program calls it, and its owner, rights and names stay. A change is one
//! write that does not cross the end of a sector: the kernel copies it within one page, and the disk writes a sector
//! whole. A record of up to a sector is written over the old one, padded with white space; where the file is too short
//! for it, white space is appended first: the old record is as good with more of it. In a longer file the number
//! alone is written (`patch`). A new file comes to be under no name, and gets its name when it is whole.
//!
//! That is about bytes. Which process may change the number, and when, is the matter of [`Store::lock`],
//! which this module offers and does not take: the lesson is what happens without it.

mod place;
pub mod reservation;

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::file_lock::FileLock;
use common::journal::access;
use common::journal::wait;
use common::pace::PATIENCE;
use common::words::Text;
use common::{Error, interrupt, whole_file};
use nix::sys::statfs::{Statfs, fstatfs};

use crate::byte_lock::{self, Byte, Mode};
use crate::patch::{self, Patch};
use crate::record::Record;
use crate::words;

use reservation::{Purpose, Reservation, Waits};

/// What a disk writes whole, in bytes.
const SECTOR: usize = 512;
/// How long the file is made, so that any number of tickets fits in place.
const ROOM: usize = 64;
/// A longer file is no tickets' file.
const LARGEST: usize = 1 << 20;
/// How often a reader or a writer looks again whether another writer is done, which takes a moment.
const POLL: Duration = Duration::from_millis(1);
/// NFS, SMB, CIFS and SMB 2, as statfs(2) says it.
const NETWORKS: [i128; 4] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42];

/// When a change counts as made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Sync {
    /// When the disk has it: it survives a power failure.
    Always,
    /// When the kernel has it: it survives the death of any process.
    Never,
}

/// The tickets' file.
///
/// ```
/// use ticket_mutex::store::{Store, Sync};
///
/// let folder = support::tempfile::tempdir()?;
/// let store = Store::new(folder.path().join("tickets.json"), Sync::Never);
/// store.restock(5)?;
/// let held = store.lock().lock()?;
/// let record = store.read()?;
/// store.write(&record.with_tickets(4))?;
/// drop(held);
/// assert_eq!(std::fs::read_to_string(store.path())?.trim_end(), r#"{"tickets_num": 4}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    sync: Sync,
    /// Keeps a file without a name.
    _nameless: Option<Arc<File>>,
}

impl Store {
    /// The file at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>, sync: Sync) -> Self {
        Self { path: path.into(), sync, _nameless: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The lock that a process holds from reading the number to writing it: the file's own.
    pub fn lock(&self) -> FileLock {
        FileLock::existing(&self.path)
    }

    /// Waits for the right to use the file for `purpose`. `waits` is called, once, if there is something to wait for.
    ///
    /// A demonstration has the file alone, and everything else shares it. A file that is not there yet cannot be
    /// reserved: [`Reservation::restock`] makes it, or waits for the program that has made one meanwhile.
    ///
    /// ```
    /// use ticket_mutex::store::{Store, Sync, reservation::Purpose};
    ///
    /// let folder = support::tempfile::tempdir()?;
    /// let store = Store::new(folder.path().join("tickets.json"), Sync::Never);
    /// store.restock(5)?;
    /// let mut reserved = store.reserve(Purpose::Change, Box::new(|wait| eprintln!("waiting for {wait:?}")))?;
    /// let held = reserved.lock()?;
    /// let record = reserved.read()?;
    /// reserved.write(&record.with_tickets(4))?;
    /// drop((held, reserved));
    /// assert_eq!(store.read()?.tickets(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Store::read`], and [`Error::Toolkit`] as soon as the run is asked to end.
    pub fn reserve(&self, purpose: Purpose, waits: Waits) -> Result<Reservation, Error> {
        Reservation::new(self.clone(), purpose, waits)
    }

    /// Reads the record. It is never half of a change, with or without the lock.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there is no file or it is not what it must be; [`Error::Refused`] if the
    /// system does not let us read it.
    #[track_caller]
    pub fn read(&self) -> Result<Record, Error> {
        self.read_from(&self.open("read", OpenOptions::new().read(true))?)
    }

    /// Writes the record over the one in the file. In a file of more than 512 bytes the number alone is written.
    ///
    /// # Errors
    ///
    /// As [`Store::read`], for writing; [`Error::Input`] if a file of more than 512 bytes has no room for the number.
    /// The file is then as it was.
    #[track_caller]
    pub fn write(&self, record: &Record) -> Result<(), Error> {
        self.write_to(&self.open("write", OpenOptions::new().read(true).write(true))?, record)
    }

    /// Sets the number of tickets, making the file if there is none. Other keys stay.
    ///
    /// It waits for a demonstration, and for a sale that is under way.
    ///
    /// # Errors
    ///
    /// As [`Store::write`].
    pub fn restock(&self, tickets: u32) -> Result<(), Error> {
        self.validate()?;
        self.reserve(Purpose::Change, Box::new(|_| ()))?.restock(tickets)
    }

    #[track_caller]
    fn write_to(&self, file: &File, record: &Record) -> Result<(), Error> {
        let refused = |source: io::Error| self.refused("write", source);
        self.while_locked(file, Mode::Exclusive, || {
            let length = file.metadata().map_err(refused)?.len();
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let patch = match record.padded(length.max(record.length())) {
                Some(text) if text.len() <= SECTOR => Patch { at: 0, bytes: text.into_bytes() },
                _ => self.patch(&read_all(file).map_err(refused)?, record.tickets())?,
            };
            self.write_in_place(file, length, &patch).map_err(refused)
        })?;
        access::written(&self.path, record.tickets().into());
        Ok(())
    }

    /// What is to be written where, in the file with this text of more than a sector.
    fn patch(&self, text: &[u8], tickets: u32) -> Result<Patch, Error> {
        let input = |cause| Error::input("write", self.path.display(), cause);
        let found = Record::parse(text).map_err(input)?;
        patch::overwrite(text, found.number(), tickets, SECTOR)
            .ok_or_else(|| input(words::no_room_in_the_sector(tickets)))
    }

    /// `file` is `length` bytes long.
    fn write_in_place(&self, file: &File, length: usize, patch: &Patch) -> io::Result<()> {
        let end = patch.at + patch.bytes.len();
        if end > length {
            file.write_all_at(" ".repeat(end - length).as_bytes(), length as u64)?;
            self.settle(file)?;
        }
        if file.write_at(&patch.bytes, patch.at as u64)? != patch.bytes.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.settle(file)
    }

    /// Writes a new file, which has no name yet.
    fn fill(&self, file: &File, tickets: u32) -> Result<(), Error> {
        let text = Record::new(tickets).padded(ROOM).unwrap_or_default(); // any number has room
        let filled = file.write_all_at(text.as_bytes(), 0).and_then(|()| self.settle(file));
        filled.map_err(|source| self.refused("write", source))
    }

    /// After the file was made: its name is on the disk as well.
    fn settle_folder(&self) -> Result<(), Error> {
        let settled = whole_file::resolve(&self.path).and_then(|place| self.settle(&File::open(folder_of(&place))?));
        settled.map_err(|source| self.refused("write", source))
    }

    /// What the journal calls the file.
    fn name(&self) -> impl Display {
        self.path.file_name().unwrap_or(self.path.as_os_str()).display()
    }

    fn settle(&self, file: &File) -> io::Result<()> {
        match self.sync {
            Sync::Always => {
                let _waiting = wait::for_disk(self.name());
                file.sync_data()
            }
            Sync::Never => Ok(()),
        }
    }

    #[track_caller]
    fn read_from(&self, file: &File) -> Result<Record, Error> {
        let read = || read_all(file).map_err(|source| self.refused("read", source));
        let bytes = self.while_locked(file, Mode::Shared, read)?;
        if bytes.len() > LARGEST {
            return Err(Error::input("read", self.path.display(), words::is_too_large()));
        }
        let record = Record::parse(&bytes).map_err(|cause| Error::input("read", self.path.display(), cause))?;
        access::read(&self.path, record.tickets().into());
        Ok(record)
    }

    /// Keeps writers from the file, or other readers as well, for the moment of `act`. It is not the lock of the
    /// lesson: it is for a reader that does not hold that.
    fn while_locked<T>(&self, file: &File, mode: Mode, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let began = Instant::now();
        while !byte_lock::try_lock(file, Byte::Content, mode).map_err(|source| self.refused("lock", source))? {
            if began.elapsed() > PATIENCE {
                let what = words::record_lock_on(self.path.display());
                return Err(Error::timed_out(what, began.elapsed().as_secs_f64()));
            }
            interrupt::sleep(POLL)?;
        }
        let acted = act();
        // A process that went on would hold it for ever.
        let freed = byte_lock::unlock(file, Byte::Content).map_err(|source| self.refused("unlock", source));
        acted.and_then(|acted| freed.map(|()| acted))
    }

    /// Opens it for `purpose`. `None` if there is no file.
    fn open_if_there(&self, purpose: Purpose) -> Result<Option<File>, Error> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ if purpose == Purpose::Query => self.open("read", OpenOptions::new().read(true)).map(Some),
            _ => self.open("write", OpenOptions::new().read(true).write(true)).map(Some),
        }
    }

    /// Whether the name leads to `file` now.
    fn is(&self, file: &File) -> Result<bool, Error> {
        let refused = |source: io::Error| self.refused("lock", source);
        let ours = file.metadata().map_err(refused)?;
        match fs::metadata(&self.path) {
            Ok(named) => Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }

    fn open(&self, operation: &'static str, options: &OpenOptions) -> Result<File, Error> {
        let input = |cause: Text| Error::input(operation, self.path.display(), cause);
        // Before it is opened: opening a pipe would wait for its other end.
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_dir() => return Err(input(words::is_a_directory())),
            Ok(metadata) if !metadata.is_file() => return Err(input(words::is_no_regular_file())),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(input(words::no_such_file()));
            }
            _ => {}
        }
        let file = options.open(&self.path).map_err(|source| self.refused(operation, source))?;
        self.refuse_a_network(operation, &file).map(|()| file)
    }

    /// Refuses a file where the lock of a sale and those on single bytes are one lock: a caller that holds one would
    /// wait for the other in vain.
    fn refuse_a_network(&self, operation: &'static str, file: &File) -> Result<(), Error> {
        let kind = |found: Statfs| i128::from(found.filesystem_type().0) & 0xffff_ffff;
        if fstatfs(file).is_ok_and(|found| NETWORKS.contains(&kind(found))) {
            return Err(Error::input(operation, self.path.display(), words::is_on_a_network()));
        }
        Ok(())
    }

    fn refused(&self, operation: &'static str, source: io::Error) -> Error {
        Error::refused(operation, self.path.display(), source)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// All of it, or a byte more than the most that it may be.
fn read_all(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    let mut length = 0;
    loop {
        match file.read_at(&mut bytes[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length > LARGEST {
            break;
        }
        if length == bytes.len() {
            bytes.resize(2 * length, 0);
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}
