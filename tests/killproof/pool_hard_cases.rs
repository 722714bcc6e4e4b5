//! Pools: processes that are stopped, signals, and descriptors that others have closed.

use std::fs::{self, File};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use killproof::crashpoint::{self, CrashPoint};
use killproof::pool::{self, Pool, PoolError, TaskError};
use killproof::process::{self, Exit, Process};
use killproof::procfs;
use killproof::shared::Shared;
use killproof::sync::{Barrier, Event};
use nix::sys::signal::{SigSet, Signal, kill, raise};
use nix::unistd::Pid;

use super::pool_deaths::LIMIT;
use crate::{PATIENCE, wait_until};

fn send(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).expect("a signal");
}

fn keeper() -> i32 {
    let children = procfs::children().expect("/proc");
    children.into_iter().find(|child| child.name == "pool keeper").expect("a keeper").pid
}

fn is_stopped(pid: i32) -> bool {
    procfs::status(pid).expect("/proc").is_some_and(|status| status.state == 'T')
}

pub(crate) fn a_worker_stopped_at_any_step_is_ended_in_its_time_and_loses_no_result() {
    for point in CrashPoint::OF_POOLS {
        let is_armed = Shared::new(AtomicU32::new(0)).expect("memory");
        let work = |(): &mut (), n: u32| {
            if is_armed.fetch_add(1, Ordering::Relaxed) == 10 {
                crashpoint::arm_to_stop(*point, 1);
            }
            n
        };
        let pool = Pool::options(2).chunk(4).max_tasks(30).timeout(LIMIT).build(work).expect("a pool");
        let results = pool.try_map(0..200).expect("results");
        // A task whose result does not count yet has taken too long.
        let late = results.iter().filter(|result| matches!(result, Err(TaskError::TimedOut { .. }))).count();
        assert_eq!(late, usize::from(*point == CrashPoint::PoolWritten), "{point:?}");
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 200 - late, "{point:?}");
    }
}

pub(crate) fn a_worker_stopped_while_idle_goes_on_when_the_pool_is_closed() {
    let pool = Pool::new(1, |(): ()| std::process::id().cast_signed()).expect("a pool");
    let worker = pool.map([()]).expect("a result")[0];
    send(worker, Signal::SIGSTOP);
    wait_until("its stop", || is_stopped(worker));
    pool.close().expect("an end");
    assert!(procfs::status(worker).expect("/proc").is_none());
}

pub(crate) fn tasks_go_on_while_the_keeper_is_stopped_and_so_does_the_end_of_the_pool() {
    let never = Event::new().expect("memory");
    let work = |n: u32| {
        if n == 0 {
            let _ = never.wait(PATIENCE);
        }
        std::process::id().cast_signed()
    };
    let pool = Pool::new(2, work).expect("a pool");
    let keeper = keeper();
    send(keeper, Signal::SIGSTOP);
    wait_until("its stop", || is_stopped(keeper));
    let worker = pool.map(1..100).expect("results")[0];
    drop(pool.submit(0).expect("room"));
    drop(pool);
    assert!(procfs::status(worker).expect("/proc").is_none());
    assert!(procfs::status(keeper).expect("/proc").is_none());

    let pool = Pool::new(2, |n: u32| n).expect("a pool");
    send(self::keeper(), Signal::SIGSTOP);
    assert_eq!(pool.map([1]).expect("a result"), [1]);
    pool.close().expect("an end");
}

pub(crate) fn the_end_of_a_killed_keeper_sends_its_owner_no_signal() {
    // What is ignored stays pending where it is blocked as well.
    SigSet::from(Signal::SIGPIPE).thread_block().expect("a mask");
    let pool = Pool::new(1, |n: u32| n).expect("a pool");
    let keeper = keeper();
    send(keeper, Signal::SIGKILL);
    wait_until("its end", || procfs::status(keeper).expect("/proc").is_none_or(|status| status.state == 'Z'));
    wait_until("the error", || matches!(pool.map([1]), Err(PoolError::KeeperEnded { .. })));
    drop(pool);
    let status = fs::read_to_string("/proc/thread-self/status").expect("/proc");
    let pending = status.lines().find_map(|line| line.strip_prefix("SigPnd:")).expect("a line").trim();
    let pending = u64::from_str_radix(pending, 16).expect("bits");
    assert_eq!(pending & 1 << (Signal::SIGPIPE as i32 - 1), 0);
    let left = || procfs::children().expect("/proc").into_iter();
    wait_until("the worker's end", || left().all(|child| child.state == 'Z'));
    for child in left() {
        process::adopted(child.pid, "worker").expect("a child").join().expect("its end");
    }
}

pub(crate) fn a_pool_works_where_the_ends_of_children_are_ignored() {
    process::ignore_children().expect("a setting");
    let attempts = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |n: u32| {
        if n == 3 && attempts.fetch_add(1, Ordering::Relaxed) < 3 {
            raise(Signal::SIGKILL).expect("a signal");
        }
        n
    };
    let pool = Pool::new(2, work).expect("a pool");
    let results = pool.try_map(0..9).expect("results");
    let Err(TaskError::Killed { deaths, .. }) = &results[3] else { panic!("{results:?}") };
    assert!(deaths.iter().all(|death| death.exit == Exit::Signal(Signal::SIGKILL)), "{deaths:?}");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 8);
    pool.close().expect("an end");
}

pub(crate) fn a_forked_process_takes_no_result_of_the_pool_it_was_forked_from() {
    let pool = Pool::options(2).ahead(4).build(|(), n: u32| n).expect("a pool");
    let pending = pool.submit(1).expect("room");
    let mut results = pool.imap(0..100).expect("a call");
    assert_eq!(results.next().expect("a result").expect("no error"), 0);
    let copies = || {
        assert!(!pending.is_done());
        for _ in 0..3 {
            let Some(Err(error)) = results.next() else { return u8::from(results.next().is_some()) };
            assert_eq!(error.to_string(), "cannot use a pool: it is another process's: make one after the fork");
        }
        0
    };
    let mut child = Process::new("child", copies).start().expect("a process");
    assert_eq!(child.join().expect("its end"), Exit::Code(0));
    assert_eq!(results.map(|result| result.expect("no error")).collect::<Vec<_>>(), (1..100).collect::<Vec<_>>());
    assert_eq!(pending.wait().expect("a result"), 1);
}

pub(crate) fn a_process_that_a_task_has_forked_tells_of_its_own_panics() {
    let told = Arc::new(Shared::new([const { AtomicU32::new(0) }; 2]).expect("memory"));
    let (told, of_hook) = (Arc::clone(&told), told);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_noted = pool::note_panic(info);
        of_hook[usize::from(is_noted)].fetch_add(1, Ordering::Relaxed);
    }));
    let work = |forks: bool| {
        assert!(forks, "in the task");
        let forked = Process::new("forked", || -> u8 { panic!("in a process of the task") });
        forked.start().and_then(|mut forked| forked.join()).expect("its end").to_string()
    };
    let pool = Pool::new(1, work).expect("a pool");
    let results = pool.try_map([false, true]).expect("results");
    std::panic::set_hook(before);
    assert!(matches!(&results[0], Err(TaskError::Panicked { place: Some(_), .. })), "{results:?}");
    assert!(matches!(&results[1], Ok(end) if end == "code 101"), "{results:?}");
    let told: Vec<_> = told.iter().map(|told| told.load(Ordering::Relaxed)).collect();
    assert_eq!(told, [1, 1]);
}

pub(crate) fn a_task_that_closes_all_descriptors_finds_nothing_written_into_its_own_files() {
    let kills = Shared::new(AtomicU32::new(0)).expect("memory");
    let (closed, killed) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let both = Barrier::new(2).expect("memory");
    let work = |files: &mut Vec<File>, n: u32| {
        match n {
            0 => {
                for fd in 3..1024 {
                    let _ = nix::unistd::close(fd);
                }
                // One of them has the number of the pipe to the keeper.
                files.extend((0..64).map(|_| tempfile::tempfile().expect("a file")));
                closed.set();
                // After this task its worker tells the keeper that it is idle, because a last attempt waits for that.
                killed.wait(PATIENCE).expect("the death");
            }
            1 => {
                closed.wait(PATIENCE).expect("the files");
                if kills.fetch_add(1, Ordering::Relaxed) == 0 {
                    killed.set();
                    raise(Signal::SIGKILL).expect("a signal");
                }
            }
            _ => both.wait(PATIENCE).expect("the other worker"),
        }
        files.iter().map(|file| file.metadata().expect("a file").len()).sum::<u64>()
    };
    let pool = Pool::options(2).init(|| Ok::<_, String>(Vec::new())).deaths(2).chunk(1).build(work).expect("a pool");
    assert_eq!(pool.map([0, 1]).expect("results"), [0, 0]);
    assert_eq!(pool.map([2, 2]).expect("results"), [0, 0], "bytes in the files of the first worker");
}
