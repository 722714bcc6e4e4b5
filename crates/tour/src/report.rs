//! The report: everything that a tour has seen, in one file for a browser.
//!
//! `data.rs`, `scene.rs` and `facts.rs` say what happened, as JSON; `page.rs` puts it into the page,
//! whose text, style and scripts are files below `report/`.

mod data;
mod facts;
mod interner;
mod page;
mod scene;

use std::io::Write;
use std::path::{Path, PathBuf};

use common::whole_file::WholeFile;
use common::{Error, cli};

use crate::table::Table;

/// Where it is written, unless somebody says otherwise: beside the sections' own state.
const PLACE: &str = "data/tour.html";
/// The same outside of the workspace.
const PLACE_ELSEWHERE: &str = "tour.html";

/// A report that can be written, as far as that can be known before the tour.
#[derive(Debug)]
pub(crate) struct Report {
    named: PathBuf,
    file: WholeFile,
}

impl Report {
    /// Refuses a place where no file can be, before anything runs.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub(crate) fn prepare(asked: Option<&Path>) -> Result<Self, Error> {
        let named = asked.map_or_else(usual_place, Path::to_path_buf);
        let file = WholeFile::prepare(&named)?;
        Ok(Self { named, file })
    }

    /// Where it will be, as the user named it.
    pub(crate) fn path(&self) -> &Path {
        &self.named
    }

    /// Writes it. The one that was there before stays until this one is whole.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`]: the disk is full.
    pub(crate) fn write(&self, table: &Table) -> Result<(), Error> {
        let page = page::of(&data::of(table));
        self.file.write(|out| out.write_all(page.as_bytes()))
    }
}

fn usual_place() -> PathBuf {
    let place = cli::workspace_file(PLACE);
    if place.parent().is_some_and(Path::is_dir) { place } else { PathBuf::from(PLACE_ELSEWHERE) }
}
