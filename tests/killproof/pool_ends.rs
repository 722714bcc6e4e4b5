//! How a pool ends: nothing of it is left.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use killproof::pool::{Pool, PoolError};
use killproof::process::{Exit, Process};
use killproof::shared::Shared;
use killproof::sync::Event;
use killproof::{Error, interrupt, procfs};
use support::Signal;

use crate::{PATIENCE, wait_for, wait_until};

/// The pids of a worker and of a program that its task has started.
type Pids = [AtomicI32; 2];

#[expect(clippy::zombie_processes, reason = "the pool ends and reaps it")]
fn starts_a_program(pids: &Pids) {
    let program = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().expect("a program");
    pids[1].store(program.id().cast_signed(), Ordering::Release);
    pids[0].store(std::process::id().cast_signed(), Ordering::Release);
    let never = Event::new().expect("memory");
    let _ = never.wait(PATIENCE);
}

fn are_there(pids: &Pids) -> bool {
    pids.iter().all(|pid| pid.load(Ordering::Acquire) != 0)
}

fn are_gone(pids: &Pids) -> bool {
    let is_gone = |pid: &AtomicI32| {
        let status = procfs::status(pid.load(Ordering::Acquire)).expect("/proc");
        status.is_none_or(|status| status.state == 'Z')
    };
    pids.iter().all(is_gone)
}

/// Reaps what this process has adopted.
fn no_child_is_left() -> bool {
    procfs::children().expect("/proc").iter().all(|child| {
        child.state == 'Z'
            && killproof::process::adopted(child.pid, "orphan").is_ok_and(|mut orphan| orphan.join().is_ok())
    })
}

pub(crate) fn nothing_is_left_when_its_owner_is_killed() {
    let pids = Shared::new([const { AtomicI32::new(0) }; 2]).expect("memory");
    let own = || {
        let pool = Pool::new(2, |_: u32| starts_a_program(&pids)).expect("a pool");
        pool.map([0]).expect("it is killed before");
    };
    let mut owner = Process::new("owner", own).start().expect("a process");
    wait_for(&owner, "the task", || are_there(&pids));
    owner.kill().expect("a signal");
    owner.join().expect("its end");
    wait_until("the end of all", || are_gone(&pids));
    wait_until("the keeper's end", no_child_is_left);
}

pub(crate) fn nothing_is_left_when_its_owner_executes_another_program() {
    let pids = Shared::new([const { AtomicI32::new(0) }; 2]).expect("memory");
    let own = || {
        let pool = Pool::new(2, |_: u32| starts_a_program(&pids)).expect("a pool");
        drop(pool.submit(0).expect("room"));
        wait_until("the task", || are_there(&pids));
        let _refused = Command::new("sleep").arg("600").exec();
    };
    let owner = Process::new("owner", own).kill_on_drop().start().expect("a process");
    wait_for(&owner, "the task", || are_there(&pids));
    wait_until("the end of all", || are_gone(&pids));
    assert!(owner.is_alive());
    drop(owner);
    wait_until("the keeper's end", no_child_is_left);
}

pub(crate) fn what_a_killed_task_has_started_is_ended() {
    let pids = Shared::new([const { AtomicI32::new(0) }; 2]).expect("memory");
    let attempts = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |_: u32| {
        if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            starts_a_program(&pids);
        }
    };
    let pool = Pool::new(1, work).expect("a pool");
    let pending = pool.submit(0).expect("room");
    wait_until("the task", || are_there(&pids));
    let worker = nix::unistd::Pid::from_raw(pids[0].load(Ordering::Acquire));
    nix::sys::signal::kill(worker, Signal::SIGKILL).expect("a signal");
    pending.wait().expect("it runs again");
    wait_until("the end of the program", || are_gone(&pids));
}

pub(crate) fn a_killed_task_leaves_nothing_of_its_own_pool() {
    let pids = Shared::new([const { AtomicI32::new(0) }; 2]).expect("memory");
    let outer = Shared::new(AtomicI32::new(0)).expect("memory");
    let work = |n: u32| {
        if outer.swap(std::process::id().cast_signed(), Ordering::AcqRel) == 0 {
            let inner = Pool::new(2, |_: u32| starts_a_program(&pids)).expect("a pool in a pool");
            inner.map([0]).expect("it is killed before");
        }
        n
    };
    let pool = Pool::new(1, work).expect("a pool");
    let pending = pool.submit(7).expect("room");
    wait_until("the inner task", || are_there(&pids));
    let worker = nix::unistd::Pid::from_raw(outer.load(Ordering::Acquire));
    nix::sys::signal::kill(worker, Signal::SIGKILL).expect("a signal");
    assert_eq!(pending.wait().expect("it runs again"), 7);
    wait_until("the end of the inner pool", || are_gone(&pids));
}

pub(crate) fn dropping_it_ends_what_runs_within_one_grace() {
    let pids = Shared::new([const { AtomicI32::new(0) }; 2]).expect("memory");
    let stubborn = |_: u32| {
        nix::sys::signal::SigSet::all().thread_block().expect("a mask");
        starts_a_program(&pids);
    };
    let pool = Pool::new(2, stubborn).expect("a pool");
    drop(pool.submit(0).expect("room"));
    wait_until("the task", || are_there(&pids));
    drop(pool);
    assert!(are_gone(&pids));
}

pub(crate) fn close_waits_for_all_tasks_and_drops_what_init_made() {
    struct Told<'a>(&'a AtomicU32);
    impl Drop for Told<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (dropped, done) =
        (Shared::new(AtomicU32::new(0)).expect("memory"), Shared::new(AtomicU32::new(0)).expect("memory"));
    let init = || Ok::<_, String>(Told(&dropped));
    let work = |_: &mut Told<'_>, _: u32| done.fetch_add(1, Ordering::Relaxed);
    let pool = Pool::options(3).init(init).build(work).expect("a pool");
    for n in 0..200 {
        drop(pool.submit(n).expect("room"));
    }
    pool.close().expect("an end");
    assert_eq!((done.load(Ordering::Relaxed), dropped.load(Ordering::Relaxed)), (200, 3));
}

pub(crate) fn a_wait_says_so_when_the_keeper_is_killed() {
    let never = Event::new().expect("memory");
    let begun = Event::new().expect("memory");
    let work = |_: u32| {
        begun.set();
        never.wait(PATIENCE).is_ok()
    };
    let pool = Pool::new(2, work).expect("a pool");
    let pending = pool.submit(0).expect("room");
    begun.wait(PATIENCE).expect("the task");
    let keeper = procfs::children().expect("/proc").into_iter().find(|child| child.name == "pool keeper");
    let keeper = keeper.expect("a keeper").pid;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(keeper), Signal::SIGKILL).expect("a signal");
    let error = pending.wait().expect_err("no keeper");
    assert!(matches!(error, PoolError::KeeperEnded { pid } if pid == keeper), "{error}");
    assert!(matches!(pool.map([0]), Err(PoolError::KeeperEnded { .. })));
    drop(pool);
    // They die with the keeper, and are this process's children then.
    wait_until("the workers' ends", no_child_is_left);
}

pub(crate) fn a_request_to_end_ends_the_wait_and_the_pool() {
    interrupt::catch_signals().expect("a handler");
    let begun = Event::new().expect("memory");
    let never = Event::new().expect("memory");
    let me = std::process::id().cast_signed();
    let work = |n: u32| {
        if n == 0 {
            begun.set();
        } else {
            begun.wait(PATIENCE).expect("the other one");
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(me), Signal::SIGINT).expect("a signal");
        }
        // A request to its owner ends this wait as well.
        std::iter::repeat_with(|| never.wait(PATIENCE)).find(Result::is_ok).is_some()
    };
    let pool = Pool::new(2, work).expect("a pool");
    let error = pool.map([0, 1]).expect_err("asked to end");
    assert!(matches!(error, PoolError::Failed(Error::Interrupted(Signal::SIGINT))), "{error}");
}

pub(crate) fn a_forked_process_is_refused_and_its_copy_ends_nothing() {
    let pool = Pool::new(2, |n: u32| n).expect("a pool");
    let pending = pool.submit(1).expect("room");
    let uses = || {
        let error = pool.map([1]).expect_err("not its pool").to_string();
        assert_eq!(error, "cannot use a pool: it is another process's: make one after the fork");
        assert!(pool.submit(1).is_err());
        0_u8
    };
    let mut child = Process::new("child", uses).start().expect("a process");
    assert_eq!(child.join().expect("its end"), Exit::Code(0));
    assert_eq!(pending.wait().expect("a result"), 1);
    assert_eq!(pool.map([2]).expect("a result"), [2]);
}

pub(crate) fn a_task_that_forks_and_comes_back_twice_has_one_result() {
    let attempts = Shared::new(AtomicU32::new(0)).expect("memory");
    let work = |n: u32| {
        if n == 7 && attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            // The worker ends here with code 0. Its child comes back from the task, and is no worker.
            nix::unistd::daemon(true, true).expect("a fork");
        }
        n
    };
    let pool = Pool::new(2, work).expect("a pool");
    for _ in 0..5 {
        assert_eq!(pool.map(0..200).expect("results"), (0..200).collect::<Vec<_>>());
    }
    assert_eq!(attempts.load(Ordering::Relaxed), 6);
}

pub(crate) fn an_iterator_that_panics_leaves_the_pool_whole() {
    let pool = Pool::new(2, |n: u32| n).expect("a pool");
    let inputs = (0..1_000).inspect(|n| assert!(*n < 500, "on purpose"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pool.map(inputs)));
    assert!(caught.is_err());
    assert_eq!(pool.map(0..100).expect("results"), (0..100).collect::<Vec<_>>());
    let mut some = pool.imap(0..1_000_000).expect("a call");
    assert_eq!(some.next().expect("a result").expect("no error"), 0);
    drop(some);
    assert_eq!(pool.map(0..100).expect("results"), (0..100).collect::<Vec<_>>());
}
