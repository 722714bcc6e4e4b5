//! Pids that are given again: a process that was given the pid of a dead ancestor is not taken for it.

use std::fs;
use std::io::{Read, Write, pipe};
use std::sync::{Mutex, MutexGuard};

use killproof::process::{Child, Exit, Process, adopt_orphans, adopted, reap_all};
use killproof::sync::Event;
use killproof::{Error, interrupt};
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::PATIENCE;

const NOT_ENTERED: u8 = 77;

/// As a code of this process: 1 for a signal.
fn code(exit: Exit) -> u8 {
    if let Exit::Code(code) = exit { u8::try_from(code).unwrap_or(1) } else { 1 }
}

/// Process 2 of a family with pids of its own runs `ancestor`, which starts this number of processes, and ends; then
/// one of its grandchildren gets pid 2, and runs `successor`. Returns how that one ended; `None` if this user may have no such family.
fn with_the_pid_of_an_ancestor(
    ancestor: fn() -> Result<(), Error>,
    started: i32,
    successor: fn() -> Result<u8, Error>,
) -> Option<Exit> {
    let (is_reaped, reaped) = pipe().expect("a pipe");
    // The end of process 2 may interrupt each wait of the toolkit, so this one waits by the system's own calls.
    let middle = || {
        (&is_reaped).read_exact(&mut [0]).expect("process 2 is reaped");
        fs::write("/proc/sys/kernel/ns_last_pid", "1").expect("the next pid");
        let child = Process::new("successor", successor).independent().start().expect("a process");
        assert_eq!(child.pid(), 2);
        match waitpid(Pid::from_raw(2), None).expect("its end") {
            WaitStatus::Exited(_, code) => u8::try_from(code).expect("a code"),
            _ => 1,
        }
    };
    let second = || {
        ancestor()?;
        Process::new("middle", middle).start()?.detach();
        Ok::<_, Error>(())
    };
    let first = || {
        if !support::namespaces::mount_proc() {
            return NOT_ENTERED;
        }
        let mut second = Process::new("ancestor", second).start().expect("a process");
        assert_eq!((second.pid(), second.join().expect("its end")), (2, Exit::Code(0)));
        (&reaped).write_all(&[1]).expect("the middle one reads it");
        code(adopted(3 + started, "middle").expect("an orphan").join().expect("its end"))
    };
    let family = || {
        if !support::namespaces::new_pids() {
            return NOT_ENTERED;
        }
        code(Process::new("first", first).start().expect("a process").join().expect("its end"))
    };
    let mut family = Process::new("family", family).start().expect("a process");
    let exit = family.join_timeout(PATIENCE).expect("its end").expect("it ends soon");
    if exit == Exit::Code(i32::from(NOT_ENTERED)) {
        eprintln!("not tested: this user may have no pids of its own");
        return None;
    }
    Some(exit)
}

pub(crate) fn it_catches_signals_itself() {
    let successor = || {
        interrupt::catch_signals()?;
        raise(Signal::SIGINT).expect("a signal");
        Ok(u8::from(interrupt::requested() != Some(Signal::SIGINT)))
    };
    assert!(with_the_pid_of_an_ancestor(interrupt::catch_signals, 0, successor).is_none_or(Exit::success));
}

pub(crate) fn it_reaps_no_children_that_it_has_not_adopted() {
    let successor = || {
        let never = Event::new()?;
        let child = Process::new("lives", || never.wait(PATIENCE)).kill_on_drop().start()?;
        let reaped = reap_all()?;
        Ok(u8::from(reaped != 0 || !child.is_alive()))
    };
    assert!(with_the_pid_of_an_ancestor(adopt_orphans, 0, successor).is_none_or(Exit::success));
}

/// The child of an ancestor, which its parent does not drop.
static KEPT: Mutex<Option<Child>> = Mutex::new(None);

fn kept() -> MutexGuard<'static, Option<Child>> {
    KEPT.lock().expect("no panic")
}

pub(crate) fn it_does_not_wait_for_a_child_that_is_not_its_own() {
    let ancestor = || {
        let child = Process::new("lives", || Event::new()?.wait(PATIENCE * 2)).start()?;
        *kept() = Some(child);
        Ok(())
    };
    let successor = || {
        drop(kept().take().expect("a copy of the handle"));
        Ok(0)
    };
    assert!(with_the_pid_of_an_ancestor(ancestor, 1, successor).is_none_or(Exit::success));
}
