//! Workers that are started anew when they die: Erlang's supervisor.

use std::fmt;
use std::mem;
use std::time::{Duration, Instant};

use super::budget::{Budget, Death, Deaths};
use super::{Child, Process};
use crate::error::Error;
use crate::interrupt;

/// Keeps processes alive: it starts a dead one anew, up to a [`Budget`], and then gives up.
///
/// Nothing of the kind is in Python's `multiprocessing`, whose `Pool` starts a dead worker anew
/// for ever and loses its task. This is Erlang's supervisor with the strategy `one_for_one` and
/// `transient` children (<https://www.erlang.org/doc/apps/stdlib/supervisor.html>):
///
/// - A worker that ends with code 0 is finished: it is reaped, and not started again. Every other
///   end is a death: another code, a panic (101), a signal.
/// - Each restart makes a new process of the same factory. What the dead one did not leave in
///   shared memory or in a file is lost with it; no other worker is touched.
/// - More deaths within the budget's period than it allows restarts: all workers are terminated,
///   and the error names everybody who died in that period, and of what. A worker that cannot live
///   is a bug, not bad luck, and who started the supervisor must hear of it.
/// - Dropping it terminates and reaps its workers, the last one first; if its own process is
///   killed, the kernel kills them, as Erlang's links do.
///
/// Unlike in Erlang it is no process of its own: it acts when its owner calls
/// [`Supervisor::watch`], and a worker that dies in between waits until then.
///
/// ```
/// use std::time::Duration;
/// use common::gate::{Gate, PATIENCE};
/// use common::process::{Budget, Process, Supervisor};
///
/// let never = Gate::new()?;
/// let mut supervisor = Supervisor::new(Budget { restarts: 1, per: Duration::from_secs(5) });
/// supervisor.start(|| Process::new("worker", || never.wait(PATIENCE)))?;
///
/// supervisor.children().try_for_each(|worker| worker.kill())?;
/// let restarted = supervisor.watch(PATIENCE)?;
/// assert_eq!(restarted[0].died.exit.to_string(), "signal SIGKILL");
/// assert!(supervisor.children().all(|worker| worker.pid() == restarted[0].pid));
///
/// supervisor.children().try_for_each(|worker| worker.kill())?;
/// let gave_up = supervisor.watch(PATIENCE).expect_err("one restart is allowed");
/// assert!(gave_up.to_string().starts_with("cannot restart worker: 2 deaths in 5 s, and 1 restart is allowed: "));
/// # Ok::<(), common::Error>(())
/// ```
pub struct Supervisor<'f> {
    /// In the order in which they were first started.
    workers: Vec<Worker<'f>>,
    deaths: Deaths,
    /// What the caller of `watch` was not told yet.
    restarted: Vec<Restarted>,
}

/// A worker that died and was started anew.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restarted {
    /// Who died, and of what.
    pub died: Death,
    /// The process id of the new one.
    pub pid: i32,
}

struct Worker<'f> {
    /// Not `Send`, so neither is a supervisor: no child gets a copy that could end its siblings.
    factory: Box<dyn Fn() -> Process<'f> + 'f>,
    state: State,
}

enum State {
    /// Started, and not reaped.
    Up(Child),
    /// Reaped, counted, and not started again yet: this watch will do it, or the system refused and
    /// the next one will.
    Down(Death),
    /// It ended with code 0.
    Finished,
}

impl<'f> Supervisor<'f> {
    /// A supervisor without workers.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self { workers: Vec::new(), deaths: Deaths::new(budget), restarted: Vec::new() }
    }

    /// Starts a worker. Whenever it dies `factory` makes another process in its place, in this
    /// process and before the fork.
    ///
    /// The worker is [tied](Process::tied): Ctrl-C leaves it to this process to decide.
    ///
    /// # Errors
    ///
    /// As [`Process::start`]. Then there is no such worker, and nothing else has changed.
    pub fn start<'p: 'f>(&mut self, factory: impl Fn() -> Process<'p> + 'f) -> Result<(), Error> {
        let factory = Box::new(move || -> Process<'f> { factory().tied() });
        let child = factory().start()?;
        self.workers.push(Worker { factory, state: State::Up(child) });
        Ok(())
    }

    /// Waits for at most `timeout` until a worker ends, reaps all that have, starts anew those that
    /// died, and tells which. With nobody to wait for it returns at once.
    ///
    /// # Errors
    ///
    /// [`Error::GaveUp`] if more died within the period than the budget allows; then all others
    /// have been terminated, and no worker is left. [`Error::Interrupted`] if this process is
    /// asked to end.
    ///
    /// As [`Process::start`] if the system refuses a new process. Then the worker is down, and
    /// nobody else is touched: the next call tries again, which costs no restart of the budget, and
    /// tells of whoever was started before this error. [`Error::Refused`] too if there is no exit
    /// status to be had, because SIGCHLD is ignored.
    pub fn watch(&mut self, timeout: Duration) -> Result<Vec<Restarted>, Error> {
        let is_down = |worker: &Worker| matches!(worker.state, State::Down(_));
        // Who waits for a restart does not wait for somebody else's death.
        let timeout = if self.workers.iter().any(is_down) { Duration::ZERO } else { timeout };
        self.wait_for_an_end(timeout)?;
        self.reap()?;
        if self.deaths.exceed_the_budget() {
            return Err(self.give_up());
        }
        self.restart()?;
        Ok(mem::take(&mut self.restarted))
    }

    /// The workers that run, or ended since the last [`Supervisor::watch`], in the order in which
    /// they were started.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = &Child> {
        self.workers.iter().filter_map(|worker| match &worker.state {
            State::Up(child) => Some(child),
            State::Down(_) | State::Finished => None,
        })
    }

    /// Whether no worker is left: all are finished, or it gave up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.workers.is_empty()
    }

    fn wait_for_an_end(&self, timeout: Duration) -> Result<(), Error> {
        // One without a handle has ended: the kernel itself reaped it.
        let pidfds: Option<Vec<_>> = self.children().map(Child::pidfd).collect();
        match pidfds {
            Some(pidfds) if !pidfds.is_empty() => interrupt::wait_readable(&pidfds, Some(timeout)).map(|_| ()),
            _ => interrupt::check(),
        }
    }

    /// Counts all that died before anybody judges: whoever gives up names them all.
    fn reap(&mut self) -> Result<(), Error> {
        for worker in &mut self.workers {
            let State::Up(child) = &mut worker.state else { continue };
            let Some(exit) = child.join_timeout(Duration::ZERO)? else { continue };
            if exit.success() {
                worker.state = State::Finished;
                continue;
            }
            let death = Death { name: child.name().to_owned(), pid: child.pid(), exit };
            self.deaths.add(Instant::now(), death.clone());
            worker.state = State::Down(death);
        }
        self.workers.retain(|worker| !matches!(worker.state, State::Finished));
        Ok(())
    }

    fn restart(&mut self) -> Result<(), Error> {
        for worker in &mut self.workers {
            let State::Down(died) = &worker.state else { continue };
            let child = (worker.factory)().start()?;
            self.restarted.push(Restarted { died: died.clone(), pid: child.pid() });
            worker.state = State::Up(child);
        }
        Ok(())
    }

    fn give_up(&mut self) -> Error {
        self.end_all();
        Error::GaveUp { budget: self.deaths.budget(), deaths: self.deaths.take() }
    }

    fn end_all(&mut self) {
        // All are asked before any is waited for: together they take as long as the slowest.
        for child in self.children().rev() {
            let _ = child.terminate();
        }
        while self.workers.pop().is_some() {}
        self.restarted.clear();
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        self.end_all();
    }
}

impl fmt::Debug for Supervisor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let children: Vec<_> = self.children().collect();
        f.debug_struct("Supervisor").field("children", &children).field("deaths", &self.deaths).finish_non_exhaustive()
    }
}
