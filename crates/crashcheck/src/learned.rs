//! What an exploration knows from its executions so far.

use std::collections::HashMap;
use std::panic::Location as Line;
use std::rc::Rc;

use crate::memory::{Lines, Name};
use crate::visited::Visited;

/// What an exploration has learned.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// The states that were seen, if the exploration remembers them.
    pub(crate) visited: Option<Visited>,
    /// Accesses that another actor's access can come before: of each location the lines. All others are taken for
    /// ones that nothing can come before, until an execution shows that it can. `None`: none is taken for that.
    pub(crate) contended: Option<HashMap<Name, Lines>>,
    /// There are plain cells, so it matters what happened before what.
    pub(crate) has_cells: bool,
    /// There are sequentially consistent accesses, so it matters what happened before what.
    pub(crate) has_strong_accesses: bool,
    /// The execution that runs was made for less than it turned out to need.
    pub(crate) is_surprised: bool,
    /// How many accesses that were taken for uncontended ones are not: what was left out must be tried.
    pub(crate) news: u32,
}

impl Learned {
    pub(crate) fn remembers(&self) -> bool {
        self.visited.is_some()
    }

    /// Whether a state has to say what happened before what.
    pub(crate) fn needs_order(&self) -> bool {
        self.has_cells || self.has_strong_accesses
    }

    /// The exploration begins again, with what is known by now.
    pub(crate) fn begin_again(&mut self) {
        self.visited = self.visited.take().map(|_| Visited::default());
        self.is_surprised = false;
        self.news = 0;
    }

    pub(crate) fn contended_lines(&self, name: Name) -> Option<Lines> {
        self.contended.as_ref()?.get(&name).cloned()
    }

    pub(crate) fn is_contended(&mut self, name: Name, line: &'static Line<'static>) {
        if let Some(contended) = &mut self.contended {
            let lines = Rc::make_mut(contended.entry(name).or_default());
            if !lines.iter().any(|known| std::ptr::eq(*known, line)) {
                lines.push(line);
                self.news += 1;
            }
        }
    }
}
