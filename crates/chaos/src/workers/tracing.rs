//! A debugger that is attached to a worker in the middle of its work, and detaches, or dies.

use std::time::{Duration, Instant};

use common::process::{Child, Exit};
use common::{Error, interrupt, procfs};
use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::{DEADLINE, Life, WorkerPool, bound_to_this_process};
use crate::plan::{DebuggersEnd, Trace};
use crate::words;

/// How long the worker is stopped: much longer than the timeouts of the others.
const HOLD: Duration = Duration::from_millis(5);
/// How soon the worker must go on.
const SOON: Duration = Duration::from_secs(2);
/// How a debugger ends that the system does not let debug, and one whose worker had ended.
const REFUSED: u8 = 7;
const GONE: u8 = 8;

/// What became of the debuggers of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Debuggers {
    /// Debuggers that stopped a worker and detached.
    pub(crate) detached: u64,
    /// Debuggers that died while their worker was stopped.
    pub(crate) died: u64,
    /// Workers that the kernel killed with their debugger.
    pub(crate) took_along: u64,
    /// Workers that stood still although their debugger had let them go.
    pub(crate) stuck: u64,
    /// Debuggers that the system did not let debug.
    pub(crate) refused: u64,
}

impl Debuggers {
    pub(crate) fn add(&mut self, other: &Self) {
        self.detached += other.detached;
        self.died += other.died;
        self.took_along += other.took_along;
        self.stuck += other.stuck;
        self.refused += other.refused;
    }
}

impl WorkerPool<'_> {
    /// Attaches a debugger to a worker, and waits until it has ended.
    pub(super) fn trace(&mut self, trace: Trace) -> Result<(), Error> {
        self.wait_until_none_is_stopped()?;
        let Some(life) = self.find(trace.worker).and_then(|number| self.life(number)) else { return Ok(()) };
        let takes_along = trace.end == DebuggersEnd::DiesAndKills;
        if takes_along {
            self.killed.insert(life.pid);
        }
        self.slots.slot(life.number).is_stopped();
        let debug = || debug(Pid::from_raw(life.pid), trace.end);
        let mut debugger = bound_to_this_process(self.failures.process("debugger", debug)).start()?;
        let exit = self.end_of(&mut debugger)?;
        match exit {
            Exit::Code(0) => self.debuggers.detached += 1,
            Exit::Signal(Signal::SIGKILL) if takes_along => {
                self.debuggers.took_along += 1;
                return self.wait_for_death(life, Instant::now(), words::to_die_with_debugger);
            }
            Exit::Signal(Signal::SIGKILL) => self.debuggers.died += 1,
            // A worker that is about to end is refused, too.
            Exit::Code(code) if code == i32::from(REFUSED) => self.debuggers.refused += u64::from(self.is(life)),
            Exit::Code(code) if code == i32::from(GONE) => {}
            exit => return Err(self.failures.of(debugger.name(), exit)),
        }
        if takes_along && self.is(life) {
            self.killed.remove(&life.pid);
        }
        self.debuggers.stuck += u64::from(!self.goes_on(life)?);
        Ok(())
    }

    fn end_of(&mut self, debugger: &mut Child) -> Result<Exit, Error> {
        let began = Instant::now();
        loop {
            if let Some(exit) = debugger.join_timeout(super::GLANCE)? {
                return Ok(exit);
            }
            self.reap_and_replace()?;
            if began.elapsed() > DEADLINE {
                return Err(self.stalled(words::debugger_to_end(), began));
            }
        }
    }

    /// Whether the worker is not stopped any more. One that stays so is continued by force.
    fn goes_on(&mut self, life: Life) -> Result<bool, Error> {
        let began = Instant::now();
        let is_stopped = || Ok::<_, Error>(procfs::status(life.pid)?.is_some_and(|status| "tT".contains(status.state)));
        while self.is(life) && is_stopped()? {
            if began.elapsed() > SOON {
                self.release(life);
                return Ok(false);
            }
            interrupt::sleep(super::GLANCE)?;
            self.reap_and_replace()?;
        }
        Ok(true)
    }
}

/// The life of a debugger.
fn debug(worker: Pid, end: DebuggersEnd) -> Result<u8, Error> {
    let options = if end == DebuggersEnd::DiesAndKills { Options::PTRACE_O_EXITKILL } else { Options::empty() };
    match ptrace::seize(worker, options) {
        Err(Errno::ESRCH) => return Ok(GONE),
        Err(_) => return Ok(REFUSED),
        Ok(()) => {}
    }
    let stops = ptrace::interrupt(worker).and_then(|()| waitpid(worker, Some(WaitPidFlag::__WALL)));
    if !matches!(stops, Ok(WaitStatus::PtraceEvent(..) | WaitStatus::Stopped(..))) {
        return Ok(GONE);
    }
    interrupt::sleep(HOLD)?;
    if end != DebuggersEnd::Detaches {
        let _ = raise(Signal::SIGKILL);
    }
    // The worker may have been killed meanwhile.
    Ok(if ptrace::detach(worker, None).is_ok() { 0 } else { GONE })
}
