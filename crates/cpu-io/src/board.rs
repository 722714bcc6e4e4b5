//! Counters that the tasks of one measurement write and main reads, whether the tasks are threads or processes.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::AcqRel, Ordering::Acquire, Ordering::Release};

use common::journal::scaffold;
use common::pace::PATIENCE;
use common::shared::Shared;
use common::sync::Event;
use common::{Error, interrupt};

use crate::words;

/// Counters and a gate, in memory that main shares with its threads and its processes.
pub(crate) struct Board {
    /// Tasks that ended with the right result.
    right: Shared<AtomicU32>,
    /// Tasks that have begun and not ended.
    in_flight: Shared<AtomicU32>,
    /// The most tasks that were in flight at once.
    peak: Shared<AtomicU32>,
    /// A task could not be started, so the others need not work.
    given_up: Shared<AtomicBool>,
    gate: Event,
}

impl Board {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            right: Shared::new(AtomicU32::new(0))?,
            in_flight: Shared::new(AtomicU32::new(0))?,
            peak: Shared::new(AtomicU32::new(0))?,
            given_up: Shared::new(AtomicBool::new(false))?,
            gate: scaffold(Event::new)?,
        })
    }

    /// Counts one task. `work` gets the number of tasks in flight, and returns whether its result is right.
    pub(crate) fn task(&self, work: impl FnOnce(u32) -> Result<bool, Error>) -> Result<(), Error> {
        let in_flight = self.in_flight.fetch_add(1, AcqRel) + 1;
        self.peak.fetch_max(in_flight, AcqRel);
        let right = work(in_flight)?;
        self.in_flight.fetch_sub(1, AcqRel);
        self.right.fetch_add(right.into(), AcqRel);
        Ok(())
    }

    pub(crate) fn right(&self) -> u32 {
        self.right.load(Acquire)
    }

    pub(crate) fn peak(&self) -> u32 {
        self.peak.load(Acquire)
    }

    /// Releases the tasks that wait in [`Board::wait`].
    pub(crate) fn open(&self) {
        self.gate.set();
    }

    pub(crate) fn wait(&self) -> Result<(), Error> {
        self.gate.wait(PATIENCE)?;
        self.go_on()
    }

    /// Ends every task, because one of them could not be started.
    pub(crate) fn give_up(&self) {
        self.given_up.store(true, Release);
        self.open();
    }

    /// An error if a task need not go on.
    pub(crate) fn go_on(&self) -> Result<(), Error> {
        if self.given_up.load(Acquire) {
            return Err(Error::unusable("go on", words::another_task_not_started()));
        }
        Ok(interrupt::check()?)
    }
}
