//! Scenarios of the mutex, the event and the barrier.

use std::time::Duration;

use crashcheck::atomic::{AtomicU64, Ordering};
use crashcheck::{Actor, Model, Outcome, Report};
use killproof::mutex::{LockError, SharedMutex};
use killproof::sync::{Barrier, Event};

/// Longer than an execution lasts, but for one that hangs.
const PATIENCE: Duration = Duration::from_secs(1);

/// Two halves that are equal whenever no holder is inside.
type Halves = [AtomicU64; 2];

fn values(halves: &Halves) -> [u64; 2] {
    halves.each_ref().map(|half| half.load(Ordering::Relaxed))
}

/// Takes the mutex, repairs what a dead holder left, and adds one to both halves.
fn add(mutex: &SharedMutex<Halves>) {
    let guard = match mutex.lock() {
        Ok(guard) => guard,
        Err(LockError::OwnerDied(died)) => died.repair(|halves| {
            let [first, second] = values(halves);
            halves[0].store(first.max(second), Ordering::Relaxed);
            halves[1].store(first.max(second), Ordering::Relaxed);
        }),
        Err(error) => panic!("lock: {error}"),
    };
    let [first, second] = values(&guard);
    assert_eq!(first, second, "a holder came to halves that differ, and did not learn of a death");
    guard[0].store(first + 1, Ordering::Relaxed);
    guard[1].store(second + 1, Ordering::Relaxed);
}

fn exclusive(model: &Model, actors: usize) -> Report {
    let run = |mutex: &SharedMutex<Halves>| add(mutex);
    let names = ["one", "other", "third"];
    let actors: Vec<Actor<'_, _>> = names[..actors].iter().map(|name| Actor::new(name, &run)).collect();
    let set_up = || SharedMutex::new(Halves::default()).expect("a mutex");
    model.explore(set_up, &actors, |mutex, outcome: &Outcome| {
        // What main finds is whole, or said not to be.
        let found = match mutex.lock() {
            Ok(guard) => values(&guard),
            Err(LockError::OwnerDied(died)) => values(&died.repair(|halves| {
                let most = values(halves).into_iter().max().unwrap_or(0);
                for half in halves {
                    half.store(most, Ordering::Relaxed);
                }
            })),
            Err(error) => return Err(format!("lock: {error}")),
        };
        let living = outcome.dead.iter().filter(|dead| !**dead).count() as u64;
        let most = outcome.dead.len() as u64;
        if found[0] == found[1] && (living..=most).contains(&found[0]) {
            Ok(())
        } else {
            Err(format!("{found:?} after {living} of {most} lived"))
        }
    })
}

pub(crate) fn two_holders(model: &Model) -> Report {
    exclusive(model, 2)
}

pub(crate) fn three_holders(model: &Model) -> Report {
    exclusive(model, 3)
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
    let set_up = || Run { event: Event::new().expect("an event"), message: AtomicU64::new(0) };
    let actors = [Actor::new("setter", &sets), Actor::new("one", &waits), Actor::new("other", &waits)];
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
