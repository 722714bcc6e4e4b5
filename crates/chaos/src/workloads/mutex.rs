//! An arena: a `SharedMutex` whose holders are killed, inside and on their way in and out.
//!
//! The value is a pair whose halves are equal whenever nobody is inside. Whoever gets the mutex
//! after a death inside is told who died, and puts the halves right; whoever is told nothing finds
//! them equal. No change that was complete is lost, and every death inside is told once.

use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

use common::Error;
use common::mutex::{LockError, LockTimeoutError, SharedMutex, SharedMutexGuard, TryLockError};
use common::shared::Shared;
use killproof::crashpoint::CrashPoint;
use rand::RngExt;

use crate::plan::{Role, Round};
use crate::slots::{Desks, Doing};
use crate::tally::{Mutexes, Tally};
use crate::traffic::{MOMENT, Patience, one_of, work};
use crate::workers::{CROWD, Cause, Crew, DEADLINE, Death, Post};

/// Marks on a holder's desk. Neither: it is outside.
const INSIDE: u64 = 1;
/// On its way in or out: whether it counts as inside is known to nobody.
const BETWEEN: u64 = 2;
/// In these bits, above the others: whose death it was told and is putting right.
const REPAIRING: u32 = 8;

/// How many repairs of a round are kept.
const REPAIRS: usize = 1024;

type Value = (u64, u64);

struct Arena {
    mutex: SharedMutex<Value>,
    /// How long a holder stays inside, and how long outside, in microseconds at most. Nobody is ever
    /// outside for no time at all: a mutex that is not fair would never come round then.
    work: u64,
    /// How many changes were complete.
    changes: Shared<AtomicU64>,
    /// Whose death was repaired, in order.
    repairs: Shared<[AtomicI32; REPAIRS]>,
    repaired: Shared<AtomicU32>,
    /// How often somebody was told nothing and found unequal halves.
    untold: Shared<AtomicU32>,
    over: Shared<AtomicU32>,
}

/// Plays one round.
pub(crate) fn play(mut round: Round, desks: &Desks, tally: &mut Tally) -> Result<(), Error> {
    let random = &mut round.random;
    let holders = random.random_range(2..=CROWD);
    let arena = Arena {
        mutex: SharedMutex::new((0, 0))?,
        work: one_of(random, &[1, 5, 20]),
        changes: Shared::new(AtomicU64::new(0))?,
        repairs: Shared::new([const { AtomicI32::new(0) }; REPAIRS])?,
        repaired: Shared::new(AtomicU32::new(0))?,
        untold: Shared::new(AtomicU32::new(0))?,
        over: Shared::new(AtomicU32::new(0))?,
    };
    let perform = |post: &mut Post| arena.hold(post);
    desks.work_begins();
    let mut crew = Crew::start(desks, random.random(), &[(Role::Holder, holders)], &perform)?;
    for kill in &round.kills {
        crew.inflict(kill)?;
    }
    crew.settle()?;
    desks.work_ends();
    arena.over.store(1, Ordering::SeqCst);
    crew.go_home(Role::Holder)?;
    arena.account(crew.deaths(), &mut tally.mutexes)?;
    tally.deaths(crew.deaths());
    Ok(())
}

impl Arena {
    fn hold(&self, post: &mut Post) -> Result<(), Error> {
        while self.over.load(Ordering::SeqCst) == 0 {
            post.desk.heed();
            // Whoever dies on its way out leaves half a change, so that there is something to repair.
            let dies_now = post.desk.dies_at_first(CrashPoint::LockUsed);
            let patience = Patience::any(&mut post.random);
            post.desk.mark(BETWEEN);
            let mut guard = self.lock(post, patience)?;
            post.desk.mark(INSIDE);
            if guard.0 != guard.1 {
                self.untold.fetch_add(1, Ordering::SeqCst);
            }
            guard.0 += 1;
            work(&mut post.random, self.work);
            if !dies_now {
                guard.1 += 1;
                // While it is still inside: what is counted here is in the value.
                self.changes.fetch_add(1, Ordering::SeqCst);
            }
            post.desk.mark(BETWEEN);
            drop(guard);
            post.desk.mark(0);
            post.desk.progresses();
            work(&mut post.random, self.work);
        }
        Ok(())
    }

    fn lock(&self, post: &Post, patience: Patience) -> Result<SharedMutexGuard<'_, Value>, Error> {
        loop {
            let locked = post.desk.during(Doing::Lock, || match patience {
                Patience::Forever => self.mutex.lock().map_err(|error| match error {
                    LockError::OwnerDied(died) => LockTimeoutError::OwnerDied(died),
                    LockError::Interrupted(signal) => LockTimeoutError::Interrupted(signal),
                }),
                Patience::Moments => self.mutex.lock_timeout(MOMENT),
                Patience::None => self.mutex.try_lock().map_err(|error| match error {
                    TryLockError::OwnerDied(died) => LockTimeoutError::OwnerDied(died),
                    TryLockError::WouldBlock => LockTimeoutError::TimedOut,
                }),
            });
            match locked {
                Err(LockTimeoutError::TimedOut) => std::thread::yield_now(),
                Err(LockTimeoutError::OwnerDied(died)) => {
                    let dead = died.holder().pid;
                    post.desk.mark(u64::from(dead.cast_unsigned()) << REPAIRING | BETWEEN);
                    let guard = died.repair(|value| value.1 = value.0);
                    let place = self.repaired.fetch_add(1, Ordering::SeqCst) as usize;
                    if let Some(repair) = self.repairs.get(place) {
                        repair.store(dead, Ordering::SeqCst);
                    }
                    post.desk.mark(BETWEEN);
                    return Ok(guard);
                }
                locked => return locked.map_err(Error::from),
            }
        }
    }

    /// Holds what was told against who died.
    fn account(&self, deaths: &[Death], mutexes: &mut Mutexes) -> Result<(), Error> {
        let (a, b) = *self.lock_alone()?;
        let changes = self.changes.load(Ordering::SeqCst);
        let repaired = (self.repaired.load(Ordering::SeqCst) as usize).min(REPAIRS);
        let repairs: Vec<i32> = self.repairs[..repaired].iter().map(|pid| pid.load(Ordering::SeqCst)).collect();
        let account = Mutexes {
            changes,
            // A change that was cut short may be in the value; none may be missing.
            changes_lost: changes.saturating_sub(a) + a.saturating_sub(changes + deaths.len() as u64),
            untold: u64::from(self.untold.load(Ordering::SeqCst)) + u64::from(a != b),
            ..judge(deaths, &repairs)
        };
        mutexes.add(&account);
        Ok(())
    }

    /// When all have gone home nobody can be inside, but the last one may have died there.
    fn lock_alone(&self) -> Result<SharedMutexGuard<'_, Value>, Error> {
        match self.mutex.lock_timeout(DEADLINE) {
            Err(LockTimeoutError::OwnerDied(died)) => {
                let place = self.repaired.fetch_add(1, Ordering::SeqCst) as usize;
                if let Some(repair) = self.repairs.get(place) {
                    repair.store(died.holder().pid, Ordering::SeqCst);
                }
                Ok(died.repair(|value| value.1 = value.0))
            }
            locked => locked.map_err(Error::from),
        }
    }
}

/// Every death inside was told and repaired once; deaths on the way in or out once or never, and
/// others never.
fn judge(deaths: &[Death], repairs: &[i32]) -> Mutexes {
    let told = |pid: i32| repairs.iter().filter(|repaired| **repaired == pid).count();
    let mut account = Mutexes::default();
    for death in deaths {
        // Whoever was putting it right may have died between that and putting it down.
        let maybe = deaths.iter().any(|other| other.mark >> REPAIRING == u64::from(death.pid.cast_unsigned()));
        let told = told(death.pid);
        account.deaths_inside += u64::from(expected(death) == Some(1));
        let held = match expected(death) {
            Some(_) if maybe && told == 0 => true,
            Some(times) => told == times,
            None => told <= 1,
        };
        account.told_wrong += u64::from(!held);
    }
    let strangers = repairs.iter().filter(|pid| **pid != 0 && !deaths.iter().any(|death| death.pid == **pid));
    account.told_wrong += strangers.count() as u64;
    account
}

/// How often this death must be told, where that is known.
fn expected(death: &Death) -> Option<usize> {
    match (death.cause, death.mark) {
        (
            Cause::Step(
                CrashPoint::LockTaken | CrashPoint::LockSigned | CrashPoint::LockLeft | CrashPoint::LockRepaired,
            ),
            _,
        )
        | (_, 0) => Some(0),
        (Cause::Step(CrashPoint::LockEntered | CrashPoint::LockUsed), _) | (_, INSIDE) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn death(pid: i32, cause: Cause, mark: u64) -> Death {
        Death { role: Role::Holder, pid, cause, mark }
    }

    fn wrong(deaths: &[Death], repairs: &[i32]) -> u64 {
        judge(deaths, repairs).told_wrong
    }

    #[test]
    fn a_death_inside_is_told_once_and_one_outside_never() {
        let inside = [death(1, Cause::Instant, INSIDE)];
        assert_eq!((wrong(&inside, &[1]), wrong(&inside, &[]), wrong(&inside, &[1, 1])), (0, 1, 1));
        let outside = [death(1, Cause::Instant, 0)];
        assert_eq!((wrong(&outside, &[]), wrong(&outside, &[1])), (0, 1));
        let between = [death(1, Cause::Instant, BETWEEN)];
        assert_eq!((wrong(&between, &[]), wrong(&between, &[1]), wrong(&between, &[1, 1])), (0, 0, 1));
        assert_eq!(wrong(&[], &[9]), 1, "nobody of that number died");
    }

    #[test]
    fn at_a_step_it_is_known_whether_a_death_is_told() {
        let taken = [death(1, Cause::Step(CrashPoint::LockTaken), BETWEEN)];
        assert_eq!((wrong(&taken, &[]), wrong(&taken, &[1])), (0, 1));
        let entered = [death(1, Cause::Step(CrashPoint::LockEntered), BETWEEN)];
        assert_eq!((wrong(&entered, &[]), wrong(&entered, &[1])), (1, 0));
    }

    #[test]
    fn a_repair_that_was_cut_short_may_be_missing() {
        let deaths = [death(1, Cause::Instant, INSIDE), death(2, Cause::Instant, 1 << REPAIRING | BETWEEN)];
        assert_eq!((wrong(&deaths, &[1]), wrong(&deaths, &[])), (0, 0));
    }
}
