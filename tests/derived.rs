//! What is derived from the sections' manifests and has to be in files of its own, because neither
//! `just` nor cargo can derive it: the recipe of each section, and the tour's dependency on it.
//!
//! `just sections` writes both.

use std::fs;
use std::process::Command;

use support::{Section, sections, workspace};

/// A list of recipes, which the justfile imports.
const RECIPES: &str = "crates/sections.just";

/// Whether this run writes what another one would complain about.
fn writes() -> bool {
    std::env::var_os("WRITE_DERIVED").is_some()
}

#[test]
fn every_section_has_its_recipe() {
    let path = workspace().join(RECIPES);
    let wanted = recipes(&sections());
    if writes() {
        fs::write(&path, &wanted).expect("the file can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "{RECIPES} is not what the manifests say; `just sections` writes it");
}

#[test]
fn the_tour_is_linked_with_every_section() {
    for Section { name, .. } in sections() {
        if writes() && !dependencies_of_the_tour().contains(&name) {
            let path = format!("crates/{name}");
            cargo(&["add", "--quiet", "--offline", "--package", "tour", "--path", &path]);
        }
        let linked = dependencies_of_the_tour();
        assert!(linked.contains(&name), "the tour does not depend on {name}: {linked:?}; `just sections` adds it");
    }
}

fn recipes(sections: &[Section]) -> String {
    let head = "# The recipe of each section, as its manifest says. `just sections` writes this file.\n";
    let recipe = |section: &Section| {
        let Section { name, description, .. } = section;
        let chapters = section.chapters();
        let notes = if chapters.is_empty() { String::new() } else { format!(" (notes {chapters})") };
        let about = description.trim_end_matches('.');
        format!("\n# {about}{notes}\n[group('sections')]\n{name} *args:\n    cargo run -q -p {name} -- \"$@\"\n")
    };
    head.to_owned() + &sections.iter().map(recipe).collect::<String>()
}

fn dependencies_of_the_tour() -> Vec<String> {
    let printed = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata: support::serde_json::Value = support::serde_json::from_str(&printed).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let tour = packages.iter().find(|package| package["name"] == "tour").expect("the tour");
    let dependencies = tour["dependencies"].as_array().expect("dependencies");
    dependencies.iter().filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(workspace()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}
