//! The ways to kill a worker, or several.

use std::time::{Duration, Instant};

use common::kill_point::Step;
use common::process::Child;
use common::{Error, interrupt};
use nix::sys::signal::Signal;

use super::{Cause, Crew, DEADLINE, GLANCE, Member};
use crate::plan::{Kill, Manner, Victim};

/// How long a recovery may take to begin before the next death is tried: more than the toolkit's
/// tick, after which somebody looks after the dead.
const RECOVERY: Duration = Duration::from_millis(120);

/// How long main looks for somebody to begin something.
const LOOK: Duration = Duration::from_millis(2);

impl Crew<'_> {
    /// Kills as planned, and waits until the victims are dead and replaced. What cannot be, because
    /// the victim went home before, is not made up for.
    pub(crate) fn inflict(&mut self, kill: &Kill) -> Result<(), Error> {
        match kill.manner {
            Manner::Instant(micros) => self.kill_from_outside(kill, Duration::from_micros(micros)),
            Manner::InTheMiddle(nanos) => self.kill_in_the_middle(kill.victims[0], Duration::from_nanos(nanos.into())),
            Manner::Step(step, nth) => self.kill_at(kill.victims[0], step, nth),
            Manner::Anybody(step) => self.kill_anybody_at(step),
            Manner::First(step) => self.kill_at_first(kill.victims[0], step),
            Manner::Recovery(cause, step) => self.kill_in_recovery(kill.victims[0], cause, step),
        }
    }

    /// Stops somebody, kills the victims a while later, and lets the stopped one go on.
    fn kill_from_outside(&mut self, kill: &Kill, after: Duration) -> Result<(), Error> {
        let stopped = kill.stopped.and_then(|stopped| self.find(stopped));
        let pid = stopped.and_then(|number| self.signal(number, Signal::SIGSTOP));
        interrupt::sleep(after)?;
        self.kill_together(&kill.victims)?;
        // It may have been among the victims; then somebody else is there now, who needs no signal.
        if let Some(number) = stopped.filter(|number| pid.is_some() && self.pid(*number) == pid) {
            self.signal(number, Signal::SIGCONT);
        }
        Ok(())
    }

    /// Kills somebody who has marked its desk. Awake: nothing that sleeps hits a time so short.
    fn kill_in_the_middle(&mut self, victim: Victim, after: Duration) -> Result<(), Error> {
        let Some(number) = self.find(victim) else { return Ok(()) };
        let desk = self.desks.desk(number);
        let looked = Instant::now();
        while desk.marked() == 0 && looked.elapsed() < LOOK {
            std::hint::spin_loop();
        }
        let began = Instant::now();
        while began.elapsed() < after {
            std::hint::spin_loop();
        }
        self.kill_together(&[victim])
    }

    pub(super) fn kill_together(&mut self, victims: &[Victim]) -> Result<(), Error> {
        let mut numbers: Vec<usize> = victims.iter().filter_map(|victim| self.find(*victim)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut dying = Vec::new();
        for number in numbers {
            let Some(child) = &self.members[number].child else { continue };
            self.killed.insert(child.pid());
            child.kill()?;
            dying.push((number, child.pid()));
        }
        let began = Instant::now();
        for (number, pid) in dying {
            self.wait_for_death(number, pid, began, || "a killed worker to die".to_owned())?;
        }
        Ok(())
    }

    /// A victim that dies of something else before it comes to the step is followed by its successor.
    fn kill_at(&mut self, victim: Victim, step: Step, nth: u16) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        while self.deaths_at(step) == before && !self.somebody_left() {
            let Some(number) = self.find(victim) else { return Ok(()) };
            let Some(pid) = self.arm(number, step, nth) else { return Ok(()) };
            self.wait_for_death(number, pid, began, || format!("a {} to pass {step:?}", victim.role.name()))?;
        }
        Ok(())
    }

    /// Everybody is armed: who passes the step first is decided by the traffic.
    fn kill_anybody_at(&mut self, step: Step) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        self.arm_all_but(None, step, 1);
        while self.deaths_at(step) == before && !self.somebody_left() {
            self.wait(0, began, || format!("somebody to pass {step:?}"))?;
        }
        self.arm_all_but(None, step, 0);
        Ok(())
    }

    /// The victim dies at once, and whoever takes its place at a step that it passes only once.
    fn kill_at_first(&mut self, victim: Victim, step: Step) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        let Some(number) = self.find(victim) else { return Ok(()) };
        self.fate = Some(step);
        self.kill_together(&[victim])?;
        while self.deaths_at(step) == before && !self.somebody_left() {
            self.wait(number, began, || format!("a new {} to pass {step:?}", victim.role.name()))?;
        }
        self.fate = None;
        Ok(())
    }

    /// Somebody dies at `cause`, and whoever recovers from that at `step`: everybody who is there is
    /// armed, and everybody who comes. Those who did not recover are disarmed.
    fn kill_in_recovery(&mut self, victim: Victim, cause: Step, step: Step) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        while self.deaths_at(step) == before && !self.somebody_left() {
            let Some(number) = self.find(victim) else { return Ok(()) };
            self.fate = Some(step);
            self.arm_all_but(Some(number), step, 1);
            let Some(pid) = self.arm(number, cause, 1) else { return Ok(()) };
            self.wait_for_death(number, pid, began, || format!("a {} to pass {cause:?}", victim.role.name()))?;
            let recovery = Instant::now();
            while self.deaths_at(step) == before && recovery.elapsed() < RECOVERY {
                interrupt::sleep(GLANCE)?;
                self.tend()?;
            }
            if began.elapsed() > DEADLINE {
                return Err(self.stalled(&format!("somebody to recover and pass {step:?}"), began));
            }
        }
        self.fate = None;
        self.arm_all_but(None, step, 0);
        Ok(())
    }

    fn deaths_at(&self, step: Step) -> usize {
        self.deaths.iter().filter(|death| death.cause == Cause::Step(step)).count()
    }

    /// Orders a member to die at a step, and returns its pid; `None` if it went home.
    fn arm(&self, number: usize, step: Step, nth: u16) -> Option<i32> {
        let pid = self.pid(number)?;
        self.desks.desk(number).order(step, nth);
        Some(pid)
    }

    fn arm_all_but(&self, except: Option<usize>, step: Step, nth: u16) {
        for number in (0..self.members.len()).filter(|number| Some(*number) != except) {
            self.arm(number, step, nth);
        }
    }

    fn pid(&self, number: usize) -> Option<i32> {
        self.members[number].child.as_ref().map(Child::pid)
    }

    /// Signals a member, and returns its pid; `None` if it went home.
    fn signal(&self, number: usize, signal: Signal) -> Option<i32> {
        let child = self.members[number].child.as_ref()?;
        child.signal(signal).ok().map(|()| child.pid())
    }

    fn find(&self, victim: Victim) -> Option<usize> {
        let of_role = |(_, member): &(usize, &Member)| member.role == victim.role && member.child.is_some();
        let candidates: Vec<usize> =
            self.members.iter().enumerate().filter(of_role).map(|(number, _)| number).collect();
        candidates.get(victim.place.checked_rem(candidates.len())?).copied()
    }

    /// Waits until the worker with this pid is no more at its desk. Where the traffic dries up it may
    /// never pass the step that it is to die at.
    fn wait_for_death(
        &mut self,
        number: usize,
        pid: i32,
        began: Instant,
        what: impl Fn() -> String,
    ) -> Result<(), Error> {
        let lives = |crew: &Self| crew.members[number].child.as_ref().is_some_and(|child| child.pid() == pid);
        while lives(self) && (self.killed.contains(&pid) || !self.somebody_left()) {
            self.wait(number, began, &what)?;
        }
        Ok(())
    }
}
