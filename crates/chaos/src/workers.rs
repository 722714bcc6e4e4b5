//! The workers of a round: started, killed as planned, reaped, replaced, and joined at the end.
//!
//! The main process never waits without a deadline. If a worker does not die, or does not end, in time,
//! something is stuck: the run ends with an error that says which operation each worker is in.

mod executions;
mod injection;
mod stops;
mod tracing;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use common::actor::Failures;
use common::lang;
use common::process::{Child, Exit, Process};
use common::words::Text;
use common::{Error, interrupt};
use nix::sys::signal::Signal;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::crash_points::CrashPoint;
use crate::hidden_proc::HiddenProc;
use crate::order::Order;
use crate::pids;
use crate::plan::Victim;
use crate::random::mix;
use crate::roles::Role;
use crate::slots::{Slot, Slots};
use crate::words;
pub(crate) use tracing::Debuggers;

/// Longer than any wait of a run that works, even on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
/// How long a dead worker may stay unnoticed while the main process waits for another one.
const GLANCE: Duration = Duration::from_millis(1);

/// What a worker is given.
#[derive(Debug)]
pub(crate) struct WorkerContext<'a> {
    pub(crate) role: Role,
    /// Its number among the workers of its role, from 0. Its replacement has the same.
    pub(crate) index: usize,
    pub(crate) slot: Slot<'a>,
    /// Its own random numbers. Its replacement has others.
    pub(crate) random: Xoshiro256PlusPlus,
}

/// The work of all roles. It returns when the round asks the worker to end.
pub(crate) type Work<'a> = &'a (dyn Fn(&mut WorkerContext) -> Result<(), Error> + Sync);

/// What killed a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A signal from the main process.
    FromOutside,
    /// The crash point that it was armed at.
    CrashPoint(CrashPoint),
    /// A poisoned item that it took.
    Poison,
}

/// A worker that was killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Death {
    pub(crate) role: Role,
    pub(crate) pid: i32,
    pub(crate) cause: Cause,
    /// The last note in its slot.
    pub(crate) note: u64,
}

/// A worker that was stopped at a crash point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt {
    pub(crate) point: CrashPoint,
    /// For so long that other workers had to notice.
    pub(crate) is_long: bool,
}

/// All workers of a round.
pub(crate) struct WorkerPool<'a> {
    slots: &'a Slots,
    /// Every second worker enters it.
    hidden_proc: Option<&'a HiddenProc>,
    work: Work<'a>,
    /// Why workers failed.
    failures: Failures,
    seed: u64,
    /// How many workers were started so far.
    starts: u64,
    /// In the order of their slots.
    workers: Vec<Worker>,
    deaths: Vec<Death>,
    halts: Vec<Halt>,
    debuggers: Debuggers,
    /// The process ids that workers have had.
    pids: HashSet<i32>,
    /// How many workers have had the process id of an earlier one.
    pids_reused: u64,
    /// The process ids of workers that were killed from outside and are not reaped yet.
    killed: HashSet<i32>,
    /// What every worker started from now on is armed with: a recovery is often the first thing that a new
    /// worker does.
    armed_at_start: Option<Order>,
    /// Roles whose dead workers are not replaced.
    not_replaced: Vec<Role>,
}

/// A worker, and not its replacement, which has the same number and may have the same process id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) number: usize,
    pub(crate) pid: i32,
    start: u64,
}

/// A worker and all of its replacements.
struct Worker {
    role: Role,
    index: usize,
    /// `None`: it ended as asked, or is not replaced.
    child: Option<Child>,
    /// Which start of all it was.
    start: u64,
    /// It may be stopped at a crash point although it is asked to go on.
    may_be_stopped: bool,
}

impl<'a> WorkerPool<'a> {
    /// Starts this number of workers of each role.
    pub(crate) fn start(slots: &'a Slots, seed: u64, roles: &[(Role, usize)], work: Work<'a>) -> Result<Self, Error> {
        Self::start_in(None, slots, seed, roles, work)
    }

    /// The same, and every second worker enters this place.
    pub(crate) fn start_in(
        hidden_proc: Option<&'a HiddenProc>,
        slots: &'a Slots,
        seed: u64,
        roles: &[(Role, usize)],
        work: Work<'a>,
    ) -> Result<Self, Error> {
        let workers = roles.iter().flat_map(|(role, count)| {
            (0..*count).map(|index| Worker { role: *role, index, child: None, start: 0, may_be_stopped: false })
        });
        let workers = workers.collect();
        let mut all = Self {
            slots,
            hidden_proc,
            work,
            failures: Failures::new(lang::spoken())?,
            seed,
            starts: 0,
            workers,
            deaths: Vec::new(),
            halts: Vec::new(),
            debuggers: Debuggers::default(),
            pids: HashSet::new(),
            pids_reused: 0,
            killed: HashSet::new(),
            armed_at_start: None,
            not_replaced: Vec::new(),
        };
        for number in 0..all.workers.len() {
            all.start_worker(number)?;
        }
        Ok(all)
    }

    /// Reaps the dead workers and replaces them.
    pub(crate) fn reap_and_replace(&mut self) -> Result<(), Error> {
        for number in 0..self.workers.len() {
            if self.workers[number].child.as_ref().is_some_and(|child| !child.is_alive()) {
                self.reap(number)?;
            } else if self.workers[number].may_be_stopped {
                self.workers[number].may_be_stopped = self.resume(number)?;
            }
        }
        Ok(())
    }

    /// Waits until all workers of `role` have ended, which the round has asked them to do. Meanwhile the
    /// dead are replaced.
    pub(crate) fn join(&mut self, role: Role) -> Result<(), Error> {
        self.join_each(role, || Ok(()))
    }

    /// The same for a role whose workers are asked one by one. `ask` is called again and again until the
    /// last one has ended, because a worker may be killed after it has taken the request.
    pub(crate) fn join_each(&mut self, role: Role, mut ask: impl FnMut() -> Result<(), Error>) -> Result<(), Error> {
        let began = Instant::now();
        while let Some(number) = self.workers.iter().position(|worker| worker.role == role && worker.child.is_some()) {
            ask()?;
            self.wait(number, began, || words::worker_to_end(role.called()))?;
        }
        Ok(())
    }

    /// The process ids of all workers.
    pub(crate) fn pids(&self) -> Vec<i32> {
        self.workers.iter().filter_map(|worker| worker.child.as_ref().map(Child::pid)).collect()
    }

    /// Whether a worker has ended without being killed. From then on the others may have nothing to do.
    pub(crate) fn has_one_ended(&self) -> bool {
        self.workers.iter().any(|worker| worker.child.is_none())
    }

    /// Kills all workers of `role`, and replaces none of them until [`WorkerPool::start_again`].
    pub(crate) fn kill_all(&mut self, role: Role) -> Result<(), Error> {
        self.not_replaced.push(role);
        let count = self.workers.iter().filter(|worker| worker.role == role && worker.child.is_some()).count();
        let all: Vec<_> = (0..count).map(|index| Victim { role, index }).collect();
        self.kill_together(&all)
    }

    /// Replaces the workers of `role` that [`WorkerPool::kill_all`] killed.
    pub(crate) fn start_again(&mut self, role: Role) -> Result<(), Error> {
        self.not_replaced.retain(|other| *other != role);
        for number in 0..self.workers.len() {
            if self.workers[number].role == role && self.workers[number].child.is_none() {
                self.start_worker(number)?;
            }
        }
        Ok(())
    }

    /// All workers that were killed so far.
    pub(crate) fn deaths(&self) -> &[Death] {
        &self.deaths
    }

    /// All stops at crash points so far.
    pub(crate) fn halts(&self) -> &[Halt] {
        &self.halts
    }

    /// What became of the debuggers.
    pub(crate) fn debuggers(&self) -> Debuggers {
        self.debuggers
    }

    /// How many workers have had the process id of an earlier one.
    pub(crate) fn pids_reused(&self) -> u64 {
        self.pids_reused
    }

    /// An error that says which operation each worker is in.
    pub(crate) fn stalled(&self, what: Text, began: Instant) -> Error {
        let operations = self.workers.iter().enumerate().filter_map(|(number, worker)| {
            let (operation, lasted) = self.slots.slot(number).operation()?;
            let Worker { role, index, .. } = worker;
            Some(words::in_operation(role.called(), *index, operation.called(), lasted.as_secs_f64()))
        });
        let operations = operations.reduce(words::listed).unwrap_or_else(words::in_no_operation);
        Error::timed_out(words::stalled(what, operations), began.elapsed().as_secs_f64().round())
    }

    /// Waits for a moment, or until this worker ends; then looks after all of them.
    fn wait(&mut self, number: usize, began: Instant, what: impl Fn() -> Text) -> Result<(), Error> {
        if let Some(child) = &mut self.workers[number].child {
            child.join_timeout(GLANCE)?;
        }
        self.reap_and_replace()?;
        if began.elapsed() > DEADLINE {
            return Err(self.stalled(what(), began));
        }
        Ok(())
    }

    /// Continues a worker that stopped. True if it may stop again.
    fn resume(&self, number: usize) -> Result<bool, Error> {
        let Some(child) = &self.workers[number].child else { return Ok(false) };
        child.signal(Signal::SIGCONT)?;
        Ok(!self.slots.slot(number).order_is_taken())
    }

    /// A worker that has ended was asked to, or was killed as planned and is replaced. Every other end
    /// is an error.
    fn reap(&mut self, number: usize) -> Result<(), Error> {
        let worker = &mut self.workers[number];
        let Some(mut child) = worker.child.take() else { return Ok(()) };
        worker.may_be_stopped = false;
        let slot = self.slots.slot(number);
        let exit = child.join()?;
        let from_outside = self.killed.remove(&child.pid()).then_some(Cause::FromOutside);
        let by_poison = slot.killed_itself().then_some(Cause::Poison);
        let cause = by_poison.or(from_outside).or(slot.armed().map(Cause::CrashPoint));
        let note = slot.noted();
        slot.clear();
        match (exit, cause) {
            (Exit::Code(0), _) => Ok(()),
            (Exit::Signal(Signal::SIGKILL), Some(cause)) => {
                self.deaths.push(Death { role: worker.role, pid: child.pid(), cause, note });
                if self.armed_at_start.is_some_and(|order| cause == Cause::CrashPoint(order.point)) {
                    self.armed_at_start = None; // or no replacement would ever get beyond it
                }
                let role = worker.role;
                if self.not_replaced.contains(&role) { Ok(()) } else { self.start_worker(number) }
            }
            _ => {
                interrupt::check()?;
                Err(self.failures.of(child.name(), exit))
            }
        }
    }

    fn start_worker(&mut self, number: usize) -> Result<(), Error> {
        self.starts += 1;
        let Worker { role, index, .. } = self.workers[number];
        let (slot, seed, work) = (self.slots.slot(number), mix(self.seed, self.starts), self.work);
        let hidden_proc = self.hidden_proc.filter(|_| !number.is_multiple_of(2));
        let live = move || {
            if let Some(place) = hidden_proc {
                place.enter();
            }
            let random = Xoshiro256PlusPlus::seed_from_u64(seed);
            quiet_if_interrupted(work(&mut WorkerContext { role, index, slot, random }))
        };
        let name = format!("{} {index}", role.name());
        if let Some(order) = self.armed_at_start {
            slot.give(order);
        }
        pids::reuse();
        let child = bound_to_this_process(self.failures.process(name, live)).start()?;
        self.pids_reused += u64::from(!self.pids.insert(child.pid()));
        let worker = &mut self.workers[number];
        (worker.child, worker.start) = (Some(child), self.starts);
        Ok(())
    }
}

/// It ends with this process, however that ends, and leaves Ctrl-C to it.
pub(crate) fn bound_to_this_process(process: Process<'_>) -> Process<'_> {
    process.die_with_parent().kill_on_drop().ignore_ctrl_c()
}

/// A worker that is interrupted together with the run prints no error: the main process prints it.
pub(crate) fn quiet_if_interrupted(result: Result<(), Error>) -> Result<u8, Error> {
    match result {
        Err(error) if error.signal().is_some() => Ok(error.code()),
        result => result.map(|()| 0),
    }
}
