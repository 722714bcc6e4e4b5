//! Workers that are replaced when they die: Erlang's supervisor.

use std::fmt;
use std::mem;
use std::panic::Location;
use std::time::{Duration, Instant};

use super::child::{Child, wait_reapable};
use super::restart_limit::{Death, Deaths, RestartLimit, summary};
use super::{Process, end_all};
use crate::error::{Error, plural};
use crate::interrupt;
use crate::observe::{self, Location as At, Object, Span, SpanKind};

/// Keeps workers alive: it restarts a dead one, up to a [`RestartLimit`], and then gives up.
///
/// Python's `multiprocessing` has nothing like it: its `Pool` replaces dead workers for ever and loses
/// their tasks. This is Erlang's supervisor with the strategy `one_for_one` and
/// `transient` children (<https://www.erlang.org/doc/apps/stdlib/supervisor.html>):
///
/// - A worker that ends with code 0 is finished: it is reaped, and not started again. Every other
///   end is a death: another code, a panic (101), a signal.
/// - Each restart makes a new process of the same factory. What the dead one did not leave in
///   shared memory or in a file is lost with it; no other worker is touched.
/// - More deaths within the limit's period than it allows restarts: all workers are terminated,
///   and the error names all that died in that period, and of what. A worker that cannot live is a
///   bug, not bad luck, so the caller of [`Supervisor::watch`] gets it as an error.
/// - Dropping it terminates and reaps its workers, the last one first; if its own process is
///   killed, the kernel kills them, as Erlang's links do.
///
/// Unlike in Erlang it is no process of its own: it acts when its owner calls
/// [`Supervisor::watch`], and a worker that dies in between waits until then.
///
/// ```
/// use std::time::Duration;
/// use killproof::process::{Process, RestartLimit, Supervisor};
/// use killproof::sync::Event;
///
/// const PATIENCE: Duration = Duration::from_secs(60);
///
/// let never = Event::new()?;
/// let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per: Duration::from_secs(5) });
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Supervisor<'f> {
    /// In the order in which they were first started.
    workers: Vec<Worker<'f>>,
    deaths: Deaths,
    /// What the next `watch` returns.
    restarted: Vec<Restarted>,
}

/// A worker that died and was restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restarted {
    /// The worker that died, and how.
    pub died: Death,
    /// The process id of the new one.
    pub pid: i32,
}

/// Why [`Supervisor::watch`] returned no list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// Workers died more often than the supervisor may restart them.
    #[error(
        "cannot restart {}: {} {} in {} s, and {} {} allowed: {}",
        .deaths.last().map_or("a worker", |death| &death.name),
        .deaths.len(),
        plural(.deaths.len(), "death", "deaths"),
        .limit.per.as_secs_f64(),
        .limit.restarts,
        plural(.limit.restarts, "restart is", "restarts are"),
        summary(.deaths)
    )]
    GaveUp {
        /// How many restarts were allowed, and in which period.
        limit: RestartLimit,
        /// All deaths of that period, the oldest first.
        deaths: Vec<Death>,
    },
    /// The toolkit could not go on.
    #[error(transparent)]
    Failed(#[from] Error),
}

struct Worker<'f> {
    /// Not `Send`, so neither is a supervisor: no child gets a copy that could end its siblings.
    factory: Box<dyn Fn() -> Process<'f> + 'f>,
    state: State,
}

enum State {
    /// Started, and not reaped.
    Up(Child),
    /// Reaped, counted, and not restarted yet: this watch will do it, or the system refused and the
    /// next one will.
    Down(Death),
    /// It ended with code 0.
    Finished,
}

impl<'f> Supervisor<'f> {
    /// A supervisor without workers.
    #[must_use]
    pub fn new(limit: RestartLimit) -> Self {
        Self { workers: Vec::new(), deaths: Deaths::new(limit), restarted: Vec::new() }
    }

    /// Starts a worker. Whenever it dies `factory` makes another process in its place, in this
    /// process and before the fork.
    ///
    /// The worker [dies with](Process::die_with_parent) this process, and Ctrl-C leaves it to this
    /// process to decide ([`ignore_ctrl_c`](Process::ignore_ctrl_c)). It is [not linked](Process::unlinked).
    ///
    /// # Errors
    ///
    /// Those of [`Process::start`]. Then there is no such worker, and nothing else has changed.
    pub fn start<'p: 'f>(&mut self, factory: impl Fn() -> Process<'p> + 'f) -> Result<(), Error> {
        let supervised = |process: Process<'f>| process.die_with_parent().kill_on_drop().ignore_ctrl_c().unlinked();
        let factory = Box::new(move || -> Process<'f> { supervised(factory()) });
        let child = factory().start()?;
        self.workers.push(Worker { factory, state: State::Up(child) });
        Ok(())
    }

    /// Waits for at most `timeout` until a worker ends, reaps all that have, restarts those that died,
    /// and returns which. Without workers it returns at once.
    ///
    /// A dead worker that a debugger keeps is restarted as soon as the debugger lets go of it.
    ///
    /// # Errors
    ///
    /// [`WatchError::GaveUp`] if more died within the period than the limit allows; then all others
    /// have been terminated, and no worker is left.
    ///
    /// [`WatchError::Failed`] with [`Error::Interrupted`] if this process is asked to end; with the error
    /// of [`Process::start`] if the system refuses a new process. Then the worker is down and no other
    /// is touched; the next call tries again, which does not count as another restart, and also returns
    /// the workers that were restarted before this error. With [`Error::Refused`] if there is no exit
    /// status to be had, because SIGCHLD is ignored.
    #[track_caller]
    pub fn watch(&mut self, timeout: Duration) -> Result<Vec<Restarted>, WatchError> {
        let is_down = |worker: &Worker| matches!(worker.state, State::Down(_));
        // A worker that waits for its restart does not wait for the death of another.
        let timeout = if self.workers.iter().any(is_down) { Duration::ZERO } else { timeout };
        self.wait_for_an_end(timeout, Location::caller())?;
        self.reap()?;
        if self.deaths.exceed_the_limit() {
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

    fn wait_for_an_end(&self, timeout: Duration, at: At) -> Result<(), Error> {
        let children: Vec<_> = self.children().collect();
        // A worker without a handle has ended: the kernel reaped it.
        if children.is_empty() || children.iter().any(|child| child.pidfd().is_none()) {
            return interrupt::check();
        }
        let is_wait = !timeout.is_zero() && observe::is_installed() && children.iter().all(|child| child.is_alive());
        let on = Object::FirstChild;
        let mut span = if is_wait { observe::begin(SpanKind::WaitChild, on, at) } else { Span::none() };
        let ended = wait_reapable(&children, None, Some(timeout));
        span.ends_as(&ended);
        ended.map(|_| ())
    }

    /// Counts all deaths before any is judged, so that giving up names them all.
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

    fn give_up(&mut self) -> WatchError {
        self.end_all();
        WatchError::GaveUp { limit: self.deaths.limit(), deaths: self.deaths.take() }
    }

    fn end_all(&mut self) {
        let up = |worker: Worker<'f>| match worker.state {
            State::Up(child) => Some(child),
            State::Down(_) | State::Finished => None,
        };
        end_all(mem::take(&mut self.workers).into_iter().rev().filter_map(up));
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
