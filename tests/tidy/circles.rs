//! No two modules of a crate import each other.
//!
//! At every level of a crate's module tree the modules there, each with all that is below it, must form no circle of
//! imports. A module and its own parent, or any module above it, may use each other. What a module names through a
//! re-export of a module above it counts as a use of the module that defines it, so `crate::Name` hides no import. So
//! does what the body of an exported macro names, because that body can name public modules alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::finding::{Finding, assert_none};
use super::folder::Folder;
use super::modules::{Modules, Target};
use super::source::{Mention, Role};

/// `module -> module`, below a common parent.
type Edge = (Vec<String>, Vec<String>);
type Edges = BTreeMap<Edge, Vec<Site>>;

#[derive(Debug)]
struct Site {
    file: String,
    line: usize,
    written: String,
    /// The line that brings the module in: `use`, or a path from `crate`, `super` or `self`.
    is_import: bool,
}

#[test]
fn no_two_modules_of_a_crate_import_each_other() {
    assert_none(circles(&Folder::of_the_workspace()));
}

impl Site {
    fn of(file: &str, mention: &Mention) -> Self {
        let is_import = match &mention.role {
            Role::Import { .. } | Role::Glob => true,
            _ => matches!(mention.segments[0].as_str(), "crate" | "super" | "self"),
        };
        Self { file: file.to_owned(), line: mention.line, written: mention.segments.join("::"), is_import }
    }
}

pub(crate) fn circles(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    for root in folder.roots() {
        match Modules::read(folder, &root) {
            Ok(modules) => findings.extend(circles_of(&edges(&modules))),
            Err(error) => findings.push(Finding::new(&root, 1, error)),
        }
    }
    findings
}

fn edges(modules: &Modules) -> Edges {
    let mut edges = Edges::new();
    for (at, module) in modules.iter() {
        let from = modules.file_module(at);
        for mention in module.mentions.iter().filter(|mention| mention.role != Role::Method) {
            let is_followed = |other: usize| mention.role == Role::PublicPath || modules.is_same_or_above(other, at);
            for target in modules.targets(at, mention, &is_followed) {
                let Some(to) = used(modules, mention, &target) else { continue };
                if let Some(edge) = edge(&from.path, to) {
                    edges.entry(edge).or_default().push(Site::of(&from.file, mention));
                }
            }
        }
    }
    edges
}

/// The module of which a mention uses something.
fn used<'a>(modules: &'a Modules, mention: &Mention, target: &Target) -> Option<&'a [String]> {
    match target {
        Target::Item(at) => Some(&modules.file_module(*at).path),
        // Outside `use` a name alone is a value or a type, even if a module bears it, too.
        Target::Module(at)
            if mention.segments.len() > 1 || matches!(mention.role, Role::Import { .. } | Role::Glob) =>
        {
            Some(&modules.file_module(*at).path)
        }
        Target::Module(_) | Target::Outside(_) => None,
    }
}

/// The edge between the two branches, unless one module is above the other.
fn edge(from: &[String], to: &[String]) -> Option<Edge> {
    let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
    let is_above = common == from.len() || common == to.len();
    (!is_above).then(|| (from[..=common].to_vec(), to[..=common].to_vec()))
}

/// Circles without a common module, shortest first, each import in them a finding.
fn circles_of(edges: &Edges) -> Vec<Finding> {
    let starts: BTreeSet<_> = edges.keys().map(|(from, _)| from).collect();
    let mut circles: Vec<_> = starts.into_iter().filter_map(|start| shortest_circle(edges, start)).collect();
    circles.sort_by_key(Vec::len);
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for circle in circles {
        if !circle.iter().any(|module| seen.contains(module)) {
            findings.extend(findings_of(&circle, edges));
            seen.extend(circle);
        }
    }
    findings
}

fn findings_of(circle: &[Vec<String>], edges: &Edges) -> Vec<Finding> {
    let names: Vec<_> = circle.iter().map(|module| module.join("::")).collect();
    let all = format!("{} -> {}", names.join(" -> "), names[0]);
    let mut findings = Vec::new();
    for (index, from) in circle.iter().enumerate() {
        let to = &circle[(index + 1) % circle.len()];
        let sites = &edges[&(from.clone(), to.clone())];
        let has_import = sites.iter().any(|site| site.is_import);
        for site in sites.iter().filter(|site| site.is_import || !has_import) {
            let advice = format!(
                "`{}` is part of the circle {all}: move what both sides need into a module below them, or pass it in",
                site.written
            );
            findings.push(Finding::new(&site.file, site.line, advice));
        }
    }
    findings
}

fn shortest_circle(edges: &Edges, start: &[String]) -> Option<Vec<Vec<String>>> {
    let mut ways: VecDeque<Vec<&Vec<String>>> = VecDeque::new();
    let mut reached = BTreeSet::new();
    let next =
        |module: &[String]| edges.keys().filter(move |(from, _)| from == module).map(|(_, to)| to).collect::<Vec<_>>();
    ways.extend(next(start).into_iter().map(|to| vec![to]));
    while let Some(way) = ways.pop_front() {
        let end = way[way.len() - 1];
        if end == start {
            let rest = way[..way.len() - 1].iter().map(|module| (*module).clone());
            return Some([start.to_vec()].into_iter().chain(rest).collect());
        }
        if reached.insert(end) {
            ways.extend(next(end).into_iter().map(|to| [way.as_slice(), &[to]].concat()));
        }
    }
    None
}
