//! How kills are carried out.

use std::time::{Duration, Instant};

use common::words::Text;
use common::{Error, interrupt};
use nix::sys::signal::Signal;

use super::{Cause, DEADLINE, GLANCE, Life, Worker, WorkerPool};
use crate::crash_points::CrashPoint;
use crate::order::Order;
use crate::plan::{Kill, Manner, Round, Stopped, Victim};
use crate::words;

/// How long a recovery may take to begin before the next death is tried: longer than the interval at which
/// the toolkit's waiters look for dead processes.
const RECOVERY: Duration = Duration::from_millis(120);
/// How long a worker may take to hear that it shall no longer stop at a crash point.
const HEARING: Duration = Duration::from_millis(100);
/// How often a recovery is provoked until a worker dies in it.
pub(super) const TRIES: u32 = 10;
/// How long the main process waits for a worker to begin something.
const LOOK: Duration = Duration::from_millis(2);

impl WorkerPool<'_> {
    /// Carries out one kill after the other, with the stops between them, as long as no worker has ended by itself.
    pub(crate) fn inject_all(&mut self, round: &Round) -> Result<(), Error> {
        let kills_before_a_stop = round.kills.len() / (round.stops.len() + 1);
        let mut stops = round.stops.iter();
        for (done, kill) in round.kills.iter().enumerate() {
            if self.has_one_ended() {
                break;
            }
            if done % kills_before_a_stop == 1
                && let Some(stop) = stops.next()
            {
                self.stop_for_a_moment(*stop)?;
            }
            if done == round.kills.len() / 2
                && let Some(trace) = round.trace
            {
                self.trace(trace)?;
            }
            self.inject(kill)?;
        }
        self.wait_until_none_is_stopped()
    }

    /// Carries out a kill, and waits until its victims are dead and replaced. A victim that has ended by
    /// itself is left out.
    pub(crate) fn inject(&mut self, kill: &Kill) -> Result<(), Error> {
        match kill.manner {
            Manner::AtInstant(micros) => self.kill_at_instant(kill, Duration::from_micros(micros)),
            Manner::InOperation(nanos) => self.kill_in_operation(kill.victims[0], Duration::from_nanos(nanos.into())),
            Manner::AtCrashPoint(point, nth) => self.kill_at_crash_point(kill.victims[0], point, nth),
            Manner::FirstAt(point) => self.kill_first_at(point),
            Manner::FreshAt(point) => self.kill_fresh_at(kill.victims[0], point),
            Manner::InRecovery(cause, point) => self.kill_in_recovery(kill.victims[0], cause, point),
        }
    }

    /// Waits until no worker may stop at a crash point any more. A worker that has nothing to do, and so
    /// does not take its order, is killed.
    pub(crate) fn wait_until_none_is_stopped(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        while self.workers.iter().any(|worker| worker.may_be_stopped) {
            interrupt::sleep(GLANCE)?;
            self.reap_and_replace()?;
            if began.elapsed() > HEARING {
                let all = self.workers.iter().enumerate();
                let deaf = all.filter(|(_, worker)| worker.may_be_stopped).map(|(number, _)| number).collect();
                return self.kill_workers(deaf);
            }
        }
        Ok(())
    }

    /// Kills the victims from outside at the same instant, and waits for their deaths.
    pub(super) fn kill_together(&mut self, victims: &[Victim]) -> Result<(), Error> {
        let mut numbers: Vec<usize> = victims.iter().filter_map(|victim| self.find(*victim)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        self.kill_workers(numbers)
    }

    pub(super) fn kill_workers(&mut self, numbers: Vec<usize>) -> Result<(), Error> {
        let mut dying = Vec::new();
        for number in numbers {
            let (Some(life), Some(child)) = (self.life(number), &self.workers[number].child) else { continue };
            self.killed.insert(life.pid);
            child.kill()?;
            dying.push(life);
        }
        let began = Instant::now();
        for life in dying {
            self.wait_for_death(life, began, words::killed_to_die)?;
        }
        Ok(())
    }

    /// Another worker may be stopped meanwhile; it goes on when the victims are dead.
    fn kill_at_instant(&mut self, kill: &Kill, after: Duration) -> Result<(), Error> {
        let stopped = kill.stopped.and_then(|stopped| self.stop(stopped));
        interrupt::sleep(after)?;
        self.kill_together(&kill.victims)?;
        if let Some(life) = stopped {
            self.release(life);
        }
        Ok(())
    }

    /// Stops a worker here and now, or at its next hits of a crash point.
    fn stop(&self, stopped: Stopped) -> Option<Life> {
        let life = self.life(self.find(stopped.worker)?)?;
        let slot = self.slots.slot(life.number);
        if let Some((point, nth)) = stopped.at {
            slot.give(Order::stop(point, nth));
        } else {
            slot.is_stopped();
            self.workers[life.number].child.as_ref()?.signal(Signal::SIGSTOP).ok()?;
        }
        Some(life)
    }

    /// Lets a stopped worker go on, unless it is dead: its replacement was not stopped.
    pub(super) fn release(&mut self, life: Life) {
        let worker = &mut self.workers[life.number];
        if let Some(child) = worker.child.as_ref().filter(|_| worker.start == life.start) {
            let _ = child.signal(Signal::SIGCONT);
            // It may be about to stop: it is continued again and again until it has taken this order.
            self.slots.slot(life.number).give(Order::disarm());
            worker.may_be_stopped = true;
        }
    }

    /// Waits for the victim's note, and then busily: the time until the kill is shorter than a sleep's
    /// resolution.
    fn kill_in_operation(&mut self, victim: Victim, after: Duration) -> Result<(), Error> {
        let Some(number) = self.find(victim) else { return Ok(()) };
        let slot = self.slots.slot(number);
        let looked = Instant::now();
        while slot.noted() == 0 && looked.elapsed() < LOOK {
            std::hint::spin_loop();
        }
        let began = Instant::now();
        while began.elapsed() < after {
            std::hint::spin_loop();
        }
        self.kill_together(&[victim])
    }

    /// If the victim dies of something else before, its replacement is the next victim.
    fn kill_at_crash_point(&mut self, victim: Victim, point: CrashPoint, nth: u16) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(point), Instant::now());
        while self.deaths_at(point) == before && !self.has_one_ended() {
            let Some(number) = self.find(victim) else { return Ok(()) };
            let Some(life) = self.arm(number, point, nth) else { return Ok(()) };
            self.wait_for_death(life, began, || words::to_hit(victim.role.called(), format!("{point:?}")))?;
        }
        Ok(())
    }

    fn kill_first_at(&mut self, point: CrashPoint) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(point), Instant::now());
        self.arm_all_but(None, point);
        while self.deaths_at(point) == before && !self.has_one_ended() {
            self.wait(0, began, || words::to_hit(words::a_worker(), format!("{point:?}")))?;
        }
        self.disarm_all();
        Ok(())
    }

    fn kill_fresh_at(&mut self, victim: Victim, point: CrashPoint) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(point), Instant::now());
        let Some(number) = self.find(victim) else { return Ok(()) };
        self.armed_at_start = Some(Order::die(point, 1));
        self.kill_together(&[victim])?;
        while self.deaths_at(point) == before && !self.has_one_ended() {
            self.wait(number, began, || words::new_to_hit(victim.role.called(), format!("{point:?}")))?;
        }
        self.armed_at_start = None;
        Ok(())
    }

    /// The victim dies at `cause`, and all other workers, new ones included, are armed at `point`. A
    /// worker that was not armed yet may recover first. Then it is tried again, and after some tries the
    /// point is left for another time.
    fn kill_in_recovery(&mut self, victim: Victim, cause: CrashPoint, point: CrashPoint) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(point), Instant::now());
        let mut tries = TRIES;
        while self.deaths_at(point) == before && tries > 0 && !self.has_one_ended() {
            let Some(number) = self.find(victim) else { return Ok(()) };
            self.armed_at_start = Some(Order::die(point, 1));
            self.arm_all_but(Some(number), point);
            let Some(life) = self.arm(number, cause, 1) else { return Ok(()) };
            self.wait_for_death(life, began, || words::to_hit(victim.role.called(), format!("{cause:?}")))?;
            self.wait_for_recovery(point, before, cause)?;
            tries -= 1;
        }
        self.armed_at_start = None;
        self.disarm_all();
        Ok(())
    }

    /// Waits for a death at `point`, or for a completed operation: without one the next death would only
    /// make the queue stand still.
    fn wait_for_recovery(&mut self, point: CrashPoint, before: usize, cause: CrashPoint) -> Result<(), Error> {
        let (began, last) = (Instant::now(), self.slots.latency.last_completion());
        while self.deaths_at(point) == before
            && (began.elapsed() < RECOVERY || self.slots.latency.last_completion() == last)
        {
            interrupt::sleep(GLANCE)?;
            self.reap_and_replace()?;
            if began.elapsed() > DEADLINE {
                return Err(self.stalled(words::progress_after(format!("{cause:?}")), began));
            }
        }
        Ok(())
    }

    fn deaths_at(&self, point: CrashPoint) -> usize {
        self.deaths.iter().filter(|death| death.cause == Cause::CrashPoint(point)).count()
    }

    /// Orders a worker to die at `point`; `None` if it has ended.
    fn arm(&self, number: usize, point: CrashPoint, nth: u16) -> Option<Life> {
        let life = self.life(number)?;
        self.slots.slot(number).give(Order::die(point, nth));
        Some(life)
    }

    fn arm_all_but(&self, except: Option<usize>, point: CrashPoint) {
        for number in (0..self.workers.len()).filter(|number| Some(*number) != except) {
            self.arm(number, point, 1);
        }
    }

    /// A worker that waits for an item is armed until it takes this. At the end of the round it would die of the request
    /// to end: so it counts as one that may be stopped, which the round does not end with.
    fn disarm_all(&mut self) {
        for (number, worker) in self.workers.iter_mut().enumerate().filter(|(_, worker)| worker.child.is_some()) {
            self.slots.slot(number).give(Order::disarm());
            worker.may_be_stopped = true;
        }
    }

    pub(super) fn find(&self, victim: Victim) -> Option<usize> {
        let of_role = |(_, worker): &(usize, &Worker)| worker.role == victim.role && worker.child.is_some();
        let candidates: Vec<usize> =
            self.workers.iter().enumerate().filter(of_role).map(|(number, _)| number).collect();
        candidates.get(victim.index.checked_rem(candidates.len())?).copied()
    }

    /// Waits until this worker has ended. Once the workers run out of work it may never hit
    /// the crash point at which it is to die.
    pub(super) fn wait_for_death(&mut self, life: Life, began: Instant, what: impl Fn() -> Text) -> Result<(), Error> {
        while self.is(life) && (self.killed.contains(&life.pid) || !self.has_one_ended()) {
            self.wait(life.number, began, &what)?;
        }
        Ok(())
    }
}
