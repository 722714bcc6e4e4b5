//! Workers that execute another program, and the difference between a worker and its replacement.

use common::Error;

use super::{Life, Worker, WorkerPool};
use crate::plan::Victim;
use crate::roles::Role;

impl WorkerPool<'_> {
    /// Orders the first worker of a role to execute another program.
    pub(crate) fn order_execution(&self, role: Role) -> Option<Life> {
        let life = self.life(self.find(Victim { role, index: 0 })?)?;
        self.slots.slot(life.number).shall_execute();
        Some(life)
    }

    /// The worker that has this number now; `None` if it has ended.
    pub(super) fn life(&self, number: usize) -> Option<Life> {
        let Worker { child, start, .. } = &self.workers[number];
        child.as_ref().map(|child| Life { number, pid: child.pid(), start: *start })
    }

    /// Whether this worker lives: it is not replaced.
    pub(crate) fn is(&self, life: Life) -> bool {
        self.life(life.number) == Some(life)
    }

    /// Kills a worker from outside, and waits for its death.
    pub(crate) fn kill_one(&mut self, number: usize) -> Result<(), Error> {
        self.kill_workers(vec![number])
    }
}
