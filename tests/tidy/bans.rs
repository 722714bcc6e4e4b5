//! Paths that some code may not name, however it imports them.

use super::finding::Finding;
use super::folder::Folder;
use super::modules::{Module, Modules, Target};
use super::source::{Mention, Role};

/// What may not be named.
#[derive(Clone, Copy)]
pub(crate) enum Banned {
    /// Something outside of the crate, with all that is below it: `std::sync::atomic`. `core` counts as `std`.
    Outside(&'static str),
    /// A module of the crate, with all that is below it.
    Module(&'static str),
    Macro(&'static str),
    /// A method that is called without an argument.
    Method(&'static str),
}

/// A place in the code that names something banned.
pub(crate) struct Breach {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) written: String,
    /// What to name instead.
    pub(crate) instead: &'static str,
    /// The method that is called directly on the result: `flush` of `io::stdout().flush()`.
    pub(crate) method: Option<String>,
}

/// Every breach in the modules of the crate below `root` that are `in_scope`.
///
/// What is outside of the crate is found behind any re-export but those of the module `primitive`, which are there to
/// be used. A module of the crate is found where a path leads into it by name.
pub(crate) fn breaches(
    folder: &Folder,
    root: &str,
    in_scope: &dyn Fn(&Module) -> bool,
    rules: &[(Banned, &'static str)],
) -> Result<Vec<Breach>, Finding> {
    let modules = Modules::read(folder, root).map_err(|error| Finding::new(root, 1, error))?;
    let mut breaches = Vec::new();
    for (at, module) in modules.iter().filter(|(_, module)| in_scope(module)) {
        for mention in &module.mentions {
            let named = modules.targets(at, mention, &|above| modules.is_same_or_above(above, at));
            let behind = modules.targets(at, mention, &|other| !modules.is_in(other, "primitive"));
            let covers = |banned: Banned| {
                let targets = if matches!(banned, Banned::Module(_)) { &named } else { &behind };
                targets.iter().any(|target| banned.covers(&modules, mention, target))
            };
            let broken = rules.iter().find(|(banned, _)| covers(*banned));
            breaches.extend(broken.map(|(_, instead)| Breach::new(module, mention, instead)));
        }
    }
    Ok(breaches)
}

impl Banned {
    fn covers(self, modules: &Modules, mention: &Mention, target: &Target) -> bool {
        match (self, target) {
            (Self::Method(name), _) => mention.role == Role::Method && mention.segments[0] == name,
            _ if mention.role == Role::Method => false,
            (Self::Macro(name), Target::Outside(path)) => {
                mention.role == Role::Macro && path.last().is_some_and(|last| last == name)
            }
            (Self::Outside(banned), Target::Outside(path)) => {
                let path = path.iter().map(|segment| if segment == "core" { "std" } else { segment });
                path.take(banned.split("::").count()).eq(banned.split("::"))
            }
            (Self::Module(name), Target::Item(at) | Target::Module(at)) => modules.is_in(*at, name),
            _ => false,
        }
    }
}

impl Breach {
    fn new(module: &Module, mention: &Mention, instead: &'static str) -> Self {
        let method = match &mention.role {
            Role::Receiver { method } => Some(method.clone()),
            _ => None,
        };
        let written = mention.segments.join("::");
        Self { path: module.file.clone(), line: mention.line, written, instead, method }
    }
}
