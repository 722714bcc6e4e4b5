//! Processes that begin together, and one clock for all of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use common::actor::Failures;
use common::lang::Lang;
use common::pace::PATIENCE;
use common::process::Child;
use common::shared::Shared;
use common::sync::Barrier;

/// Processes that begin together. The work of each returns a total; the totals are added up.
///
/// Their start and their end are not in the time: it runs from the moment when the first worker
/// passes the barrier that all have reached, to the last [`Stopwatch::stop`].
pub(crate) struct Workers {
    barrier: Barrier,
    stopwatch: Stopwatch,
    failures: Failures,
    children: Vec<Child>,
}

/// The time from the first begin to the last stop. The clock is monotonic and one for all processes,
/// so any of them may stop it.
pub(crate) struct Stopwatch {
    origin: Instant,
    /// The first begin and the last stop, in nanoseconds since the origin, and the sum of the totals.
    shared: Shared<[AtomicU64; 3]>,
}

impl Workers {
    /// None begins before all `count` of them are started.
    pub(crate) fn new(count: u32) -> Result<Self, Error> {
        let shared = Shared::new([AtomicU64::new(u64::MAX), AtomicU64::new(0), AtomicU64::new(0)])?;
        let stopwatch = Stopwatch { origin: Instant::now(), shared };
        Ok(Self { barrier: Barrier::new(count)?, stopwatch, failures: Failures::new(Lang::En)?, children: vec![] })
    }

    /// Starts the next worker.
    pub(crate) fn start(
        &mut self,
        name: &str,
        work: impl FnOnce(&Stopwatch) -> Result<u64, Error> + Send,
    ) -> Result<(), Error> {
        let worker = self.failures.process(name, || {
            self.barrier.wait(PATIENCE)?;
            self.stopwatch.begin();
            self.stopwatch.add(work(&self.stopwatch)?);
            Ok::<(), Error>(())
        });
        let child = worker.daemon().linked().start()?;
        self.children.push(child);
        Ok(())
    }

    /// For a parent that sees the end of the work before its workers do.
    pub(crate) fn stopwatch(&self) -> &Stopwatch {
        &self.stopwatch
    }

    /// What came of a wait of the parent for its workers; if it ended because one of them had failed, that one's error.
    pub(crate) fn explained<T, E: Into<Error>>(&self, waited: Result<T, E>) -> Result<T, Error> {
        waited.map_err(|error| self.failures.explained(error.into()))
    }

    /// Waits for all workers. Returns the sum of their totals, and the time; or the error of the worker that failed
    /// first, as soon as it has.
    pub(crate) fn join(mut self) -> Result<(u64, Duration), Error> {
        for child in &mut self.children {
            self.failures.join(child)?;
        }
        let [first, last, total] = &*self.stopwatch.shared;
        let first = first.load(Ordering::Acquire);
        let took = Duration::from_nanos(last.load(Ordering::Acquire).saturating_sub(first));
        Ok((total.load(Ordering::Acquire), took))
    }
}

impl Stopwatch {
    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn begin(&self) {
        self.shared[0].fetch_min(self.now(), Ordering::AcqRel);
    }

    /// The work is done, as far as this process sees.
    pub(crate) fn stop(&self) {
        self.shared[1].fetch_max(self.now(), Ordering::AcqRel);
    }

    fn add(&self, total: u64) {
        self.shared[2].fetch_add(total, Ordering::AcqRel);
    }
}
