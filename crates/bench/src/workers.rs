//! Processes that begin together, and one clock for all of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::Error;
use common::gate::{Barrier, PATIENCE};
use common::process::{Child, Process};
use common::shared::Shared;

/// Processes that begin together. Each one's work returns a total, and all of them are added up.
///
/// Their start and end is not in the time: it runs from when the first one passes the barrier that
/// all have reached, to when the last one says [`Stopwatch::stop`].
pub(crate) struct Workers {
    barrier: Barrier,
    watch: Stopwatch,
    members: Vec<Child>,
}

/// When the first one began and the last one stopped. Any process may say so: the clock is monotonic
/// and one for all.
pub(crate) struct Stopwatch {
    origin: Instant,
    /// In nanoseconds since the origin: the first beginning, the last end, and the sum of the totals.
    shared: Shared<[AtomicU64; 3]>,
}

impl Workers {
    /// A workers of `size`, who all have to be added before any of them begins.
    pub(crate) fn new(size: u32) -> Result<Self, Error> {
        let shared = Shared::new([AtomicU64::new(u64::MAX), AtomicU64::new(0), AtomicU64::new(0)])?;
        let watch = Stopwatch { origin: Instant::now(), shared };
        Ok(Self { barrier: Barrier::new(size)?, watch, members: vec![] })
    }

    /// Starts the next member.
    pub(crate) fn add(
        &mut self,
        name: &str,
        work: impl FnOnce(&Stopwatch) -> Result<u64, Error> + Send,
    ) -> Result<(), Error> {
        let member = Process::new(name, || {
            self.barrier.wait(PATIENCE)?;
            self.watch.begin();
            self.watch.add(work(&self.watch)?);
            Ok::<(), Error>(())
        });
        let member = member.daemon().start()?;
        self.members.push(member);
        Ok(())
    }

    /// The clock, to be stopped by whoever sees the end.
    pub(crate) fn watch(&self) -> &Stopwatch {
        &self.watch
    }

    /// Waits for all members. Returns the sum of their totals, and the time.
    pub(crate) fn join(mut self) -> Result<(u64, Duration), Error> {
        for member in &mut self.members {
            let exit = member.join()?;
            if !exit.success() {
                return Err(Error::Child { name: member.name().to_owned(), exit });
            }
        }
        let [first, last, total] = &*self.watch.shared;
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

/// An error if what arrived is not what was sent: then the time measures nothing.
pub(crate) fn expect(what: &'static str, expected: u64, observed: u64) -> Result<(), Error> {
    if expected == observed {
        return Ok(());
    }
    Err(Error::Unusable { operation: "measure", cause: format!("{what} is {observed} and must be {expected}") })
}

/// The sum of the numbers below `count`.
pub(crate) fn sum_below(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
