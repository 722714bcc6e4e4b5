//! Condition variables: no notification is lost with its waiter.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::Error;
use killproof::mutex::{LockError, LockTimeoutError, SharedMutex};
use killproof::process::{Child, Exit, Process};
use killproof::procfs;
use killproof::shared::Shared;
use killproof::sync::{Condvar, Event};
use nix::sys::signal::{Signal, raise};

use crate::{PATIENCE, wait_for};

const MOMENT: Duration = Duration::from_millis(1);

fn new() -> (SharedMutex<u32>, Condvar) {
    (SharedMutex::new(0).expect("memory"), Condvar::new().expect("memory"))
}

/// A process that waits for a dish and takes it, within the patience of a test.
fn eater<'f>(dishes: &'f SharedMutex<u32>, served: &'f Condvar) -> Process<'f> {
    let eats = || -> Result<(), Error> {
        let guard = dishes.lock()?;
        let (mut guard, waited) = served.wait_timeout_while(dishes, guard, PATIENCE, |dishes| *dishes == 0)?;
        assert!(!waited.timed_out(), "no dish came");
        *guard -= 1;
        Ok(())
    };
    Process::new("eater", eats).kill_on_drop()
}

/// It sleeps in the kernel.
fn falls_asleep(child: &Child) {
    wait_for(child, "its sleep", || {
        procfs::status(child.pid()).expect("/proc").is_some_and(|status| matches!(status.state, 'S' | 'T'))
    });
}

pub(crate) fn each_notification_lets_a_waiter_go_on() {
    const DISHES: u32 = 100;
    let (dishes, served) = new();
    let eaten = Shared::new(AtomicU32::new(0)).expect("memory");
    let eats = || -> Result<(), Error> {
        for _ in 0..DISHES / 2 {
            let guard = dishes.lock()?;
            *served.wait_while(&dishes, guard, |dishes| *dishes == 0)? -= 1;
            eaten.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    let mut eaters = ["one", "other"].map(|name| Process::new(name, eats).linked().start().expect("a process"));
    for _ in 0..DISHES {
        *dishes.lock().expect("no death") += 1;
        served.notify_one();
    }
    for eater in &mut eaters {
        assert_eq!(eater.join().expect("its end"), Exit::Code(0));
    }
    assert_eq!((eaten.load(Ordering::Relaxed), *dishes.lock().expect("no death")), (DISHES, 0));
}

pub(crate) fn a_notification_whose_waiter_is_killed_is_another_waiters() {
    let (dishes, served) = new();
    // Stopped, it is woken, and does not come to take the mutex.
    let mut first = eater(&dishes, &served).start().expect("a process");
    falls_asleep(&first);
    first.signal(Signal::SIGSTOP).expect("it lives");
    let mut second = eater(&dishes, &served).start().expect("a process");
    falls_asleep(&second);
    *dishes.lock().expect("no death") += 1;
    served.notify_one();
    first.kill().expect("it lives");
    first.join().expect("its end");
    assert_eq!(second.join().expect("its end"), Exit::Code(0));
}

pub(crate) fn all_waiters_go_on_when_all_are_notified() {
    let (dishes, served) = new();
    let mut eaters = [(); 3].map(|()| eater(&dishes, &served).start().expect("a process"));
    eaters.iter().for_each(falls_asleep);
    *dishes.lock().expect("no death") += 3;
    served.notify_all();
    for eater in &mut eaters {
        assert_eq!(eater.join().expect("its end"), Exit::Code(0));
    }
}

pub(crate) fn a_waiter_learns_of_a_holder_that_died_inside() {
    let (dishes, served) = new();
    let waits = || {
        let guard = dishes.lock().expect("no death");
        match served.wait_while(&dishes, guard, |dishes| *dishes == 0) {
            Err(LockError::OwnerDied(died)) => u8::from(died.holder().name != "dies" || *died.value() != 1),
            _ => 1,
        }
    };
    let mut waiter = Process::new("waits", waits).kill_on_drop().start().expect("a process");
    falls_asleep(&waiter);
    let dies = || {
        let mut guard = dishes.lock().expect("no death");
        *guard += 1;
        served.notify_one();
        raise(Signal::SIGKILL).expect("a signal to itself");
        drop(guard);
    };
    let mut dying = Process::new("dies", dies).start().expect("a process");
    assert_eq!(dying.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    assert_eq!(waiter.join().expect("its end"), Exit::Code(0));
}

pub(crate) fn a_wait_that_times_out_has_the_mutex_again_or_says_that_it_has_not() {
    let (dishes, served) = new();
    let guard = dishes.lock().expect("no death");
    let (guard, waited) = served.wait_timeout(&dishes, guard, MOMENT).expect("the mutex is free");
    assert!(waited.timed_out());
    let (holds, may_hold) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let stops = || -> Result<(), Error> {
        may_hold.wait(PATIENCE)?;
        let guard = dishes.lock()?;
        holds.set();
        raise(Signal::SIGSTOP).expect("a signal to itself");
        drop(guard);
        Ok(())
    };
    drop(guard);
    let mut holder = Process::new("stops", stops).kill_on_drop().start().expect("a process");
    let guard = dishes.lock().expect("no death");
    may_hold.set();
    // The holder comes in as the waiter falls asleep, and keeps the mutex.
    let waited = served.wait_timeout(&dishes, guard, Duration::from_millis(200));
    let came_too_late = match waited {
        Err(LockTimeoutError::TimedOut) => false,
        Ok((guard, _)) => {
            drop(guard);
            wait_for(&holder, "it holds the mutex", || holds.is_set());
            true
        }
        Err(error) => panic!("{error}"),
    };
    if came_too_late {
        assert!(dishes.lock_timeout(MOMENT).is_err());
    }
    holder.signal(Signal::SIGCONT).expect("it lives");
    assert_eq!(holder.join().expect("its end"), Exit::Code(0));
}

pub(crate) fn a_wait_with_the_guard_of_another_mutex_is_refused() {
    let (dishes, served) = new();
    let other = SharedMutex::new(0_u32).expect("memory");
    let guard = other.lock().expect("no death");
    let waits = AssertUnwindSafe(|| served.wait(&dishes, guard).map(drop));
    // Without the hook that would print it.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let panicked = panic::catch_unwind(waits).is_err();
    panic::set_hook(hook);
    assert!(panicked);
}
