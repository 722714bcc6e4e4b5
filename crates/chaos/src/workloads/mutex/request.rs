//! A request to end that reaches a process while it waits for the lock of a stopped holder.

use std::time::Duration;

use common::actor::Failures;
use common::mutex::LockError;
use common::process::Exit;
use common::sync::Event;
use common::{Error, interrupt, lang};

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
        let failures = Failures::new(lang::spoken())?;
        let mut waiter = bound_to_this_process(failures.process("waiter", wait)).linked().start()?;
        ready.wait(DEADLINE).map_err(|error| failures.explained(error.into()))?;
        waiter.terminate()?;
        match waiter.join_timeout(SOON)? {
            Some(Exit::Code(0)) | None => Ok(false),
            Some(Exit::Code(code)) if code == i32::from(ASKED) => Ok(true),
            Some(exit) => Err(failures.of(waiter.name(), exit)),
        }
    }
}
