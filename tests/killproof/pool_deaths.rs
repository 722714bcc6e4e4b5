//! Workers that die: which task is to blame, and what becomes of all others.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

use killproof::crashpoint::{self, CrashPoint};
use killproof::pool::{Pool, PoolError, TaskError};
use killproof::process::{Exit, RestartLimit};
use killproof::shared::Shared;
use killproof::sync::Event;
use support::Signal;

use crate::{PATIENCE, wait_until};

/// For tasks that take microseconds: on a busy machine they, too, may wait some 100 ms for a processor.
pub(super) const LIMIT: Duration = Duration::from_secs(1);

fn kill(pid: i32) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL).expect("a signal");
}

fn die() -> ! {
    kill(std::process::id().cast_signed());
    unreachable!("it is dead");
}

pub(crate) fn a_task_whose_worker_is_killed_runs_again() {
    let attempts: Vec<_> = (0..40).map(|_| Shared::new(AtomicU32::new(0)).expect("memory")).collect();
    let work = |n: usize| {
        if attempts[n].fetch_add(1, Ordering::Relaxed) == 0 && n.is_multiple_of(5) {
            die();
        }
        n
    };
    let pool = Pool::new(2, work).expect("a pool");
    assert_eq!(pool.map(0..40).expect("results"), (0..40).collect::<Vec<_>>());
    for (n, attempts) in attempts.iter().enumerate() {
        assert_eq!(attempts.load(Ordering::Relaxed), if n.is_multiple_of(5) { 2 } else { 1 }, "task {n}");
    }
}

pub(crate) fn a_task_that_kills_its_workers_fails_alone_and_each_death_is_named() {
    let pids = Shared::new([const { AtomicI32::new(0) }; 3]).expect("memory");
    let deaths = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |n: u32| {
        if n == 10 {
            let death = deaths.fetch_add(1, Ordering::Relaxed);
            pids[death as usize].store(std::process::id().cast_signed(), Ordering::Relaxed);
            die();
        }
        n
    };
    let pool = Pool::new(2, work).expect("a pool");
    let results = pool.try_map(0..40).expect("results");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 39);
    let Err(TaskError::Killed { task: 10, deaths }) = &results[10] else { panic!("{:?}", results[10]) };
    let told: Vec<_> = deaths.iter().map(|death| (death.pid, death.exit, death.attempt)).collect();
    let expected =
        |attempt: u32| (pids[attempt as usize - 1].load(Ordering::Relaxed), Exit::Signal(Signal::SIGKILL), attempt);
    assert_eq!(told, [expected(1), expected(2), expected(3)]);
    assert!(deaths.iter().all(|death| (1..=2).contains(&death.worker)));
}

pub(crate) fn of_a_chunk_the_task_that_killed_fails_and_no_other_runs_twice() {
    let runs: Vec<_> = (0..124).map(|_| Shared::new(AtomicU32::new(0)).expect("memory")).collect();
    let work = |(): &mut (), n: usize| {
        runs[n].fetch_add(1, Ordering::Relaxed);
        if n == 60 {
            die();
        }
        n
    };
    let pool = Pool::options(2).chunk(124).build(work).expect("a pool");
    let results = pool.try_map(0..124).expect("results");
    for (n, (result, runs)) in results.iter().zip(&runs).enumerate() {
        assert_eq!(result.is_ok(), n != 60, "task {n}: {result:?}");
        assert_eq!(runs.load(Ordering::Relaxed), if n == 60 { 3 } else { 1 }, "task {n}");
    }
}

pub(crate) fn a_worker_killed_at_any_step_loses_no_result_and_doubles_none() {
    for point in CrashPoint::OF_POOLS {
        for nth in 1..=3 {
            let is_armed = Shared::new(AtomicU32::new(0)).expect("memory");
            let work = |(): &mut (), n: u32| {
                if is_armed.fetch_add(1, Ordering::Relaxed) == 10 {
                    crashpoint::arm(*point, nth);
                }
                n
            };
            let pool = Pool::options(2).chunk(4).max_tasks(30).build(work).expect("a pool");
            assert_eq!(pool.map(0..200).expect("results"), (0..200).collect::<Vec<_>>(), "{point:?}, {nth}");
            let unordered: Result<HashSet<u32>, _> = pool.imap_unordered(0..200).expect("a call").collect();
            assert_eq!(unordered.expect("results").len(), 200);
        }
    }
}

pub(crate) fn workers_killed_at_any_moment_lose_no_result_and_each_death_repeats_one_task_at_most() {
    const KILLS: u32 = 50;
    let runs = Shared::new(AtomicU32::new(0)).expect("memory");
    let workers = Shared::new([const { AtomicI32::new(0) }; 2]).expect("memory");
    let is_over = AtomicBool::new(false);
    let work = |(): &mut (), n: u32| {
        let me = std::process::id().cast_signed();
        workers[n as usize % 2].store(me, Ordering::Release);
        runs.fetch_add(1, Ordering::Relaxed);
        (0..n % 1_000).fold(n, |sum, i| std::hint::black_box(sum ^ i ^ i))
    };
    // More than one task can have.
    let pool = Pool::options(2).deaths(64).build(work).expect("a pool");
    let kills = || {
        let mut killed = HashSet::new();
        while killed.len() < KILLS as usize && !is_over.load(Ordering::Acquire) {
            let pid = workers[killed.len() % 2].swap(0, Ordering::AcqRel);
            // It may have been killed and replaced since it said so.
            if pid != 0 && nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL).is_ok() {
                killed.insert(pid);
            }
            std::thread::yield_now();
        }
        killed.len()
    };
    std::thread::scope(|scope| {
        let killer = scope.spawn(kills);
        let results = pool.try_map(0..20_000);
        is_over.store(true, Ordering::Release);
        let deaths = u32::try_from(killer.join().expect("no panic")).expect("a number");
        let results: Vec<_> = results.expect("results").into_iter().collect::<Result<_, _>>().expect("no task lost");
        assert_eq!(results, (0..20_000).collect::<Vec<_>>());
        let again = runs.load(Ordering::Relaxed) - 20_000;
        assert!(deaths > 0 && again <= deaths, "{again} tasks ran again after {deaths} kills");
    });
}

pub(crate) fn a_process_that_ends_itself_in_a_task_has_died_with_it() {
    let ends: [fn(); 4] = [
        || leave(0),
        || leave(7),
        || std::process::abort(),
        || drop(std::os::unix::process::CommandExt::exec(&mut std::process::Command::new("true"))),
    ];
    let pool = Pool::options(2).deaths(1).build(|(): &mut (), n: usize| ends[n]()).expect("a pool");
    let results = pool.try_map(0..4).expect("results");
    let exits: Vec<_> = results
        .iter()
        .map(|result| match result {
            Err(TaskError::Killed { deaths, .. }) => deaths[0].exit,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(exits, [Exit::Code(0), Exit::Code(7), Exit::Signal(Signal::SIGABRT), Exit::Code(0)]);
}

#[expect(clippy::disallowed_methods, reason = "a task that leaves its process is what is tried")]
fn leave(code: i32) {
    std::process::exit(code);
}

pub(crate) fn the_last_attempt_runs_while_no_other_task_does() {
    let running = Shared::new(AtomicU32::new(0)).expect("memory");
    let attempts = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |(): &mut (), n: u32| {
        let others = running.fetch_add(1, Ordering::AcqRel);
        if n == 20 && attempts.fetch_add(1, Ordering::AcqRel) < 2 {
            running.fetch_sub(1, Ordering::AcqRel);
            die();
        }
        let alone = others == 0 && (0..1000).all(|_| running.load(Ordering::Acquire) == 1);
        running.fetch_sub(1, Ordering::AcqRel);
        alone
    };
    let pool = Pool::options(4).chunk(1).build(work).expect("a pool");
    let results = pool.map(0..400).expect("results");
    assert!(results[20], "another task ran meanwhile");
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
}

pub(crate) fn a_task_that_takes_too_long_is_ended_and_not_run_again() {
    let runs = Shared::new(AtomicU32::new(0)).expect("memory");
    let never = Event::new().expect("memory");
    let work = |(): &mut (), n: u32| {
        if n == 3 {
            runs.fetch_add(1, Ordering::Relaxed);
            let _ = never.wait(PATIENCE);
        }
        n
    };
    let pool = Pool::options(2).timeout(LIMIT).build(work).expect("a pool");
    let results = pool.try_map(0..50).expect("results");
    assert_eq!(results[3], Err(TaskError::TimedOut { task: 3, seconds: 1.0 }));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 49);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

pub(crate) fn a_stopped_task_that_blocks_every_signal_and_has_no_descriptor_is_ended_in_its_time() {
    let work = |(): &mut (), n: u32| {
        if n == 1 {
            nix::sys::signal::SigSet::all().thread_block().expect("a mask");
            for fd in 3..1024 {
                let _ = nix::unistd::close(fd);
            }
            nix::sys::signal::raise(Signal::SIGSTOP).expect("a signal to myself");
        }
        n
    };
    let pool = Pool::options(1).timeout(LIMIT).build(work).expect("a pool");
    let results = pool.try_map(0..3).expect("results");
    assert!(matches!(results[..], [Ok(0), Err(TaskError::TimedOut { task: 1, .. }), Ok(2)]), "{results:?}");
}

pub(crate) fn workers_killed_after_a_task_are_replaced_without_a_limit() {
    let limit = RestartLimit { restarts: 0, per: Duration::from_hours(1) };
    let work = |(): &mut (), _: u32| std::process::id().cast_signed();
    let pool = Pool::options(1).restarts(limit).build(work).expect("a pool");
    let mut last = 0;
    for _ in 0..20 {
        let pid = pool.map([0]).expect("a worker")[0];
        assert_ne!(pid, last);
        kill(pid);
        last = pid;
        wait_until("its end", || killproof::procfs::status(pid).expect("/proc").is_none());
    }
}

pub(crate) fn workers_killed_before_a_task_are_replaced_up_to_the_limit() {
    let worker = Shared::new(AtomicI32::new(0)).expect("memory");
    let init = || {
        worker.store(std::process::id().cast_signed(), Ordering::Release);
        Ok::<_, String>(())
    };
    let limit = RestartLimit { restarts: 2, per: Duration::from_hours(1) };
    let pool = Pool::options(1).restarts(limit).init(init).build(|(), n: u32| n).expect("a pool");
    let mut killed = Vec::new();
    for _ in 0..3 {
        wait_until("a worker", || worker.load(Ordering::Acquire) != 0);
        let pid = worker.swap(0, Ordering::AcqRel);
        kill(pid);
        killed.push(pid);
    }
    let error = std::iter::repeat_with(|| pool.map([0])).find_map(Result::err).expect("too many deaths");
    let PoolError::GaveUp { deaths, .. } = &error else { panic!("{error}") };
    assert_eq!(deaths.iter().map(|death| death.pid).collect::<Vec<_>>(), killed);
    assert!(error.to_string().starts_with("cannot keep workers alive: 3 deaths without a task in 3600 s: worker 1"));
}

pub(crate) fn an_init_that_fails_is_said_once_and_ends_the_pool() {
    // The workers are there when it is made, and may have failed by then.
    let fails = Pool::options(2).init(|| Err::<(), _>("there is no table")).build(|(), n: u32| n);
    let error = fails.and_then(|pool| pool.map(0..9)).expect_err("no worker");
    assert!(matches!(error, PoolError::NotBegun { .. }), "{error}");
    assert!(error.to_string().ends_with(": there is no table"), "{error}");
    let panics = Pool::options(2).init(|| -> Result<(), String> { panic!("no table") }).build(|(), n: u32| n);
    let error = panics.and_then(|pool| pool.map(0..9)).expect_err("no worker");
    assert!(matches!(error, PoolError::NotBegun { .. }) && error.to_string().ends_with(": no table"), "{error}");
    let dies = Pool::options(2).init(|| -> Result<(), String> { die() }).build(|(), n: u32| n);
    let error = dies.and_then(|pool| pool.map(0..9)).expect_err("no worker");
    assert!(matches!(&error, PoolError::GaveUp { deaths, .. } if deaths.len() > 16), "{error}");
}
