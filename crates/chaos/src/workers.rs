//! The workers of a round: started, killed as planned, reaped, replaced, and sent home.
//!
//! Nobody waits here without a deadline. Whoever does not die, or does not go home, in time is
//! wedged: the run ends, and says what everybody was in the middle of.

mod injection;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use common::process::{Child, Exit, Process};
use common::{Error, interrupt};
use killproof::crashpoint::CrashPoint;
use nix::sys::signal::Signal;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::plan::{Role, Victim, mix};
use crate::slots::{Desk, Desks};

/// Longer than any wait of a run that works, on a busy machine too.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
/// How long a dead worker may stay unnoticed while main waits for another one.
const GLANCE: Duration = Duration::from_millis(1);
/// How many of one role a round has at most.
pub(crate) const CROWD: usize = 4;

/// What a worker knows of itself.
#[derive(Debug)]
pub(crate) struct Post<'a> {
    pub(crate) role: Role,
    /// Which one of its role, from 0.
    pub(crate) place: usize,
    pub(crate) desk: Desk<'a>,
    /// Its own random numbers: another life has others.
    pub(crate) random: Xoshiro256PlusPlus,
}

/// The work of every role: it ends when the round sends the worker home.
pub(crate) type Work<'a> = &'a (dyn Fn(&mut Post) -> Result<(), Error> + Sync);

/// How somebody came to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Killed from outside.
    Instant,
    /// At a step that it was ordered to die at.
    Step(CrashPoint),
    /// By its own hand, because of what it took.
    Itself,
}

/// A worker that was killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Death {
    pub(crate) role: Role,
    pub(crate) pid: i32,
    pub(crate) cause: Cause,
    /// The last mark on its desk.
    pub(crate) mark: u64,
}

pub(crate) struct Crew<'a> {
    desks: &'a Desks,
    work: Work<'a>,
    seed: u64,
    lives: u64,
    members: Vec<Member>,
    deaths: Vec<Death>,
    /// Whoever was killed from outside and is not buried yet, by pid.
    killed: HashSet<i32>,
    /// Where whoever starts now shall die: a recovery is often the first thing that a new worker does.
    fate: Option<CrashPoint>,
    /// Roles that nobody takes the place of.
    dismissed: Vec<Role>,
}

struct Member {
    role: Role,
    place: usize,
    /// `None`: it went home.
    child: Option<Child>,
    /// It was told to stop somewhere, and now to go on.
    released: bool,
}

impl<'a> Crew<'a> {
    /// Starts so many workers of each role.
    pub(crate) fn start(desks: &'a Desks, seed: u64, crowd: &[(Role, usize)], work: Work<'a>) -> Result<Self, Error> {
        let members = crowd.iter().flat_map(|(role, count)| {
            (0..*count).map(|place| Member { role: *role, place, child: None, released: false })
        });
        let members = members.collect();
        let (deaths, killed, dismissed) = (Vec::new(), HashSet::new(), Vec::new());
        let mut crew = Self { desks, work, seed, lives: 0, members, deaths, killed, fate: None, dismissed };
        for desk in 0..crew.members.len() {
            crew.restart(desk)?;
        }
        Ok(crew)
    }

    /// Reaps whoever died, and puts others in their places.
    pub(crate) fn tend(&mut self) -> Result<(), Error> {
        for number in 0..self.members.len() {
            if self.members[number].child.as_ref().is_some_and(|child| !child.is_alive()) {
                self.bury(number)?;
            } else if self.members[number].released {
                self.members[number].released = self.resume(number)?;
            }
        }
        Ok(())
    }

    /// Waits until everybody of `role` went home, which the round has told them. Meanwhile the dead
    /// are replaced.
    pub(crate) fn go_home(&mut self, role: Role) -> Result<(), Error> {
        self.go_home_each(role, || Ok(()))
    }

    /// The same for a role whose workers are told one by one: `tell` is called again and again until
    /// the last one is gone, for one may die with the word that it got.
    pub(crate) fn go_home_each(
        &mut self,
        role: Role,
        mut tell: impl FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let began = Instant::now();
        while let Some(number) = self.members.iter().position(|member| member.role == role && member.child.is_some()) {
            tell()?;
            self.wait(number, began, || format!("a {} to end", role.name()))?;
        }
        Ok(())
    }

    /// How many of `role` are at work.
    pub(crate) fn count(&self, role: Role) -> usize {
        self.members.iter().filter(|member| member.role == role && member.child.is_some()).count()
    }

    /// The process ids of all who are at work.
    pub(crate) fn pids(&self) -> Vec<i32> {
        self.members.iter().filter_map(|member| member.child.as_ref().map(Child::pid)).collect()
    }

    /// Whether somebody went home: from then on the traffic may dry up.
    pub(crate) fn somebody_left(&self) -> bool {
        self.members.iter().any(|member| member.child.is_none())
    }

    /// Kills everybody of `role`, and nobody takes their places until [`Crew::enlist`].
    pub(crate) fn dismiss(&mut self, role: Role) -> Result<(), Error> {
        self.dismissed.push(role);
        let everybody: Vec<_> = (0..self.count(role)).map(|place| Victim { role, place }).collect();
        self.kill_together(&everybody)
    }

    /// Fills the places of `role` again.
    pub(crate) fn enlist(&mut self, role: Role) -> Result<(), Error> {
        self.dismissed.retain(|dismissed| *dismissed != role);
        for number in 0..self.members.len() {
            if self.members[number].role == role && self.members[number].child.is_none() {
                self.restart(number)?;
            }
        }
        Ok(())
    }

    /// Everybody who was killed so far.
    pub(crate) fn deaths(&self) -> &[Death] {
        &self.deaths
    }

    /// An error that says what everybody is in the middle of.
    pub(crate) fn stalled(&self, what: &str, began: Instant) -> Error {
        let doing = self.members.iter().enumerate().filter_map(|(number, member)| {
            let (doing, lasted) = self.desks.desk(number).doing()?;
            let Member { role, place, .. } = member;
            Some(format!("{} {place} is in {doing} for {:.1} s", role.name(), lasted.as_secs_f64()))
        });
        let doing: Vec<String> = doing.collect();
        let doing = if doing.is_empty() { "nobody is in an operation".to_owned() } else { doing.join(", ") };
        Error::timed_out(format_args!("{what} ({doing})"), began.elapsed().as_secs_f64().round())
    }

    /// Waits for a moment, or until this member ends; then looks after all.
    fn wait(&mut self, number: usize, began: Instant, what: impl Fn() -> String) -> Result<(), Error> {
        if let Some(child) = &mut self.members[number].child {
            child.join_timeout(GLANCE)?;
        }
        self.tend()?;
        if began.elapsed() > DEADLINE {
            return Err(self.stalled(&what(), began));
        }
        Ok(())
    }

    /// Continues one that stopped. True if it may stop again.
    fn resume(&self, number: usize) -> Result<bool, Error> {
        let Some(child) = &self.members[number].child else { return Ok(false) };
        child.signal(Signal::SIGCONT)?;
        Ok(!self.desks.desk(number).is_heeded())
    }

    /// One that ended: it went home, or was killed as it should and is replaced. Everything else is
    /// an error.
    fn bury(&mut self, number: usize) -> Result<(), Error> {
        let member = &mut self.members[number];
        let Some(mut child) = member.child.take() else { return Ok(()) };
        member.released = false;
        let desk = self.desks.desk(number);
        let exit = child.join()?;
        let outside = self.killed.remove(&child.pid()).then_some(Cause::Instant);
        let itself = desk.killed_itself().then_some(Cause::Itself);
        let cause = itself.or(outside).or(desk.armed().map(Cause::Step));
        let mark = desk.marked();
        desk.clear();
        match (exit, cause) {
            (Exit::Code(0), _) => Ok(()),
            (Exit::Signal(Signal::SIGKILL), Some(cause)) => {
                self.deaths.push(Death { role: member.role, pid: child.pid(), cause, mark });
                if self.fate.is_some_and(|fate| cause == Cause::Step(fate)) {
                    self.fate = None; // or nobody would ever get beyond it
                }
                let role = member.role;
                if self.dismissed.contains(&role) { Ok(()) } else { self.restart(number) }
            }
            _ => {
                interrupt::check()?;
                Err(Error::Child { name: child.name().to_owned(), exit })
            }
        }
    }

    fn restart(&mut self, number: usize) -> Result<(), Error> {
        self.lives += 1;
        let Member { role, place, .. } = self.members[number];
        let (desk, seed, work) = (self.desks.desk(number), mix(self.seed, self.lives), self.work);
        let live = move || {
            let random = Xoshiro256PlusPlus::seed_from_u64(seed);
            quietly(work(&mut Post { role, place, desk, random }))
        };
        let name = format!("{} {place}", role.name());
        if let Some(step) = self.fate {
            desk.order(step, 1);
        }
        self.members[number].child =
            Some(Process::new(name, live).die_with_parent().kill_on_drop().ignore_ctrl_c().start()?);
        Ok(())
    }
}

/// Whoever is interrupted, because the run is, ends without a word: main says it.
pub(crate) fn quietly(result: Result<(), Error>) -> Result<u8, Error> {
    match result {
        Err(error) if error.signal().is_some() => Ok(error.code()),
        result => result.map(|()| 0),
    }
}
