//! A crate as another project gets it: a package outside the workspace that depends on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::Program;

/// A package in a temporary folder, with one dependency: a crate of the workspace, by its path.
#[derive(Debug)]
pub struct Package {
    folder: TempDir,
}

impl Package {
    /// A package whose only source is `main`, and which depends on the crate in the folder `dependency`.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    #[must_use]
    pub fn new(dependency: &Path, main: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let name = dependency.file_name().expect("a crate's folder").to_string_lossy();
        let manifest = format!(
            "[package]\nname = \"outside\"\nedition = \"2024\"\n\n[dependencies]\n{name} = {{ path = \"{}\" }}\n",
            dependency.display()
        );
        fs::write(folder.path().join("Cargo.toml"), manifest).expect("our own folder");
        fs::create_dir(folder.path().join("src")).expect("our own folder");
        fs::write(folder.path().join("src/main.rs"), main).expect("our own folder");
        lock_as(dependency.ancestors().nth(2).expect("the root of the workspace"), folder.path());
        Self { folder }
    }

    /// Compiles it.
    ///
    /// # Panics
    ///
    /// If it does not compile.
    #[must_use]
    pub fn build(&self, scratch: &str) -> Program {
        Program::new(build(self.folder.path(), Path::new(scratch)).join("outside"))
    }

    /// The names of all crates that it is compiled from, its own included.
    ///
    /// # Panics
    ///
    /// If cargo does not know them.
    #[must_use]
    pub fn tree(&self) -> Vec<String> {
        let mut cargo = cargo(self.folder.path());
        let printed =
            run(cargo.args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"]));
        printed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }
}

/// The names of the files of a crate that `cargo publish` would upload.
///
/// # Panics
///
/// If it cannot be packaged.
#[must_use]
pub fn published_files(package: &Path) -> Vec<String> {
    let printed = run(cargo(package).args(["package", "--list", "--allow-dirty", "--offline"]));
    printed.lines().map(str::to_owned).collect()
}

/// Compiles the programs of a package outside the workspace, and returns the folder with the programs. All such
/// packages share what they are compiled from.
///
/// # Panics
///
/// If they do not compile.
pub(crate) fn build(package: &Path, scratch: &Path) -> PathBuf {
    let target = scratch.join("listings");
    run(cargo(package).args(["build", "--quiet", "--offline", "--bins", "--target-dir"]).arg(&target));
    target.join("debug")
}

/// The package gets the same versions of its dependencies as the workspace: they are here already.
pub(crate) fn lock_as(workspace: &Path, package: &Path) {
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock")).expect("the lock of the workspace");
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).env_remove("RUSTFLAGS");
    cargo
}

fn run(cargo: &mut Command) -> String {
    let ended = cargo.output().expect("cargo");
    assert!(ended.status.success(), "{cargo:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).expect("cargo prints UTF-8")
}
