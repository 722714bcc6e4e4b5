//! The rules of the house that no compiler checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder of the workspace");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The folders in `crates/` that have a manifest.
fn crates() -> Vec<String> {
    let mut found = names_in("crates");
    found.retain(|name| root().join(format!("crates/{name}/Cargo.toml")).is_file());
    found
}

/// Every Rust file below a folder, with its content.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in names_in(folder) {
        let path = format!("{folder}/{name}");
        if root().join(&path).is_dir() {
            found.extend(sources(&path));
        } else if is_rust(&path) {
            found.push((path.clone(), read(&path)));
        }
    }
    found
}

fn is_rust(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

/// What the sections stand on.
const LIBRARIES: [&str; 5] = ["common", "journal", "killproof", "load", "timeline"];
/// Programs that are no lessons. Unlike a section, a tool may know sections.
const TOOLS: [&str; 3] = ["bench", "chaos", "tour"];

/// A lesson each: every crate that is neither a library nor a tool.
fn sections() -> Vec<String> {
    let is_section = |name: &String| !LIBRARIES.contains(&name.as_str()) && !TOOLS.contains(&name.as_str());
    crates().into_iter().filter(is_section).collect()
}

#[test]
fn every_test_file_has_exactly_one_owner() {
    let mut manifests: Vec<_> = crates().iter().map(|name| read(format!("crates/{name}/Cargo.toml"))).collect();
    manifests.push(read("tests/support/Cargo.toml"));
    for file in names_in("tests").iter().filter(|name| is_rust(name)) {
        let owners = manifests.iter().filter(|manifest| manifest.contains(&format!("/{file}\""))).count();
        assert_eq!(owners, 1, "tests/{file} is compiled by {owners} crates");
    }
}

#[test]
fn a_name_says_one_thing_everywhere() {
    let (readme, justfile) = (read("README.md"), read("justfile") + &read("crates/sections.just"));
    for name in sections() {
        assert!(readme.contains(&format!("cargo run -p {name}")), "{name}'s row in the README");
    }
    for name in TOOLS {
        assert!(readme.contains(&format!("`just {name}`")), "{name}'s row in the README");
    }
    for name in sections().iter().map(String::as_str).chain(TOOLS) {
        let manifest = read(format!("crates/{name}/Cargo.toml"));
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}'s crate");
        assert!(manifest.contains(&format!("path = \"../../tests/{name}.rs\"")), "{name}'s test");
        assert!(justfile.contains(&format!("\n{name} *args:\n")), "{name}'s recipe");
    }
}

#[test]
fn every_manifest_takes_the_workspaces_keys_and_lints() {
    for name in crates() {
        let manifest = read(format!("crates/{name}/Cargo.toml"));
        for key in ["version", "edition", "rust-version", "license"] {
            assert!(manifest.contains(&format!("{key}.workspace = true")), "{name}: {key}");
        }
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}: lints");
    }
}

#[test]
fn sections_know_common_and_nothing_of_each_other() {
    for name in sections() {
        let manifest = read(format!("crates/{name}/Cargo.toml"));
        let dependencies = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
        for other in sections().iter().map(String::as_str).chain(TOOLS) {
            let knows =
                dependencies.is_some_and(|list| list.lines().any(|line| line.starts_with(&format!("{other}."))));
            assert!(!knows, "{name} knows {other}");
        }
    }
}

#[test]
fn the_libraries_know_no_section_and_no_tool() {
    for library in LIBRARIES {
        let manifest = read(format!("crates/{library}/Cargo.toml"));
        for other in sections().iter().map(String::as_str).chain(TOOLS) {
            assert!(!manifest.contains(&format!("\n{other}.")), "{library} knows {other}");
        }
    }
}

#[test]
fn unsafe_code_stands_in_sys_only() {
    for (path, text) in sources("crates") {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = code
            .filter(|line| {
                line.contains("unsafe {")
                    || line.contains("unsafe fn")
                    || line.contains("unsafe impl")
                    || line.contains("unsafe{")
            })
            .count();
        let is_sys = path == "crates/killproof/src/sys.rs" || path.starts_with("crates/killproof/src/sys/");
        assert!(is_sys || found == 0, "{path} has unsafe code");
    }
}

#[test]
fn tests_neither_sleep_nor_look_away() {
    for (path, text) in sources("tests") {
        for word in [concat!("thread::", "sleep"), concat!("#[", "ignore"), concat!("should_", "panic")] {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn only_the_fixed_names_stand_at_the_top() {
    let tracked = Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Some(tracked) = tracked.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: not a git checkout");
        return;
    };
    let fixed = ["Cargo.toml", "Cargo.lock", "justfile", "README.md", "crates", "data", "tests"];
    for path in String::from_utf8_lossy(&tracked.stdout).lines() {
        let top = path.split('/').next().unwrap_or_default();
        assert!(top.starts_with('.') || fixed.contains(&top), "{path}");
    }
    assert!(!String::from_utf8_lossy(&tracked.stdout).contains("tickets.json\n"), "the state is not tracked");
}
