//! Scenarios of the condition variable.

use crashcheck::atomic::{AtomicU64, Ordering};
use crashcheck::{Actor, Model, Outcome, Report, actor};
use killproof::mutex::{LockError, LockTimeoutError, SharedMutex, SharedMutexGuard};
use killproof::sync::Condvar;

use super::meetings::PATIENCE;

struct Run {
    /// How many dishes there are.
    dishes: SharedMutex<AtomicU64>,
    served: Condvar,
    /// How many dishes were taken.
    taken: AtomicU64,
    /// How many notifications were sent.
    sent: AtomicU64,
}

fn set_up() -> Run {
    Run {
        dishes: SharedMutex::new(AtomicU64::new(0)).expect("a mutex"),
        served: Condvar::new().expect("a condition variable"),
        taken: AtomicU64::new(0),
        sent: AtomicU64::new(0),
    }
}

/// One store changes the value, so a dead holder leaves it whole.
fn lock(run: &Run) -> SharedMutexGuard<'_, AtomicU64> {
    match run.dishes.lock() {
        Ok(guard) => guard,
        Err(LockError::OwnerDied(died)) => died.repair(|_| ()),
        Err(error) => panic!("lock: {error}"),
    }
}

fn serves(run: &Run) {
    lock(run).fetch_add(1, Ordering::Relaxed);
    run.served.notify_one();
    run.sent.fetch_add(1, Ordering::SeqCst);
}

/// Waits for a dish and takes it. False if none came.
fn eats(run: &Run) -> bool {
    let mut guard = lock(run);
    loop {
        if guard.load(Ordering::Relaxed) > 0 {
            guard.fetch_sub(1, Ordering::Relaxed);
            run.taken.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        guard = match run.served.wait_timeout(&run.dishes, guard, PATIENCE) {
            Ok((_, waited)) if waited.timed_out() => return false,
            Ok((guard, _)) => guard,
            Err(LockTimeoutError::OwnerDied(died)) => died.repair(|_| ()),
            Err(error) => panic!("wait: {error}"),
        };
    }
}

/// Each dish was taken once or is left. A cook that died may not have served it, and an eater that died may have taken
/// one that it does not count.
fn each_dish_is_there_once(run: &Run, outcome: &Outcome, dishes: u64) -> Result<(), String> {
    let (left, taken) = (lock(run).load(Ordering::Relaxed), run.taken.load(Ordering::Relaxed));
    let known = left + taken;
    let one_died = outcome.dead.contains(&true);
    if known == dishes || one_died && known < dishes {
        Ok(())
    } else {
        Err(format!("of {dishes} dishes {taken} were taken, and {left} are left"))
    }
}

/// A waiter gave up. Then no dish is there of which the cook has sent its notification.
fn gave_up(run: &Run, dishes: u64) {
    let left = lock(run).load(Ordering::Relaxed);
    assert!(left == 0 || run.sent.load(Ordering::SeqCst) < dishes, "a waiter gave up, and a dish is there");
}

/// Two dishes for two eaters.
pub(crate) fn two_waiters(model: &Model) -> Report {
    let eats = |run: &Run| {
        if !eats(run) {
            gave_up(run, 2);
        }
    };
    let serves = |run: &Run| {
        serves(run);
        serves(run);
    };
    let actors = [Actor::new("cook", &serves), Actor::new("one", &eats), Actor::new("other", &eats)];
    model.explore(set_up, &actors, |run, outcome| each_dish_is_there_once(run, outcome, 2))
}

/// One dish: an eater that lives gets it, though the other one dies as it is notified.
pub(crate) fn one_dish(model: &Model) -> Report {
    let eats = |run: &Run| {
        if !eats(run) {
            gave_up(run, 1);
            let is_taken = run.taken.load(Ordering::Relaxed) == 1;
            assert!(is_taken || (1..=3).any(|other| !actor::is_alive(other)), "a notification was lost");
        }
    };
    let serves = |run: &Run| serves(run);
    let actors = [Actor::new("cook", &serves), Actor::new("one", &eats), Actor::new("other", &eats)];
    model.clone().time_may_pass().explore(set_up, &actors, |run, outcome| each_dish_is_there_once(run, outcome, 1))
}
