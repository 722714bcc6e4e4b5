//! The examples of a crate, as they stand, and without the line that each is about. A section's are the listings
//! of the notes.
//!
//! All of a crate are copied into a package of their own and compiled in one go, with the crate's own
//! dependencies: by the test process that comes first, and later by others as far as a listing has changed. A listing
//! whose key line ends in a comment `// without this line ..` is compiled a second time without that line.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::{Program, outside};

/// The comment that makes a line the key line of its listing.
const KEY: &str = "// without this line";

/// An example of the package that the test belongs to, as a [`Program`]: `listing!("sale")`.
#[macro_export]
macro_rules! listing {
    ($name:literal) => {
        $crate::listing::program(env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR"), $name)
    };
}

/// The same without its key line: `listing_without_key_line!("sale")`.
#[macro_export]
macro_rules! listing_without_key_line {
    ($name:literal) => {
        $crate::listing::program(
            env!("CARGO_MANIFEST_DIR"),
            env!("CARGO_TARGET_TMPDIR"),
            concat!($name, "-without-key-line"),
        )
    };
}

/// One of the programs that a section's listings become.
///
/// # Panics
///
/// If they cannot be compiled, or there is none of that name.
#[must_use]
pub fn program(section: &str, scratch: &str, name: &str) -> Program {
    static BUILT: OnceLock<Mutex<HashMap<PathBuf, PathBuf>>> = OnceLock::new();
    let mut built = BUILT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let folder = built.entry(section.into()).or_insert_with(|| build(Path::new(section), Path::new(scratch)));
    let path = folder.join(name);
    assert!(path.is_file(), "{section} has no listing {name}, or it has no line `{KEY} ..`");
    Program::new(path)
}

/// Compiles all of them, and returns the folder with the programs.
fn build(section: &Path, scratch: &Path) -> PathBuf {
    let name = section.file_name().expect("a section's folder").to_string_lossy();
    let root = section.ancestors().nth(2).expect("the root of the workspace");
    let package = scratch.join(format!("listings-of-{name}"));
    fs::create_dir_all(package.join("src/bin")).expect("our own folder");
    // Tests in other processes use the same folder.
    let lock = File::create(package.join("lock")).expect("our own folder");
    lock.lock().expect("a lock");
    let mut manifest =
        format!("[package]\nname = \"listings-of-{name}\"\nedition = \"2024\"\n\n[workspace]\n\n{}\n", shared(root));
    manifest.push_str("[dependencies]\n");
    let own = format!("{name} = ");
    for dependency in dependencies(&read(&section.join("Cargo.toml"))) {
        // Its own tests may want a feature of it. Its examples have it as any other project does.
        let is_own = dependency.starts_with(&own);
        let dependency = if is_own { format!("{own}{{ path = \"{}\" }}", section.display()) } else { dependency };
        writeln!(manifest, "{dependency}").expect("a string");
    }
    write(&package.join("Cargo.toml"), &manifest);
    // What cargo makes of it is its own.
    if write(&package.join("Cargo.lock.of-workspace"), &read(&root.join("Cargo.lock"))) {
        outside::lock_as(root, &package);
    }
    let sources = sources(&section.join("examples"));
    for entry in fs::read_dir(package.join("src/bin")).expect("our own folder") {
        let entry = entry.expect("an entry");
        if !sources.contains_key(entry.file_name().to_string_lossy().as_ref()) {
            fs::remove_file(entry.path()).expect("our own folder");
        }
    }
    for (name, code) in &sources {
        write(&package.join("src/bin").join(name), code);
    }
    outside::build(&package, scratch)
}

/// The listings, by the names of their files, and those without their key line.
fn sources(examples: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(examples).expect("examples") {
        let path = entry.expect("an entry").path();
        let (code, stem) = (read(&path), path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        if let Some(broken) = without_key_line(&code) {
            found.insert(format!("{stem}-without-key-line.rs"), broken);
        }
        found.insert(format!("{stem}.rs"), code);
    }
    found
}

/// Writes a file, unless it is so already: cargo compiles again what is newer than its program. Returns whether it did.
fn write(path: &Path, content: &str) -> bool {
    let differs = fs::read_to_string(path).ok().is_none_or(|before| before != content);
    if differs {
        fs::write(path, content).expect("our own folder");
    }
    differs
}

/// A listing without its key line; `None` if it has none.
fn without_key_line(code: &str) -> Option<String> {
    let key = code.lines().filter(|line| line.contains(KEY)).count();
    assert!(key <= 1, "a listing has one key line");
    let rest = code.lines().filter(|line| !line.contains(KEY));
    (key == 1).then(|| rest.fold(String::new(), |code, line| code + line + "\n"))
}

/// The workspace's table of dependencies, with its paths from the root of the file system on.
fn shared(root: &Path) -> String {
    let manifest = read(&root.join("Cargo.toml"));
    let table = manifest.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let paths = format!("path = \"{}/", root.display());
    format!("[workspace.dependencies]{}", table.unwrap_or_default().replace("path = \"", &paths))
}

/// What a listing may use of what its section uses: everything but the stage and the harness.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    for table in ["\n[dependencies]\n", "\n[dev-dependencies]\n"] {
        let lines = manifest.split(table).nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
        let is_plain = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let is_other = |line: &&str| !["common", "support", "clap", "load"].iter().any(|own| line.starts_with(own));
        found.extend(lines.lines().filter(is_plain).filter(is_other).map(str::to_owned));
    }
    found.sort();
    found.dedup();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
