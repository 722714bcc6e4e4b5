//! Where the tickets' file is: at a path that may still be missing, or nowhere.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::Arc;

use common::error::cause;
use common::{Error, whole_file};
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::{Store, Sync, folder_of};
use crate::words;

/// What a record of the run calls a file without a name.
const NAMELESS: &str = "tickets.json";

impl Store {
    /// A new file without a name, in memory, with no ticket. It is gone when the last process that has this value or
    /// a copy of it has ended, however it ended.
    ///
    /// A process finds it by the number of its descriptor, so it is for this process and for those forked from it.
    ///
    /// ```
    /// use ticket_mutex::store::{Store, Sync};
    ///
    /// let store = Store::nameless(Sync::Never)?;
    /// store.restock(5)?;
    /// assert_eq!(store.read()?.tickets(), 5);
    /// # Ok::<(), common::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system refuses: no descriptor is left.
    pub fn nameless(sync: Sync) -> Result<Self, Error> {
        let made = memfd_create(NAMELESS, MFdFlags::MFD_CLOEXEC);
        let file = File::from(made.map_err(|source| Error::refused("make", words::a_file_in_memory(), source))?);
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let store = Self::new(path, sync);
        store.fill(&file, 0)?;
        Ok(Self { _nameless: Some(Arc::new(file)), ..store })
    }

    /// Makes the folder of the file, if it is missing.
    pub(crate) fn make_folder(&self) -> Result<(), Error> {
        let folder = folder_of(&self.path);
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                let why = words::no_folder_can_be_made(folder.display(), cause(&error));
                Err(Error::input("create", self.path.display(), why))
            }
            _ => Ok(()),
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
                let place = whole_file::resolve(&self.path).map_err(|source| self.refused("write", source))?;
                let folder = folder_of(&place);
                match fs::metadata(folder) {
                    Ok(found) if found.is_dir() => return Ok(()),
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(self.refused("write", error)),
                    _ => {}
                }
                Err(Error::input("create", self.path.display(), words::there_is_no_folder(folder.display())))
            }
            _ => {
                self.read()?;
                self.open("write", OpenOptions::new().read(true).write(true)).map(|_| ())
            }
        }
    }
}
