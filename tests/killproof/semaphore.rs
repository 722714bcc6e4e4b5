//! Semaphores: permits that come back from the dead.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::Error;
use killproof::crashpoint::{self, CrashPoint};
use killproof::process::{Child, Exit, Process};
use killproof::procfs;
use killproof::shared::Shared;
use killproof::sync::{Event, Permit, Semaphore};
use nix::sys::signal::{Signal, raise};

use crate::{PATIENCE, wait_for};

const MOMENT: Duration = Duration::from_millis(1);

/// A process that takes every permit, and holds them until it dies.
fn holder(semaphore: &Semaphore, permits: u32) -> Child {
    let holds = Event::new().expect("memory");
    let hold = || -> Result<(), Error> {
        let _all = (0..permits).map(|_| semaphore.acquire()).collect::<Result<Vec<Permit<'_>>, _>>()?;
        holds.set();
        Event::new()?.wait(Duration::MAX)
    };
    let child = Process::new("holder", hold).kill_on_drop().start().expect("a process");
    wait_for(&child, "it holds them", || holds.is_set());
    child
}

#[track_caller]
fn is_timed_out(acquired: &Result<Permit<'_>, Error>) {
    assert!(matches!(acquired, Err(Error::TimedOut { .. })), "{acquired:?}");
}

pub(crate) fn no_more_processes_hold_permits_than_there_are() {
    const ROUNDS: u32 = 60;
    let semaphore = Semaphore::new(2).expect("memory");
    let inside = Shared::new(AtomicU32::new(0)).expect("memory");
    let most = Shared::new(AtomicU32::new(0)).expect("memory");
    let works = || -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let _permit = semaphore.acquire()?;
            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::yield_now();
            inside.fetch_sub(1, Ordering::SeqCst);
        }
        Ok(())
    };
    let start = |name| Process::new(name, works).kill_on_drop().start().expect("a process");
    for mut child in ["a", "b", "c", "d"].map(start) {
        assert_eq!(child.join().expect("its end"), Exit::Code(0));
    }
    assert!(most.load(Ordering::SeqCst) <= 2, "{most:?} were inside");
    assert_eq!(semaphore.available(), 2);
}

pub(crate) fn the_permits_of_a_killed_holder_are_free() {
    let semaphore = Semaphore::new(3).expect("memory");
    let mut dies = holder(&semaphore, 3);
    assert!(semaphore.try_acquire().expect("a place").is_none());
    let waits = || semaphore.acquire_timeout(PATIENCE).map(drop);
    let mut waiter = Process::new("waits", waits).start().expect("a process");
    dies.kill().expect("it lives");
    dies.join().expect("its end");
    assert_eq!(waiter.join().expect("its end"), Exit::Code(0));
    let all: Vec<_> = (0..3).map(|_| semaphore.try_acquire().expect("a place")).collect();
    assert!(all.iter().all(Option::is_some));
    assert!(semaphore.try_acquire().expect("a place").is_none(), "a permit came back twice");
}

pub(crate) fn a_successor_in_the_place_of_a_dead_holder_holds_none_of_its_permits() {
    let semaphore = Semaphore::new(2).expect("memory");
    for _ in 0..3 {
        let mut dies = holder(&semaphore, 2);
        dies.kill().expect("it lives");
        dies.join().expect("its end");
    }
    let takes_and_gives = || semaphore.acquire_timeout(PATIENCE).map(drop);
    let mut successor = Process::new("successor", takes_and_gives).start().expect("a process");
    assert_eq!(successor.join().expect("its end"), Exit::Code(0));
    assert_eq!(semaphore.available(), 2);
}

pub(crate) fn a_waiter_for_a_permit_keeps_its_time_while_the_holder_is_stopped() {
    let semaphore = Semaphore::new(1).expect("memory");
    let child = holder(&semaphore, 1);
    child.signal(Signal::SIGSTOP).expect("it lives");
    wait_for(&child, "its stop", || {
        procfs::status(child.pid()).expect("/proc").is_some_and(|status| status.state == 'T')
    });
    is_timed_out(&semaphore.acquire_timeout(MOMENT));
    is_timed_out(&semaphore.acquire_timeout(Duration::ZERO));
    assert_eq!(semaphore.available(), 0, "a stopped holder is no dead one");
    child.signal(Signal::SIGCONT).expect("it lives");
}

pub(crate) fn a_holder_that_is_killed_as_it_wakes_a_waiter_leaves_none_asleep() {
    for point in [CrashPoint::WakeAnnounced, CrashPoint::WakeCleared] {
        let semaphore = Semaphore::new(1).expect("memory");
        let may_go = Event::new().expect("memory");
        let holds = Event::new().expect("memory");
        let dies = || -> Result<(), Error> {
            let permit = semaphore.acquire()?;
            holds.set();
            may_go.wait(PATIENCE)?;
            crashpoint::arm(point, 1);
            drop(permit);
            // It had no waiter to wake, or found one asleep.
            raise(Signal::SIGKILL).expect("a signal to itself");
            Ok(())
        };
        let mut dying = Process::new("dies", dies).kill_on_drop().start().expect("a process");
        wait_for(&dying, "it holds the permit", || holds.is_set());
        let waits = || semaphore.acquire_timeout(PATIENCE).map(drop);
        let mut waiters = ["one", "other"].map(|name| Process::new(name, waits).start().expect("a process"));
        may_go.set();
        assert_eq!(dying.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
        for waiter in &mut waiters {
            assert_eq!(waiter.join().expect("its end"), Exit::Code(0), "{point:?}");
        }
    }
}

pub(crate) fn a_consumed_permit_is_gone_and_an_added_one_wakes_a_waiter() {
    let semaphore = Semaphore::new(1).expect("memory");
    semaphore.acquire().expect("a permit").consume();
    is_timed_out(&semaphore.acquire_timeout(MOMENT));
    let waits =
        || -> Result<(), Error> { (0..3).try_for_each(|_| semaphore.acquire_timeout(PATIENCE).map(Permit::consume)) };
    let mut waiter = Process::new("waits", waits).start().expect("a process");
    semaphore.add_permits(1).expect("room");
    semaphore.add_permits(2).expect("room");
    assert_eq!(waiter.join().expect("its end"), Exit::Code(0));
    assert_eq!(semaphore.available(), 0);
}

pub(crate) fn a_bounded_semaphore_refuses_a_permit_too_many() {
    let semaphore = Semaphore::bounded(2).expect("memory");
    let refused = semaphore.add_permits(1).expect_err("there are two");
    assert!(matches!(refused, Error::Unusable { .. }), "{refused:?}");
    let permit = semaphore.acquire().expect("a permit");
    assert!(semaphore.add_permits(1).is_err(), "a held permit counts");
    permit.consume();
    semaphore.add_permits(1).expect("one is gone");
    semaphore.add_permits(0).expect("nothing");
    assert_eq!(semaphore.available(), 2);
    assert!(Semaphore::new(u32::MAX).expect("memory").add_permits(1).is_err());
}

pub(crate) fn the_copy_of_a_permit_in_a_child_does_nothing() {
    thread_local! {
        static HELD: RefCell<Option<Permit<'static>>> = const { RefCell::new(None) };
    }
    let semaphore: &'static Semaphore = Box::leak(Box::new(Semaphore::new(2).expect("memory")));
    HELD.set(Some(semaphore.acquire().expect("a permit")));
    let drops = || {
        if let Some(copy) = HELD.take() {
            copy.consume();
        }
        // This process holds one of its own.
        let own = semaphore.try_acquire().expect("a place");
        u8::from(own.is_none() || semaphore.available() != 0)
    };
    let mut child = Process::new("drops", drops).start().expect("a process");
    assert_eq!(child.join().expect("its end"), Exit::Code(0));
    assert_eq!(semaphore.available(), 1);
    HELD.set(None);
    assert_eq!(semaphore.available(), 2);
}

pub(crate) fn a_semaphore_without_permits_waits_for_one() {
    let semaphore = Semaphore::new(0).expect("memory");
    assert!(semaphore.try_acquire().expect("a place").is_none());
    is_timed_out(&semaphore.acquire_timeout(MOMENT));
    let adds = || semaphore.add_permits(1);
    let mut child = Process::new("adds", adds).linked().start().expect("a process");
    drop(semaphore.acquire().expect("a permit"));
    assert_eq!(child.join().expect("its end"), Exit::Code(0));
}
