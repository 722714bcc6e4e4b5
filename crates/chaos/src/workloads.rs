//! What is put under load while its workers are killed, one workload a round.

mod daemons;
mod joinable;
mod log;
mod mutex;
mod queue;
mod sections;
mod tickets;

use std::path::Path;

use common::Error;
use rand::RngExt;

use crate::hidden_proc::HiddenProc;
use crate::ledger::Ledger;
use crate::plan::Round;
use crate::roles::{Role, Workload};
use crate::slots::Slots;
use crate::tally::Tally;
use crate::workers::{Work, WorkerPool};

pub(crate) use sections::{Lengths, run as run_sections};

/// Runs one round, and adds what happened in it to the tally.
pub(crate) fn run(
    round: Round,
    slots: &Slots,
    ledger: &Ledger,
    folder: &Path,
    hidden_proc: &HiddenProc,
    tally: &mut Tally,
) -> Result<(), Error> {
    hidden_proc.set(round.hides_proc());
    match round.workload {
        Workload::Joinable => joinable::run(round, slots, ledger, hidden_proc, tally),
        Workload::Queue => queue::run(round, slots, ledger, hidden_proc, tally),
        Workload::Mutex => mutex::run(round, slots, hidden_proc, tally),
        Workload::Log => log::run(round, slots, ledger, hidden_proc, tally),
        Workload::Tickets => tickets::run(round, slots, folder, tally),
        Workload::Daemons => daemons::run(round, slots, tally),
        Workload::Sections => Ok(()), // they have no slots: see `run_sections`
    }
}

/// Starts the workers of a queue or a log, and does to them what the round plans for its middle.
fn start_and_inject<'a>(
    round: &mut Round,
    slots: &'a Slots,
    hidden_proc: &'a HiddenProc,
    roles: &[(Role, usize)],
    work: Work<'a>,
) -> Result<WorkerPool<'a>, Error> {
    let (seed, is_killed) = (round.random.random(), round.random.random());
    slots.latency.work_begins();
    let mut workers = WorkerPool::start_in(Some(hidden_proc), slots, seed, roles, work)?;
    workers.inject_all(round)?;
    if let Some(stop) = round.long_stop {
        workers.stop_for_long(stop, is_killed, || Ok(()))?;
    }
    Ok(workers)
}
