//! What binds a process to its parent, where the kernel would forget it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU32, Ordering};

use killproof::process::{Exit, Process, User, adopted, die_with_parent_again};
use killproof::queue::Queue;
use killproof::shared::Shared;
use killproof::sync::Event;
use killproof::{Error, procfs};
use rustix::process::{Gid, Uid};
use rustix::thread::{set_thread_gid, set_thread_uid};
use support::{Signal, namespaces};

use crate::PATIENCE;

/// A user that owns nothing.
const OTHER: User = User { uid: 65_534, gid: 65_534 };

/// Whether this process may become another user. Where it may not, a test of that says so and is done.
fn is_root(test: &str) -> bool {
    let is_root = nix::unistd::geteuid().is_root();
    if !is_root {
        eprintln!("{test}: not run, because only root may become another user");
    }
    is_root
}

/// The user that a process runs as.
fn user_of(pid: i32) -> u32 {
    fs::metadata(format!("/proc/{pid}")).expect("/proc").uid()
}

/// Starts a parent that starts a daemon, kills the parent, and returns how the daemon ended.
fn end_of_a_daemon(prepare: fn(Process<'_>) -> Process<'_>, at_first: fn() -> Result<(), Error>) -> Exit {
    let pid = Queue::new(1).expect("memory");
    let live = || {
        at_first()?;
        pid.put(std::process::id().cast_signed())?;
        Event::new()?.wait(PATIENCE)
    };
    let start = || {
        let _daemon = prepare(Process::new("daemon", live)).daemon().start()?;
        Event::new()?.wait(PATIENCE)
    };
    let mut parent = Process::new("parent", start).start().expect("a process");
    let daemon = pid.get_timeout(PATIENCE).expect("the daemon's pid");
    assert_eq!(user_of(daemon), OTHER.uid);
    parent.kill().expect("a signal");
    parent.join().expect("its end");
    let mut orphan = adopted(daemon, "daemon").expect("an orphan");
    orphan.join_timeout(PATIENCE / 2).expect("its end").expect("it died with its parent")
}

/// Becomes another user as a program does that knows nothing of bonds.
fn become_other() -> Result<(), Error> {
    let refused = |errno| Error::refused("become", "another user", errno);
    set_thread_gid(Gid::from_raw(OTHER.gid)).map_err(refused)?;
    set_thread_uid(Uid::from_raw(OTHER.uid)).map_err(refused)
}

pub(crate) fn a_daemon_that_runs_as_another_user_dies_with_its_killed_parent() {
    if is_root("a daemon of another user") {
        let exit = end_of_a_daemon(|daemon| daemon.user(OTHER), || Ok(()));
        assert_eq!(exit, Exit::Signal(Signal::SIGKILL));
    }
}

pub(crate) fn a_daemon_that_has_changed_its_user_binds_itself_again() {
    if is_root("a daemon that changes its user") {
        let exit = end_of_a_daemon(|daemon| daemon, || become_other().and_then(|()| die_with_parent_again()));
        assert_eq!(exit, Exit::Signal(Signal::SIGKILL));
    }
}

pub(crate) fn a_process_that_is_not_bound_cannot_bind_itself_again() {
    let refused = die_with_parent_again().expect_err("this process was started otherwise");
    assert_eq!(refused.to_string(), "cannot die with the parent: this process was not started with die_with_parent");
    // Nor does a child of a bound process count as bound.
    let bound = || {
        let child = Process::new("free", || u8::from(die_with_parent_again().is_err()));
        Ok::<_, Error>(child.start()?.join()?.success())
    };
    let bound = Process::new("bound", move || bound().map(u8::from)).daemon();
    assert_eq!(bound.start().expect("a process").join().expect("its end"), Exit::Code(0));
}

pub(crate) fn a_user_that_it_may_not_become_refuses_the_start() {
    if !is_root("a user that is refused") {
        return;
    }
    let ran = Shared::new(AtomicU32::new(0)).expect("memory");
    let host = Process::new("host", || {
        let root = Process::new("root", || ran.store(1, Ordering::Release)).user(User { uid: 0, gid: 0 });
        let refused = root.start().expect_err("this user may not become root");
        assert_eq!(refused.to_string(), "cannot start root as user 0: operation not permitted");
        assert_eq!(procfs::children().expect("/proc"), []);
    });
    assert!(host.user(OTHER).start().expect("a process").join().expect("its end").success());
    assert_eq!(ran.load(Ordering::Acquire), 0);
}

pub(crate) fn a_daemon_in_a_pid_namespace_of_its_own_lives_until_its_parent_dies() {
    if !is_root("a daemon in a pid namespace") {
        return;
    }
    let (pid, lives) = (Queue::new(1).expect("memory"), Event::new().expect("memory"));
    let live = || {
        lives.set();
        Event::new()?.wait(PATIENCE)
    };
    let start = || {
        assert!(namespaces::new_pids(), "root may make a pid namespace");
        let daemon = Process::new("daemon", live).daemon().start()?;
        pid.put(daemon.pid())?;
        Event::new()?.wait(PATIENCE)
    };
    let mut parent = Process::new("parent", start).linked().start().expect("a process");
    lives.wait(PATIENCE).expect("the daemon lives");
    let daemon = pid.get_timeout(PATIENCE).expect("the daemon's pid");
    parent.kill().expect("a signal");
    parent.join().expect("its end");
    let exit = adopted(daemon, "daemon").expect("an orphan").join_timeout(PATIENCE / 2).expect("its end");
    assert_eq!(exit, Some(Exit::Signal(Signal::SIGKILL)));
}
