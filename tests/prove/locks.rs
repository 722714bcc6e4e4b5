//! Scenarios of the mutex, the event and the barrier.

use std::time::Duration;

use crashcheck::atomic::{AtomicU64, Ordering};
use crashcheck::{Actor, Model, Outcome, Report};
use killproof::mutex::{Holder, HowItEnded, LockError, OwnerDied, SharedMutex, SharedMutexGuard};
use killproof::sync::{Barrier, Event};

/// Longer than an execution lasts, but for one that hangs.
const PATIENCE: Duration = Duration::from_secs(1);

/// Two halves that are equal whenever no holder is inside.
pub(crate) type Halves = [AtomicU64; 2];

pub(crate) fn values(halves: &Halves) -> [u64; 2] {
    halves.each_ref().map(|half| half.load(Ordering::Relaxed))
}

/// Makes the halves equal.
pub(crate) fn repair(died: OwnerDied<'_, Halves>) -> SharedMutexGuard<'_, Halves> {
    died.repair(|halves| {
        let most = values(halves).into_iter().max().unwrap_or(0);
        for half in halves {
            half.store(most, Ordering::Relaxed);
        }
    })
}

/// The holder that is said to have died inside did, and has that name. (An actor's process id is its number and 100.)
pub(crate) fn is_named(holder: &Holder) {
    let actor = usize::try_from(holder.pid - 100).expect("the process id of an actor");
    assert_eq!((holder.end, &*holder.name), (HowItEnded::Died, &*format!("actor {actor}")));
    assert!(!crashcheck::actor::is_alive(actor), "actor {actor} is said to have died, and lives");
}

/// Takes the mutex, repairs what a dead holder left, and adds one to both halves.
fn add(mutex: &SharedMutex<Halves>) {
    let guard = match mutex.lock() {
        Ok(guard) => guard,
        Err(LockError::OwnerDied(died)) => {
            is_named(died.holder());
            repair(died)
        }
        Err(error) => panic!("lock: {error}"),
    };
    let [first, second] = values(&guard);
    assert_eq!(first, second, "a holder came to halves that differ, and did not learn of a death");
    guard[0].store(first + 1, Ordering::Relaxed);
    guard[1].store(second + 1, Ordering::Relaxed);
}

/// Each actor takes the mutex as often as `times` says.
fn exclusive(model: &Model, times: &[u64]) -> Report {
    let runs: Vec<_> =
        times.iter().map(|times| move |mutex: &SharedMutex<Halves>| (0..*times).for_each(|_| add(mutex))).collect();
    let names = ["one", "other", "third"];
    let actors: Vec<Actor<'_, _>> = names.iter().zip(&runs).map(|(name, run)| Actor::new(name, run)).collect();
    let set_up = || SharedMutex::new(Halves::default()).expect("a mutex");
    model.explore(set_up, &actors, |mutex, outcome: &Outcome| {
        // What main finds is whole, or said not to be.
        let found = match mutex.lock() {
            Ok(guard) => values(&guard),
            Err(LockError::OwnerDied(died)) => {
                is_named(died.holder());
                values(&repair(died))
            }
            Err(error) => return Err(format!("lock: {error}")),
        };
        let least: u64 = times.iter().zip(&outcome.dead).filter(|(_, dead)| !**dead).map(|(times, _)| times).sum();
        let most: u64 = times.iter().sum();
        if found[0] == found[1] && (least..=most).contains(&found[0]) {
            Ok(())
        } else {
            Err(format!("{found:?} for {least} to {most} times"))
        }
    })
}

pub(crate) fn two_holders(model: &Model) -> Report {
    exclusive(model, &[1, 1])
}

pub(crate) fn three_holders(model: &Model) -> Report {
    exclusive(model, &[1, 1, 1])
}

/// A holder comes again, after another one that may have died in between.
pub(crate) fn a_holder_twice(model: &Model) -> Report {
    exclusive(model, &[2, 1])
}

pub(crate) fn event(model: &Model) -> Report {
    struct Run {
        event: Event,
        message: AtomicU64,
    }
    let sets = |run: &Run| {
        run.message.store(1, Ordering::Relaxed);
        run.event.set();
    };
    let waits = |run: &Run| {
        if run.event.wait(PATIENCE).is_ok() {
            assert_eq!(run.message.load(Ordering::Relaxed), 1, "what came before the event is not seen");
        } else {
            assert!(!crashcheck::actor::is_alive(1), "a wait for an event that was set timed out");
        }
    };
    let looks_first = |run: &Run| {
        if run.event.is_set() {
            assert_eq!(run.message.load(Ordering::Relaxed), 1, "what came before the event is not seen");
        } else {
            waits(run);
        }
    };
    let set_up = || Run { event: Event::new().expect("an event"), message: AtomicU64::new(0) };
    let actors = [Actor::new("setter", &sets), Actor::new("one", &waits), Actor::new("other", &looks_first)];
    model.explore(set_up, &actors, |_, _| Ok(()))
}

pub(crate) fn barrier(model: &Model) -> Report {
    struct Run {
        barrier: Barrier,
        before: [AtomicU64; 2],
    }
    let party = |me: usize| {
        move |run: &Run| {
            run.before[me].store(1, Ordering::Relaxed);
            if run.barrier.wait(PATIENCE).is_ok() {
                assert_eq!(run.before[1 - me].load(Ordering::Relaxed), 1, "a party passed alone");
            } else {
                assert!(!crashcheck::actor::is_alive(2 - me), "a party that was not alone timed out");
            }
        }
    };
    let set_up = || Run { barrier: Barrier::new(2).expect("a barrier"), before: Default::default() };
    let (one, other) = (party(0), party(1));
    model.explore(set_up, &[Actor::new("one", &one), Actor::new("other", &other)], |_, _| Ok(()))
}

/// One party gives up, and its arrival is taken back unless the other one has come.
pub(crate) fn barrier_given_up(model: &Model) -> Report {
    struct Run {
        barrier: Barrier,
        before: [AtomicU64; 2],
        passed: [AtomicU64; 2],
    }
    struct GivesUp;
    impl From<killproof::Error> for GivesUp {
        fn from(_: killproof::Error) -> Self {
            Self
        }
    }
    let gives_up = |run: &Run| {
        run.before[0].store(1, Ordering::Relaxed);
        if run.barrier.wait_while(PATIENCE, || Err(GivesUp)).is_ok() {
            assert_eq!(run.before[1].load(Ordering::Relaxed), 1, "a party passed alone");
            run.passed[0].store(1, Ordering::Relaxed);
        }
    };
    let waits = |run: &Run| {
        run.before[1].store(1, Ordering::Relaxed);
        if run.barrier.wait(Duration::from_millis(100)).is_ok() {
            assert_eq!(run.before[0].load(Ordering::Relaxed), 1, "a party passed alone");
            run.passed[1].store(1, Ordering::Relaxed);
        }
    };
    let set_up =
        || Run { barrier: Barrier::new(2).expect("a barrier"), before: Default::default(), passed: Default::default() };
    let actors = [Actor::new("gives up", &gives_up), Actor::new("waits", &waits)];
    model.clone().time_may_pass().explore(set_up, &actors, |run, outcome| {
        match run.passed.each_ref().map(|passed| passed.load(Ordering::Relaxed)) {
            [first, second] if first == second || outcome.dead.contains(&true) => Ok(()),
            passed => Err(format!("one party passed, and the other one did not: {passed:?}")),
        }
    })
}
