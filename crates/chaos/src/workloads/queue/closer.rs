//! The closer: a process that is killed while it closes the queue.

use std::time::{Duration, Instant};

use common::process::{Exit, Process};
use common::queue::TryPutError;
use common::{Error, interrupt};
use nix::sys::signal::Signal;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::QueueWorkload;
use crate::crash_points::CrashPoint;
use crate::item::Item;
use crate::order::Order;
use crate::random::one_of;
use crate::roles::Role;
use crate::words;
use crate::workers::{Cause, DEADLINE, Death, WorkerPool, bound_to_this_process};

/// The latest instant at which a closer is killed from outside, in microseconds.
const LATEST: u64 = 300;

impl QueueWorkload<'_> {
    /// Has the queue closed by a process that dies of it. If it died before it began, the main process
    /// closes the queue; what it began must be enough.
    pub(super) fn close_and_die(
        &self,
        workers: &WorkerPool,
        random: &mut Xoshiro256PlusPlus,
    ) -> Result<Vec<Death>, Error> {
        let point = one_of(random, &[None, Some(CrashPoint::WakeAnnounced), Some(CrashPoint::WakeCleared)]);
        let close = || {
            if let Some(point) = point {
                Order::die(point, 1).arm();
            }
            self.queue.close();
        };
        let began = Instant::now();
        let mut closer = bound_to_this_process(Process::new("closer", close)).start()?;
        if point.is_none() {
            interrupt::sleep(Duration::from_micros(random.random_range(0..=LATEST)))?;
            closer.kill()?;
        }
        let exit = closer.join_timeout(DEADLINE)?;
        let exit = exit.ok_or_else(|| workers.stalled(words::queue_to_close(), began))?;
        if !self.is_closed() {
            self.queue.close();
        }
        let cause = point.map_or(Cause::FromOutside, Cause::CrashPoint);
        let death = Death { role: Role::Closer, pid: closer.pid(), cause, note: 0 };
        Ok(Vec::from_iter((exit == Exit::Signal(Signal::SIGKILL)).then_some(death)))
    }

    fn is_closed(&self) -> bool {
        matches!(self.queue.try_put(Item::stop()), Err(TryPutError::Closed(_)))
    }
}
