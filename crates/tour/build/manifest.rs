//! What the manifest of a section says of its lesson.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A text by language.
pub(crate) type Words = BTreeMap<String, String>;

/// A section's `[package.metadata.section]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// The chapters of the notes that it shows; empty for a lesson of our own, which comes last.
    pub(crate) notes: Vec<u32>,
    /// Its lesson in one line.
    pub(crate) lesson: Words,
    /// The section that must run beside it, at whose `--port` it asks.
    #[serde(default)]
    pub(crate) server: Option<String>,
    /// Its own options on a tour.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    /// The figures of its row.
    #[serde(default)]
    pub(crate) figures: Vec<Figure>,
    /// The scenes of each example whose name is no scene's.
    #[serde(default)]
    pub(crate) examples: BTreeMap<String, Vec<String>>,
}

/// A figure of the row: its scene, its name in the section's report, its name in the row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    pub(crate) scene: String,
    pub(crate) name: String,
    pub(crate) label: Words,
}

#[derive(Deserialize)]
struct File {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    section: Option<Manifest>,
}

/// The sections below a folder of crates, in the notes' order; a server comes before its client.
pub(crate) fn sections(crates: &Path) -> Result<Vec<Manifest>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(crates)? {
        let folder = entry?.path();
        let path = folder.join("Cargo.toml");
        if path.is_file() {
            let manifest = read(&fs::read_to_string(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
            found.extend(manifest.map(|manifest| Manifest { folder, ..manifest }));
        }
    }
    found.sort_by(|a, b| a.place().cmp(&b.place()));
    let is_known = |name: &String| found.iter().any(|section| section.name == *name);
    match found.iter().filter_map(|section| section.server.as_ref()).find(|server| !is_known(server)) {
        Some(server) => Err(format!("{server} is the server of a section, and no section").into()),
        None => Ok(found),
    }
}

/// `None`: the crate is no section.
fn read(manifest: &str) -> Result<Option<Manifest>, toml::de::Error> {
    let File { package: Package { name, metadata } } = toml::from_str(manifest)?;
    Ok(metadata.section.map(|section| Manifest { name, ..section }))
}

impl Manifest {
    fn place(&self) -> (bool, &[u32], bool, &str) {
        (self.notes.is_empty(), &self.notes, self.server.is_some(), &self.name)
    }

    /// Refuses a figure of a scene that the section does not have.
    pub(crate) fn require_scenes(&self, known: &[&str]) -> Result<(), String> {
        let unknown = self.figures.iter().find(|figure| !known.contains(&figure.scene.as_str()));
        unknown.map_or(Ok(()), |figure| {
            Err(format!(
                "crates/{}/Cargo.toml: the figure '{}' is of no scene: '{}'",
                self.name, figure.name, figure.scene
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "
        [package]
        name = 'tcp-client'
        [package.metadata.section]
        notes = [10]
        server = 'tcp-server'
        lesson = { en = 'read on', zh = '读' }
        [[package.metadata.section.figures]]
        scene = 'talk'
        name = 'round trip'
        label = { en = 'round trip', zh = '往返' }";

    #[test]
    fn a_crate_without_the_table_is_no_section() {
        assert!(read("[package]\nname = 'chaos'").expect("a manifest").is_none());
        let section = read(SECTION).expect("a manifest").expect("a section");
        assert_eq!((section.name.as_str(), section.server.as_deref()), ("tcp-client", Some("tcp-server")));
    }

    #[test]
    fn a_key_that_is_misspelt_or_missing_is_named() {
        for (right, wrong, told) in
            [("server", "sever", "unknown field `sever`"), ("notes", "note", "unknown field `note`")]
        {
            let error = read(&SECTION.replace(right, wrong)).expect_err("a wrong manifest").to_string();
            assert!(error.contains(told), "{error}");
        }
        let error = read(&SECTION.replace("notes = [10]", "")).expect_err("a wrong manifest").to_string();
        assert!(error.contains("missing field `notes`"), "{error}");
    }

    #[test]
    fn sections_come_in_the_notes_order_a_server_before_its_client_and_our_own_last() {
        let section = |name: &str, notes: &[u32], server: bool| {
            let section = read(SECTION).expect("a manifest").expect("a section");
            Manifest {
                name: name.to_owned(),
                notes: notes.to_vec(),
                server: section.server.filter(|_| server),
                ..section
            }
        };
        let mut found = [
            section("semaphore", &[], false),
            section("a-client", &[10], true),
            section("tcp-server", &[10], false),
            section("spawn", &[1, 2], false),
            section("zombie", &[3], false),
        ];
        found.sort_by(|a, b| a.place().cmp(&b.place()));
        let names = found.each_ref().map(|section| section.name.as_str());
        assert_eq!(names, ["spawn", "zombie", "tcp-server", "a-client", "semaphore"]);
    }

    #[test]
    fn a_figure_of_no_scene_is_refused() {
        let section = read(SECTION).expect("a manifest").expect("a section");
        assert_eq!(section.require_scenes(&["load", "talk"]), Ok(()));
        let error = section.require_scenes(&["load"]).expect_err("no such scene");
        assert!(error.contains("'round trip' is of no scene: 'talk'"), "{error}");
    }
}
