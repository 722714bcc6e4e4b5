//! The report as a folder of plain pages and pictures: to be hosted, to be printed, to be shown on slides.
//!
//! Its pages have no script and need no network. `pages` writes them, from the pieces of `html`.

mod html;
mod pages;

use std::path::Path;

use common::Error;
use common::whole_folder::WholeFolder;

use crate::table::Table;

/// The pictures' folder in it.
const PICTURES: &str = "pictures";

/// The folder of an export, checked before the tour as far as that is possible.
#[derive(Debug)]
pub(crate) struct Export(WholeFolder);

impl Export {
    /// Refuses a place where no new folder can be.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub(crate) fn prepare(asked: &Path) -> Result<Self, Error> {
        WholeFolder::prepare(asked).map(Self)
    }

    /// The folder, as the user named it.
    pub(crate) fn path(&self) -> &Path {
        self.0.named()
    }

    /// Writes the folder: the whole of it, or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: the disk is full.
    pub(crate) fn write(&self, table: &Table) -> Result<(), Error> {
        let files = pages::of(table);
        self.0.write(|folder| files.iter().try_for_each(|(name, content)| folder.file(name, content)))
    }
}
