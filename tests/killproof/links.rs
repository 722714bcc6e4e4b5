//! Links: no wait of a parent outlasts the child that it waits for.

use std::time::Duration;

use killproof::error::Error;
use killproof::interrupt;
use killproof::process::{Child, Exit, Process, failed_link};
use killproof::sync::Event;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::PATIENCE;
use crate::every_wait::with_every_wait;

/// A child that waits until it is killed.
fn waits() -> Process<'static> {
    let forever = || Event::new().and_then(|never| never.wait(Duration::MAX));
    Process::new("waits", forever).die_with_parent().kill_on_drop()
}

/// As a stranger does it.
fn kill_from_outside(child: &Child) {
    kill(Pid::from_raw(child.pid()), Signal::SIGKILL).expect("a child");
}

/// What a wait returns in a parent whose linked child is killed while the parent waits.
fn interrupted(what: &str, wait: impl FnOnce() -> Result<(), Error>) {
    let mut child = waits().linked().start().expect("a child");
    let pid = child.pid();
    let mut killer = Process::new("killer", || kill(Pid::from_raw(pid), Signal::SIGKILL).map_or(1, |()| 0_u8));
    killer = killer.kill_on_drop();
    let mut killer = killer.start().expect("a killer");
    match wait() {
        Err(Error::Interrupted(Signal::SIGCHLD)) => {}
        other => panic!("{what}: {other:?}"),
    }
    let failed = failed_link().expect("a link");
    assert_eq!((failed.pid, failed.exit), (pid, Exit::Signal(Signal::SIGKILL)), "{what}");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    assert!(killer.join().expect("its end").success());
    assert_eq!(failed_link(), None);
    assert!(interrupt::check().is_ok());
}

pub(crate) fn a_wait_ends_when_a_linked_child_is_killed_under_a_debugger() {
    let (traced, looked) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let mut child = waits().linked().start().expect("a child");
    let pid = Pid::from_raw(child.pid());
    // It holds back the news of the child's end until the parent has looked.
    let debug = || {
        ptrace::seize(pid, ptrace::Options::empty()).map_or(1, |()| {
            traced.set();
            looked.wait(PATIENCE).map_or(2, |()| u8::from(waitpid(pid, None).is_err()))
        })
    };
    let mut debugger = Process::new("debugger", debug).kill_on_drop().start().expect("a debugger");
    if debugger.join_timeout(Duration::from_millis(50)).expect("a wait").is_some() {
        eprintln!("not run: no process may trace another one here");
        return;
    }
    traced.wait(PATIENCE).expect("a tracer");
    kill_from_outside(&child);
    while child.is_alive() {
        std::thread::yield_now();
    }
    assert_eq!(failed_link(), None, "the debugger has the news");
    assert_eq!(child.join_timeout(Duration::from_millis(30)).expect("a wait"), None);
    looked.set();
    let never = Event::new().expect("memory");
    assert!(matches!(never.wait(PATIENCE), Err(Error::Interrupted(Signal::SIGCHLD))));
    assert_eq!(failed_link().map(|failed| failed.exit), Some(Exit::Signal(Signal::SIGKILL)));
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    assert!(debugger.join().expect("its end").success());
}

pub(crate) fn every_wait_ends_when_a_linked_child_is_killed() {
    with_every_wait(|all| all(&|name, wait| interrupted(name, wait)));
    let mut sibling = waits().start().expect("a child");
    interrupted("join", || sibling.join().map(drop));
}

pub(crate) fn a_linked_child_that_fails_by_a_code_ends_a_wait_too() {
    for (code, name) in [(7, "returns"), (101, "panics")] {
        let mut child = match code {
            7 => Process::new(name, || 7_u8),
            _ => Process::new(name, || -> u8 { panic!("on purpose") }),
        };
        child = child.linked();
        let mut child = child.start().expect("a child");
        assert!(matches!(interrupt::sleep(PATIENCE), Err(Error::Interrupted(Signal::SIGCHLD))));
        assert_eq!(failed_link().map(|failed| (failed.name, failed.exit)), Some((name.to_owned(), Exit::Code(code))));
        assert_eq!(child.join().expect("its end"), Exit::Code(code));
    }
}

pub(crate) fn a_linked_child_that_ends_well_ends_no_wait() {
    let (begun, may_go) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let mut child = Process::new("ends well", || ()).linked().start().expect("a child");
    let sibling = || {
        begun.set();
        may_go.wait(PATIENCE)
    };
    let mut sibling = Process::new("sibling", sibling).linked().start().expect("a child");
    child.wait_ended().expect("it ends");
    begun.wait(PATIENCE).expect("it begins");
    assert!(!interrupt::wait_readable(&[], Some(Duration::from_millis(1))).expect("no link has failed"));
    may_go.set();
    assert!(sibling.join().expect("its end").success() && child.join().expect("its end").success());
}

pub(crate) fn an_end_that_the_parent_wants_is_no_failure() {
    let children = [(); 3].map(|()| waits().linked().start().expect("a child"));
    children[0].kill().expect("it lives");
    children[1].terminate().expect("it lives");
    children[0].wait_ended().expect("it ends");
    children[1].wait_ended().expect("it ends");
    assert!(interrupt::check().is_ok());
    let pid = children[2].pid();
    let [first, second, third] = children;
    third.detach();
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("a child");
    let mut orphan = killproof::process::adopted(pid, "detached").expect("a child");
    assert_eq!(orphan.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
    assert!(interrupt::check().is_ok());
    drop((first, second));
    let mut unlinked = waits().linked().unlinked().start().expect("a child");
    kill_from_outside(&unlinked);
    unlinked.wait_ended().expect("it ends");
    assert!(interrupt::check().is_ok());
    unlinked.join().expect("its end");
}

pub(crate) fn a_failure_counts_after_its_handle_was_dropped_by_an_error() {
    // In a process of its own, where the failure stays.
    let parent = |dead: fn() -> Process<'static>| {
        let sibling = waits().independent().start()?;
        let dead = dead().linked().start()?;
        kill_from_outside(&dead);
        let waited = interrupt::sleep(PATIENCE);
        drop(dead);
        // A join would never return: the sibling is independent, and waits for ever.
        drop(sibling);
        waited
    };
    // Dropping the first one terminates it, dropping the other one joins it.
    for dead in [waits as fn() -> _, || waits().independent()] {
        let code = || match parent(dead) {
            Err(Error::Interrupted(Signal::SIGCHLD)) => u8::from(failed_link().is_none_or(|dead| dead.name != "waits")),
            _ => 9,
        };
        let mut parent = Process::new("parent", code).start().expect("a parent");
        assert_eq!(parent.join_timeout(PATIENCE).expect("its end"), Some(Exit::Code(0)));
    }
}

pub(crate) fn a_child_does_not_inherit_its_parents_links() {
    let mut dead = waits().linked().start().expect("a child");
    kill_from_outside(&dead);
    dead.wait_ended().expect("it ends");
    assert!(interrupt::check().is_err());
    let looks = || {
        let Ok(own) = Process::new("own", || 3_u8).linked().start() else { return 2 };
        let waited = own.wait_ended();
        u8::from(waited.is_err() || failed_link().map(|failed| failed.pid) != Some(own.pid()))
    };
    let looks_first = || u8::from(interrupt::check().is_err());
    let mut children =
        [Process::new("looks", looks_first), Process::new("looks", looks)].map(|child| child.start().expect("a child"));
    dead.join().expect("its end");
    assert_eq!(children.each_mut().map(|child| child.join().expect("its end")), [Exit::Code(0); 2]);
}
