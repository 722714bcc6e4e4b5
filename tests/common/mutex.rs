//! The mutex that outlives its holder.

use std::time::Duration;

use common::Error;
use common::gate::Gate;
use common::mutex::{LockError, SharedMutex};
use common::process::{Child, Process};

use crate::PATIENCE;

pub(crate) fn no_increment_is_lost_between_processes_and_threads() {
    let counter = SharedMutex::new(0_u64).expect("memory");
    let add = || {
        for _ in 0..2_000 {
            let mut guard = counter.lock().expect("nobody dies here");
            let seen = *guard;
            std::hint::black_box(seen);
            *guard = seen + 1;
        }
    };
    let start = |_| Process::new("adds", add).start().expect("a process");
    let mut children: Vec<Child> = (0..4).map(start).collect();
    for child in &mut children {
        assert!(child.join().expect("its end").success());
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(add);
        }
    });
    assert_eq!(*counter.lock().expect("free"), 16_000);
}

/// Kills a process that holds the mutex and has changed half of the value.
fn kill_a_holder(mutex: &SharedMutex<(u32, u32)>) {
    let inside = Gate::new().expect("memory");
    let holds = || -> Result<(), Error> {
        let mut guard = mutex.lock()?;
        guard.0 += 1;
        inside.open();
        Gate::new()?.wait(PATIENCE)?;
        guard.1 += 1;
        Ok(())
    };
    let mut child = Process::new("holder", holds).start().expect("a process");
    inside.wait(PATIENCE).expect("it is inside");
    assert!(matches!(mutex.try_lock(), Err(LockError::WouldBlock)));
    child.kill().expect("a signal");
    child.join().expect("its end");
}

pub(crate) fn the_next_holder_is_told_that_the_last_one_was_killed() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    for round in 1..=20 {
        kill_a_holder(&mutex);
        let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("nobody was told") };
        assert_eq!(*died.value(), (round, round - 1));
        let guard = died.repair(|value| value.1 = value.0);
        assert_eq!(*guard, (round, round));
        drop(guard);
        assert_eq!(*mutex.lock().expect("repaired"), (round, round));
    }
}

pub(crate) fn the_news_stays_until_somebody_repairs() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    kill_a_holder(&mutex);
    for _ in 0..3 {
        let Err(LockError::OwnerDied(died)) = mutex.try_lock() else { panic!("nobody was told") };
        drop(died); // refused
    }
    let Err(LockError::OwnerDied(died)) = mutex.lock_timeout(PATIENCE) else { panic!("nobody was told") };
    drop(died.repair(|_| ()));
    assert!(mutex.lock().is_ok());
}

pub(crate) fn a_panic_inside_is_told_too() {
    let mutex = SharedMutex::new(1_u32).expect("memory");
    let panics = || -> u8 {
        let _guard = mutex.lock().expect("free");
        panic!("on purpose, inside the mutex");
    };
    let mut child = Process::new("panics", panics).start().expect("a process");
    child.join().expect("its end");
    assert!(matches!(mutex.lock(), Err(LockError::OwnerDied(_))));
}

pub(crate) fn try_lock_and_lock_timeout_do_not_wait_for_ever() {
    let mutex = SharedMutex::new(1_u32).expect("memory");
    let guard = mutex.lock().expect("free");
    let look = || {
        let busy = matches!(mutex.try_lock(), Err(LockError::WouldBlock))
            && matches!(mutex.lock_timeout(Duration::from_millis(5)), Err(LockError::TimedOut));
        u8::from(!busy)
    };
    let mut child = Process::new("looks", look).start().expect("a process");
    assert!(child.join().expect("its end").success());
    drop(guard);
    assert_eq!(*mutex.lock_timeout(Duration::ZERO).expect("free again"), 1);
}
