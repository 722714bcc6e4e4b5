//! Lists the files that the report is made of, so that no list has to be kept by hand: its own
//! scripts and texts, and every section's source code, which it shows.

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let crates = here.parent().unwrap_or(&here).to_path_buf();
    let mut sources = Vec::new();
    for section in sections(&fs::read_to_string(here.join("Cargo.toml"))?) {
        files(&crates.join(section).join("src"), "rs", &mut sources)?;
    }
    let (mut scripts, mut texts) = (Vec::new(), Vec::new());
    files(&here.join("report"), "js", &mut scripts)?;
    files(&here.join("report/sections"), "html", &mut texts)?;
    let lists = [
        list("SOURCES", "Every section's source code.", &sources, |path| {
            format!("crates/{}", path.strip_prefix(&crates).unwrap_or(path).display())
        }),
        list("SCRIPTS", "The modules of the page.", &scripts, name),
        list("TEXTS", "What each section teaches, and what the notes say.", &texts, name),
    ];
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=Cargo.toml");
    println!("cargo::rerun-if-changed=report");
    fs::write(PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("files.rs"), lists.concat())
}

/// The crates that the manifest names as sections.
fn sections(manifest: &str) -> Vec<String> {
    let named = manifest.split("# The sections").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    named.lines().filter_map(|line| line.strip_suffix(".workspace = true")).map(str::to_owned).collect()
}

/// The files below a folder with this extension, by name; those of the folder itself first.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let is_wanted = |path: &&PathBuf| path.extension().is_some_and(|found| found == extension);
    found.extend(entries.iter().filter(is_wanted).cloned());
    if extension == "rs" {
        entries.iter().filter(|path| path.is_dir()).try_for_each(|folder| files(folder, extension, found))?;
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A list of files as Rust: how each is called, and what it says.
fn list(list: &str, what: &str, files: &[PathBuf], called: impl Fn(&Path) -> String) -> String {
    let mut code = format!("/// {what}\npub(crate) static {list}: &[(&str, &str)] = &[\n");
    for file in files {
        let _ = writeln!(code, "    ({:?}, include_str!({:?})),", called(file), file.display().to_string());
    }
    code + "];\n"
}
