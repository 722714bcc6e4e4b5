//! The tickets' file, in the notes' own format: `{"tickets_num": 5}`.
//!
//! A process may be killed at any instant, so the file is whole at every instant. A record of up to
//! a sector is written over the old one, padded with white space, by one write (the kernel copies it
//! within one page, and the disk writes a sector whole). Where the file is too short for it, white
//! space is appended first: the old record is as good with more of it. A new file, and a record above a
//! sector, come to be under no name and are moved to their place ([`whole_file`]).
//!
//! That is about bytes. Which process may change the number, and when, is the matter of [`Store::lock`],
//! which this module offers and does not take: the lesson is what happens without it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use common::Error;
use common::file_lock::FileLock;
use common::whole_file;

use crate::record::Record;

/// What a disk writes whole, in bytes: a longer record is never written in place.
const SECTOR: usize = 512;
/// How long the file is made, so that any number of tickets fits in place.
const ROOM: usize = 64;
/// A longer file is no tickets' file.
const LARGEST: u64 = 1 << 20;

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
}

impl Store {
    /// The file at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>, sync: Sync) -> Self {
        Self { path: path.into(), sync }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The lock that a process holds from reading the number to writing it.
    pub fn lock(&self) -> FileLock {
        FileLock::new(beside(&self.path, "lock"))
    }

    /// The lock that a demonstration holds alone, and that commands share.
    pub fn demonstration(&self) -> FileLock {
        FileLock::new(beside(&self.path, "demo.lock"))
    }

    /// Reads the record. It is never half of a change, with or without the lock.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if there is no file or it is not what it must be; [`Error::Toolkit`] if the
    /// system does not let us read it.
    pub fn read(&self) -> Result<Record, Error> {
        self.read_from(&self.open("read", OpenOptions::new().read(true))?)
    }

    /// Writes the record over the one in the file.
    ///
    /// # Errors
    ///
    /// As [`Store::read`], for writing. The file is then as it was.
    pub fn write(&self, record: &Record) -> Result<(), Error> {
        let file = self.open("write", OpenOptions::new().read(true).write(true))?;
        // It excludes readers for the moment of the write. It is not the lock of the lesson.
        file.lock().map_err(|source| self.refused("write", source))?;
        let length = file.metadata().map_err(|source| self.refused("write", source))?.len();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        match record.padded(length.max(record.length())) {
            Some(text) if text.len() <= SECTOR => {
                self.write_in_place(&file, length, &text).map_err(|source| self.refused("write", source))
            }
            _ => self.replace(record),
        }
    }

    /// Looks whether there is, or can be, such a file, and changes nothing.
    ///
    /// # Errors
    ///
    /// As [`Store::write`], as far as it can be known beforehand.
    pub fn validate(&self) -> Result<(), Error> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = folder_of(&self.path);
                if folder.is_dir() {
                    return Ok(());
                }
                let cause =
                    format!("there is no folder {}; make it, or name another file with --file", folder.display());
                Err(Error::input("create", self.path.display(), cause))
            }
            _ => {
                self.read()?;
                self.open("write", OpenOptions::new().read(true).write(true)).map(|_| ())
            }
        }
    }

    /// Sets the number of tickets, making the file if there is none. Other keys stay.
    ///
    /// Takes the lock, so it waits for a sale that is under way.
    ///
    /// # Errors
    ///
    /// As [`Store::write`].
    pub fn restock(&self, tickets: u32) -> Result<(), Error> {
        self.validate()?;
        let _guard = self.lock().lock()?;
        if self.path.exists() {
            self.write(&self.read()?.with_tickets(tickets))
        } else {
            self.replace(&Record::new(tickets))
        }
    }

    /// Removes the lock files that no process holds now.
    pub fn tidy(&self) {
        self.lock().tidy();
        self.demonstration().tidy();
    }

    /// `text` is at least as long as the file, which is `length` bytes long.
    fn write_in_place(&self, file: &File, length: usize, text: &str) -> io::Result<()> {
        if text.len() > length {
            file.write_all_at(" ".repeat(text.len() - length).as_bytes(), length as u64)?;
            self.settle(file)?;
        }
        if file.write_at(text.as_bytes(), 0)? != text.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.settle(file)
    }

    /// Makes the file, or puts a new one in the place of the old one.
    fn replace(&self, record: &Record) -> Result<(), Error> {
        // Through a link the target is replaced, not the link.
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let text = record.padded(record.length().max(ROOM)).unwrap_or_default(); // never shorter than it needs
        let replaced = whole_file::replace(&target, |file| {
            if let Ok(old) = fs::metadata(&target) {
                file.set_permissions(old.permissions())?;
            }
            file.write_all_at(text.as_bytes(), 0)?;
            self.settle(file)
        });
        let settled = replaced.and_then(|()| self.settle(&File::open(folder_of(&target))?));
        settled.map_err(|source| self.refused("write", source))
    }

    fn settle(&self, file: &File) -> io::Result<()> {
        match self.sync {
            Sync::Always => file.sync_data(),
            Sync::Never => Ok(()),
        }
    }

    fn read_from(&self, file: &File) -> Result<Record, Error> {
        let refused = |source: io::Error| self.refused("read", source);
        // It excludes writers for the moment of the read. It is not the lock of the lesson.
        file.lock_shared().map_err(refused)?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(refused)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::input("read", self.path.display(), "it is larger than 1 MiB"));
        }
        Record::parse(&bytes).map_err(|cause| Error::input("read", self.path.display(), cause))
    }

    fn open(&self, operation: &'static str, options: &OpenOptions) -> Result<File, Error> {
        let input = |cause: &str| Error::input(operation, self.path.display(), cause);
        // Before it is opened: opening a pipe would wait for its other end.
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_dir() => return Err(input("it is a directory")),
            Ok(metadata) if !metadata.is_file() => return Err(input("it is not a regular file")),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(input("no such file; 'ticket-mutex restock 5' makes one"));
            }
            _ => {}
        }
        options.open(&self.path).map_err(|source| self.refused(operation, source))
    }

    fn refused(&self, operation: &'static str, source: io::Error) -> Error {
        Error::refused(operation, self.path.display(), source)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
