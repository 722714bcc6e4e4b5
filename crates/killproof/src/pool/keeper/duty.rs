//! What a keeper is given: its pool, its owner, and the limits.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crate::pool::bell::{Bell, Ringer};
use crate::pool::floor::Floor;
use crate::pool::verdict::Verdict;
use crate::pool::work::Work;
use crate::primitive::liveness::LifeLocks;
use crate::process::RestartLimit;

/// What the keeper has of its pool.
pub(in crate::pool) struct Duty<'a> {
    pub(in crate::pool) floor: &'a Floor,
    pub(in crate::pool) verdict: &'a Verdict,
    pub(in crate::pool) work: &'a dyn Work,
    pub(in crate::pool) bell: &'a Bell,
    pub(in crate::pool) ringer: &'a Ringer,
    pub(in crate::pool) owner: Owner<'a>,
    pub(in crate::pool) limits: Limits,
}

/// By what the keeper knows that the owner is there.
#[derive(Clone, Copy)]
pub(in crate::pool) struct Owner<'a> {
    /// Readable as soon as it has ended.
    pub(in crate::pool) handle: BorrowedFd<'a>,
    pub(in crate::pool) life: &'a LifeLocks,
    /// Where it holds a lock, unless it has ended or has executed another program.
    pub(in crate::pool) place: u32,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::pool) struct Limits {
    /// How many deaths one task may cause.
    pub(in crate::pool) deaths: u32,
    /// How long one may take.
    pub(in crate::pool) timeout: Option<Duration>,
    /// How many a worker runs.
    pub(in crate::pool) max_tasks: u64,
    /// How many workers may die without a task.
    pub(in crate::pool) restarts: RestartLimit,
}
