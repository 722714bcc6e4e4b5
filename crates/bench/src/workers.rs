//! Processes that begin together, and one clock for all of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use common::pace::PATIENCE;
use common::process::{Child, Process};
use common::shared::Shared;
use common::sync::Barrier;

/// Processes that begin together. The work of each returns a total; the totals are added up.
///
/// Their start and their end are not in the time: it runs from the moment when the first worker
/// passes the barrier that all have reached, to the last [`Stopwatch::stop`].
pub(crate) struct Workers {
    barrier: Barrier,
    stopwatch: Stopwatch,
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
        Ok(Self { barrier: Barrier::new(count)?, stopwatch, children: vec![] })
    }

    /// Starts the next worker.
    pub(crate) fn start(
        &mut self,
        name: &str,
        work: impl FnOnce(&Stopwatch) -> Result<u64, Error> + Send,
    ) -> Result<(), Error> {
        let worker = Process::new(name, || {
            self.barrier.wait(PATIENCE)?;
            self.stopwatch.begin();
            self.stopwatch.add(work(&self.stopwatch)?);
            Ok::<(), Error>(())
        });
        let child = worker.daemon().start()?;
        self.children.push(child);
        Ok(())
    }

    /// For a parent that sees the end of the work before its workers do.
    pub(crate) fn stopwatch(&self) -> &Stopwatch {
        &self.stopwatch
    }

    /// Waits for all workers. Returns the sum of their totals, and the time.
    pub(crate) fn join(mut self) -> Result<(u64, Duration), Error> {
        for child in &mut self.children {
            let exit = child.join()?;
            if !exit.success() {
                return Err(Error::Child { name: child.name().to_owned(), exit });
            }
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
