//! Derives what the tour knows of the sections from their folders: the table of sections with their
//! lessons, pages and sources, and where the code of each scene is. The scripts of the report are
//! listed here, too. So no list is kept by hand.

mod code;
mod examples;
mod manifest;
mod scenes;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use manifest::Manifest;

fn main() {
    if let Err(error) = generate() {
        // Ends the build, and says no more than this.
        println!("cargo::error={error}");
    }
}

fn generate() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let crates = here.parent().ok_or("the tour lies in no folder of crates")?;
    // A new section is a new member of the workspace, which changes the lock file.
    for watched in [here.join("build"), here.join("report"), here.join("Cargo.toml"), crates.join("../Cargo.lock")] {
        watch(&watched);
    }
    let mut sections = Vec::new();
    for manifest in manifest::sections(crates)? {
        watch(&manifest.folder);
        sections.push(section(&manifest)?);
    }
    require_links(&sections, &fs::read_to_string(here.join("Cargo.toml"))?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("sections.rs"), code::sections(&sections))?;
    let scripts = files(&here.join("report"), "js")?;
    fs::write(out.join("scripts.rs"), code::files(&named(scripts, |name| format!("report/{name}.js"))))?;
    let words = files(&here.join("report/words"), "json")?;
    fs::write(out.join("words.rs"), code::files(&named(words, str::to_owned)))?;
    Ok(())
}

/// A section with all that its folder says.
struct Section {
    manifest: Manifest,
    /// Its examples and its own code: how the report names each file, and where it is.
    sources: Vec<(String, PathBuf)>,
    scenes: Vec<Scene>,
}

/// Where the code of a scene is.
struct Scene {
    name: String,
    place: scenes::Place,
    examples: Vec<String>,
}

fn section(manifest: &Manifest) -> Result<Section, Box<dyn Error>> {
    let (folder, name) = (&manifest.folder, &manifest.name);
    let shown = |path: &Path| format!("crates/{name}/{}", path.strip_prefix(folder).unwrap_or(path).display());
    let mut sources = files(&folder.join("src"), "rs")?;
    let places = scenes::places(&folder.join("src")).map_err(|error| format!("crates/{name}: {error}"))?;
    let known: Vec<_> = places.iter().map(|(scene, _)| scene.as_str()).collect();
    manifest.require_scenes(&known)?;
    let listings = if folder.join("examples").is_dir() { files(&folder.join("examples"), "rs")? } else { Vec::new() };
    let pairs = examples::by_scene(&listings, &manifest.examples, &known)
        .map_err(|error| format!("crates/{name}/Cargo.toml: {error}"))?;
    sources.splice(..0, listings);
    let scenes = places.into_iter().map(|(scene, place)| {
        let place = scenes::Place { file: folder.join("src").join(place.file), ..place };
        let examples = pairs.iter().filter(|(of, _)| *of == scene).map(|(_, example)| shown(example)).collect();
        Scene { name: scene, place: scenes::Place { file: shown(&place.file).into(), ..place }, examples }
    });
    let scenes = scenes.collect();
    let sources = sources.into_iter().map(|path| (shown(&path), path)).collect();
    Ok(Section { manifest: manifest.clone(), sources, scenes })
}

/// A program that runs a section has to be linked with it, which only its manifest can ask for.
fn require_links(sections: &[Section], tours: &str) -> Result<(), Box<dyn Error>> {
    let tours: toml::Table = tours.parse()?;
    let dependencies =
        tours.get("dependencies").and_then(toml::Value::as_table).ok_or("the tour has no dependencies")?;
    let missing = sections.iter().map(|section| &section.manifest.name).find(|name| !dependencies.contains_key(*name));
    missing.map_or(Ok(()), |name| {
        Err(format!("the tour is not linked with the section {name}; `just sections` links it").into())
    })
}

/// The files of a folder with this extension, by name, and then those of the folders in it.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    entries.sort();
    let is_wanted = |path: &&PathBuf| path.extension().is_some_and(|found| found == extension);
    let mut found: Vec<_> = entries.iter().filter(is_wanted).cloned().collect();
    for folder in entries.iter().filter(|path| path.is_dir()) {
        found.extend(files(folder, extension)?);
    }
    Ok(found)
}

fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

fn named(files: Vec<PathBuf>, name: impl Fn(&str) -> String) -> Vec<(String, PathBuf)> {
    let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    files.into_iter().map(|path| (name(&stem(&path)), path)).collect()
}
