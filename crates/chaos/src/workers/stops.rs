//! Workers that are stopped for long with a lock, and workers that execute another program.

use std::time::{Duration, Instant};

use common::process::Child;
use common::{Error, interrupt, procfs};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::{GLANCE, WorkerPool};
use crate::crash_points::{self, CrashPoint};
use crate::order::Order;
use crate::plan::Victim;
use crate::roles::{Role, Workload};

/// How long a worker is stopped with a lock: longer than a call with a deadline may overrun it.
const STOP: Duration = Duration::from_millis(1_500);
/// How long a worker may take to come to the point.
const COMES: Duration = Duration::from_millis(200);

impl WorkerPool<'_> {
    /// Stops a worker between two stores that need a lock, keeps it stopped, and then kills it or lets it go on.
    /// False if it did not come to the point.
    pub(crate) fn stop_one_with_a_lock(
        &mut self,
        workload: Workload,
        random: &mut Xoshiro256PlusPlus,
    ) -> Result<bool, Error> {
        let mut points: Vec<(Role, CrashPoint)> = Vec::new();
        for &point in &crash_points::WITH_A_LOCK {
            points.extend(crash_points::roles_at(point).iter().map(|role| (*role, point)));
        }
        points.retain(|(role, _)| role.workload() == workload);
        let (role, point) = points[random.random_range(0..points.len())];
        let victim = Victim { role, index: random.random_range(0..points.len()) };
        let Some(number) = self.find(victim) else { return Ok(false) };
        let Some(pid) = self.workers[number].child.as_ref().map(Child::pid) else { return Ok(false) };
        self.slots.slot(number).give(Order::stop(point, 1));
        let is_stopped = self.comes_to_a_stop(number, pid)?;
        if is_stopped {
            self.slots.latency.work_ends();
            self.slots.latency.stop_begins_or_ends();
            self.slots.slot(number).is_stopped();
            self.keep_stopped(number, pid)?;
        }
        if is_stopped && random.random() {
            self.kill_one(number)?;
        } else {
            self.release(number, pid);
            self.wait_until_none_is_stopped()?;
        }
        if is_stopped {
            self.slots.latency.work_begins();
            self.slots.latency.stop_begins_or_ends();
        }
        Ok(is_stopped)
    }

    fn comes_to_a_stop(&mut self, number: usize, pid: i32) -> Result<bool, Error> {
        let began = Instant::now();
        while self.is(number, pid) && began.elapsed() < COMES {
            if procfs::status(pid)?.is_some_and(|status| status.state == 'T') {
                return Ok(true);
            }
            interrupt::sleep(GLANCE)?;
            self.reap_and_replace()?;
        }
        Ok(false)
    }

    fn keep_stopped(&mut self, number: usize, pid: i32) -> Result<(), Error> {
        let began = Instant::now();
        while self.is(number, pid) && began.elapsed() < STOP {
            interrupt::sleep(GLANCE)?;
            self.reap_and_replace()?;
        }
        Ok(())
    }

    /// Orders the first worker of a role to execute another program. Its number and process id.
    pub(crate) fn order_execution(&self, role: Role) -> Option<(usize, i32)> {
        let number = self.find(Victim { role, index: 0 })?;
        let pid = self.workers[number].child.as_ref().map(Child::pid)?;
        self.slots.slot(number).shall_execute();
        Some((number, pid))
    }

    /// Whether this process is the worker of this number.
    pub(crate) fn is(&self, number: usize, pid: i32) -> bool {
        self.workers[number].child.as_ref().is_some_and(|child| child.pid() == pid)
    }

    /// Kills a worker from outside, and waits for its death.
    pub(crate) fn kill_one(&mut self, number: usize) -> Result<(), Error> {
        self.kill_workers(vec![number])
    }
}
