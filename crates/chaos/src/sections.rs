//! The sections of the notes, as programs. `build/` derives the list from their manifests.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::Error;

use crate::words;

/// How long a section may take to end when one of its processes was killed. It counts from the kill. Where the lesson
/// goes on, as it does when one of several workers is killed, it counts from the lesson's usual end. Where two tasks
/// want each processor, the time counts half.
pub(crate) const SOON: Duration = Duration::from_secs(2);
/// After so long a section is ended, and so is what it has left: it would not end by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A section of the notes.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    /// The section that must run beside it, and at whose port it asks.
    pub(crate) server: Option<&'static str>,
    /// Its own options on a tour.
    pub(crate) arguments: &'static [&'static str],
}

static SECTIONS: &[Section] = include!(concat!(env!("OUT_DIR"), "/sections.rs"));

/// A section, and the server that it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lesson {
    pub(crate) section: &'static Section,
    pub(crate) server: Option<&'static Section>,
}

/// The lesson of this number. There is always one, and each comes before any comes again.
pub(crate) fn lesson(number: usize) -> Option<Lesson> {
    let is_server = |section: &&Section| SECTIONS.iter().any(|other| other.server == Some(section.name));
    let lessons: Vec<_> = SECTIONS.iter().filter(|section| !is_server(section)).collect();
    let section = *lessons.get(number.checked_rem(lessons.len())?)?;
    let server = SECTIONS.iter().find(|other| section.server == Some(other.name));
    Some(Lesson { section, server })
}

/// The program that is every section, called by its name. It lies beside this one.
#[derive(Debug)]
pub(crate) struct Tour(PathBuf);

impl Tour {
    const NAME: &'static str = "tour";

    /// Finds it.
    ///
    /// # Errors
    ///
    /// Its absence, and what builds it.
    pub(crate) fn find() -> Result<Self, Error> {
        let own = env::current_exe().map_err(|source| Error::refused("find", words::this_program(), source))?;
        let folder = own.parent().unwrap_or(Path::new("."));
        let tour = folder.join(Self::NAME);
        if tour.is_file() {
            return Ok(Self(tour));
        }
        let release = if folder.ends_with("release") { " --release" } else { "" };
        Err(Error::Usage(words::tour_is_missing(tour.display(), release, Self::NAME)))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_in_a_lesson_and_a_server_in_that_of_its_client() {
        let lessons: Vec<_> = (0..SECTIONS.len()).filter_map(lesson).collect();
        for Section { name, .. } in SECTIONS {
            let is_in = |lesson: &Lesson| {
                lesson.section.name == *name || lesson.server.is_some_and(|server| server.name == *name)
            };
            assert!(lessons.iter().any(is_in), "{name}");
        }
        assert!(lessons.iter().any(|lesson| lesson.server.is_some()));
        assert!(lessons.iter().all(|lesson| lesson.section.server.is_some() == lesson.server.is_some()));
    }
}
