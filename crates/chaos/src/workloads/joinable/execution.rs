//! A consumer that executes another program while it holds items: they go to another consumer, although its process
//! lives on.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

use common::procfs::{self, Status};
use common::{Error, interrupt};

use super::JoinableWorkload;
use crate::roles::Role;
use crate::tally::Tally;
use crate::traffic::MOMENT;
use crate::words;
use crate::workers::{DEADLINE, WorkerPool};

/// It lives until it is killed.
const PROGRAM: [&str; 2] = ["sleep", "infinity"];

/// Replaces this process's program, if the system does.
pub(super) fn execute() -> Error {
    let [program, argument] = PROGRAM;
    Error::refused("execute", program, Command::new(program).arg(argument).exec())
}

/// Whether a process runs that program.
pub(super) fn is_executed(status: &Status) -> bool {
    status.name == PROGRAM[0]
}

impl JoinableWorkload<'_> {
    /// Has a consumer execute, waits until it holds nothing any more, and kills it.
    pub(super) fn execute_in_one(&self, workers: &mut WorkerPool, tally: &mut Tally) -> Result<(), Error> {
        let Some(life) = workers.order_execution(Role::Consumer) else { return Ok(()) };
        let began = Instant::now();
        let executes = || Ok::<bool, Error>(procfs::status(life.pid)?.is_some_and(|status| is_executed(&status)));
        let holds = || self.queue.leases().iter().any(|lease| lease.pid == life.pid);
        // It may die of an item before, and its replacement has no such order.
        while workers.is(life) && (!executes()? || holds()) {
            if workers.has_one_ended() {
                // The round is at its end, and waits for all workers: for this one in vain, once it has executed.
                return workers.kill_one(life.number);
            }
            if began.elapsed() > DEADLINE {
                return Err(workers.stalled(words::executed_to_hold_nothing(), began));
            }
            interrupt::sleep(MOMENT)?;
            workers.reap_and_replace()?;
        }
        tally.executed += u64::from(workers.is(life));
        workers.kill_one(life.number)
    }
}
