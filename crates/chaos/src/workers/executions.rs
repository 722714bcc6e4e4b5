//! Workers that execute another program, and workers that are known by number and process.

use common::Error;
use common::process::Child;

use super::WorkerPool;
use crate::plan::Victim;
use crate::roles::Role;

impl WorkerPool<'_> {
    /// Orders the first worker of a role to execute another program. Its number and process id.
    pub(crate) fn order_execution(&self, role: Role) -> Option<(usize, i32)> {
        let number = self.find(Victim { role, index: 0 })?;
        let pid = self.workers[number].child.as_ref().map(Child::pid)?;
        self.slots.slot(number).shall_execute();
        Some((number, pid))
    }

    /// Whether this process is the worker of this number.
    pub(crate) fn is(&self, number: usize, pid: i32) -> bool {
        self.workers[number].child.as_ref().is_some_and(|child| child.pid() == pid)
    }

    /// Kills a worker from outside, and waits for its death.
    pub(crate) fn kill_one(&mut self, number: usize) -> Result<(), Error> {
        self.kill_workers(vec![number])
    }
}
