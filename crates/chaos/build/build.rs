//! Derives the list of the sections from their manifests, so that no list is kept by hand.

#[path = "../../tour/build/manifest.rs"]
#[expect(dead_code, reason = "the tour shows more of a section")]
mod manifest;

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

fn main() {
    if let Err(error) = generate() {
        // Ends the build, and says no more than this.
        println!("cargo::error={error}");
    }
}

fn generate() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let crates = here.parent().ok_or("chaos lies in no folder of crates")?;
    // A new section is a new member of the workspace, which changes the lock file.
    for watched in ["build", "../tour/build/manifest.rs", "../../Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", here.join(watched).display());
    }
    let mut list = "&[\n".to_owned();
    for section in manifest::sections(crates)? {
        println!("cargo::rerun-if-changed={}", section.folder.join("Cargo.toml").display());
        let (name, server, arguments) = (section.name, section.server, section.arguments);
        writeln!(list, "    Section {{ name: {name:?}, server: {server:?}, arguments: &{arguments:?} }},")?;
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("sections.rs"), list + "]\n")?;
    Ok(())
}
