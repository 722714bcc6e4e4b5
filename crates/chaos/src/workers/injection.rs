//! The ways to kill a worker, or several.

use std::time::{Duration, Instant};

use common::process::Child;
use common::{Error, interrupt};
use killproof::crashpoint::CrashPoint;
use nix::sys::signal::Signal;

use super::{Cause, Crew, DEADLINE, GLANCE, Member};
use crate::plan::{Kill, Manner, Stopped, Victim};

/// How long a recovery may take to begin before the next death is tried: more than the toolkit's
/// tick, after which somebody looks after the dead.
const RECOVERY: Duration = Duration::from_millis(120);

/// How long somebody may take to hear that it shall not stop any more.
const DEAF: Duration = Duration::from_millis(100);
/// How often a recovery is provoked until somebody dies in it.
const TRIES: u32 = 10;
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
        let stopped = kill.stopped.and_then(|stopped| self.stop(stopped));
        interrupt::sleep(after)?;
        self.kill_together(&kill.victims)?;
        if let Some((number, pid)) = stopped {
            self.release(number, pid);
        }
        Ok(())
    }

    /// Stops somebody here and now, or at a step when it comes there.
    fn stop(&self, stopped: Stopped) -> Option<(usize, i32)> {
        let number = self.find(stopped.victim)?;
        let child = self.members[number].child.as_ref()?;
        match stopped.at {
            Some((step, nth)) => self.desks.desk(number).order_to_stop(step, nth),
            None => child.signal(Signal::SIGSTOP).ok()?,
        }
        Some((number, child.pid()))
    }

    /// Lets a stopped one go on, unless it is dead: then somebody else is there, who was not stopped.
    fn release(&mut self, number: usize, pid: i32) {
        if let Some(child) = self.members[number].child.as_ref().filter(|child| child.pid() == pid) {
            let _ = child.signal(Signal::SIGCONT);
            // Wherever it may be about to stop: it is continued until it has heeded this.
            self.desks.desk(number).order(CrashPoint::ALL[0], 0);
            self.members[number].released = true;
        }
    }

    /// Waits until nobody may stop any more, at a step that it was to stop at. Whoever has nothing to
    /// do, and so does not hear of it, is killed.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        while self.members.iter().any(|member| member.released) {
            interrupt::sleep(GLANCE)?;
            self.tend()?;
            if began.elapsed() > DEAF {
                let everybody = self.members.iter().enumerate();
                let deaf = everybody.filter(|(_, member)| member.released).map(|(number, _)| number).collect();
                return self.kill_members(deaf);
            }
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
        self.kill_members(numbers)
    }

    fn kill_members(&mut self, numbers: Vec<usize>) -> Result<(), Error> {
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
    fn kill_at(&mut self, victim: Victim, step: CrashPoint, nth: u16) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        while self.deaths_at(step) == before && !self.somebody_left() {
            let Some(number) = self.find(victim) else { return Ok(()) };
            let Some(pid) = self.arm(number, step, nth) else { return Ok(()) };
            self.wait_for_death(number, pid, began, || format!("a {} to pass {step:?}", victim.role.name()))?;
        }
        Ok(())
    }

    /// Everybody is armed: who passes the step first is decided by the traffic.
    fn kill_anybody_at(&mut self, step: CrashPoint) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        self.arm_all_but(None, step, 1);
        while self.deaths_at(step) == before && !self.somebody_left() {
            self.wait(0, began, || format!("somebody to pass {step:?}"))?;
        }
        self.arm_all_but(None, step, 0);
        Ok(())
    }

    /// The victim dies at once, and whoever takes its place at a step that it passes only once.
    fn kill_at_first(&mut self, victim: Victim, step: CrashPoint) -> Result<(), Error> {
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
    /// armed, and everybody who comes. Those who did not recover are disarmed. It may be recovered by
    /// somebody who was not armed yet, again and again; then this step is left for another time.
    fn kill_in_recovery(&mut self, victim: Victim, cause: CrashPoint, step: CrashPoint) -> Result<(), Error> {
        let (before, began) = (self.deaths_at(step), Instant::now());
        let mut tries = TRIES;
        while self.deaths_at(step) == before && tries > 0 && !self.somebody_left() {
            let Some(number) = self.find(victim) else { return Ok(()) };
            self.fate = Some(step);
            self.arm_all_but(Some(number), step, 1);
            let Some(pid) = self.arm(number, cause, 1) else { return Ok(()) };
            self.wait_for_death(number, pid, began, || format!("a {} to pass {cause:?}", victim.role.name()))?;
            let (recovery, progress) = (Instant::now(), self.desks.progress());
            // Nobody else dies before there is some progress: this is no way to make a queue stand still.
            while self.deaths_at(step) == before && (recovery.elapsed() < RECOVERY || self.desks.progress() == progress)
            {
                interrupt::sleep(GLANCE)?;
                self.tend()?;
                if recovery.elapsed() > DEADLINE {
                    return Err(self.stalled(&format!("progress after a death at {cause:?}"), recovery));
                }
            }
            tries -= 1;
        }
        self.fate = None;
        self.arm_all_but(None, step, 0);
        Ok(())
    }

    fn deaths_at(&self, step: CrashPoint) -> usize {
        self.deaths.iter().filter(|death| death.cause == Cause::Step(step)).count()
    }

    /// Orders a member to die at a step, and returns its pid; `None` if it went home.
    fn arm(&self, number: usize, step: CrashPoint, nth: u16) -> Option<i32> {
        let pid = self.pid(number)?;
        self.desks.desk(number).order(step, nth);
        Some(pid)
    }

    fn arm_all_but(&self, except: Option<usize>, step: CrashPoint, nth: u16) {
        for number in (0..self.members.len()).filter(|number| Some(*number) != except) {
            self.arm(number, step, nth);
        }
    }

    fn pid(&self, number: usize) -> Option<i32> {
        self.members[number].child.as_ref().map(Child::pid)
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
