//! What the manifests say, as cargo reads them.

use std::process::Command;

use support::serde_json::{self, Value};

use super::finding::line_of;
use super::folder::{Folder, root};

/// A crate of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder from the workspace's root: `crates/spawn`.
    pub(crate) home: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) has_description: bool,
    pub(crate) has_license: bool,
    pub(crate) is_section: bool,
    pub(crate) binaries: Vec<String>,
    /// Names and paths from the workspace's root.
    pub(crate) tests: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) is_for_tests: bool,
    pub(crate) is_optional: bool,
}

impl Package {
    /// Every crate of the workspace, by what `cargo metadata` prints.
    pub(crate) fn all() -> Vec<Self> {
        let printed = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
        let metadata: Value = serde_json::from_str(&printed).expect("cargo metadata prints JSON");
        let root = root().canonicalize().expect("the workspace's root");
        let root = format!("{}/", root.display());
        array(&metadata["packages"]).map(|package| Self::read(package, &root)).collect()
    }

    fn read(package: &Value, root: &str) -> Self {
        let home = text(&package["manifest_path"]).trim_start_matches(root).trim_end_matches("/Cargo.toml").to_owned();
        let targets = |kind: &'static str| {
            array(&package["targets"]).filter(move |target| array(&target["kind"]).any(|it| *it == kind))
        };
        let path = |target: &Value| without_steps_up(text(&target["src_path"]).trim_start_matches(root));
        let has_text = |key: &str| !text(&package[key]).is_empty();
        Self {
            name: text(&package["name"]).to_owned(),
            dependencies: array(&package["dependencies"]).map(Dependency::read).collect(),
            has_description: has_text("description"),
            has_license: has_text("license"),
            is_section: package["metadata"]["section"].is_object(),
            binaries: targets("bin").map(|target| text(&target["name"]).to_owned()).collect(),
            tests: targets("test").map(|target| (text(&target["name"]).to_owned(), path(target))).collect(),
            home,
        }
    }

    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.home)
    }

    /// The line of the manifest that begins with `key`, or its first one.
    pub(crate) fn line(&self, folder: &Folder, key: &str) -> usize {
        let text = format!("\n{}", folder.text(&self.manifest()).unwrap_or_default());
        ["\n{}.", "\n{} =", "\n{}="].iter().map(|start| line_of(&text, &start.replace("{}", key))).max().unwrap_or(1)
    }
}

impl Dependency {
    fn read(dependency: &Value) -> Self {
        Self {
            name: text(&dependency["name"]).to_owned(),
            is_for_tests: dependency["kind"] == "dev",
            // One for a target that must be asked for is as good as off.
            is_optional: dependency["optional"] == true || !dependency["target"].is_null(),
        }
    }
}

/// What cargo prints.
pub(crate) fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// `a/b/../c` is `a/c`.
pub(crate) fn without_steps_up(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
