//! The files of the workspace, or a few made-up ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Text files by their paths from the workspace's root.
pub(crate) struct Folder(BTreeMap<String, String>);

impl Folder {
    pub(crate) fn of_the_workspace() -> Self {
        let mut files = BTreeMap::new();
        for place in ["crates", "tests", ".github", "Cargo.toml", "README.md", "justfile"] {
            collect(place, &mut files);
        }
        Self(files)
    }

    /// A made-up folder: its paths and texts.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// The file `place`, or the files below the folder `place`.
    pub(crate) fn below(&self, place: &str) -> impl Iterator<Item = (&str, &str)> {
        let is_below =
            move |path: &str| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.0.iter().filter(move |(path, _)| is_below(path)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub(crate) fn rust_below(&self, place: &str) -> impl Iterator<Item = (&str, &str)> {
        self.below(place).filter(|(path, _)| extension(path) == "rs")
    }

    /// The folders in `crates/` that have a manifest.
    pub(crate) fn crates(&self) -> Vec<&str> {
        let manifests = self.0.keys().filter_map(|path| path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"));
        manifests.filter(|name| !name.contains('/')).collect()
    }

    /// The root files of all crates. To the compiler a binary beside a library is a second crate.
    pub(crate) fn roots(&self) -> Vec<String> {
        let inside = self.crates().into_iter().map(|name| format!("crates/{name}/src"));
        let homes = inside.chain(["tests/support/src".to_owned()]);
        let mut roots: Vec<_> = homes.flat_map(|home| [format!("{home}/lib.rs"), format!("{home}/main.rs")]).collect();
        roots.retain(|root| self.has(root));
        roots
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn extension(path: &str) -> &str {
    Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

fn collect(place: &str, files: &mut BTreeMap<String, String>) {
    let path = root().join(place);
    if path.is_dir() {
        let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
        for entry in entries {
            let name = entry.expect("an entry of a folder").file_name();
            collect(&format!("{place}/{}", name.to_string_lossy()), files);
        }
    } else if let Ok(text) = fs::read_to_string(&path) {
        files.insert(place.to_owned(), text);
    }
}
