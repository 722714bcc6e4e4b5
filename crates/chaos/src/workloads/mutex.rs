//! A `SharedMutex` whose lock holders are killed: inside, and on their way in and out.
//!
//! The value is a pair whose halves are equal whenever no worker is inside. The next lock holder after a
//! death inside hears which process died, and makes the halves equal; a lock holder that hears of no death
//! finds them equal. No complete change is lost, and every death inside is reported once.

mod judge;
mod request;

use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

use common::Error;
use common::mutex::{LockError, LockTimeoutError, SharedMutex, SharedMutexGuard, TryLockError};
use common::shared::Shared;
use rand::RngExt;

use crate::crash_points::CrashPoint;
use crate::hidden_proc::HiddenProc;
use crate::latency::Operation;
use crate::plan::Round;
use crate::random::one_of;
use crate::roles::{MOST_PER_ROLE, Role};
use crate::slots::Slots;
use crate::stop_flag::StopFlag;
use crate::tally::{Mutexes, Tally};
use crate::traffic::{MOMENT, WaitMode, work};
use crate::workers::{DEADLINE, Death, WorkerContext, WorkerPool};

/// Notes of a lock holder. Inside the critical section.
const INSIDE: u64 = 1;
/// On its way in or out: whether its death counts as one inside cannot be known from the note.
const BETWEEN: u64 = 2;
/// From this bit up: the process whose death the lock holder is repairing.
const REPAIRING: u32 = 8;

/// How many repairs of a round are kept.
const MOST_REPAIRS: usize = 1024;

type Value = (u64, u64);

struct MutexWorkload {
    mutex: SharedMutex<Value>,
    /// How long a worker stays inside, and how long outside, in microseconds at most. It is never outside
    /// for no time at all: a mutex that is not fair would not let any other worker in.
    work: u64,
    /// How many changes were complete.
    changes: Shared<AtomicU64>,
    /// The processes whose deaths were repaired, in order.
    repairs: Shared<[AtomicI32; MOST_REPAIRS]>,
    repaired: Shared<AtomicU32>,
    /// How often a lock holder heard of no death and found unequal halves.
    unreported: Shared<AtomicU32>,
    stop: StopFlag,
}

pub(super) fn run(mut round: Round, slots: &Slots, hidden_proc: &HiddenProc, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let holders = random.random_range(2..=MOST_PER_ROLE);
    let workload = MutexWorkload {
        mutex: SharedMutex::new((0, 0))?,
        work: one_of(random, &[1, 5, 20]),
        changes: Shared::new(AtomicU64::new(0))?,
        repairs: Shared::new([const { AtomicI32::new(0) }; MOST_REPAIRS])?,
        repaired: Shared::new(AtomicU32::new(0))?,
        unreported: Shared::new(AtomicU32::new(0))?,
        stop: StopFlag::new()?,
    };
    let work = |context: &mut WorkerContext| workload.hold(context);
    slots.latency.work_begins();
    let mut workers =
        WorkerPool::start_in(Some(hidden_proc), slots, random.random(), &[(Role::Holder, holders)], &work)?;
    let is_killed = random.random();
    workers.inject_all(&round)?;
    if let Some(stop) = round.long_stop {
        workers.stop_for_long(stop, is_killed, || {
            tally.mutexes.requests_unheard += u64::from(!workload.ask_a_waiter_to_end()?);
            Ok(())
        })?;
    }
    slots.latency.work_ends();
    workload.stop.raise();
    workers.join(Role::Holder)?;
    tally.mutexes.add(&workload.account(workers.deaths())?);
    tally.add_workers(&workers);
    Ok(())
}

impl MutexWorkload {
    fn hold(&self, context: &mut WorkerContext) -> Result<(), Error> {
        while !self.stop.is_raised() {
            context.slot.take_order();
            // A worker that dies on its way out leaves half a change, so that there is something to repair.
            let leaves_half = context.slot.dies_at_next(CrashPoint::LockUsed);
            let wait = WaitMode::any(&mut context.random);
            context.slot.note(BETWEEN);
            let mut guard = self.lock(context, wait)?;
            context.slot.note(INSIDE);
            if guard.0 != guard.1 {
                self.unreported.fetch_add(1, Ordering::SeqCst);
            }
            guard.0 += 1;
            work(&mut context.random, self.work);
            if !leaves_half {
                guard.1 += 1;
                // While it is still inside: what is counted here is in the value.
                self.changes.fetch_add(1, Ordering::SeqCst);
            }
            context.slot.note(BETWEEN);
            drop(guard);
            context.slot.note(0);
            context.slot.complete();
            work(&mut context.random, self.work);
        }
        Ok(())
    }

    fn lock(&self, context: &WorkerContext, wait: WaitMode) -> Result<SharedMutexGuard<'_, Value>, Error> {
        loop {
            let locked = context.slot.within(wait.limit(), Operation::Lock, || match wait {
                WaitMode::Blocking => self.mutex.lock().map_err(|error| match error {
                    LockError::OwnerDied(died) => LockTimeoutError::OwnerDied(died),
                    LockError::Interrupted(signal) => LockTimeoutError::Interrupted(signal),
                    LockError::AlreadyHeld => LockTimeoutError::AlreadyHeld,
                    LockError::TooManyHeld => LockTimeoutError::TooManyHeld,
                }),
                WaitMode::Timeout => self.mutex.lock_timeout(MOMENT),
                WaitMode::Polling => self.mutex.try_lock().map_err(|error| match error {
                    TryLockError::OwnerDied(died) => LockTimeoutError::OwnerDied(died),
                    TryLockError::WouldBlock => LockTimeoutError::TimedOut,
                    TryLockError::AlreadyHeld => LockTimeoutError::AlreadyHeld,
                    TryLockError::TooManyHeld => LockTimeoutError::TooManyHeld,
                }),
            });
            match locked {
                Err(LockTimeoutError::TimedOut) => std::thread::yield_now(),
                Err(LockTimeoutError::OwnerDied(died)) => {
                    let dead = died.holder().pid;
                    context.slot.note(u64::from(dead.cast_unsigned()) << REPAIRING | BETWEEN);
                    let guard = died.repair(|value| value.1 = value.0);
                    self.write_down_repair(dead);
                    context.slot.note(BETWEEN);
                    return Ok(guard);
                }
                locked => return locked.map_err(Error::from),
            }
        }
    }

    fn write_down_repair(&self, dead: i32) {
        let place = self.repaired.fetch_add(1, Ordering::SeqCst) as usize;
        if let Some(repair) = self.repairs.get(place) {
            repair.store(dead, Ordering::SeqCst);
        }
    }

    /// Holds the value and the repairs against the deaths.
    fn account(&self, deaths: &[Death]) -> Result<Mutexes, Error> {
        let (a, b) = *self.lock_last()?;
        let changes = self.changes.load(Ordering::SeqCst);
        let repaired = (self.repaired.load(Ordering::SeqCst) as usize).min(MOST_REPAIRS);
        let repairs: Vec<i32> = self.repairs[..repaired].iter().map(|pid| pid.load(Ordering::SeqCst)).collect();
        Ok(Mutexes {
            changes,
            // A change that was cut short may be in the value; a complete one must be.
            changes_lost: changes.saturating_sub(a) + a.saturating_sub(changes + deaths.len() as u64),
            unreported: u64::from(self.unreported.load(Ordering::SeqCst)) + u64::from(a != b),
            ..judge::judge(deaths, &repairs)
        })
    }

    /// All workers have ended. The last lock holder may have died inside.
    fn lock_last(&self) -> Result<SharedMutexGuard<'_, Value>, Error> {
        match self.mutex.lock_timeout(DEADLINE) {
            Err(LockTimeoutError::OwnerDied(died)) => {
                self.write_down_repair(died.holder().pid);
                Ok(died.repair(|value| value.1 = value.0))
            }
            locked => locked.map_err(Error::from),
        }
    }
}
