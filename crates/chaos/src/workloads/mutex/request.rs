//! A request to end that reaches a process while it waits for the lock of a stopped holder.

use std::time::Duration;

use common::mutex::LockError;
use common::process::{Exit, Process};
use common::sync::Event;
use common::{Error, interrupt};

use super::MutexWorkload;
use crate::workers::{DEADLINE, bound_to_this_process};

/// How soon the waiter must have ended: sooner than the holder goes on.
const SOON: Duration = Duration::from_secs(1);
/// How it ends if it ended as it was asked to.
const ASKED: u8 = 7;

impl MutexWorkload {
    /// Has a process wait for the lock, and asks it to end. Whether it did.
    pub(super) fn ask_a_waiter_to_end(&self) -> Result<bool, Error> {
        let ready = Event::new()?;
        let wait = || -> Result<u8, Error> {
            interrupt::catch_signals()?;
            ready.set();
            Ok(if matches!(self.mutex.lock(), Err(LockError::Interrupted(_))) { ASKED } else { 0 })
        };
        let mut waiter = bound_to_this_process(Process::new("waiter", wait)).start()?;
        ready.wait(DEADLINE)?;
        waiter.terminate()?;
        Ok(waiter.join_timeout(SOON)? == Some(Exit::Code(ASKED.into())))
    }
}
