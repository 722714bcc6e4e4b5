//! Starting, ending and outliving.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use killproof::process::{Child, Exit, Failure, Process, adopted, ignore_children, keep_children};
use killproof::queue::Queue;
use killproof::shared::Shared;
use killproof::sync::{Barrier, Event};
use killproof::{Error, procfs};
use nix::sys::signal::SigSet;
use support::Signal;

use crate::PATIENCE;

/// A child that ends only by a signal.
fn sleeper() -> Process<'static> {
    Process::new("sleeper", || Event::new().and_then(|never| never.wait(PATIENCE)))
}

fn gone(pid: i32) -> bool {
    procfs::status(pid).expect("/proc").is_none()
}

pub(crate) fn a_child_has_a_copy_of_its_parents_memory() {
    let counter = AtomicU32::new(1);
    let shared = Shared::new(AtomicU32::new(1)).expect("memory");
    let child = Process::new("writer", || {
        counter.store(2, Ordering::Relaxed);
        shared.store(counter.load(Ordering::Relaxed), Ordering::Relaxed);
    });
    assert!(child.start().expect("a process").join().expect("its end").success());
    assert_eq!((counter.load(Ordering::Relaxed), shared.load(Ordering::Relaxed)), (1, 2));
}

pub(crate) fn it_ends_by_code_by_panic_or_by_signal() {
    let end = |process: Process<'_>| process.start().expect("a process").join().expect("its end");
    assert_eq!(end(Process::new("zero", || ())), Exit::Code(0));
    assert_eq!(end(Process::new("seven", || 7_u8)), Exit::Code(7));
    assert_eq!(end(Process::new("panics", || -> u8 { panic!("on purpose") })), Exit::Code(101));
    let mut child = sleeper().start().expect("a process");
    child.signal(Signal::SIGUSR1).expect("a signal");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGUSR1));
}

pub(crate) fn an_error_ends_it_with_the_errors_code() {
    struct OnPurpose;
    impl Failure for OnPurpose {
        fn exit_code(&self, process: &str) -> u8 {
            if process == "fails" { 2 } else { 0 }
        }
    }
    let fails = || -> Result<(), OnPurpose> { Err(OnPurpose) };
    let exit = Process::new("fails", fails).start().expect("a process").join().expect("its end");
    assert_eq!(exit, Exit::Code(2));
    let refused = || Err::<(), _>(Error::Abandoned { operation: "join", unfinished: 1 });
    let exit = Process::new("refused", refused).start().expect("a process").join().expect("its end");
    assert_eq!(exit, Exit::Code(1));
}

pub(crate) fn join_may_be_repeated() {
    let mut child = Process::new("three", || 3_u8).start().expect("a process");
    assert_eq!(child.join().expect("its end"), Exit::Code(3));
    assert_eq!(child.join().expect("its end"), Exit::Code(3));
    assert_eq!(child.join_timeout(Duration::ZERO).expect("its end"), Some(Exit::Code(3)));
    assert!(!child.is_alive());
}

pub(crate) fn join_timeout_gives_up_on_one_that_lives() {
    let mut child = sleeper().start().expect("a process");
    assert_eq!(child.join_timeout(Duration::from_millis(5)).expect("a wait"), None);
    assert!(child.is_alive());
    child.kill().expect("a signal");
    assert_eq!(child.join_timeout(PATIENCE).expect("its end"), Some(Exit::Signal(Signal::SIGKILL)));
}

pub(crate) fn an_ended_child_is_a_zombie_until_it_is_joined() {
    let mut child = Process::new("ends", || ()).start().expect("a process");
    child.wait_ended().expect("no request to end");
    assert!(!child.is_alive());
    let status = procfs::status(child.pid()).expect("/proc").expect("an entry");
    assert_eq!((status.state, status.parent), ('Z', std::process::id().cast_signed()));
    child.join().expect("its end");
    assert!(gone(child.pid()));
}

pub(crate) fn terminate_and_kill_end_it_and_may_come_late() {
    let mut child = sleeper().start().expect("a process");
    child.terminate().expect("a signal");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGTERM));
    child.terminate().expect("too late is no error");
    child.kill().expect("too late is no error");

    let mut zombie = Process::new("ends", || ()).start().expect("a process");
    zombie.wait_ended().expect("no request to end");
    zombie.kill().expect("too late is no error");
    assert_eq!(zombie.join().expect("its end"), Exit::Code(0));
}

pub(crate) fn dropping_a_handle_joins_a_child_and_terminates_a_daemon() {
    let done = Shared::new(AtomicU32::new(0)).expect("memory");
    let event = Event::new().expect("memory");
    let child = Process::new("works", || event.wait(PATIENCE).map(|()| done.store(1, Ordering::Release)));
    let child = child.start().expect("a process");
    event.set();
    let pid = child.pid();
    drop(child);
    assert!(gone(pid));
    assert_eq!(done.load(Ordering::Acquire), 1, "the child was joined, not ended");

    let daemon = sleeper().daemon().start().expect("a process");
    let pid = daemon.pid();
    drop(daemon);
    assert!(gone(pid));
}

pub(crate) fn a_handle_that_a_child_inherited_does_nothing() {
    let brother = sleeper().daemon().start().expect("a process");
    let holder = std::sync::Mutex::new(Some(brother));
    let mut child =
        Process::new("drops", || drop(holder.lock().expect("one thread").take())).start().expect("a process");
    assert!(child.join().expect("its end").success());
    let mut brother = holder.into_inner().expect("one thread").expect("the parent's own handle");
    assert!(brother.is_alive());
    brother.kill().expect("a signal");
    brother.join().expect("its end");
}

pub(crate) fn start_is_refused_while_another_thread_runs() {
    let (send, wait) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || wait.recv());
    let refused = Process::new("late", || ()).start().expect_err("two threads run");
    assert!(matches!(refused, Error::ThreadsRunning { threads: 2, .. }), "{refused:?}");
    assert!(refused.to_string().contains("cannot start late"), "{refused}");
    drop(send);
    let _ = thread.join().expect("no panic");
}

pub(crate) fn start_works_right_after_a_thread_was_joined() {
    for _ in 0..100 {
        std::thread::spawn(|| ()).join().expect("no panic");
        Process::new("next", || ()).start().expect("no thread runs any more").join().expect("its end");
    }
}

/// Starts a parent that starts `grandchild`, and returns both: the parent's handle and the grandchild's pid.
fn family(prepare: fn(Process<'static>) -> Process<'static>) -> (Child, i32) {
    let pid = Queue::new(1).expect("memory");
    let parent = Process::new("parent", || {
        let grandchild = prepare(sleeper()).start()?;
        pid.put(grandchild.pid())?;
        Event::new()?.wait(PATIENCE)
    });
    let parent = parent.start().expect("a process");
    (parent, pid.get_timeout(PATIENCE).expect("the grandchild's pid"))
}

pub(crate) fn a_daemon_dies_with_a_killed_parent() {
    let (mut parent, grandchild) = family(Process::daemon);
    parent.kill().expect("a signal");
    parent.join().expect("its end");
    let exit = adopted(grandchild, "daemon").expect("an orphan").join().expect("its end");
    assert_eq!(exit, Exit::Signal(Signal::SIGKILL));
}

pub(crate) fn an_ordinary_child_survives_its_killed_parent() {
    let (mut parent, grandchild) = family(|process| process);
    parent.kill().expect("a signal");
    parent.join().expect("its end");
    let status = procfs::status(grandchild).expect("/proc").expect("still there");
    assert_eq!(status.parent, std::process::id().cast_signed());
    assert_ne!(status.state, 'Z');
    assert_eq!(killproof::process::reap_all().expect("/proc"), 1);
    assert!(gone(grandchild));
}

pub(crate) fn a_child_that_ignores_sigterm_is_killed_in_the_end() {
    let ready = Event::new().expect("memory");
    let stubborn = Process::new("stubborn", || {
        SigSet::from(Signal::SIGTERM).thread_block().expect("a mask");
        ready.set();
        Event::new()?.wait(PATIENCE)
    });
    let child = stubborn.daemon().linked().start().expect("a process");
    ready.wait(PATIENCE).expect("it is ready");
    let pid = child.pid();
    drop(child);
    assert!(gone(pid));
}

pub(crate) fn children_that_the_kernel_reaps_are_told_from_others() {
    let parent = Process::new("careless", || {
        ignore_children()?;
        let mut child = Process::new("reaped by the kernel", || ()).start()?;
        match child.join() {
            Err(Error::Refused { .. }) => Ok::<_, Error>(0_u8),
            _ => Ok(1),
        }
    });
    assert_eq!(parent.start().expect("a process").join().expect("its end"), Exit::Code(0));
}

pub(crate) fn children_are_kept_again() {
    let parent = Process::new("careful", || {
        ignore_children()?;
        keep_children()?;
        Ok::<_, Error>(u8::from(Process::new("child", || 7_u8).start()?.join()? != Exit::Code(7)))
    });
    assert_eq!(parent.start().expect("a process").join().expect("its end"), Exit::Code(0));
}

pub(crate) fn two_hundred_children_leave_no_descriptor() {
    let open = || fs::read_dir("/proc/self/fd").expect("/proc").count();
    let before = open();
    for _ in 0..200 {
        Process::new("short", || ()).start().expect("a process").join().expect("its end");
    }
    assert_eq!(open(), before);
}

pub(crate) fn a_child_inherits_no_signal_handler() {
    killproof::interrupt::catch_signals().expect("handlers");
    let mut child = sleeper().start().expect("a process");
    // At once: it may still be on its way out of the fork.
    child.terminate().expect("a signal");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGTERM));
    assert_eq!(killproof::interrupt::requested(), None, "the child's signal is not its parent's");
}

pub(crate) fn an_event_lets_every_waiter_go_on_once_it_is_set() {
    let event = Event::new().expect("memory");
    let start = |_| Process::new("waits", || event.wait(PATIENCE)).start().expect("a process");
    let mut children: Vec<Child> = (0..5).map(start).collect();
    assert!(!event.is_set());
    assert!(children.iter().all(Child::is_alive));
    event.set();
    for child in &mut children {
        assert!(child.join().expect("its end").success());
    }
    event.wait(Duration::ZERO).expect("set for ever");
}

pub(crate) fn a_wait_for_an_event_that_is_not_set_times_out() {
    let event = Event::new().expect("memory");
    let error = event.wait(Duration::from_millis(5)).expect_err("it is not set");
    assert!(matches!(error, killproof::Error::TimedOut { .. }), "{error:?}");
}

pub(crate) fn a_barrier_holds_until_all_parties_have_arrived() {
    let barrier = Barrier::new(3).expect("memory");
    let start = |_| Process::new("comes", || barrier.wait(PATIENCE)).linked().start().expect("a process");
    let mut children: Vec<Child> = (0..2).map(start).collect();
    assert_eq!(children[0].join_timeout(Duration::from_millis(20)).expect("a wait"), None);
    barrier.wait(PATIENCE).expect("all are there");
    for child in &mut children {
        assert!(child.join().expect("its end").success());
    }
}

pub(crate) fn a_wait_at_a_barrier_times_out_when_a_party_cannot_arrive() {
    let barrier = Barrier::new(3).expect("memory");
    let mut comes = Process::new("comes", || barrier.wait(PATIENCE)).daemon().start().expect("a process");
    let mut killed = sleeper().start().expect("a process");
    killed.kill().expect("a signal");
    let alive = || match killed.join_timeout(Duration::ZERO)? {
        Some(exit) => {
            Err(Error::Unusable { operation: "wait", cause: format!("{} ended with {exit}", killed.name()).into() })
        }
        None => Ok(()),
    };
    let error = barrier.wait_while(Duration::MAX, alive).expect_err("only two can come");
    assert_eq!(error.to_string(), "cannot wait: sleeper ended with signal SIGKILL");
    comes.kill().expect("a signal");
    comes.join().expect("its end");
}
