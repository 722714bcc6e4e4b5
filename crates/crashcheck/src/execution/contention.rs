//! Which accesses another actor's access can come before: no actor need be left before the others.
//!
//! An access is *contended* if another actor can touch its location while its own actor stands before it. Where none
//! can, to leave the actor there differs in nothing from leaving it before the next contended operation, and costs no
//! preemption less: its accesses up to there commute with all that the others do meanwhile. An access is known by
//! its location and its line. Each counts as uncontended until an execution shows that it is not; then the
//! exploration begins again. That is the optimistic reduction of Stoller and Cohen ("Optimistic Synchronization-Based
//! State-Space Reduction", TACAS 2003) with a weaker assumption than theirs, which is that of a lock for each location.
//!
//! What has to be seen: an actor's *run* is what it has done since its last contended operation. If another actor
//! touches what the run touched, one of them to write, then it could have come before that. This depends on where the
//! actors are, not on how they came there, so it goes together with remembering states. While an actor may still die,
//! each store of its is contended, and each load that shows it more: its death before it and its death behind it differ.

use crate::execution::actor::Site;
use crate::execution::{Execution, MAIN, Op, Status};
use crate::memory::Lines;
use crate::view::{ACTORS, ActorId};

/// In which run an actor last touched something, and where. Runs count from 1.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    read: (u32, Option<Site>),
    written: (u32, Option<Site>),
}

/// What the actors touched in their runs.
#[derive(Debug, Default)]
pub(super) struct Marks {
    locations: Vec<[Mark; ACTORS]>,
    /// What was noted for the check is something that all touch.
    noted: [Mark; ACTORS],
}

impl Execution {
    /// Whether the actor can go on with its next operation, and need not be left before it.
    pub(super) fn is_uncontended(&self, id: ActorId) -> bool {
        let actor = &self.actors[id];
        let location = match actor.next {
            _ if self.learned.contended.is_none() => return false,
            Op::Read(location) if !self.is_loose(location) && !self.dies_with_less(id, location) => location,
            Op::Write(location) if self.left.deaths == 0 => location,
            _ => return false,
        };
        let location = self.memory.location(location);
        let is_known = |lines: &Lines| lines.iter().any(|line| std::ptr::eq(*line, actor.line));
        location.name.is_lasting() && !location.contended.as_ref().is_some_and(is_known)
    }

    /// The actor that runs touches a location.
    #[inline]
    pub(super) fn touches(&mut self, location: usize, writes: bool) {
        if self.learned.contended.is_some() && self.current != MAIN && !self.is_settled {
            self.touches_in_run(location, writes);
        }
    }

    fn touches_in_run(&mut self, location: usize, writes: bool) {
        let me = self.current;
        if self.marks.locations.len() <= location {
            self.marks.locations.resize(self.memory.len(), [Mark::default(); ACTORS]);
        }
        if !self.choices.are_given() {
            let marks = self.marks.locations[location];
            self.contends(&marks, writes);
        }
        if !self.is_uncontended(me) {
            self.passes_a_point();
        } else if self.left.preemptions != Some(0) {
            let site = Some(Site { location, line: self.actors[me].line });
            let mark = &mut self.marks.locations[location][me];
            let touched = if writes { &mut mark.written } else { &mut mark.read };
            *touched = (self.actors[me].run, site);
            self.actors[me].last_in_run = site;
        }
    }

    /// The actor that runs touches what others may have touched in their runs.
    fn contends(&mut self, marks: &[Mark; ACTORS], writes: bool) {
        for (other, mark) in marks.iter().enumerate().take(self.actors.len()).skip(1) {
            if other == self.current {
                continue;
            }
            let run = self.actors[other].run;
            for (touched, counts) in [(mark.written, true), (mark.read, writes)] {
                if let (true, (of, Some(site))) = (counts, touched)
                    && of == run
                {
                    self.is_contended(site);
                }
            }
        }
    }

    fn is_contended(&mut self, site: Site) {
        let name = self.memory.location(site.location).name;
        self.learned.is_contended(name, site.line);
    }

    /// The actor that runs does what is always contended: it could have been left before that.
    #[inline]
    pub(super) fn passes_a_point(&mut self) {
        let actor = &mut self.actors[self.current];
        actor.run += 1;
        actor.last_in_run = None;
    }

    /// The actor that runs notes something, or ends: others can see that, and it belongs to its last operation.
    pub(super) fn shows(&mut self, writes_history: bool) {
        let me = self.current;
        if self.learned.contended.is_none() || me == MAIN || self.is_settled {
            return;
        }
        let last = self.actors[me].last_in_run;
        if writes_history && !self.choices.are_given() {
            let marks = self.marks.noted;
            self.contends(&marks, true);
        }
        let Some(site) = last else { return };
        if self.left.deaths > 0 {
            // A death before it leaves another history.
            self.is_contended(site);
        }
        if writes_history {
            self.marks.noted[me].written = (self.actors[me].run, last);
        }
    }

    /// The actor that runs sees that another has ended.
    pub(super) fn sees_end(&mut self, id: ActorId) {
        if let (Status::Ended, Some(site)) = (self.actors[id].status, self.actors[id].last_in_run) {
            self.is_contended(site);
        }
    }
}
