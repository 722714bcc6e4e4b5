//! The sections of the notes, as their manifests say.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A section of the notes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Section {
    /// A lesson that is not in the notes comes after those that are.
    is_our_own: bool,
    notes: Vec<u64>,
    is_client: bool,
    /// Its name: its crate's, its binary's, its test's, its recipe's.
    pub name: String,
    /// What it is about, in a line.
    pub description: String,
    /// How many figures its row of a tour has.
    pub figures: usize,
}

impl Section {
    /// The chapters of the notes that it shows, as a sentence has them: `6, 7`.
    #[must_use]
    pub fn chapters(&self) -> String {
        let chapters: Vec<_> = self.notes.iter().map(ToString::to_string).collect();
        chapters.join(", ")
    }

    fn of(package: &Value) -> Option<Self> {
        let section = package["metadata"]["section"].as_object()?;
        let notes: Vec<_> = section["notes"].as_array()?.iter().filter_map(Value::as_u64).collect();
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        Some(Self {
            is_our_own: notes.is_empty(),
            notes,
            is_client: section.contains_key("server"),
            name: text("name")?,
            description: text("description")?,
            figures: section.get("figures").and_then(Value::as_array).map_or(0, Vec::len),
        })
    }
}

/// All sections in the notes' order; a server comes before its client.
///
/// # Panics
///
/// If cargo does not read the manifests.
#[must_use]
pub fn sections() -> Vec<Section> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&cargo.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let mut found: Vec<_> = packages.iter().filter_map(Section::of).collect();
    found.sort();
    found
}

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
