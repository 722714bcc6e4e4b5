//! Every row of the table, in its order.
//!
//! Fairness before a good figure: both sides do the same, through the same capacity, and begin when
//! all their processes are ready. What arrives is counted or summed up, and a wrong sum is an error.

mod blocked;
mod joinable;
mod journal;
mod mutex;
mod process;
mod queue;
mod tcp;
mod tickets;

use crate::case::Case;

/// How many items a queue holds, ours and the peers'.
const CAPACITY: usize = 1024;

/// All rows.
pub(crate) fn all() -> Vec<Case> {
    let primitives = [process::rows(), mutex::rows(), queue::rows(), joinable::rows()];
    let groups = primitives.into_iter().chain([tickets::rows(), blocked::rows(), journal::rows(), tcp::rows()]);
    groups.flatten().collect()
}
