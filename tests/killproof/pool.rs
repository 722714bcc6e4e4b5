//! Pools: results, chunks, options, and what a task may do.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use killproof::pool::{self, Executor, Pool, PoolError, TaskError};
use killproof::shared::Shared;
use killproof::sync::Event;

use crate::{PATIENCE, wait_until};

fn squares(workers: u32) -> Pool<'static, u64, u64> {
    Pool::new(workers, |n: u64| n * n).expect("a pool")
}

fn expected(until: u64) -> Vec<u64> {
    (0..until).map(|n| n * n).collect()
}

pub(crate) fn map_returns_every_result_in_the_order_of_the_inputs() {
    for workers in [1, 2, 5] {
        let pool = squares(workers);
        assert_eq!(pool.map(Vec::new()).expect("no results").len(), 0);
        assert_eq!(pool.map([7]).expect("a result"), [49]);
        assert_eq!(pool.map(0..20_000).expect("results"), expected(20_000));
    }
}

pub(crate) fn tasks_may_travel_each_alone_and_many_together() {
    for chunk in [1, 3, 1000] {
        let pool = Pool::options(2).chunk(chunk).build(|(), n: u64| n * n).expect("a pool");
        assert_eq!(pool.map(0..2_500).expect("results"), expected(2_500));
    }
}

pub(crate) fn unordered_results_come_each_once() {
    let pool = squares(3);
    let results: Result<Vec<u64>, _> = pool.imap_unordered(0..5_000).expect("a call").collect();
    let mut results = results.expect("results");
    results.sort_unstable();
    assert_eq!(results, expected(5_000));
}

pub(crate) fn inputs_are_pulled_no_further_ahead_than_the_caller_allows() {
    let pulled = AtomicU64::new(0);
    let pool = Pool::options(2).ahead(10).build(|(), n: u64| n).expect("a pool");
    let inputs = (0..).inspect(|_| {
        pulled.fetch_add(1, Ordering::Relaxed);
    });
    let mut results = pool.imap(inputs).expect("a call");
    for n in 0..1_000 {
        assert_eq!(results.next().expect("a result").expect("no error"), n);
        let ahead = pulled.load(Ordering::Relaxed) - n;
        assert!(ahead <= 11, "{ahead} inputs were pulled ahead");
    }
}

pub(crate) fn results_that_are_not_read_hold_back_further_tasks() {
    let (pulled, ran) = (AtomicU64::new(0), Shared::new(AtomicU64::new(0)).expect("memory"));
    let work = |(): &mut (), n: u64| {
        ran.fetch_add(1, Ordering::Relaxed);
        n
    };
    let pool = Pool::options(2).chunk(1).build(work).expect("a pool");
    let inputs = (0..).inspect(|_| {
        pulled.fetch_add(1, Ordering::Relaxed);
    });
    let mut results = pool.imap_unordered(inputs).expect("a call");
    for read in 1..=20 {
        results.next().expect("a result").expect("no error");
        // One is pulled and has no place yet.
        wait_until("all that were sent", || ran.load(Ordering::Relaxed) + 1 >= pulled.load(Ordering::Relaxed));
        let unread = pulled.load(Ordering::Relaxed) - read;
        assert!(unread <= 65, "{unread} tasks were pulled, and their results not read");
    }
}

pub(crate) fn the_inputs_of_one_call_are_inherited_whatever_they_are() {
    let items: Vec<Box<dyn Fn() -> usize + Sync>> = (0..100_usize).map(|n| Box::new(move || n) as Box<_>).collect();
    assert_eq!(pool::map(&items, |item| item()).expect("results"), (0..100).collect::<Vec<_>>());
    let results = pool::try_map(&[1, 0], |n| 1 / n).expect("results");
    assert!(matches!(results[..], [Ok(1), Err(TaskError::Panicked { task: 1, .. })]), "{results:?}");
    assert_eq!(pool::map(&[] as &[u8], |n| *n).expect("no results").len(), 0);
}

pub(crate) fn a_task_is_submitted_and_waited_for_polled_or_forgotten() {
    let go = Event::new().expect("memory");
    let pool = Pool::new(2, |n: u64| go.wait(PATIENCE).map(|()| n).map_err(|error| error.to_string())).expect("a pool");
    let mut first = pool.submit(1).expect("room");
    let second = pool.submit(2).expect("room");
    drop(pool.submit(3).expect("room"));
    assert!(!first.is_done());
    assert_eq!(first.wait_timeout(Duration::from_millis(1)).expect("no error"), None);
    assert_eq!(first.try_take().expect("no error"), None);
    go.set();
    assert_eq!(second.wait().expect("a result"), Ok(2));
    assert_eq!(first.wait_timeout(PATIENCE).expect("a result"), Some(Ok(1)));
    let done = pool.submit(4).expect("room");
    wait_until("its result", || done.is_done());
    drop(done);
    let error = first.wait_timeout(PATIENCE).expect_err("it was taken");
    assert_eq!(error.to_string(), "cannot wait for a task: its result was taken before");
    drop(first);
    pool.close().expect("the third one ends as well");
}

pub(crate) fn a_task_that_no_worker_has_taken_is_cancelled() {
    let go = Event::new().expect("memory");
    let ran = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |n: u32| {
        go.wait(PATIENCE).expect("the event");
        ran.fetch_add(1, Ordering::Relaxed);
        n
    };
    let pool = Pool::new(1, work).expect("a pool");
    // More than the worker can have taken.
    let mut all: Vec<_> = (0..20).map(|n| pool.submit(n).expect("room")).collect();
    let cancelled = all[1..].iter_mut().filter_map(|pending| pending.cancel().then_some(())).count();
    assert!(cancelled >= 18, "{cancelled}");
    go.set();
    assert_eq!(all.remove(0).wait().expect("a result"), 0);
    let outcomes: Vec<_> = all.into_iter().map(killproof::pool::Pending::wait).collect();
    let lost = outcomes.iter().filter(|outcome| matches!(outcome, Err(PoolError::Task(TaskError::Cancelled { .. }))));
    assert_eq!(lost.count(), cancelled);
    pool.close().expect("an end");
    assert_eq!(ran.load(Ordering::Relaxed) as usize, 20 - cancelled);
}

pub(crate) fn the_first_of_several_tasks_is_known() {
    let events: Vec<_> = (0..3).map(|_| Event::new().expect("memory")).collect();
    let pool = Pool::new(3, |n: usize| events[n].wait(PATIENCE).is_ok()).expect("a pool");
    let mut all: Vec<_> = (0..3).map(|n| pool.submit(n).expect("room")).collect();
    events[2].set();
    assert_eq!(pool.wait_any(&all).expect("one"), 2);
    assert!(all.remove(2).wait().expect("a result"));
    events[0].set();
    assert_eq!(pool.wait_any(&all).expect("one"), 0);
    events[1].set();
    assert!(pool.wait_any(&[]).is_err());
    let other = Pool::new(1, |n: usize| n == 0).expect("a pool");
    let error = other.wait_any(&all).expect_err("not its task").to_string();
    assert_eq!(error, "cannot wait for a task: it is a task of another pool");
}

pub(crate) fn each_worker_begins_once_and_is_replaced_after_its_last_task() {
    let begun = Shared::new(AtomicU32::new(0)).expect("memory");
    let init = || Ok::<_, String>((begun.fetch_add(1, Ordering::Relaxed), 0_u32));
    let work = |state: &mut (u32, u32), _: u32| {
        state.1 += 1;
        *state
    };
    let pool = Pool::options(2).init(init).max_tasks(10).build(work).expect("a pool");
    let results = pool.map(0..100).expect("results");
    assert!(results.iter().all(|(_, tasks)| (1..=10).contains(tasks)));
    // No worker has run more than ten.
    for worker in 0..begun.load(Ordering::Relaxed) {
        assert!(results.iter().filter(|(of, _)| *of == worker).count() <= 10);
    }
    assert!(begun.load(Ordering::Relaxed) >= 10);
}

pub(crate) fn a_panic_is_the_error_of_its_task_alone() {
    let pool = Pool::new(2, |n: u32| assert!(n != 5, "five")).expect("a pool");
    let results = pool.try_map(0..100).expect("results");
    for (n, result) in results.into_iter().enumerate() {
        match result {
            Ok(()) => assert_ne!(n, 5),
            Err(TaskError::Panicked { task, message, place }) => {
                assert_eq!((n, task, &*message, place), (5, 5, "five", None));
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(pool.map(4..9).expect_err("an error").to_string(), "task 1 panicked: five");

    let talks = Pool::new(1, |length: usize| assert!(length == 0, "{}", "x".repeat(length))).expect("a pool");
    let results = talks.try_map([1_000_000, 0]).expect("results");
    let Err(TaskError::Panicked { message, .. }) = &results[0] else { panic!("{results:?}") };
    assert!((1_000..3_000).contains(&message.len()), "{}", message.len());
    assert!(results[1].is_ok());
}

pub(crate) fn progress_is_reported_up_to_the_last_task() {
    let last = AtomicU64::new(0);
    let mut pool = squares(2);
    pool.on_progress(|progress| {
        assert_eq!(progress.total, Some(1_000));
        assert!(last.swap(progress.done, Ordering::Relaxed) < progress.done);
    });
    pool.map(0..1_000).expect("results");
    drop(pool);
    assert_eq!(last.load(Ordering::Relaxed), 1_000);
}

pub(crate) fn a_task_may_use_a_pool_of_its_own() {
    let sum = |n: u64| squares(2).map(0..n).map(|all| all.into_iter().sum::<u64>()).map_err(|error| error.to_string());
    let pool = Pool::new(2, sum).expect("a pool");
    assert_eq!(pool.map([3, 4]).expect("results"), [Ok(5), Ok(14)]);
}

pub(crate) fn threads_that_are_started_later_share_a_pool() {
    let pool = squares(2);
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| pool.map(0..3_000).expect("results"))).collect();
        for call in calls {
            assert_eq!(call.join().expect("no panic"), expected(3_000));
        }
    });
}

pub(crate) fn large_results_of_one_chunk_come_in_parts_and_each_task_runs_once() {
    let runs = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |(): &mut (), length: usize| {
        runs.fetch_add(1, Ordering::Relaxed);
        "x".repeat(length)
    };
    let pool = Pool::options(2).chunk(50).build(work).expect("a pool");
    let lengths: Vec<usize> = (0..50).map(|n| n * 10_000).collect();
    let results = pool.map(lengths.clone()).expect("results");
    assert!(results.iter().map(String::len).eq(lengths));
    assert_eq!(runs.load(Ordering::Relaxed), 50);
}

pub(crate) fn an_executor_runs_any_function_without_captures() {
    fn half(n: f64) -> f64 {
        n / 2.0
    }
    let executor = Executor::new(2).expect("an executor");
    let squares: Vec<_> = (0..100_u64).map(|n| executor.submit(n, |n| n * n).expect("room")).collect();
    let half = executor.submit(3.0, half).expect("room");
    let panics = executor.submit((), |()| -> u32 { panic!("on purpose") }).expect("room");
    let dies = executor.submit((), |()| -> u32 { std::process::abort() }).expect("room");
    assert_eq!(executor.wait_any(&squares[..1]).expect("one"), 0);
    for (n, square) in (0..).zip(squares) {
        assert_eq!(square.wait().expect("a result"), n * n);
    }
    assert_eq!(half.wait().expect("a result").to_bits(), 1.5_f64.to_bits());
    assert!(
        matches!(panics.wait(), Err(PoolError::Task(TaskError::Panicked { message, .. })) if message == "on purpose")
    );
    assert!(matches!(dies.wait(), Err(PoolError::Task(TaskError::Killed { deaths, .. })) if deaths.len() == 3));
    executor.close().expect("an end");
}
