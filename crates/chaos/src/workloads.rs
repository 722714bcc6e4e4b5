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

use crate::hidden_proc::HiddenProc;
use crate::ledger::Ledger;
use crate::plan::Round;
use crate::roles::Workload;
use crate::slots::Slots;
use crate::tally::Tally;

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
