//! Values that are leased, done and reported, until `join` returns.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::Error;
use killproof::process::{Child, Process};
use killproof::queue::{Delivery, GetTimeoutError, JoinTimeoutError, JoinableQueue, Queue, TryPutError};
use killproof::shared::Shared;
use killproof::sync::Event;

use crate::{PATIENCE, wait_for, wait_until};

const SHORT: Duration = Duration::from_millis(5);

pub(crate) fn join_returns_when_all_is_done() {
    let queue = JoinableQueue::<u32>::new(10).expect("memory");
    let worked = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = || {
        while let Ok(item) = queue.get() {
            worked.fetch_add(*item, Ordering::Relaxed);
            assert!(item.done());
        }
    };
    let start = |_| Process::new("worker", work).daemon().start().expect("a process");
    let _workers: Vec<Child> = (0..3).map(start).collect();
    for i in 1..=100 {
        queue.put(i).expect("room in time");
    }
    queue.join().expect("all is done");
    assert_eq!((worked.load(Ordering::Relaxed), queue.unfinished()), (5_050, 0));
}

pub(crate) fn an_undone_delivery_comes_back_in_front() {
    let queue = JoinableQueue::new(4).expect("memory");
    for text in ["a", "b", "c"] {
        queue.put(text.to_owned()).expect("room");
    }
    let (first, second) = (queue.get().expect("a"), queue.get().expect("b"));
    assert_eq!((first.as_str(), first.attempt(), second.as_str()), ("a", 1, "b"));
    assert_eq!((queue.len(), queue.unfinished()), (1, 3));
    drop(second);
    drop(first);
    let order: Vec<_> = (0..3)
        .map(|_| queue.get().expect("a value"))
        .map(|item| {
            let seen = (item.to_string(), item.attempt());
            assert!(item.done());
            seen
        })
        .collect();
    assert_eq!(order, [("a".to_owned(), 2), ("b".to_owned(), 2), ("c".to_owned(), 1)]);
    queue.join_timeout(Duration::ZERO).expect("all is done");
}

/// Starts a process that takes the first value and holds it until it is killed.
fn holder(queue: &JoinableQueue<i32>) -> Child {
    let taken = Event::new().expect("memory");
    let holds = || -> Result<(), Error> {
        let _item = queue.get()?;
        taken.set();
        Event::new()?.wait(PATIENCE)
    };
    let child = Process::new("holder", holds).daemon().start().expect("a process");
    wait_for(&child, "it has the value", || taken.is_set());
    child
}

fn kill(mut child: Child) {
    child.kill().expect("a signal");
    child.join().expect("its end");
}

pub(crate) fn a_consumer_that_only_polls_gets_what_a_dead_one_held() {
    let queue = JoinableQueue::new(4).expect("memory");
    queue.put(1).expect("room");
    kill(holder(&queue));
    let mut item = None;
    wait_until("the dead holder's value", || {
        item = queue.try_get().ok();
        item.is_some()
    });
    assert!(item.take().expect("just seen").done());
    queue.put(2).expect("room");
    kill(holder(&queue));
    wait_until("the dead holder's value", || {
        item = queue.get_timeout(Duration::from_micros(10)).ok();
        item.is_some()
    });
}

pub(crate) fn a_closed_queue_waits_for_what_may_come_back() {
    let queue = JoinableQueue::new(4).expect("memory");
    queue.put(1).expect("room");
    let holder = holder(&queue);
    queue.close();
    assert!(matches!(queue.get_timeout(SHORT), Err(GetTimeoutError::TimedOut)));
    let drain = || while queue.get().is_ok_and(Delivery::done) {};
    let mut drains = Process::new("drains", drain).start().expect("a process");
    assert_eq!(drains.join_timeout(SHORT).expect("a wait"), None);
    kill(holder);
    assert!(drains.join().expect("its end").success());
    queue.join().expect("it came back and was done");
}

pub(crate) fn a_killed_holders_delivery_goes_to_another_consumer() {
    let queue = JoinableQueue::new(4).expect("memory");
    queue.put(1).expect("room");
    queue.put(2).expect("room");
    let holder = holder(&queue);
    assert_eq!(queue.len(), 1);
    kill(holder);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let item = queue.get_timeout(PATIENCE).expect("both come");
        seen.push((*item, item.attempt()));
        assert!(item.done());
    }
    seen.sort_unstable();
    assert_eq!(seen, [(1, 2), (2, 1)]);
    queue.join().expect("nothing is left");
}

pub(crate) fn unfinished_values_count_against_the_capacity() {
    let queue = JoinableQueue::new(1).expect("memory");
    assert!(!queue.is_full(), "no slot was ever used");
    queue.put(1).expect("room");
    let item = queue.get().expect("a value");
    assert!(queue.is_full() && queue.is_empty());
    assert_eq!(queue.try_put(2), Err(TryPutError::Full(2)), "it may come back");
    assert!(item.done());
    queue.try_put(2).expect("room");
    assert!(matches!(queue.join_timeout(SHORT), Err(JoinTimeoutError::TimedOut { unfinished: 1, .. })));
}

pub(crate) fn kills_in_the_middle_of_traffic_lose_nothing_that_was_acknowledged() {
    let queue = JoinableQueue::<u32>::new(8).expect("memory");
    let done = Queue::<u32>::builder(50_000).max_message(8).build().expect("memory");
    let work = || {
        while let Ok(item) = queue.get() {
            done.put(*item).expect("room for all");
            item.done();
        }
    };
    let start = |_| Process::new("worker", work).daemon().start().expect("a process");
    let mut workers: Vec<Child> = (0..3).map(start).collect();
    let mut put = 0;
    for round in 0..60_usize {
        for _ in 0..20 {
            queue.put_timeout(put, PATIENCE).expect("the survivors make room");
            put += 1;
        }
        let victim = &mut workers[round % 3];
        victim.kill().expect("a signal");
        victim.join().expect("its end");
        workers[round % 3] = start(0);
    }
    let joined = queue.join_timeout(PATIENCE).expect("all is done");
    assert_eq!(joined.dead_letters, 0);
    let seen: HashSet<u32> = std::iter::from_fn(|| done.try_get().ok()).collect();
    assert_eq!(seen.len(), put as usize, "every value was worked on at least once");
}
