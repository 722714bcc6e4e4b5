//! Queues whose users are killed: at every point, while they hold values, and all of them. What becomes of
//! a value that kills is tested in `dead_letters.rs`.

use std::time::Duration;

use killproof::Error;
use killproof::crashpoint::{self, CrashPoint};
use killproof::process::{Child, Exit, Process};
use killproof::procfs;
use killproof::queue::{DeadLetter, Delivery, JoinError, JoinTimeoutError, JoinableQueue, Queue, TryGetError};
use killproof::sync::Event;
use nix::sys::signal::Signal;

use crate::{PATIENCE, wait_for, wait_until};

const KILLED: Exit = Exit::Signal(Signal::SIGKILL);

/// Runs `work` in a process that dies at a point, and returns its pid.
#[track_caller]
pub(crate) fn dies_at(point: CrashPoint, work: impl FnOnce() + Send) -> i32 {
    let armed = || {
        crashpoint::arm(point, 1);
        work();
    };
    let mut child = Process::new("dies", armed).start().expect("a process");
    assert_eq!(child.join().expect("its end"), KILLED, "{point:?} was not passed");
    child.pid()
}

/// The queue works: what is put comes out, in order, and join returns.
#[track_caller]
pub(crate) fn works(queue: &JoinableQueue<u32>, point: CrashPoint) {
    for value in 900..903 {
        queue.put_timeout(value, PATIENCE).unwrap_or_else(|error| panic!("{point:?}: put {error}"));
    }
    for value in 900..903 {
        let item = queue.get_timeout(PATIENCE).unwrap_or_else(|error| panic!("{point:?}: get {error}"));
        assert_eq!((*item, item.attempt()), (value, 1), "{point:?}");
        assert!(item.done(), "{point:?}");
    }
    queue.join_timeout(PATIENCE).unwrap_or_else(|error| panic!("{point:?}: {error}"));
    assert_eq!((queue.len(), queue.is_full()), (0, false), "{point:?}");
}

pub(crate) fn a_put_that_was_killed_is_wholly_in_or_wholly_out() {
    for (point, is_in) in [
        (CrashPoint::PutTaken, false),
        (CrashPoint::PutWritten, false),
        (CrashPoint::PutCommitted, true),
        (CrashPoint::PutOrdered, true),
        (CrashPoint::PutUnlocked, true),
    ] {
        let queue = JoinableQueue::<u32>::new(3).expect("memory");
        queue.put(1).expect("room");
        dies_at(point, || queue.put(2).expect("room"));
        queue.put(3).expect("room");
        let expected: &[u32] = if is_in { &[1, 2, 3] } else { &[1, 3] };
        assert_eq!(queue.unfinished(), expected.len(), "{point:?}");
        for value in expected {
            let item = queue.get_timeout(PATIENCE).expect("a value");
            assert_eq!((*item, item.attempt()), (*value, 1), "{point:?}");
            assert!(item.done());
        }
        works(&queue, point);
    }
}

pub(crate) fn a_get_that_was_killed_took_its_value_or_did_not() {
    for (point, is_taken) in [
        (CrashPoint::TakeRead, false),
        (CrashPoint::TakeRemoved, false),
        (CrashPoint::FreeCommitted, true),
        (CrashPoint::FreeAppended, true),
    ] {
        let queue = Queue::<u32>::new(3).expect("memory");
        for value in 1..=3 {
            queue.put(value).expect("room");
        }
        dies_at(point, || drop(queue.get()));
        let expected: &[u32] = if is_taken { &[2, 3] } else { &[1, 2, 3] };
        for value in expected {
            assert_eq!(queue.get_timeout(PATIENCE), Ok(*value), "{point:?}");
        }
        assert_eq!(queue.try_get(), Err(TryGetError::Empty), "{point:?}");
        for value in 4..=6 {
            queue.try_put(value).unwrap_or_else(|error| panic!("{point:?}: {error}"));
        }
        assert!(queue.is_full(), "{point:?}");
    }
}

pub(crate) fn a_consumer_killed_at_any_step_leaves_its_value_to_others() {
    let work = |queue: &JoinableQueue<u32>| {
        let item = queue.get().expect("a value");
        assert!(item.done());
    };
    for (point, died_with_it) in [
        (CrashPoint::RegistryHalf, false),
        (CrashPoint::LeaseSigned, false),
        (CrashPoint::LeaseCommitted, true),
        (CrashPoint::LeaseRemoved, true),
    ] {
        let queue = JoinableQueue::<u32>::new(3).expect("memory");
        queue.put(1).expect("room");
        queue.put(2).expect("room");
        let pid = dies_at(point, || work(&queue));
        let item = queue.get_timeout(PATIENCE).expect("a value");
        let (value, deaths) = (*item, item.deaths());
        let last = item.last_death();
        assert!(item.done());
        // A consumer that has not noticed the death yet takes the value that waits.
        if died_with_it && value == 2 {
            let item = queue.get_timeout(PATIENCE).expect("the dead one's value");
            assert_eq!((*item, item.deaths(), item.last_death()), (1, 1, Some(pid)), "{point:?}");
            assert!(item.done());
        } else {
            let expected = if died_with_it { (1, 1, Some(pid)) } else { (1, 0, None) };
            assert_eq!((value, deaths, last), expected, "{point:?}");
            assert!(queue.get_timeout(PATIENCE).expect("the other").done());
        }
        works(&queue, point);
    }
    for point in [CrashPoint::FreeCommitted, CrashPoint::FreeAppended, CrashPoint::DoneUnlocked] {
        let queue = JoinableQueue::<u32>::new(3).expect("memory");
        queue.put(1).expect("room");
        dies_at(point, || work(&queue));
        // It was committed as done, so no consumer gets it again.
        works(&queue, point);
    }
}

pub(crate) fn a_process_that_returns_a_dead_ones_lease_may_be_killed_too() {
    for (point, deaths) in
        [(CrashPoint::ReturnNoted, 1), (CrashPoint::ReturnCommitted, 1), (CrashPoint::ReturnOrdered, 1)]
    {
        let queue = JoinableQueue::<u32>::new(3).expect("memory");
        queue.put(1).expect("room");
        let first = dies_at(CrashPoint::LeaseCommitted, || drop(queue.get()));
        dies_at(point, || drop(queue.get()));
        let item = queue.get_timeout(PATIENCE).expect("it came back");
        assert_eq!((*item, item.deaths(), item.last_death()), (1, deaths, Some(first)), "{point:?}");
        assert!(item.done());
        works(&queue, point);
    }
}

pub(crate) fn a_process_that_repairs_the_index_may_be_killed_too() {
    for point in [
        CrashPoint::RepairNoted,
        CrashPoint::RepairEmptied,
        CrashPoint::RepairOrdered,
        CrashPoint::RepairCounted,
        CrashPoint::RepairFilled,
    ] {
        for side in [CrashPoint::PutCommitted, CrashPoint::LeaseCommitted] {
            let queue = JoinableQueue::<u32>::builder(4).max_message(64).max_deaths(1).build().expect("memory");
            for value in 1..=3 {
                queue.put(value).expect("room");
            }
            // A dead letter, a ready one, and one whose holder or producer died with a lock.
            dies_at(CrashPoint::DoneUnlocked, || {
                queue.get().expect("a value").done();
            });
            dies_at(side, || {
                let _ = if side == CrashPoint::PutCommitted { queue.try_put(4).is_ok() } else { queue.get().is_ok() };
            });
            // Twice: the second one finds what the first one left.
            for _ in 0..2 {
                dies_at(point, || {
                    let _ = if side == CrashPoint::PutCommitted {
                        queue.try_put(5).is_ok()
                    } else {
                        queue.try_get().is_ok()
                    };
                });
            }
            let mut seen = Vec::new();
            while let Ok(item) = queue.get_timeout(Duration::from_millis(200)) {
                seen.push(*item);
                assert!(item.done());
            }
            let letters: Vec<u32> = queue
                .dead_letters()
                .expect("no lock is kept")
                .iter()
                .map(|letter| letter.value().expect("a number"))
                .collect();
            let expected: (&[u32], &[u32]) = match side {
                CrashPoint::PutCommitted => (&[2, 3, 4], &[]),
                _ => (&[3], &[2]),
            };
            assert_eq!((seen.as_slice(), letters.as_slice()), expected, "{point:?} after {side:?}");
            discard(queue.dead_letters().expect("no lock is kept"));
            works(&queue, point);
        }
    }
}

pub(crate) fn a_waker_that_is_killed_leaves_no_waiter_asleep() {
    let queue = Queue::<u32>::new(3).expect("memory");
    let get = || queue.get().map(|_| ()).map_err(Error::from);
    let mut sleeper = Process::new("sleeper", get).start().expect("a process");
    let sleeps = || procfs::status(sleeper.pid()).expect("/proc").is_some_and(|status| status.state == 'S');
    wait_for(&sleeper, "its sleep", sleeps);
    dies_at(CrashPoint::WakeAnnounced, || queue.put(1).expect("room"));
    assert!(sleeper.join().expect("its end").success());
    // The word still announces a sleeper, and none sleeps any more.
    dies_at(CrashPoint::WakeCleared, || queue.put(2).expect("room"));
    assert_eq!(queue.get(), Ok(2));
    queue.put(3).expect("room");
    assert_eq!(queue.get(), Ok(3));
}

/// Kills processes that hold the first value until it becomes a dead letter.
pub(crate) fn kill_holders(queue: &JoinableQueue<u32>, times: u32) -> i32 {
    let mut last = 0;
    for _ in 0..times {
        let taken = Event::new().expect("memory");
        let holds = || -> Result<(), Error> {
            let _item = queue.get()?;
            taken.set();
            Event::new()?.wait(PATIENCE)
        };
        let mut child = Process::new("holder", holds).daemon().linked().start().expect("a process");
        taken.wait(PATIENCE).expect("it has it");
        child.kill().expect("a signal");
        child.join().expect("its end");
        last = child.pid();
    }
    last
}

pub(crate) fn discard(letters: Vec<DeadLetter<u32>>) {
    for letter in letters {
        assert!(letter.discard());
    }
}

pub(crate) fn join_gives_up_when_every_consumer_is_dead() {
    let queue = JoinableQueue::<u32>::builder(3).max_message(64).max_deaths(1).build().expect("memory");
    // While there has never been a consumer, it waits: one may yet come.
    queue.put(1).expect("room");
    queue.put(2).expect("room");
    let waits_on = queue.join_timeout(Duration::from_millis(700));
    assert!(matches!(waits_on, Err(JoinTimeoutError::TimedOut { unfinished: 2, .. })), "{waits_on:?}");
    kill_holders(&queue, 1);
    // One is a dead letter; the other waits, and no consumer is left to take it.
    assert_eq!(queue.join(), Err(JoinError::Abandoned { unfinished: 1 }));
    let error: Error = queue.join().expect_err("still").into();
    assert!(matches!(error, Error::Abandoned { operation: "join", unfinished: 1 }), "{error:?}");
    assert!(error.to_string().contains("every consumer is dead"), "{error}");
    // A successor changes that.
    let work = || u8::from(!queue.get().is_ok_and(Delivery::done));
    let mut successor = Process::new("successor", work).start().expect("a process");
    assert_eq!(queue.join().map(|joined| joined.dead_letters), Ok(1));
    assert!(successor.join().expect("its end").success());
}

pub(crate) fn every_successor_that_dies_gives_its_own_successor_time() {
    let queue = JoinableQueue::<u32>::builder(3).max_message(64).max_deaths(10).build().expect("memory");
    let moment = Duration::from_millis(1);
    for value in 0..2 {
        queue.put(value).expect("room");
        kill_holders(&queue, 1);
        // This join sees that all are dead, for the first time since the last one died.
        let late = queue.join_timeout(moment);
        assert!(matches!(late, Err(JoinTimeoutError::TimedOut { .. })), "round {value}: {late:?}");
        let work = || u8::from(!queue.get().is_ok_and(Delivery::done));
        let mut successor = Process::new("successor", work).start().expect("a process");
        assert!(successor.join().expect("its end").success());
        queue.join_timeout(PATIENCE).expect("it is done");
        // Longer than the time that a supervisor has.
        assert!(Event::new().expect("memory").wait(Duration::from_millis(600)).is_err());
    }
}

pub(crate) fn producers_and_consumers_killed_in_traffic_lose_nothing() {
    let queue = JoinableQueue::<(u32, u32)>::builder(8).max_message(64).max_deaths(1_000).build().expect("memory");
    let done = Queue::<(u32, u32)>::builder(100).max_message(16).build().expect("memory");
    let returned = Queue::<(u32, u32)>::builder(100).max_message(16).build().expect("memory");
    let work = || {
        while let Ok(item) = queue.get() {
            done.put(*item).expect("open");
            item.done();
        }
    };
    let produce = |name: u32| {
        let (queue, returned) = (&queue, &returned);
        let put = move || {
            for i in 0.. {
                queue.put((name, i)).expect("open");
                returned.put((name, i)).expect("open");
            }
        };
        Process::new("producer", put).daemon().start().expect("a process")
    };
    let consume = || Process::new("consumer", work).daemon().start().expect("a process");
    let mut producers: Vec<Child> = (0..2).map(produce).collect();
    let mut consumers: Vec<Child> = (0..2).map(|_| consume()).collect();
    let mut made = 2;
    let (mut worked, mut promised) = (Vec::new(), Vec::new());
    let mut drain = |worked: &mut Vec<_>| {
        worked.extend(std::iter::from_fn(|| done.try_get().ok()));
        promised.extend(std::iter::from_fn(|| returned.try_get().ok()));
    };
    for round in 0..40_usize {
        let progress = worked.len() + 20;
        wait_until("progress", || {
            drain(&mut worked);
            worked.len() >= progress
        });
        let family = if round % 2 == 0 { &mut producers } else { &mut consumers };
        let victim = &mut family[round / 2 % 2];
        victim.kill().expect("a signal");
        assert_eq!(victim.join().expect("its end"), KILLED);
        *victim = if round % 2 == 0 { produce(made) } else { consume() };
        made += 1;
    }
    for mut producer in producers {
        producer.kill().expect("a signal");
        producer.join().expect("its end");
    }
    wait_until("the end of the work", || {
        drain(&mut worked);
        queue.join_timeout(Duration::from_millis(1)).is_ok()
    });
    drain(&mut worked);
    assert_eq!(queue.dead_letters().expect("no lock is kept").len(), 0);
    worked.sort_unstable();
    worked.dedup();
    let lost: Vec<_> = promised.iter().filter(|value| worked.binary_search(value).is_err()).collect();
    assert!(lost.is_empty(), "put, and never worked on: {lost:?}");
    // Of each killed producer at most the one value whose put did not return came in as well.
    assert!(worked.len() <= promised.len() + made as usize);
}
