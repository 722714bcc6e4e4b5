//! Which consumers hold values, and how the others know that they are alive.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use killproof::process::{Child, Exit, Process};
use killproof::queue::{
    Delivery, JoinError, JoinTimeoutError, JoinableQueue, PutError, PutTimeoutError, TryGetError, TryPutError,
};
use killproof::sync::Event;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use crate::many_leases::FOR_EVER;
use crate::{PATIENCE, wait_for, wait_until};

/// Several times as long as a waiter sleeps before it checks for dead holders.
const TICKS: Duration = Duration::from_millis(200);

pub(crate) fn kill(mut child: Child) {
    child.kill().expect("a signal");
    child.join().expect("its end");
}

/// Starts a process that takes the first value, calls `then`, and holds the value until it is killed.
pub(crate) fn holder<'f>(queue: &'f JoinableQueue<u32>, then: impl FnOnce() + Send + 'f) -> Child {
    let taken = Event::new().expect("memory");
    let holds = || {
        let _item = queue.get().expect("a value");
        then();
        taken.set();
        Event::new().expect("memory").wait(PATIENCE).expect("a kill comes first");
    };
    let child = Process::new("holder", holds).daemon().start().expect("a process");
    taken.wait(FOR_EVER).expect("it has it");
    child
}

/// Never drops a delivery: it is held as long as its process lives.
pub(crate) fn leak(item: Delivery<u32>) {
    Box::leak(Box::new(item));
}

/// Runs `work` in a process without `/proc`. What the process cannot enter it does not test, and says so.
fn without_proc(work: impl FnOnce() + Send) {
    const NOT_ENTERED: u8 = 77;
    let folder = tempfile::tempdir().expect("a folder");
    let enters = || {
        if !support::namespaces::enter_root(folder.path()) {
            return NOT_ENTERED;
        }
        work();
        0
    };
    let mut child = Process::new("without proc", enters).start().expect("a process");
    match child.join().expect("its end") {
        Exit::Code(code) if code == i32::from(NOT_ENTERED) => {
            eprintln!("not tested: this user may not change its root");
        }
        exit => assert_eq!(exit, Exit::Code(0)),
    }
}

pub(crate) fn a_holder_is_known_to_be_alive_where_proc_is_not() {
    let queue = JoinableQueue::<u32>::builder(4).max_deaths(1).build().expect("memory");
    queue.put(1).expect("room");
    let holder = holder(&queue, || ());
    let pid = Pid::from_raw(holder.pid());
    without_proc(|| {
        assert!(queue.get_timeout(TICKS).is_err(), "its holder lives");
        nix::sys::signal::kill(pid, Signal::SIGKILL).expect("a signal");
        wait_until("the holder's death to be noticed", || {
            let _ = queue.try_get();
            queue.dead_letters().expect("no lock is kept").len() == 1
        });
    });
    kill(holder);
}

pub(crate) fn a_consumer_without_proc_gets_values_and_is_known_to_die() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    queue.put(1).expect("room");
    without_proc(|| {
        let item = queue.get().expect("a value");
        assert_eq!((*item, item.attempt()), (1, 1));
        // Its process ends with it.
        leak(item);
    });
    let item = queue.get_timeout(PATIENCE).expect("it came back");
    assert_eq!(*item, 1);
    assert!(item.done());
}

pub(crate) fn an_exec_ends_the_leases_of_its_process() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    queue.put(1).expect("room");
    let executes = || -> u8 {
        let item = queue.get().expect("a value");
        let error = Command::new("sleep").arg("600").exec();
        drop(item);
        panic!("sleep was not executed: {error}");
    };
    let child = Process::new("executes", executes).daemon().start().expect("a process");
    wait_for(&child, "it had the value", || queue.is_empty());
    let item = queue.get_timeout(PATIENCE / 2).expect("the new program does not hold it");
    assert_eq!((*item, item.attempt(), item.last_death()), (1, 2, Some(child.pid())));
    assert!(item.done());
    assert!(child.is_alive());
    kill(child);
}

/// In a family with pids of its own: process 2 looks at the queue and ends, and one of its grandchildren gets pid 2.
pub(crate) fn a_process_with_the_pid_of_an_ancestor_is_a_consumer_of_its_own() {
    const NOT_ENTERED: u8 = 77;
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    queue.put(1).expect("room");
    let (gone, holds, go) =
        (Event::new().expect("memory"), Event::new().expect("memory"), Event::new().expect("memory"));
    let successor = || {
        assert_eq!(std::process::id(), 2);
        let item = queue.get().expect("the value");
        holds.set();
        go.wait(PATIENCE).expect("the judgement");
        assert!(item.done());
    };
    let middle = || {
        gone.wait(PATIENCE).expect("process 2 is reaped");
        fs::write("/proc/sys/kernel/ns_last_pid", "1").expect("the next pid");
        Process::new("successor", successor).start().expect("a process").join().map(|_| ())
    };
    let ancestor = || {
        queue.put(2).expect("room");
        // It is a consumer from here on.
        assert!(queue.get().expect("a value").deaths() == 0);
        Process::new("middle", middle).start().expect("a process").detach();
    };
    let first = || {
        if !support::namespaces::mount_proc() {
            return NOT_ENTERED;
        }
        let mut ancestor = Process::new("ancestor", ancestor).start().expect("a process");
        assert_eq!((ancestor.pid(), ancestor.join().expect("its end")), (2, Exit::Code(0)));
        gone.set();
        if holds.wait(PATIENCE).is_err() {
            return NOT_ENTERED;
        }
        // Only the successor is left of those that ever took a value.
        let joined = queue.join_timeout(Duration::from_secs(2));
        assert!(matches!(joined, Err(JoinTimeoutError::TimedOut { .. })), "{joined:?}");
        go.set();
        while queue.get_timeout(TICKS).is_ok_and(Delivery::done) {}
        queue.join_timeout(PATIENCE).expect("all is done");
        0
    };
    let family = || {
        if !support::namespaces::new_pids() {
            return NOT_ENTERED;
        }
        match Process::new("first", first).start().expect("a process").join().expect("its end") {
            Exit::Code(code) => u8::try_from(code).expect("a code"),
            Exit::Signal(_) | Exit::RealTimeSignal(_) => 1,
        }
    };
    let mut child = Process::new("family", family).start().expect("a process");
    match child.join().expect("its end") {
        Exit::Code(code) if code == i32::from(NOT_ENTERED) => {
            eprintln!("not tested: this user may have no pids of its own");
        }
        exit => assert_eq!(exit, Exit::Code(0)),
    }
}

pub(crate) fn a_put_does_not_wait_for_dead_consumers() {
    let queue = JoinableQueue::<u32>::new(2).expect("memory");
    (1..=2).for_each(|value| queue.put(value).expect("room"));
    // As long as there has been no consumer, one may yet come.
    assert_eq!(queue.put_timeout(3, Duration::from_millis(700)), Err(PutTimeoutError::TimedOut(3)));
    kill(holder(&queue, || ()));
    assert_eq!(queue.put(3), Err(PutError::Abandoned { value: 3, unfinished: 2 }));
    assert_eq!(queue.put_timeout(3, PATIENCE), Err(PutTimeoutError::Abandoned { value: 3, unfinished: 2 }));
    let mut refused = Ok(());
    wait_until("a put that only polls to notice it", || {
        refused = queue.try_put(3);
        refused != Err(TryPutError::Full(3))
    });
    assert_eq!(refused, Err(TryPutError::Abandoned { value: 3, unfinished: 2 }));
    // A successor changes that.
    let work = || while queue.get().is_ok_and(Delivery::done) {};
    let _successor = Process::new("successor", work).daemon().start().expect("a process");
    queue.put_timeout(3, PATIENCE).expect("room");
    queue.join().expect("all is done");
}

pub(crate) fn a_process_that_joins_is_no_consumer_to_wait_for() {
    let queue = JoinableQueue::<u32>::builder(4).max_deaths(9).build().expect("memory");
    assert!(matches!(queue.try_get(), Err(TryGetError::Empty)));
    queue.put(1).expect("room");
    kill(holder(&queue, || ()));
    assert_eq!(queue.join(), Err(JoinError::Abandoned { unfinished: 1 }));
    // With a value in its hands it is one.
    let item = queue.get_timeout(PATIENCE).expect("it came back");
    let joined = queue.join_timeout(Duration::from_secs(1));
    assert!(matches!(joined, Err(JoinTimeoutError::TimedOut { unfinished: 1, .. })), "{joined:?}");
    assert!(item.done());
    queue.join().expect("all is done");
}

pub(crate) fn another_thread_of_the_joining_process_is_a_consumer() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    queue.put(1).expect("room");
    kill(holder(&queue, || ()));
    let (took, leave) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let thread = {
        let queue = queue.clone();
        let work = || assert!(queue.get().expect("the value").done());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                work();
                took.set();
                leave.wait(PATIENCE).expect("the judgement");
            });
            took.wait(PATIENCE).expect("it is a consumer");
            queue.put(2).expect("room");
            let joined = queue.join_timeout(Duration::from_secs(1));
            leave.set();
            joined
        })
    };
    assert!(matches!(thread, Err(JoinTimeoutError::TimedOut { unfinished: 1, .. })), "{thread:?}");
    // It has ended, and no consumer is left.
    assert_eq!(queue.join(), Err(JoinError::Abandoned { unfinished: 1 }));
}

pub(crate) fn join_says_who_holds_what() {
    let queue = JoinableQueue::<u32>::new(4).expect("memory");
    (1..=3).for_each(|value| queue.put(value).expect("room"));
    let held_long = holder(&queue, || ());
    wait_until("some time to pass", || queue.leases()[0].held_for >= Duration::from_millis(50));
    // A delivery that is leaked is held as well.
    let leaks = holder(&queue, || leak(queue.get().expect("a value")));
    let pids = |leases: &[killproof::queue::LeaseInfo]| leases.iter().map(|lease| lease.pid).collect::<Vec<_>>();
    let Err(JoinTimeoutError::TimedOut { unfinished: 3, leases }) = queue.join_timeout(TICKS) else {
        panic!("three values are not done")
    };
    assert_eq!(pids(&leases), [held_long.pid(), leaks.pid(), leaks.pid()]);
    assert!(leases.iter().all(|lease| (lease.attempt, lease.deaths) == (1, 0)));
    let message = queue.join_timeout(Duration::ZERO).expect_err("still").to_string();
    assert!(message.starts_with("3 values are not done; process "), "{message}");
    assert!(message.contains(&format!("process {} holds one since ", held_long.pid())), "{message}");
    kill(leaks);
    wait_until("the return of what the dead process leaked", || {
        let _ = queue.join_timeout(Duration::ZERO);
        queue.leases().len() == 1
    });
    kill(held_long);
}

pub(crate) fn a_lease_ends_at_its_limit() {
    let limit = Duration::from_millis(100);
    let queue = JoinableQueue::<u32>::builder(4).max_lease(limit).max_deaths(2).build().expect("memory");
    queue.put(1).expect("room");
    let (lost, go) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let hangs = || {
        let item = queue.get().expect("a value");
        go.wait(PATIENCE).expect("the other one has it");
        assert!(!item.done(), "another consumer has it");
        lost.set();
    };
    let mut child = Process::new("hangs", hangs).daemon().linked().start().expect("a process");
    wait_for(&child, "it had the value", || queue.is_empty());
    let item = queue.get_timeout(PATIENCE).expect("the lease is over");
    assert_eq!((*item, item.attempt(), item.deaths(), item.last_death()), (1, 2, 1, Some(child.pid())));
    go.set();
    lost.wait(PATIENCE).expect("it learns that");
    assert!(child.join().expect("its end").success());
    assert!(item.done());
    queue.join().expect("all is done");
}
