//! Workers that are stopped at a crash point: for a moment, or for so long that the others must notice.

use std::time::{Duration, Instant};

use common::{Error, interrupt, procfs};

use super::injection::TRIES;
use super::{GLANCE, Halt, Life, WorkerPool};
use crate::crash_points::CrashPoint;
use crate::order::Order;
use crate::plan::{Manner, Stop};
use crate::roles::Role;

/// How long a worker is stopped for a moment: much longer than the timeouts of the others.
const MOMENT: Duration = Duration::from_millis(5);
/// How long one is stopped for long: longer than a call with a deadline may overrun it.
const LONG: Duration = Duration::from_millis(1_500);
/// How long a worker may take to come to the point: longer than the interval at which the toolkit's waiters look for
/// dead processes.
const COMES: Duration = Duration::from_millis(300);

impl WorkerPool<'_> {
    /// Stops a worker for a moment.
    pub(super) fn stop_for_a_moment(&mut self, stop: Stop) -> Result<(), Error> {
        if let Some((stopped, point)) = self.bring_to_a_stop(stop)? {
            self.slots.slot(stopped.number).is_stopped();
            self.keep_stopped(stopped, MOMENT)?;
            self.halts.push(Halt { point, is_long: false });
        }
        self.release_all();
        Ok(())
    }

    /// Stops a worker for long, calls `meanwhile`, and then kills the worker or lets it go on.
    pub(crate) fn stop_for_long(
        &mut self,
        stop: Stop,
        is_killed: bool,
        meanwhile: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some((stopped, point)) = self.bring_to_a_stop(stop)? {
            self.slots.latency.work_ends();
            self.slots.latency.stop_begins_or_ends();
            self.slots.slot(stopped.number).is_stopped();
            let began = Instant::now();
            meanwhile()?;
            self.keep_stopped(stopped, LONG.saturating_sub(began.elapsed()))?;
            self.halts.push(Halt { point, is_long: true });
            if is_killed && self.is(stopped) {
                self.kill_one(stopped.number)?;
            }
            self.release_all();
            self.wait_until_none_is_stopped()?;
            self.slots.latency.work_begins();
            self.slots.latency.stop_begins_or_ends();
        }
        self.release_all();
        self.wait_until_none_is_stopped()
    }

    /// Has a worker come to the crash point and stop there. `None`: none came, and the point is left for another
    /// time.
    fn bring_to_a_stop(&mut self, stop: Stop) -> Result<Option<(Life, CrashPoint)>, Error> {
        let Some(point) = stop.manner.crash_point() else { return Ok(None) };
        for _ in 0..TRIES {
            // A worker that is continued again and again does not stay where it stops.
            self.wait_until_none_is_stopped()?;
            if self.has_one_ended() || !self.order_stop(stop, point)? {
                break;
            }
            let began = Instant::now();
            while began.elapsed() < COMES && !self.has_one_ended() {
                interrupt::sleep(GLANCE)?;
                self.reap_and_replace()?;
                if let Some(stopped) = self.one_stopped_at(point)? {
                    self.armed_at_start = None;
                    return Ok(Some((stopped, point)));
                }
            }
            self.release_all();
        }
        Ok(None)
    }

    /// False if there is no such worker.
    fn order_stop(&mut self, stop: Stop, point: CrashPoint) -> Result<bool, Error> {
        let Stop { victim, manner } = stop;
        let Some(number) = self.find(victim) else { return Ok(false) };
        match manner {
            Manner::AtCrashPoint(_, nth) => self.slots.slot(number).give(Order::stop(point, nth)),
            Manner::FreshAt(_) => {
                self.armed_at_start = Some(Order::stop(point, 1));
                self.kill_one(number)?;
            }
            Manner::InRecovery(cause, _) => {
                self.armed_at_start = Some(Order::stop(point, 1));
                self.order_stop_of_all_but(Some(number), point);
                self.slots.slot(number).give(Order::die(cause, 1));
            }
            _ => self.order_stop_of_all_but(None, point),
        }
        Ok(true)
    }

    /// A worker that waits in `join` all the time would not hear that it shall go on.
    fn order_stop_of_all_but(&self, except: Option<usize>, point: CrashPoint) {
        let all = self.workers.iter().enumerate();
        let others = all.filter(|(number, worker)| Some(*number) != except && worker.role != Role::Joiner);
        for (number, _) in others.filter(|(_, worker)| worker.child.is_some()) {
            self.slots.slot(number).give(Order::stop(point, 1));
        }
    }

    fn one_stopped_at(&self, point: CrashPoint) -> Result<Option<Life>, Error> {
        let stopping = (0..self.workers.len()).filter(|number| self.slots.slot(*number).stops_at(point));
        for life in stopping.filter_map(|number| self.life(number)) {
            if procfs::status(life.pid)?.is_some_and(|status| status.state == 'T') {
                return Ok(Some(life));
            }
        }
        Ok(None)
    }

    fn keep_stopped(&mut self, life: Life, time: Duration) -> Result<(), Error> {
        let began = Instant::now();
        while self.is(life) && began.elapsed() < time {
            interrupt::sleep(GLANCE)?;
            self.reap_and_replace()?;
        }
        Ok(())
    }

    /// Lets every worker go on that is stopped, and takes back what was ordered.
    fn release_all(&mut self) {
        self.armed_at_start = None;
        for number in 0..self.workers.len() {
            let Some(life) = self.life(number) else { continue };
            if self.slots.slot(number).may_stop() {
                self.release(life);
            } else if !self.workers[number].may_be_stopped {
                self.slots.slot(number).give(Order::disarm());
            }
        }
    }
}
