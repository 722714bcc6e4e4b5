//! The mutex that outlives its holder.

use std::time::{Duration, SystemTime};

use killproof::Error;
use killproof::crashpoint::{self, CrashPoint};
use killproof::mutex::{HowItEnded, LockError, LockTimeoutError, SharedMutex, TryLockError};
use killproof::process::{Child, Exit, Process};
use killproof::sync::Event;
use nix::sys::signal::Signal;

use crate::PATIENCE;

pub(crate) fn no_increment_is_lost_between_processes_and_threads() {
    let counter = SharedMutex::new(0_u64).expect("memory");
    let add = || {
        for _ in 0..2_000 {
            let mut guard = counter.lock().expect("no holder dies here");
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
fn kill_a_holder(mutex: &SharedMutex<(u32, u32)>, name: &str) -> i32 {
    let inside = Event::new().expect("memory");
    let holds = || -> Result<(), Error> {
        let mut guard = mutex.lock()?;
        guard.0 += 1;
        inside.set();
        Event::new()?.wait(PATIENCE)?;
        guard.1 += 1;
        Ok(())
    };
    let mut child = Process::new(name, holds).linked().start().expect("a process");
    inside.wait(PATIENCE).expect("it is inside");
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    child.kill().expect("a signal");
    child.join().expect("its end");
    child.pid()
}

pub(crate) fn the_next_holder_learns_that_the_last_one_was_killed() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    for round in 1..=20 {
        kill_a_holder(&mutex, "holder");
        let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
        assert_eq!(*died.value(), (round, round - 1));
        let guard = died.repair(|value| value.1 = value.0);
        assert_eq!(*guard, (round, round));
        drop(guard);
        assert_eq!(*mutex.lock().expect("repaired"), (round, round));
    }
}

pub(crate) fn the_death_is_reported_until_a_holder_repairs_the_value() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    kill_a_holder(&mutex, "holder");
    for _ in 0..3 {
        let Err(TryLockError::OwnerDied(died)) = mutex.try_lock() else { panic!("the death was not reported") };
        drop(died); // refused
    }
    let Err(LockTimeoutError::OwnerDied(died)) = mutex.lock_timeout(PATIENCE) else {
        panic!("the death was not reported")
    };
    drop(died.repair(|_| ()));
    assert!(mutex.lock().is_ok());
}

pub(crate) fn a_panic_inside_is_reported_too() {
    let mutex = SharedMutex::new(1_u32).expect("memory");
    let panics = || -> u8 {
        let _guard = mutex.lock().expect("free");
        panic!("on purpose, inside the mutex");
    };
    let mut child = Process::new("panics", panics).start().expect("a process");
    child.join().expect("its end");
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
    assert_eq!((died.holder().pid, died.holder().end), (child.pid(), HowItEnded::Panicked));
    drop(died.repair(|_| ()));
    assert!(mutex.lock().is_ok());
}

pub(crate) fn the_next_holder_learns_the_dead_holders_name_and_time() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    let before = SystemTime::now();
    let long = "西游记".repeat(10);
    for name in ["八戒", "holder 2", &long] {
        let pid = kill_a_holder(&mutex, name);
        let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
        let holder = died.holder();
        assert_eq!((holder.pid, holder.end), (pid, HowItEnded::Died));
        assert!(name.starts_with(&holder.name) && holder.name.len() >= name.len().min(46), "{holder:?}");
        // The clock of the record is right to the kernel's tick.
        let tick = Duration::from_millis(10);
        assert!(holder.since + tick >= before && holder.since <= SystemTime::now(), "{holder:?}");
        assert!(holder.to_string().contains(&format!("(pid {pid}), died inside")), "{holder}");
        drop(died.repair(|_| ()));
    }
}

pub(crate) fn a_thread_that_ends_inside_is_named_by_its_own_name() {
    let mutex = SharedMutex::new(0_u32).expect("memory");
    let panics = || {
        let _guard = mutex.lock().expect("free");
        // A panic, without the hook that would print it.
        std::panic::resume_unwind(Box::new("on purpose"));
    };
    let thread = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("a thread".to_owned());
        thread.spawn_scoped(scope, panics).expect("a thread").join()
    });
    assert!(thread.is_err());
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
    assert_eq!((died.holder().pid, died.holder().name.as_str()), (std::process::id().cast_signed(), "a thread"));
}

/// Kills a process at every step of lock and unlock: the death is reported when the value may be half
/// changed, and only then.
pub(crate) fn a_kill_at_any_step_is_reported_exactly_when_it_was_inside() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    for (step, inside) in [
        (CrashPoint::LockTaken, false),
        (CrashPoint::LockSigned, false),
        (CrashPoint::LockEntered, true),
        (CrashPoint::LockUsed, true),
        (CrashPoint::LockLeft, false),
    ] {
        let uses = || -> Result<(), Error> {
            crashpoint::arm(step, 1);
            let mut guard = mutex.lock()?;
            guard.0 += 1;
            guard.1 += 1;
            Ok(())
        };
        let mut child = Process::new("uses", uses).start().expect("a process");
        assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL), "{step:?}");
        match mutex.lock() {
            Ok(_) => assert!(!inside, "{step:?}: the death was not reported"),
            Err(LockError::OwnerDied(died)) => {
                assert!(inside, "{step:?}: no holder died inside");
                assert_eq!(died.holder().pid, child.pid());
                drop(died.repair(|_| ()));
            }
            Err(error) => panic!("{step:?}: {error}"),
        }
        assert!(mutex.lock().is_ok(), "{step:?}");
    }
}

pub(crate) fn a_holder_that_dies_while_repairing_leaves_the_report() {
    let mutex = SharedMutex::new((0_u32, 0_u32)).expect("memory");
    let first = kill_a_holder(&mutex, "first");
    let repairs = || {
        crashpoint::arm(CrashPoint::LockRepaired, 1);
        if let Err(LockError::OwnerDied(died)) = mutex.lock() {
            drop(died.repair(|value| value.1 = 77));
        }
    };
    let mut child = Process::new("repairs", repairs).start().expect("a process");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    let Err(LockError::OwnerDied(died)) = mutex.lock() else { panic!("the death was not reported") };
    assert_eq!((died.holder().pid, died.value().1), (first, 77));
}

pub(crate) fn try_lock_and_lock_timeout_do_not_wait_for_ever() {
    let mutex = SharedMutex::new(1_u32).expect("memory");
    let (inside, looked) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let holds = || -> Result<(), Error> {
        let _guard = mutex.lock()?;
        inside.set();
        looked.wait(PATIENCE)
    };
    let mut child = Process::new("holds", holds).linked().start().expect("a process");
    inside.wait(PATIENCE).expect("it is inside");
    assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock)));
    assert!(matches!(mutex.lock_timeout(Duration::from_millis(5)), Err(LockTimeoutError::TimedOut)));
    looked.set();
    assert!(child.join().expect("its end").success());
    assert_eq!(*mutex.lock_timeout(Duration::ZERO).expect("free again"), 1);
}
