//! Each object that processes share, used in each situation in which a process can be: the table of objects in the
//! documentation of `process`.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::thread;

use killproof::log::Log;
use killproof::mutex::SharedMutex;
use killproof::process::{Child, Exit, IntoExit, Process};
use killproof::procfs;
use killproof::queue::{JoinableQueue, Queue};
use killproof::shared::Shared;
use killproof::sync::{Barrier, Condvar, Event, RwLock, Semaphore};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use support::namespaces;

use super::subjects::{Subject, none_has_failed};
use crate::{PATIENCE, wait_for, wait_until};

const NOT_ENTERED: u8 = 77;

/// Runs a test with each kind of object.
macro_rules! with_each_object {
    ($test:ident) => {{
        $test::<Queue<u32>>();
        $test::<JoinableQueue<u32>>();
        $test::<SharedMutex<u32>>();
        $test::<Event>();
        $test::<Barrier>();
        $test::<Semaphore>();
        $test::<(SharedMutex<u32>, Condvar)>();
        $test::<RwLock<u32>>();
        $test::<Shared<AtomicU32>>();
        $test::<Log>();
    }};
}

/// Starts a process. If it fails, every wait of this process ends.
fn start<'f, R: IntoExit>(name: &str, work: impl FnOnce() -> R + Send + 'f) -> Child {
    Process::new(name, work).kill_on_drop().linked().start().expect("a process")
}

/// Whether it could enter the situation.
#[track_caller]
fn ends_well(mut child: Child) -> bool {
    match child.join_timeout(PATIENCE).expect("a wait") {
        Some(Exit::Code(code)) if code == i32::from(NOT_ENTERED) => {
            eprintln!("not tested: {} may not be entered by this user", child.name());
            false
        }
        ended => {
            assert_eq!(ended, Some(Exit::Code(0)), "{}", child.name());
            true
        }
    }
}

pub(crate) fn an_object_that_moved_into_a_child_is_shared_with_what_its_maker_keeps() {
    fn test<S: Subject>() {
        let object = Arc::new(S::new());
        let moved = Arc::clone(&object);
        let user = start("user", move || moved.is_used());
        object.shows_it();
        ends_well(user);
    }
    with_each_object!(test);
}

pub(crate) fn an_object_that_its_maker_has_dropped_is_shared_by_its_children() {
    fn test<S: Subject>() {
        let object = S::new();
        let shows = start("shows", || object.shows_it());
        let uses = start("uses", move || object.is_used());
        ends_well(uses);
        ends_well(shows);
    }
    with_each_object!(test);
}

pub(crate) fn an_object_is_used_by_an_orphan() {
    fn test<S: Subject>() {
        let object = S::new();
        let shows = start("shows", || object.shows_it());
        let orphan = || Process::new("orphan", || object.is_used()).start().map(Child::detach).expect("a process");
        ends_well(start("parent", orphan));
        // It may have ended before it could be adopted.
        let ended = || {
            let mut children = procfs::children().expect("/proc").into_iter();
            let orphan = children.find(|child| child.pid != shows.pid()).map(|child| Pid::from_raw(child.pid))?;
            let status = waitpid(orphan, Some(WaitPidFlag::WNOHANG)).expect("a child");
            (status != WaitStatus::StillAlive).then_some((orphan, status))
        };
        let mut end = None;
        wait_until("its end", || {
            end = ended();
            none_has_failed() && end.is_some()
        });
        assert_eq!(end.map(|(orphan, status)| status == WaitStatus::Exited(orphan, 0)), Some(true), "{end:?}");
        ends_well(shows);
    }
    with_each_object!(test);
}

pub(crate) fn an_object_that_children_drop_or_leak_stays_their_parents() {
    fn test<S: Subject>() {
        let copy = Mutex::new(Some(S::new()));
        let take = || copy.lock().expect("one thread").take().expect("a copy");
        ends_well(start("drops", || drop(take())));
        ends_well(start("leaks", || _ = Box::leak(Box::new(take()))));
        let user = start("uses", || take().is_used());
        let object = copy.lock().expect("one thread");
        object.as_ref().expect("its own").shows_it();
        ends_well(user);
    }
    with_each_object!(test);
}

pub(crate) fn an_object_is_left_whole_by_a_user_that_executes_another_program() {
    fn test<S: Subject>() {
        let object = S::new();
        let executes = || -> u8 {
            object.is_used();
            panic!("true was not executed: {}", Command::new("true").exec());
        };
        let user = start("executes", executes);
        object.shows_it();
        ends_well(user);
    }
    with_each_object!(test);
}

pub(crate) fn an_object_is_used_by_another_thread() {
    fn test<S: Subject>() {
        let object = S::new();
        thread::scope(|scope| {
            scope.spawn(|| object.is_used());
            object.shows_it();
        });
    }
    with_each_object!(test);
}

pub(crate) fn an_object_is_used_while_another_user_is_stopped() {
    fn test<S: Subject>() {
        let object = S::new();
        let user = start("stops", || object.is_used_by_one_that_stops());
        let is_stopped = || procfs::status(user.pid()).expect("/proc").is_some_and(|status| status.state == 'T');
        wait_for(&user, "its stop", is_stopped);
        object.shows_it();
        user.signal(Signal::SIGCONT).expect("a signal");
        ends_well(user);
    }
    with_each_object!(test);
}

pub(crate) fn an_object_is_used_from_another_namespace() {
    fn test<S: Subject>() {
        for enter in [|| unshare(CloneFlags::CLONE_NEWUSER).is_ok(), namespaces::new_pids] {
            let object = S::new();
            if ends_well(start("another namespace", || if enter() { 0 } else { NOT_ENTERED })) {
                let user = start("first", || u8::from(!enter() || !ends_well(start("second", || object.is_used()))));
                object.shows_it();
                ends_well(user);
            }
        }
    }
    with_each_object!(test);
}
