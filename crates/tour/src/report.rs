//! The report: everything that happened on a tour, in one file for a browser.
//!
//! `data`, `scene` and `facts` turn it into JSON, and `page` puts that into the page: its style and its
//! scripts are files below `report/`, its text is each section's own `report.html`.

#[cfg(test)]
mod contrast;
mod data;
mod facts;
mod interner;
mod languages;
mod legend;
mod page;
mod scene;
mod texts;

pub(crate) use data::scenes;
pub(crate) use languages::say;

use std::path::{Path, PathBuf};

use common::whole_file::WholeFile;
use common::{Error, cli};

use crate::table::Table;

/// The usual place, in the workspace: beside the state of the sections.
const PLACE: &str = "data/tour.html";
/// The usual place elsewhere.
const PLACE_ELSEWHERE: &str = "tour.html";

/// The file of a report, checked before the tour as far as that is possible.
#[derive(Debug)]
pub(crate) struct Report {
    named: PathBuf,
    file: WholeFile,
}

impl Report {
    /// Refuses a place where no file can be made.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub(crate) fn prepare(asked: Option<&Path>) -> Result<Self, Error> {
        let named = asked.map_or_else(usual_place, Path::to_path_buf);
        let file = WholeFile::prepare(&named)?;
        Ok(Self { named, file })
    }

    /// The file, as the user named it.
    pub(crate) fn path(&self) -> &Path {
        &self.named
    }

    /// Writes the report. An older one stays until this one is whole.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: the disk is full.
    pub(crate) fn write(&self, table: &Table) -> Result<(), Error> {
        let page = page(table);
        self.file.write(|out| out.write_all(page.as_bytes()))
    }
}

/// The page of a report.
pub(crate) fn page(table: &Table) -> String {
    page::of(&data::of(table))
}

fn usual_place() -> PathBuf {
    let place = cli::workspace_file(PLACE);
    if place.parent().is_some_and(Path::is_dir) { place } else { PathBuf::from(PLACE_ELSEWHERE) }
}
