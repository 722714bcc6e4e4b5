//! A copy of the workspace with every mutant in it, and the programs that are built of it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::serde_json::Value;

use super::detectors::Programs;
use super::finder;
use super::mutant::{Mutant, with_all};
use super::scope;

/// Where the algorithms are, from the workspace's root.
const SOURCES: &str = "crates/killproof/src";

/// Which mutant a process is, and the places that it comes to. It reads both when it first asks. A place is in the file
/// as soon as the process has come to it: the process may be killed at the next one.
const MUTANT: &str = "//! Which of the changes is made in this process.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

struct Role {
    number: u32,
    notes: Option<std::ffi::OsString>,
}

static ROLE: LazyLock<Role> = LazyLock::new(|| Role {
    number: std::env::var(\"MUTANT\").ok().and_then(|number| number.parse().ok()).unwrap_or(0),
    notes: std::env::var_os(\"MUTANT_REACHED\"),
});

static REACHED: [AtomicBool; PLACES] = [const { AtomicBool::new(false) }; PLACES];

#[inline]
pub(crate) fn is(number: u32) -> bool {
    if ROLE.notes.is_some() {
        note(number);
    }
    ROLE.number == number
}

#[cold]
fn note(number: u32) {
    if REACHED[number as usize].swap(true, Ordering::Relaxed) {
        return;
    }
    let Some(path) = &ROLE.notes else { return };
    let written = OpenOptions::new().create(true).append(true).open(path);
    if written.and_then(|mut file| file.write_all(format!(\"{number}\\n\").as_bytes())).is_err() {
        REACHED[number as usize].store(false, Ordering::Relaxed);
    }
}

#[inline]
#[allow(dead_code)]
pub(crate) fn either<T>(number: u32, changed: T, usual: T) -> T {
    if is(number) { changed } else { usual }
}
";

/// A copy of the workspace with all mutants in it.
pub(crate) struct Copy {
    folder: PathBuf,
}

/// All mutants of the sources, numbered from 1 by their place in the list.
pub(crate) fn list() -> Vec<Mutant> {
    let sources = support::workspace().join(SOURCES);
    let of_file = |file: &&str| {
        let text = fs::read_to_string(sources.join(file)).expect("a source file");
        finder::mutants(file, &text).expect("Rust")
    };
    scope::FILES.iter().flat_map(of_file).collect()
}

impl Copy {
    /// Copies the workspace below `target`, and writes the mutants into the copy.
    pub(crate) fn new(mutants: &[Mutant]) -> io::Result<Self> {
        let (from, folder) = (support::workspace(), support::workspace().join("target/mutants"));
        let to = folder.join("source");
        let mut written = BTreeSet::new();
        for part in ["crates", "tests"] {
            copy(&from.join(part), &to.join(part), &|path| changed(path, mutants), &mut written)?;
        }
        for file in ["Cargo.toml", "Cargo.lock"] {
            write(&to.join(file), &fs::read(from.join(file))?)?;
        }
        let switch = to.join(SOURCES).join("mutant.rs");
        write(&switch, MUTANT.replace("PLACES", &(mutants.len() + 1).to_string()).as_bytes())?;
        written.insert(switch);
        for part in ["crates", "tests"] {
            remove_others(&to.join(part), &written)?;
        }
        Ok(Self { folder })
    }

    /// Where the copy is, and what is known of it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The programs that look for the mutants.
    pub(crate) fn programs(&self) -> io::Result<Programs> {
        let prove = self.cargo("model", "--cfg killproof_model").executable("prove", &["--release"])?;
        Ok(Programs { prove, tests: self.cargo("real", "").executable("killproof", &[])? })
    }

    fn cargo(&self, target: &str, flags: &'static str) -> Cargo {
        Cargo { folder: self.folder.join("source"), target: self.folder.join(target), flags }
    }
}

/// What a file of the copy says that differs from the original.
fn changed(path: &Path, mutants: &[Mutant]) -> Option<String> {
    let sources = support::workspace().join(SOURCES);
    let file = path.strip_prefix(&sources).ok()?.to_str()?;
    let text = || fs::read_to_string(path).ok();
    if file == "lib.rs" {
        return Some(format!("#![allow(warnings)]\n{}\nmod mutant;\n", text()?));
    }
    let first = mutants.iter().position(|mutant| mutant.file == file)?;
    let of_file: Vec<Mutant> = mutants[first..].iter().take_while(|mutant| mutant.file == file).cloned().collect();
    Some(with_all(&text()?, &of_file, first + 1))
}

fn copy(
    from: &Path,
    to: &Path,
    changed: &dyn Fn(&Path) -> Option<String>,
    written: &mut BTreeSet<PathBuf>,
) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&from, &to, changed, written)?;
        } else {
            let text = changed(&from).map_or_else(|| fs::read(&from), |text| Ok(text.into_bytes()))?;
            write(&to, &text)?;
            written.insert(to);
        }
    }
    Ok(())
}

/// Removes what an earlier copy had, and the sources have no more.
fn remove_others(folder: &Path, written: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_others(&entry.path(), written)?;
        } else if !written.contains(&entry.path()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file that is as it was is not written again: cargo would build it again.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    fs::write(path, text)
}

struct Cargo {
    folder: PathBuf,
    target: PathBuf,
    flags: &'static str,
}

impl Cargo {
    /// Builds a test of killproof. Returns the program.
    fn executable(&self, test: &str, more: &[&str]) -> io::Result<PathBuf> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["test", "--no-run", "--locked", "--message-format", "json-render-diagnostics"])
            .args(["-p", "killproof", "--test", test])
            .args(more)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTFLAGS", self.flags)
            .stderr(Stdio::inherit())
            .output()?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let mut program = messages.lines().filter_map(|line| {
            let message: Value = support::serde_json::from_str(line).ok()?;
            let is_it = message["target"]["name"] == test && message["executable"].is_string();
            is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
        });
        let program = program.next_back().filter(|_| output.status.success());
        program
            .ok_or_else(|| io::Error::other(format!("the mutants cannot be built: cargo ended with {}", output.status)))
    }
}
