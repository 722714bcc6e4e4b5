//! Barriers at which a party gives up.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::Error;
use killproof::interrupt;
use killproof::process::{Exit, Process};
use killproof::shared::Shared;
use killproof::sync::{Barrier, BarrierWaitResult};
use nix::sys::signal::{Signal, raise};

use crate::{PATIENCE, fresh, wait_for};

/// The barrier is as if no party had ever come: it holds one, and lets two pass.
fn assert_untouched(barrier: &Barrier) {
    assert!(matches!(barrier.wait(Duration::ZERO), Err(Error::TimedOut { .. })), "one party passed alone");
    let mut other = Process::new("comes", || barrier.wait(PATIENCE)).linked().start().expect("a process");
    barrier.wait(PATIENCE).expect("both are there");
    assert!(other.join().expect("its end").success());
}

pub(crate) fn an_arrival_whose_time_is_up_is_taken_back() {
    let barrier = Barrier::new(2).expect("memory");
    for _ in 0..3 {
        let error = barrier.wait(Duration::from_millis(1)).expect_err("the other party does not come");
        assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    }
    assert_untouched(&barrier);
}

pub(crate) fn an_arrival_whose_look_fails_is_taken_back() {
    let barrier = Barrier::new(2).expect("memory");
    let fails = || Err(Error::Unusable { operation: "wait", cause: "on purpose".into() });
    let error = barrier.wait_while(PATIENCE, fails).expect_err("the look fails");
    assert!(matches!(error, Error::Unusable { .. }), "{error:?}");
    // A panic, without the hook that would print it.
    let panics = || -> Result<(), Error> { panic::resume_unwind(Box::new("on purpose")) };
    let waits = || barrier.wait_while(PATIENCE, panics);
    assert!(panic::catch_unwind(AssertUnwindSafe(waits)).is_err());
    assert_untouched(&barrier);
}

pub(crate) fn an_arrival_that_is_interrupted_is_taken_back() {
    if fresh::argument().is_none() {
        let again = fresh::run("barrier::an_arrival_that_is_interrupted_is_taken_back", "asked to end".into(), |_| ());
        assert_eq!(again.start().expect("a process").join().expect("its end"), Exit::Code(0));
        return;
    }
    let barrier = Barrier::new(2).expect("memory");
    interrupt::catch_signals().expect("handlers");
    raise(Signal::SIGTERM).expect("a signal to itself");
    for _ in 0..2 {
        let error = barrier.wait(PATIENCE).expect_err("this process is asked to end");
        assert!(matches!(error, Error::Interrupted(Signal::SIGTERM)), "{error:?}");
    }
}

/// The last party passes while the first one gives up: so the first one passes, too.
pub(crate) fn an_arrival_is_not_taken_back_once_all_have_come() {
    let barrier = Barrier::new(2).expect("memory");
    let last_one_comes = || {
        std::thread::scope(|scope| scope.spawn(|| barrier.wait(PATIENCE)).join()).expect("no panic")?;
        Err(Error::Unusable { operation: "wait", cause: "on purpose".into() })
    };
    barrier.wait_while(PATIENCE, last_one_comes).expect("the other party has passed");
}

pub(crate) fn parties_that_give_up_and_come_again_meet_at_every_barrier() {
    const ROUNDS: usize = 200;
    let new = |_| (Barrier::new(2).expect("memory"), Shared::new(AtomicU32::new(0)).expect("memory"));
    let rounds: Vec<_> = (0..ROUNDS).map(new).collect();
    let comes_once = || -> Result<(), Error> {
        rounds.iter().try_for_each(|(barrier, came)| {
            came.store(1, Ordering::SeqCst);
            barrier.wait(PATIENCE)
        })
    };
    let mut child = Process::new("comes once", comes_once).kill_on_drop().start().expect("a process");
    for (barrier, came) in &rounds {
        let mut gave_up = 0_u64;
        while barrier.wait(Duration::from_nanos(gave_up % 64)).is_err() {
            gave_up += 1;
        }
        assert_eq!(came.load(Ordering::SeqCst), 1, "one party passed alone after giving up {gave_up} times");
    }
    assert!(child.join().expect("its end").success());
}

pub(crate) fn the_parties_of_a_barrier_meet_again_and_again_and_elect_one_each_time() {
    const ROUNDS: u32 = 200;
    let barrier = Barrier::new(3).expect("memory");
    let (came, leaders) =
        (Shared::new(AtomicU32::new(0)).expect("memory"), Shared::new(AtomicU32::new(0)).expect("memory"));
    let comes = || -> Result<(), Error> {
        for round in 1..=ROUNDS {
            came.fetch_add(1, Ordering::SeqCst);
            leaders.fetch_add(barrier.elect(PATIENCE)?.is_leader().into(), Ordering::SeqCst);
            // No party comes to the next meeting before all have read this.
            let all = came.load(Ordering::SeqCst);
            assert_eq!(all, 3 * round, "a party passed alone");
            barrier.wait(PATIENCE)?;
        }
        Ok(())
    };
    let mut others = ["one", "other"].map(|name| Process::new(name, comes).linked().start().expect("a process"));
    comes().expect("all come");
    for other in &mut others {
        assert!(other.join().expect("its end").success());
    }
    assert_eq!(leaders.load(Ordering::SeqCst), ROUNDS);
}

pub(crate) fn a_barrier_that_is_aborted_ends_every_wait_until_it_is_reset() {
    let barrier = Barrier::new(3).expect("memory");
    let is_broken = || u8::from(!matches!(barrier.wait(PATIENCE), Err(Error::Unusable { .. })));
    for breaks in [Barrier::reset, Barrier::abort] {
        let mut waiters =
            ["one", "other"].map(|name| Process::new(name, is_broken).linked().start().expect("a process"));
        wait_for(&waiters[0], "their arrival", || {
            assert!(waiters[1].is_alive(), "the other party ended before both had come");
            barrier.waiting() == 2
        });
        breaks(&barrier);
        for waiter in &mut waiters {
            assert_eq!(waiter.join().expect("its end"), Exit::Code(0));
        }
    }
    assert!(matches!(barrier.wait(Duration::MAX), Err(Error::Unusable { .. })));
    assert!(barrier.is_broken());
    barrier.reset();
    let comes = || barrier.wait(PATIENCE);
    let mut others = ["one", "other"].map(|name| Process::new(name, comes).linked().start().expect("a process"));
    barrier.wait(PATIENCE).expect("it is as new");
    for other in &mut others {
        assert!(other.join().expect("its end").success());
    }
}

pub(crate) fn a_barrier_for_too_many_parties_is_refused_and_one_for_none_is_open() {
    assert!(matches!(Barrier::new(killproof::sync::MAX_PARTIES + 1), Err(Error::Unusable { .. })));
    for parties in [0, 1] {
        let barrier = Barrier::new(parties).expect("memory");
        assert!((0..3).all(|_| barrier.elect(Duration::ZERO).is_ok_and(BarrierWaitResult::is_leader)));
    }
}
