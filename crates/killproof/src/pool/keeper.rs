//! The keeper of a pool: a process with one thread that starts the workers, replaces those that die, says which task
//! was to blame, and leaves nothing of the pool behind.

mod blame;
mod duty;
mod turns;

use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

use super::bell::NotBegun;
use super::errors::TaskDeath;
use super::floor::{Gate, Phase, Wish};
use super::verdict::{Finding, worker_name};
use super::worker::{self, Station};
use crate::error::Error;
use crate::primitive::clock;
use crate::process::{self, Child, Death, Deaths, Exit, Process};
use blame::Records;
pub(super) use duty::{Duty, Limits, Owner};
use turns::Turns;

/// How soon the keeper tries again what the system refused.
const AGAIN: Duration = Duration::from_millis(50);

/// How often it tries while no worker is left.
const TRIES: u32 = 20;

/// How long it sleeps at most: by no event it learns that the owner has executed another program.
const REST: Duration = Duration::from_secs(1);

/// The whole life of the keeper, to its exit code.
pub(super) fn keep(duty: &Duty<'_>) -> u8 {
    let mut keeper = Keeper {
        duty,
        workers: duty.floor.seats().iter().map(|_| Worker::default()).collect(),
        records: Records::default(),
        turns: Turns::default(),
        without_task: Deaths::new(duty.limits.restarts),
        named: Vec::new(),
        refusals: 0,
    };
    let verdict = match keeper.begin() {
        Ok(()) => keeper.serve(),
        Err(error) => Over::Refused(error),
    };
    keeper.end(&verdict)
}

struct Keeper<'a> {
    duty: &'a Duty<'a>,
    /// For each seat.
    workers: Vec<Worker>,
    records: Records,
    turns: Turns,
    without_task: Deaths,
    /// The same deaths, as the owner reads them.
    named: Vec<TaskDeath>,
    /// How often the system refused a worker since the last one that it gave.
    refusals: u32,
}

#[derive(Default)]
struct Worker {
    child: Option<Child>,
    /// It was killed because the task that began at this time took too long.
    condemned: Option<u64>,
}

/// Why the keeper ends.
enum Over {
    /// The owner is dead.
    Orphaned,
    /// The owner wants it.
    Asked,
    /// All workers have left, as the owner wants it.
    Closed,
    GaveUp,
    NotBegun(NotBegun),
    Refused(Error),
}

impl Keeper<'_> {
    fn begin(&mut self) -> Result<(), Error> {
        // The owner may have told the kernel to forget its own children.
        process::keep_children()?;
        process::adopt_orphans()?;
        for number in 0..self.workers.len() {
            self.start(number)?;
        }
        self.duty.verdict.give(&Finding::Works);
        self.duty.floor.wake_owner().notify_all();
        Ok(())
    }

    fn start(&mut self, number: usize) -> Result<(), Error> {
        let Duty { floor, work, ringer, limits, .. } = *self.duty;
        let number_of_seat = u32::try_from(number).unwrap_or(u32::MAX);
        let station = Station {
            floor,
            work,
            ringer,
            number: number_of_seat,
            is_timed: limits.timeout.is_some(),
            max_tasks: limits.max_tasks,
        };
        let process = Process::new(worker_name(number_of_seat + 1), move || worker::live(station));
        let child = process.die_with_parent().kill_on_drop().ignore_ctrl_c().start()?;
        self.workers[number] = Worker { child: Some(child), condemned: None };
        Ok(())
    }

    /// Looks after the workers until the pool is over.
    fn serve(&mut self) -> Over {
        let Duty { floor, bell, limits, .. } = *self.duty;
        let mut rest = limits.timeout.map_or(REST, |limit| limit.min(REST));
        loop {
            if self.sleep(rest) {
                return Over::Orphaned;
            }
            // Before the dead are reaped: a worker says why it cannot begin, and then ends.
            if let Some(failure) = bell.listen() {
                return Over::NotBegun(failure);
            }
            if floor.wish() == Wish::End {
                return Over::Asked;
            }
            rest = REST;
            let any_ended = self.reap();
            if self.without_task.exceed_the_limit() {
                return Over::GaveUp;
            }
            if let Err(over) = self.restart(&mut rest) {
                return over;
            }
            if any_ended {
                self.end_what_is_left();
            }
            if floor.wish() == Wish::Close && self.have_left() {
                return Over::Closed;
            }
            self.turns.go_on(floor);
            if floor.gate() != Gate::Open {
                // A worker for which a last attempt waits says by the pipe that it is idle, unless it has closed that.
                rest = rest.min(AGAIN);
            }
            if let Some(limit) = limits.timeout {
                rest = rest.min(self.condemn(limit));
            }
        }
    }

    /// Whether all workers have left. One that is stopped goes on, to do so.
    fn have_left(&self) -> bool {
        let left = self.workers.iter().filter_map(|worker| worker.child.as_ref());
        left.map(Child::go_on).count() == 0
    }

    /// Sleeps until something happens to the pool. True if the owner has ended.
    fn sleep(&self, limit: Duration) -> bool {
        let owner = self.duty.owner;
        let children = self.workers.iter().filter_map(|worker| worker.child.as_ref());
        // A dead worker that a debugger keeps is readable, and there is nothing to do about it yet.
        let (alive, dead): (Vec<_>, Vec<_>) = children.partition(|child| child.is_alive());
        let limit = match dead.iter().any(|child| !child.is_kept()) {
            true => Duration::ZERO,
            false if dead.is_empty() => limit,
            false => limit.min(AGAIN),
        };
        let fds =
            [owner.handle, self.duty.bell.as_fd()].into_iter().chain(alive.iter().filter_map(|child| child.pidfd()));
        let mut polled: Vec<_> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        let _ = ppoll(&mut polled, Some(TimeSpec::from(limit)), None);
        polled[0].any() == Some(true) || !owner.life.is_held(owner.place)
    }

    /// Reaps the workers that have ended, and hands on what they had. True if there were any.
    fn reap(&mut self) -> bool {
        let mut any = false;
        for number in 0..self.workers.len() {
            let worker = &mut self.workers[number];
            let Some(child) = &mut worker.child else { continue };
            let Some(reaped) = child.try_reap() else { continue };
            // What it ended with is known: the keeper does not ignore SIGCHLD.
            let exit = reaped.unwrap_or(Exit::Code(0));
            let (pid, condemned) = (child.pid(), worker.condemned.take());
            worker.child = None;
            self.settle(number, pid, exit, condemned);
            any = true;
        }
        any
    }

    fn settle(&mut self, number: usize, pid: i32, exit: Exit, condemned: Option<u64>) {
        let Duty { floor, limits, .. } = *self.duty;
        let (seat, worker) = (&floor.seats()[number], u32::try_from(number).unwrap_or(u32::MAX));
        let death = TaskDeath { pid, worker: worker + 1, exit, attempt: 0 };
        let end = blame::End { death, seat: worker, is_condemned: condemned.map(|since| since == seat.since()) };
        let is_tasks = self.records.settle(floor, &limits, end, &mut self.turns);
        let leaves = exit.success() && (seat.phase() == Phase::Retired || floor.wish() != Wish::Work);
        // One that has finished a task is no sign that its successors will not.
        if !is_tasks && !leaves && condemned.is_none() && !seat.has_worked() {
            self.without_task.add(clock::now(), Death { name: worker_name(worker + 1), pid, exit });
            self.named.push(death);
            let forgotten = self.named.len().saturating_sub(self.without_task.len());
            self.named.drain(..forgotten);
        }
        seat.clear();
        // It may have been killed before a wake-up.
        floor.wake_owner().notify_all();
        floor.work().notify_all();
    }

    fn restart(&mut self, rest: &mut Duration) -> Result<(), Over> {
        if self.duty.floor.wish() != Wish::Work {
            return Ok(());
        }
        for number in 0..self.workers.len() {
            if self.workers[number].child.is_some() {
                continue;
            }
            match self.start(number) {
                Ok(()) => self.refusals = 0,
                Err(error) => {
                    self.refusals += 1;
                    *rest = AGAIN;
                    let none_is_left = self.workers.iter().all(|worker| worker.child.is_none());
                    if none_is_left && self.refusals >= TRIES {
                        return Err(Over::Refused(error));
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// Kills the workers whose task takes too long, and returns when to look again.
    fn condemn(&mut self, limit: Duration) -> Duration {
        // The clock is that of the kernel's ticks, of which each is 10 ms at most: no task is killed before its time.
        let limit = limit + Duration::from_millis(10);
        let now = clock::coarse_uptime_nanos();
        let mut next = limit;
        for (worker, seat) in self.workers.iter_mut().zip(self.duty.floor.seats()) {
            let (since, Some(child)) = (seat.since(), &worker.child) else { continue };
            if since == 0 || worker.condemned.is_some() {
                continue;
            }
            let left = limit.saturating_sub(Duration::from_nanos(now.saturating_sub(since)));
            if left.is_zero() {
                worker.condemned = Some(since);
                let _ = child.kill();
            } else {
                next = next.min(left);
            }
        }
        next
    }

    /// What dead workers had started is the keeper's now. It is not known to any other process.
    fn end_what_is_left(&self) {
        let kept: Vec<_> = self.workers.iter().filter_map(|worker| Some(worker.child.as_ref()?.pid())).collect();
        let _ = process::reap_all_but(&kept);
    }

    /// Ends all workers and all that they started, and says why.
    fn end(&mut self, over: &Over) -> u8 {
        let workers = self.workers.iter_mut().filter_map(|worker| worker.child.take());
        if matches!(over, Over::Orphaned) {
            workers.for_each(|worker| drop(worker.kill()));
        } else {
            process::end_all(workers);
        }
        let _ = process::reap_all();
        let finding = match over {
            Over::Orphaned | Over::Asked | Over::Closed => return 0,
            Over::GaveUp => Finding::GaveUp(&self.named),
            Over::NotBegun(NotBegun { worker, cause }) => Finding::NotBegun { worker: *worker, cause },
            Over::Refused(error) => Finding::Refused(error),
        };
        self.duty.verdict.give(&finding);
        self.duty.floor.wake_owner().notify_all();
        1
    }
}
