//! The modules of one crate, and which of them a path leads to.

use std::collections::BTreeMap;

use super::folder::Folder;
use super::source::{Mention, Role, Scope, Source};

/// A crate's modules; the first one is its root.
pub(crate) struct Modules(Vec<Module>);

#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The names from the crate's root to this module.
    pub(crate) path: Vec<String>,
    /// The source file.
    pub(crate) file: String,
    is_inline: bool,
    parent: usize,
    children: BTreeMap<String, usize>,
    items: Vec<String>,
    macros: Vec<String>,
    /// Names that `use` brings in, with what they name.
    imports: Vec<(String, Vec<String>)>,
    globs: Vec<Vec<String>>,
    pub(crate) mentions: Vec<Mention>,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// To an item of a module, or to a module itself.
    Item(usize),
    Module(usize),
    /// Out of the crate: `std::io::stdout`.
    Outside(Vec<String>),
}

/// A longer chain of re-exports is taken for a circle of them.
const MOST_RE_EXPORTS: usize = 8;

impl Modules {
    /// Reads the crate whose root is the file `root`. Errors name the file.
    pub(crate) fn read(folder: &Folder, root: &str) -> Result<Self, String> {
        let mut modules = Self(vec![Module { file: root.to_owned(), ..Module::default() }]);
        let home = root.rsplit_once('/').map_or("", |(home, _)| home);
        modules.read_file(folder, 0, home)?;
        Ok(modules)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Module)> {
        self.0.iter().enumerate()
    }

    /// The module itself if it is a file, else the one in whose file it is.
    pub(crate) fn file_module(&self, mut module: usize) -> &Module {
        while self.0[module].is_inline {
            module = self.0[module].parent;
        }
        &self.0[module]
    }

    /// Whether a module is the crate's module `top`, or below it.
    pub(crate) fn is_in(&self, module: usize, top: &str) -> bool {
        self.0[module].path.first().is_some_and(|first| first == top)
    }

    pub(crate) fn is_same_or_above(&self, above: usize, below: usize) -> bool {
        self.0[below].path.starts_with(&self.0[above].path)
    }

    /// Where the path of a mention in module `from` leads.
    ///
    /// A re-exported name counts as an item of the module that re-exports it, unless that module `is_followed`. The
    /// module `from` must be followed.
    pub(crate) fn targets(&self, from: usize, mention: &Mention, is_followed: &dyn Fn(usize) -> bool) -> Vec<Target> {
        let mut targets = self.resolve(from, &mention.segments, is_followed, 0);
        if mention.role == Role::Macro && mention.segments.len() == 1 && targets.iter().all(is_outside) {
            // The name of a `macro_rules!` is known below its definition, without any `use`.
            let name = &mention.segments[0];
            let defining = self.iter().filter(|(_, module)| module.macros.contains(name));
            targets.extend(defining.map(|(at, _)| Target::Item(at)));
        }
        targets
    }

    fn resolve(&self, from: usize, path: &[String], is_followed: &dyn Fn(usize) -> bool, depth: usize) -> Vec<Target> {
        let Some(first) = path.first() else { return vec![Target::Module(from)] };
        match first.as_str() {
            "::" => vec![Target::Outside(path[1..].to_vec())],
            "crate" => self.walk(0, &path[1..], is_followed, depth),
            "self" => self.walk(from, &path[1..], is_followed, depth),
            "super" => self.walk(self.0[from].parent, &path[1..], is_followed, depth),
            name if self.is_the_crates_own(name) => self.walk(0, &path[1..], is_followed, depth),
            _ => {
                let mut found = self.named(from, path, is_followed, depth);
                if found.iter().all(is_outside) {
                    found.push(Target::Outside(path.to_vec()));
                }
                found
            }
        }
    }

    /// Whether the root says `extern crate self as name`, which every module then knows.
    fn is_the_crates_own(&self, name: &str) -> bool {
        self.0[0].imports.iter().any(|(alias, target)| alias == name && target == &["crate"])
    }

    /// Goes down from module `at`. A name that nothing declares there comes from a macro of that module.
    fn walk(&self, at: usize, path: &[String], is_followed: &dyn Fn(usize) -> bool, depth: usize) -> Vec<Target> {
        match path.first().map(String::as_str) {
            None => vec![Target::Module(at)],
            Some("super") => self.walk(self.0[at].parent, &path[1..], is_followed, depth),
            Some(_) => {
                let found = self.named(at, path, is_followed, depth);
                if found.is_empty() { vec![Target::Item(at)] } else { found }
            }
        }
    }

    /// Where a path leads whose first name module `at` declares or imports. Empty, if it does neither.
    fn named(&self, at: usize, path: &[String], is_followed: &dyn Fn(usize) -> bool, depth: usize) -> Vec<Target> {
        let (module, name) = (&self.0[at], &path[0]);
        if let Some(child) = module.children.get(name) {
            return self.walk(*child, &path[1..], is_followed, depth);
        }
        if module.items.contains(name) || module.macros.contains(name) {
            return vec![Target::Item(at)];
        }
        let imported: Vec<_> = module.imports.iter().filter(|(alias, _)| alias == name).collect();
        if depth == MOST_RE_EXPORTS {
            return vec![];
        }
        if !imported.is_empty() && !is_followed(at) {
            return vec![Target::Item(at)];
        }
        let through = |prefix: &[String]| self.resolve(at, &[prefix, &path[1..]].concat(), is_followed, depth + 1);
        if !imported.is_empty() {
            return imported.iter().flat_map(|(_, target)| through(target)).collect();
        }
        if is_followed(at) { self.through_globs(at, path, is_followed, depth + 1) } else { vec![] }
    }

    fn through_globs(
        &self,
        at: usize,
        path: &[String],
        is_followed: &dyn Fn(usize) -> bool,
        depth: usize,
    ) -> Vec<Target> {
        let mut found = Vec::new();
        for target in self.0[at].globs.iter().flat_map(|glob| self.resolve(at, glob, is_followed, depth)) {
            match target {
                Target::Module(inside) if inside != at => found.extend(self.named(inside, path, is_followed, depth)),
                Target::Outside(prefix) => found.push(Target::Outside([prefix.as_slice(), path].concat())),
                _ => {}
            }
        }
        found
    }

    fn read_file(&mut self, folder: &Folder, module: usize, home: &str) -> Result<(), String> {
        let file = self.0[module].file.clone();
        let text = folder.text(&file).ok_or_else(|| format!("the file {file} of a module is missing"))?;
        let source = Source::read(text).map_err(|error| format!("{file}: {error}"))?;
        let mut files_below = Vec::new();
        for declared in &source.modules {
            let parent = self.inside(module, &declared.scope);
            let child = self.add(parent, &declared.name, declared.is_inline);
            if !declared.is_inline {
                files_below.push((child, declared));
            }
        }
        self.take_names(module, &source);
        for (child, declared) in files_below {
            let home = [&[home.to_owned()], declared.scope.as_slice()].concat().join("/");
            let home_of_it = format!("{home}/{}", declared.name);
            let with_mod = format!("{home_of_it}/mod.rs");
            self.0[child].file = match &declared.path {
                Some(path) => format!("{}/{path}", file.rsplit_once('/').map_or("", |(folder, _)| folder)),
                None if folder.has(&with_mod) => with_mod,
                None => format!("{home_of_it}.rs"),
            };
            self.read_file(folder, child, &home_of_it)?;
        }
        Ok(())
    }

    /// What the module and those within its file declare, import and mention.
    fn take_names(&mut self, module: usize, source: &Source) {
        for (scope, name) in &source.items {
            let at = self.inside(module, scope);
            self.0[at].items.push(name.clone());
        }
        for definition in &source.macros {
            let at = self.inside(module, &definition.scope);
            let name = definition.name.clone();
            if definition.is_exported {
                let root = ["crate".to_owned()];
                let path = root.iter().chain(&self.0[at].path).chain([&name]).cloned().collect();
                self.0[0].imports.push((name.clone(), path));
            }
            self.0[at].macros.push(name);
        }
        for mention in &source.mentions {
            let at = self.inside(module, &mention.scope);
            match &mention.role {
                Role::Import { alias } => self.0[at].imports.push((alias.clone(), mention.segments.clone())),
                Role::Glob => self.0[at].globs.push(mention.segments.clone()),
                _ => {}
            }
            self.0[at].mentions.push(mention.clone());
        }
    }

    /// The module of an inline scope in a module's file.
    fn inside(&self, module: usize, scope: &Scope) -> usize {
        scope.iter().fold(module, |at, name| self.0[at].children[name])
    }

    fn add(&mut self, parent: usize, name: &str, is_inline: bool) -> usize {
        let path = [self.0[parent].path.as_slice(), &[name.to_owned()]].concat();
        let child = Module { path, file: self.0[parent].file.clone(), is_inline, parent, ..Module::default() };
        self.0.push(child);
        let at = self.0.len() - 1;
        self.0[parent].children.insert(name.to_owned(), at);
        at
    }
}

fn is_outside(target: &Target) -> bool {
    matches!(target, Target::Outside(_))
}
