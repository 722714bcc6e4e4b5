//! Actors that are killed: what the kernel does for them, and what others find.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use crashcheck::atomic::Ordering::{Acquire, Relaxed, Release};
use crashcheck::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence};
use crashcheck::futex::{self, Woken};
use crashcheck::robust::{Locked, NotLocked, RobustMutex};
use crashcheck::{Actor, Failure, Model, Outcome, Report, actor};

use super::{in_order, passes};

#[test]
fn an_actor_dies_before_each_of_its_stores() {
    let stores = |words: &[AtomicU64; 2]| {
        words[0].store(1, Release);
        words[1].store(1, Release);
    };
    let found = RefCell::new(BTreeSet::new());
    Model::new()
        .deaths(1)
        .explore(Default::default, &[Actor::new("writer", &stores)], |words: &[AtomicU64; 2], outcome| {
            found.borrow_mut().insert((outcome.dead[0], words.each_ref().map(|word| word.load(Relaxed))));
            Ok(())
        })
        .unwrap();
    assert_eq!(found.into_inner(), BTreeSet::from([(false, [1, 1]), (true, [0, 0]), (true, [1, 0])]));
}

/// What a writer leaves that is killed, or not.
fn left_behind(stores: &dyn Fn(&[AtomicU64; 2]), stale: u32) -> BTreeSet<[u64; 2]> {
    let found = RefCell::new(BTreeSet::new());
    let model = Model::new().deaths(1).stale(stale);
    let keep = |words: &[AtomicU64; 2], _: &Outcome| {
        found.borrow_mut().insert(words.each_ref().map(|word| word.load(Relaxed)));
        Ok(())
    };
    model.explore(Default::default, &[Actor::new("writer", stores)], keep).unwrap();
    found.into_inner()
}

#[test]
fn a_compiler_may_put_two_stores_in_another_order_unless_a_fence_keeps_it() {
    let loose = |words: &[AtomicU64; 2]| {
        words[0].store(1, Relaxed);
        words[1].store(1, Relaxed);
    };
    let kept = |words: &[AtomicU64; 2]| {
        words[0].store(1, Relaxed);
        compiler_fence(Ordering::SeqCst);
        words[1].store(1, Relaxed);
    };
    let fenced_afterwards = |words: &[AtomicU64; 2]| {
        loose(words);
        compiler_fence(Ordering::SeqCst);
        words[0].store(2, Relaxed);
    };
    assert_eq!(left_behind(&kept, 1), BTreeSet::from([[0, 0], [1, 0], [1, 1]]));
    assert_eq!(left_behind(&loose, 1), BTreeSet::from([[0, 0], [1, 0], [1, 1], [0, 1]]));
    assert_eq!(left_behind(&loose, 0), BTreeSet::from([[0, 0], [1, 0], [1, 1]]));
    assert_eq!(left_behind(&fenced_afterwards, 1), BTreeSet::from([[0, 0], [1, 0], [1, 1], [0, 1], [2, 1]]));
}

#[test]
fn a_store_that_another_actor_has_seen_is_not_undone() {
    let stores = |words: &[AtomicU64; 3]| {
        words[0].store(1, Relaxed);
        words[1].store(1, Relaxed);
    };
    let copies = |words: &[AtomicU64; 3]| words[2].store(words[0].load(Relaxed), Relaxed);
    let actors = [Actor::new("writer", &stores), Actor::new("reader", &copies)];
    let model = Model::new().preemptions(2).deaths(1).stale(2);
    let agree = |words: &[AtomicU64; 3], _: &Outcome| {
        if words[2].load(Relaxed) <= words[0].load(Relaxed) { Ok(()) } else { Err("seen and undone".to_owned()) }
    };
    model.explore(Default::default, &actors, agree).unwrap();
}

#[test]
fn the_death_of_an_owner_frees_its_mutex_and_is_told() {
    struct Shared {
        mutex: RobustMutex,
        half: [AtomicU64; 2],
    }
    let changes = |shared: &Shared| {
        if shared.mutex.lock().expect("a mutex that is made consistent") == Locked::OwnerDied {
            let first = shared.half[0].load(Relaxed);
            shared.half[1].store(first, Relaxed);
            shared.mutex.make_consistent();
        }
        assert_eq!(shared.half[0].load(Relaxed), shared.half[1].load(Relaxed), "halves");
        let next = shared.half[0].load(Relaxed) + 1;
        shared.half[0].store(next, Relaxed);
        shared.half[1].store(next, Relaxed);
        shared.mutex.unlock();
    };
    let set_up = || Shared { mutex: RobustMutex::new(), half: Default::default() };
    let actors = [Actor::new("first", &changes), Actor::new("second", &changes), Actor::new("third", &changes)];
    let report = Model::new().preemptions(1).deaths(2).stale(1).explore(set_up, &actors, passes).unwrap();
    assert!(report.executions > 100, "{report:?}");
}

#[test]
fn a_mutex_that_is_unlocked_without_repair_is_lost() {
    let locks = |mutex: &RobustMutex| {
        if mutex.lock() != Err(NotLocked::NotRecoverable) {
            mutex.unlock();
        }
    };
    let lost = RefCell::new(0);
    let actors = [Actor::new("first", &locks), Actor::new("second", &locks)];
    Model::new()
        .deaths(1)
        .explore(RobustMutex::new, &actors, |mutex, _| {
            *lost.borrow_mut() += u32::from(mutex.try_lock() == Err(NotLocked::NotRecoverable));
            Ok(())
        })
        .unwrap();
    assert!(lost.into_inner() > 0);
}

/// A producer that stores and wakes, and a consumer that sleeps until there is something.
fn hand_over(wakes_first: bool, time_out: Option<Duration>, deaths: u32) -> Report {
    let puts = move |word: &AtomicU32| {
        if wakes_first {
            futex::wake(word, 1);
        }
        word.store(1, Release);
        if !wakes_first {
            futex::wake(word, 1);
        }
    };
    let gets = move |word: &AtomicU32| {
        while word.load(Acquire) == 0 {
            if futex::wait(word, 0, time_out) == Woken::TimedOut && !actor::is_alive(1) {
                return;
            }
        }
    };
    let actors = [Actor::new("producer", &puts), Actor::new("consumer", &gets)];
    Model::new().preemptions(2).deaths(deaths).stale(1).early(1).explore(AtomicU32::default, &actors, passes)
}

#[test]
fn a_wake_before_the_store_is_a_deadlock_or_a_lost_wake_up() {
    hand_over(false, None, 0).unwrap();
    let failure = |report: Report| report.violation.expect("a violation").failure;
    assert!(matches!(failure(hand_over(true, None, 0)), Failure::Deadlock { .. }));
    let tick = Some(Duration::from_millis(1));
    assert!(matches!(failure(hand_over(true, tick, 0)), Failure::LostWakeUp { .. }));
}

#[test]
fn a_consumer_outlives_its_producer_only_if_it_looks_after_it() {
    assert!(hand_over(false, None, 1).violation.is_some());
    hand_over(false, Some(Duration::from_millis(1)), 1).unwrap();
}

#[test]
fn who_sees_a_death_sees_all_that_came_before_it() {
    let dies = |words: &[AtomicU64; 2]| {
        words[0].store(1, Relaxed);
        compiler_fence(Ordering::SeqCst);
        words[1].store(1, Relaxed);
    };
    let looks = |words: &[AtomicU64; 2]| {
        if !actor::is_alive(1) && words[1].load(Relaxed) == 1 {
            assert_eq!(words[0].load(Relaxed), 1);
        }
    };
    let actors = [Actor::new("writer", &dies), Actor::new("reader", &looks)];
    Model::new().preemptions(2).deaths(1).stale(2).explore(Default::default, &actors, passes).unwrap();
}

#[test]
fn two_locks_in_two_orders_are_a_deadlock() {
    let (forward, backward) = (in_order(0), in_order(1));
    let explore = |second| {
        let actors = [Actor::new("first", &forward), Actor::new("second", second)];
        Model::new().preemptions(1).explore(Default::default, &actors, passes)
    };
    explore(&forward).unwrap();
    let violation = explore(&backward).violation.expect("a deadlock");
    let Failure::Deadlock { waiting } = &violation.failure else { panic!("{violation}") };
    assert_eq!(waiting, &["first waits for lock l1 of second", "second waits for lock l0 of first"]);
}

#[test]
fn an_actor_that_sleeps_for_ever_is_found_where_it_may_be_killed_instead() {
    let wakes = |word: &AtomicU32| {
        futex::wake(word, 1);
        word.store(1, Release);
    };
    let sleeps = |word: &AtomicU32| {
        while word.load(Acquire) == 0 {
            futex::wait(word, 0, None);
        }
    };
    let actors = [Actor::new("waker", &wakes), Actor::new("sleeper", &sleeps)];
    let model = Model::new().preemptions(1).deaths(1).may_hang();
    let failure = model.explore(AtomicU32::default, &actors, passes).violation.expect("a deadlock").failure;
    assert!(matches!(failure, Failure::Deadlock { .. }), "{failure}");
}
