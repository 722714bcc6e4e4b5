//! Which crate may use which: imports go left in the drawing of `crates/README.md`, never right.

use super::finding::{Finding, assert_none, places};
use super::folder::Folder;
use super::packages::{Dependency, Package, cargo};
use super::source::{Role, Source};

/// The libraries, and what each may use of our crates.
pub(crate) const LIBRARIES: [(&str, &[&str]); 7] = [
    ("killproof", &[]),
    ("journal", &["killproof"]),
    ("timeline", &["journal"]),
    ("common", &["killproof", "journal", "timeline"]),
    ("load", &["killproof"]),
    ("crashcheck", &[]),
    ("killproof-postgres", &["killproof"]),
];

/// What every section may use, and in its tests and examples.
const OF_A_SECTION: &[&str] = &["common"];
const OF_A_SECTIONS_TESTS: &[&str] = &["support", "killproof"];

/// What one crate may use beyond its row.
const ALSO: [(&str, &str); 1] = [("tcp-client", "load")];

/// What one crate may use where a feature or a `cfg` asks for it.
const BY_A_FEATURE: [(&str, &str); 3] =
    [("killproof", "crashcheck"), ("ticket-mutex", "killproof-postgres"), ("prod-cons", "killproof-postgres")];

/// Programs that are no lessons. Each may use any crate that is no tool.
pub(crate) const TOOLS: [&str; 3] = ["bench", "chaos", "tour"];

/// What `killproof` promises to do without: command lines, JSON, terminals, locales, random numbers.
const NOT_IN_KILLPROOF: [&str; 14] = [
    "clap",
    "serde_json",
    "anstream",
    "anstyle",
    "console",
    "indicatif",
    "crossterm",
    "termcolor",
    "terminal_size",
    "unicode-width",
    "sys-locale",
    "rand",
    "getrandom",
    "fastrand",
];

#[test]
fn no_crate_uses_one_to_its_right() {
    assert_none(to_the_right(&Folder::of_the_workspace(), &Package::all()));
}

#[test]
fn killproof_needs_no_command_line_json_terminal_locale_or_random_numbers() {
    // Normal dependencies on this system, with the default features alone.
    let tree = ["tree", "-p", "killproof", "-e", "normal", "--locked", "--prefix", "none", "-f", "{p}"];
    assert_none(in_killproof(&cargo(&tree)));
}

#[test]
fn an_example_uses_the_toolkit_alone() {
    assert_none(beyond_the_toolkit(&Folder::of_the_workspace(), &Package::all()));
}

fn to_the_right(folder: &Folder, packages: &[Package]) -> Vec<Finding> {
    let ours: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| package.home.starts_with("crates/")) {
        let Some(may_use) = may_use(package, packages) else {
            let advice = "no layer has this crate: give its manifest a [package.metadata.section], \
                          or add it to LIBRARIES or TOOLS in tests/tidy/layers.rs";
            findings.push(Finding::new(&package.manifest(), 1, advice));
            continue;
        };
        for used in package.dependencies.iter().filter(|used| ours.contains(&used.name.as_str())) {
            if !may_use.allows(package, used) {
                let advice = format!(
                    "{} may use {} of our crates, and not {}: move what it needs to the left",
                    package.name,
                    if may_use.normal.is_empty() { "none".to_owned() } else { may_use.normal.join(", ") },
                    used.name
                );
                findings.push(Finding::new(&package.manifest(), package.line(folder, &used.name), advice));
            }
        }
    }
    findings
}

/// What a crate may use of ours.
struct MayUse<'a> {
    normal: Vec<&'a str>,
    /// What its tests and examples may use beyond that; `None`: anything.
    tests: Option<&'a [&'a str]>,
}

impl MayUse<'_> {
    fn allows(&self, package: &Package, used: &Dependency) -> bool {
        let name = used.name.as_str();
        let by_a_feature = used.is_optional && BY_A_FEATURE.contains(&(package.name.as_str(), name));
        let by_a_test = used.is_for_tests && self.tests.is_none_or(|tests| tests.contains(&name));
        self.normal.contains(&name) || by_a_feature || by_a_test
    }
}

fn may_use<'a>(package: &'a Package, packages: &'a [Package]) -> Option<MayUse<'a>> {
    let name = package.name.as_str();
    if package.is_section {
        let also = ALSO.iter().filter(|(of, _)| *of == name).map(|(_, also)| *also);
        let normal = OF_A_SECTION.iter().copied().chain(also).collect();
        return Some(MayUse { normal, tests: Some(OF_A_SECTIONS_TESTS) });
    }
    if TOOLS.contains(&name) {
        let any = packages.iter().map(|package| package.name.as_str());
        return Some(MayUse {
            normal: any.filter(|other| !TOOLS.contains(other) && *other != "support").collect(),
            tests: None,
        });
    }
    let (_, normal) = LIBRARIES.iter().find(|(library, _)| *library == name)?;
    Some(MayUse { normal: normal.to_vec(), tests: None })
}

/// Where an example names a crate of ours that is not the toolkit.
fn beyond_the_toolkit(folder: &Folder, packages: &[Package]) -> Vec<Finding> {
    let names = packages.iter().map(|package| package.name.replace('-', "_"));
    let ours: Vec<_> = names.filter(|name| name != "killproof").collect();
    let mut findings = Vec::new();
    // The examples of the model checker show it, and no toolkit.
    let is_meant = |path: &str| path.contains("/examples/") && !path.starts_with("crates/crashcheck/");
    for (path, text) in folder.rust_below("crates").filter(|(path, _)| is_meant(path)) {
        let mentions = Source::read(text).map(|source| source.mentions).unwrap_or_default();
        let paths = mentions.iter().filter(|mention| mention.segments.len() > 1 || matches!(mention.role, Role::Glob));
        findings.extend(paths.filter(|mention| ours.contains(&mention.segments[0])).map(|mention| {
            let advice = format!("`{}`: an example shows killproof and std alone", mention.segments.join("::"));
            Finding::new(path, mention.line, advice)
        }));
    }
    findings
}

/// `tree`: a package and its version a line.
fn in_killproof(tree: &str) -> Vec<Finding> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let advice =
        |name| format!("killproof's tree has {name}: `cargo tree -p killproof -e normal -i {name}` says by whom");
    names
        .filter(|name| NOT_IN_KILLPROOF.contains(name))
        .map(|name| Finding::new("crates/killproof/Cargo.toml", 1, advice(name)))
        .collect()
}

/// A made-up crate and the names that it depends on: `dev:name`, `optional:name`, or `name`.
fn made_up(name: &str, dependencies: &[&str]) -> Package {
    let dependency = |written: &&str| {
        let (kind, name) = written.split_once(':').unwrap_or(("", written));
        Dependency { name: name.to_owned(), is_for_tests: kind == "dev", is_optional: kind == "optional" }
    };
    Package {
        name: name.to_owned(),
        home: format!("crates/{name}"),
        dependencies: dependencies.iter().map(dependency).collect(),
        is_section: ["spawn", "race", "tcp-client", "ticket-mutex"].contains(&name),
        ..Package::default()
    }
}

/// The manifests in which an arrow points to the right, among made-up crates.
fn found(crates: &[(&str, &[&str])]) -> Vec<String> {
    let packages: Vec<_> = crates.iter().map(|(name, dependencies)| made_up(name, dependencies)).collect();
    let manifests =
        crates.iter().map(|(name, dependencies)| (format!("crates/{name}/Cargo.toml"), dependencies.join(".\n")));
    let manifests: Vec<_> = manifests.map(|(path, names)| (path, format!("[dependencies]\n{names}."))).collect();
    let folder = Folder::of(manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    places(&to_the_right(&folder, &packages))
}

#[test]
fn arrows_to_the_left_are_no_finding() {
    let crates: &[(&str, &[&str])] = &[
        ("killproof", &["dev:common", "optional:crashcheck", "nix"]),
        ("crashcheck", &[]),
        ("journal", &["killproof"]),
        ("common", &["journal", "killproof", "clap"]),
        ("load", &["killproof"]),
        ("spawn", &["common", "dev:killproof"]),
        ("tcp-client", &["common", "load"]),
        ("killproof-postgres", &["killproof"]),
        ("ticket-mutex", &["common", "optional:killproof-postgres"]),
        ("tour", &["common", "spawn", "load", "killproof"]),
    ];
    assert_eq!(found(crates), [""; 0]);
}

#[test]
fn an_arrow_to_the_right_is_found() {
    assert_eq!(found(&[("killproof", &["nix", "journal"]), ("journal", &[])]), ["crates/killproof/Cargo.toml:3"]);
    assert_eq!(found(&[("common", &["spawn"]), ("spawn", &["common"])]), ["crates/common/Cargo.toml:2"]);
    assert_eq!(found(&[("spawn", &["common", "race"]), ("race", &[]), ("common", &[])]), ["crates/spawn/Cargo.toml:3"]);
    assert_eq!(found(&[("spawn", &["dev:race"]), ("race", &[])]), ["crates/spawn/Cargo.toml:1"]);
    assert_eq!(found(&[("spawn", &["load"]), ("load", &[])]), ["crates/spawn/Cargo.toml:2"]);
    assert_eq!(found(&[("bench", &["chaos"]), ("chaos", &[])]), ["crates/bench/Cargo.toml:2"]);
    assert_eq!(
        found(&[("ticket-mutex", &["killproof-postgres"]), ("killproof-postgres", &[])]),
        ["crates/ticket-mutex/Cargo.toml:2"]
    );
}

#[test]
fn a_crate_without_a_layer_is_found() {
    assert_eq!(found(&[("killproof", &[]), ("semaphore", &[])]), ["crates/semaphore/Cargo.toml:1"]);
}

#[test]
fn a_terminal_crate_in_the_tree_of_killproof_is_found() {
    let findings = in_killproof("killproof v0.1.0 (/here)\nnix v0.31.3\nanstyle v1.0.14\nrandom v1.0.0\n");
    assert_eq!(findings.len(), 1);
    assert!(findings[0].advice.contains("anstyle"));
}

#[test]
fn an_example_with_a_stage_is_found() {
    let text = "use killproof::queue::Queue;\nuse common::stage::Stage;\nfn main() {\n    tcp_client::run(race)\n}";
    let folder = Folder::of([("crates/race/examples/race.rs", text), ("crates/race/src/lib.rs", text)]);
    let packages = ["killproof", "common", "race", "tcp-client"].map(|name| made_up(name, &[]));
    let found = places(&beyond_the_toolkit(&folder, &packages));
    assert_eq!(found, ["crates/race/examples/race.rs:2", "crates/race/examples/race.rs:4"]);
}
