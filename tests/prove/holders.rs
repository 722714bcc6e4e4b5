//! Scenarios of the mutex: a death in the middle of a repair, a panic inside, time-outs.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use crashcheck::atomic::Ordering;
use crashcheck::{Actor, Model, Report, actor};
use killproof::mutex::{HowItEnded, LockError, LockTimeoutError, OwnerDied, SharedMutex, TryLockError};
use killproof::sync::Event;

use super::locks::{Halves, is_named, repair, values};

const LIMIT: Duration = Duration::from_millis(100);

/// Adds one to the first half, and panics.
fn panics(mutex: &SharedMutex<Halves>) {
    let inside = || {
        let guard = match mutex.lock() {
            Ok(guard) => guard,
            Err(LockError::OwnerDied(died)) => repair(died),
            Err(error) => panic!("lock: {error}"),
        };
        guard[0].fetch_add(1, Ordering::Relaxed);
        resume_unwind(Box::new(()));
    };
    assert!(catch_unwind(AssertUnwindSafe(inside)).is_err());
}

/// Takes the mutex and refuses to repair it, and the next holder learns the same.
fn refuses(mutex: &SharedMutex<Halves>) {
    let refused = match mutex.lock() {
        Ok(_) => None,
        Err(LockError::OwnerDied(died)) => Some(died.holder().clone()),
        Err(error) => panic!("lock: {error}"),
    };
    if refused.is_some() {
        match mutex.try_lock() {
            Ok(guard) => {
                let [first, second] = values(&guard);
                assert_eq!(first, second, "a refused mutex came whole, and was not repaired");
            }
            Err(TryLockError::OwnerDied(died)) => is_said_of_one_that_ended(&died),
            Err(TryLockError::WouldBlock) => {}
            Err(error) => panic!("try_lock: {error}"),
        }
    }
}

fn is_said_of_one_that_ended(died: &OwnerDied<'_, Halves>) {
    match died.holder().end {
        HowItEnded::Died => is_named(died.holder()),
        HowItEnded::Panicked => assert_eq!(died.holder().name, "actor 1", "only the first panics"),
    }
}

pub(crate) fn poison(model: &Model) -> Report {
    let repairs = |mutex: &SharedMutex<Halves>| match mutex.lock() {
        Ok(guard) => assert_eq!(values(&guard)[0], values(&guard)[1], "halves that differ, and no error"),
        Err(LockError::OwnerDied(died)) => {
            is_said_of_one_that_ended(&died);
            drop(repair(died));
        }
        Err(error) => panic!("lock: {error}"),
    };
    let set_up = || SharedMutex::new(Halves::default()).expect("a mutex");
    let actors =
        [Actor::new("panics", &panics as _), Actor::new("refuses", &refuses as _), Actor::new("repairs", &repairs)];
    model.explore(set_up, &actors, |mutex, _| match mutex.lock() {
        Ok(guard) if values(&guard)[0] != values(&guard)[1] => Err(format!("{:?}, and no error", values(&guard))),
        Ok(_) | Err(LockError::OwnerDied(_)) => Ok(()),
        Err(error) => Err(format!("lock: {error}")),
    })
}

/// A holder keeps the mutex while time passes. The others give up in time, or get it.
pub(crate) fn time_outs(model: &Model) -> Report {
    struct Run {
        mutex: SharedMutex<Halves>,
        /// It is not set, and a wait for it lets time pass.
        never: Event,
    }
    let keeps = |run: &Run| {
        let guard = match run.mutex.lock() {
            Ok(guard) => guard,
            Err(LockError::OwnerDied(died)) => repair(died),
            Err(error) => panic!("lock: {error}"),
        };
        guard[0].fetch_add(1, Ordering::Relaxed);
        assert!(run.never.wait(2 * LIMIT).is_err());
        guard[1].fetch_add(1, Ordering::Relaxed);
    };
    let waits = |run: &Run| {
        let began = actor::now();
        let tried = run.mutex.lock_timeout(LIMIT);
        let waited = actor::now().saturating_sub(began);
        match tried {
            Ok(guard) => assert_eq!(values(&guard)[0], values(&guard)[1], "a holder is inside"),
            Err(LockTimeoutError::OwnerDied(died)) => {
                is_named(died.holder());
                drop(repair(died));
            }
            Err(LockTimeoutError::TimedOut) => assert!(waited >= LIMIT, "timed out after {waited:?}"),
            Err(error) => panic!("lock_timeout: {error}"),
        }
        assert!(waited <= 2 * LIMIT, "a limit of {LIMIT:?} took {waited:?}");
    };
    let set_up =
        || Run { mutex: SharedMutex::new(Halves::default()).expect("a mutex"), never: Event::new().expect("an event") };
    let model = model.clone().time_may_pass();
    model.explore(set_up, &[Actor::new("keeps", &keeps), Actor::new("waits", &waits)], |_, _| Ok(()))
}
