//! A name says one thing everywhere: crate, binary, test, row of the README, recipe of the justfile.

use super::finding::{Finding, assert_none, line_of, places};
use super::folder::{Folder, extension};
use super::layers::TOOLS;
use super::packages::Package;

/// Where `just` finds recipes.
const RECIPES: [&str; 2] = ["justfile", "crates/sections.just"];

/// The crates that are published on their own.
const PUBLISHED: [&str; 2] = ["killproof", "crashcheck"];

#[test]
fn a_name_says_one_thing_everywhere() {
    assert_none(other_names(&Folder::of_the_workspace(), &Package::all()));
}

#[test]
fn every_test_file_has_exactly_one_owner() {
    assert_none(without_one_owner(&Folder::of_the_workspace(), &Package::all()));
}

#[test]
fn every_manifest_has_a_licence_a_description_and_the_workspaces_keys() {
    assert_none(incomplete_manifests(&Folder::of_the_workspace(), &Package::all()));
}

#[test]
fn every_crate_that_is_no_section_has_a_readme() {
    assert_none(without_readme(&Folder::of_the_workspace(), &Package::all()));
}

fn other_names(folder: &Folder, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| package.home.starts_with("crates/")) {
        let (name, manifest) = (&package.name, package.manifest());
        let is_tool = TOOLS.contains(&name.as_str());
        let mut missing = |is_there: bool, path: &str, advice: String| {
            if !is_there {
                findings.push(Finding::new(path, 1, advice));
            }
        };
        missing(package.home == format!("crates/{name}"), &manifest, format!("name the folder crates/{name}"));
        for (test, path) in package.tests.iter().filter(|(_, path)| path.starts_with("tests/")) {
            missing(*path == format!("tests/{test}.rs"), &manifest, format!("name the test {test} as its file {path}"));
        }
        if package.is_section || is_tool {
            let is_there = package.binaries == [name.clone()];
            missing(is_there, &manifest, format!("one binary, and it is called {name}"));
            let is_there = package.tests.iter().any(|(test, _)| test == name);
            missing(is_there, &manifest, format!("add a [[test]] {name} with path ../../tests/{name}.rs"));
            let call = if is_tool { format!("`just {name}`") } else { format!("cargo run -p {name}") };
            missing(has_word(folder, "README.md", &call), "README.md", format!("add a row that says {call}"));
            let recipe = format!("\n{name} *args:\n");
            let has_recipe = |path: &&str| folder.text(path).is_some_and(|text| text.contains(&recipe));
            let is_there = RECIPES.iter().any(has_recipe);
            missing(is_there, "justfile", format!("add the recipe `{name} *args`"));
        } else {
            let row = format!("`{name}`");
            missing(has_word(folder, "crates/README.md", &row), "crates/README.md", format!("add a row for {row}"));
        }
    }
    findings
}

/// Whether a file has these words, and not only as the beginning of longer ones.
fn has_word(folder: &Folder, path: &str, word: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_');
    folder.text(path).is_some_and(|text| text.match_indices(word).any(|(at, _)| ends(&text[at + word.len()..])))
}

fn without_one_owner(folder: &Folder, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_test = |path: &&str| extension(path) == "rs" && path.matches('/').count() == 1;
    for path in folder.below("tests").map(|(path, _)| path).filter(is_test) {
        let owners = packages.iter().flat_map(|package| &package.tests).filter(|(_, test)| test == path).count();
        if owners != 1 {
            let advice = format!("{owners} manifests name this test: exactly one must, or it never runs, or twice");
            findings.push(Finding::new(path, 1, advice));
        }
    }
    findings
}

fn incomplete_manifests(folder: &Folder, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let path = package.manifest();
        let text = folder.text(&path).unwrap_or_default();
        let mut missing = |is_there: bool, advice: &str| {
            if !is_there {
                findings.push(Finding::new(&path, line_of(text, "[package]"), advice));
            }
        };
        missing(package.has_license && text.contains("\nlicense.workspace = true\n"), "add license.workspace = true");
        missing(package.has_description, "add a description of one line");
        for key in ["version", "edition", "rust-version"] {
            let advice = format!("add {key}.workspace = true");
            missing(text.contains(&format!("\n{key}.workspace = true\n")), &advice);
        }
        if !PUBLISHED.contains(&package.name.as_str()) {
            missing(text.contains("\npublish.workspace = true\n"), "add publish.workspace = true");
        }
        missing(text.contains("\n[lints]\nworkspace = true"), "add [lints] workspace = true");
    }
    findings
}

fn without_readme(folder: &Folder, packages: &[Package]) -> Vec<Finding> {
    let inside = packages.iter().filter(|package| package.home.starts_with("crates/") && !package.is_section);
    let missing = inside.filter(|package| !folder.has(&format!("{}/README.md", package.home)));
    let advice = "add a README.md: what the crate is, what uses it, its invariants, an example that is compiled";
    missing.map(|package| Finding::new(&package.manifest(), 1, advice)).collect()
}

/// A made-up section `race`, all of whose names agree.
fn race() -> (Package, Vec<(&'static str, &'static str)>) {
    let package = Package {
        name: "race".to_owned(),
        home: "crates/race".to_owned(),
        is_section: true,
        has_description: true,
        has_license: true,
        binaries: vec!["race".to_owned()],
        tests: vec![("race".to_owned(), "tests/race.rs".to_owned())],
        ..Package::default()
    };
    let manifest = "[package]\nname = \"race\"\nlicense.workspace = true\nversion.workspace = true\n\
        edition.workspace = true\nrust-version.workspace = true\npublish.workspace = true\n\n[lints]\nworkspace = true\n";
    let readme = "| `cargo run -p race` | races |";
    let files = vec![
        ("crates/race/Cargo.toml", manifest),
        ("README.md", readme),
        ("justfile", "\nrace *args:\n"),
        ("tests/race.rs", ""),
        ("tests/race/more.rs", ""),
    ];
    (package, files)
}

#[test]
fn a_name_that_differs_is_found() {
    let (package, files) = race();
    let found = |package, files: &[(&str, &str)]| places(&other_names(&Folder::of(files.iter().copied()), &[package]));
    assert_eq!(found(package, &files), [""; 0]);
    assert_eq!(found(Package { binaries: vec!["racer".to_owned()], ..race().0 }, &files), ["crates/race/Cargo.toml:1"]);
    assert_eq!(found(Package { home: "crates/rac".to_owned(), ..race().0 }, &files), ["crates/rac/Cargo.toml:1"]);
    assert_eq!(found(Package { tests: vec![], ..race().0 }, &files), ["crates/race/Cargo.toml:1"]);
    let with =
        |path, text| files.iter().copied().filter(|(of, _)| *of != path).chain([(path, text)]).collect::<Vec<_>>();
    assert_eq!(found(race().0, &with("README.md", "cargo run -p race-slow")), ["README.md:1"]);
    assert_eq!(found(race().0, &with("justfile", "\nraces *args:\n")), ["justfile:1"]);
}

#[test]
fn a_test_file_without_one_owner_is_found() {
    let (package, files) = race();
    let folder = Folder::of(files);
    assert_eq!(places(&without_one_owner(&folder, &[])), ["tests/race.rs:1"]);
    assert_eq!(places(&without_one_owner(&folder, &[race().0, race().0])), ["tests/race.rs:1"]);
    assert_eq!(places(&without_one_owner(&folder, &[package])), [""; 0]);
}

#[test]
fn an_incomplete_manifest_is_found() {
    let (package, files) = race();
    let complete = Folder::of(files.iter().copied());
    assert_eq!(places(&incomplete_manifests(&complete, &[package])), [""; 0]);
    for key in ["\nlicense.workspace", "\nversion.workspace", "\npublish.workspace", "\n[lints]"] {
        let manifest = files[0].1.replace(key, "\nx");
        let folder = Folder::of([(files[0].0, manifest.as_str())]);
        assert_eq!(places(&incomplete_manifests(&folder, &[race().0])), ["crates/race/Cargo.toml:1"], "{key}");
    }
    let package = Package { has_description: false, ..race().0 };
    assert_eq!(places(&incomplete_manifests(&complete, &[package])), ["crates/race/Cargo.toml:1"]);
}

#[test]
fn a_library_without_a_readme_is_found() {
    let library = || Package { is_section: false, ..race().0 };
    let readme = |path| places(&without_readme(&Folder::of([(path, "")]), &[library(), race().0]));
    assert_eq!(readme("README.md"), ["crates/race/Cargo.toml:1"]);
    assert_eq!(readme("crates/race/README.md"), [""; 0]);
}
