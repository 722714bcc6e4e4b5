//! Panics of the program while it starts and ends processes.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use killproof::process::{Exit, OnEnd, Process};
use killproof::shared::Shared;
use killproof::sync::Event;
use killproof::{Error, procfs};
use support::Signal;

use crate::PATIENCE;

/// A child that ends only by a signal.
fn sleeper() -> Process<'static> {
    Process::new("sleeper", || Event::new().and_then(|never| never.wait(PATIENCE)))
}

/// Does `work` while it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Does `work` in a destructor that a panic runs.
fn while_unwinding(work: impl FnMut()) {
    let panics = || {
        let _on_drop = OnDrop(work);
        panic!("on purpose");
    };
    panic::catch_unwind(AssertUnwindSafe(panics)).expect_err("a panic");
}

/// Ends the process in which it is called.
fn panics_when_told(_: Option<Exit>) {
    panic!("on purpose, in the hook at the end");
}

pub(crate) fn a_destructor_that_a_panic_runs_may_start_a_process_and_joins_it() {
    let (entered, gate) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let exit = AtomicI32::new(-1);
    let open = || entered.wait(PATIENCE).map(|()| gate.set());
    let mut opener = Process::new("opener", open).start().expect("a process");
    while_unwinding(|| {
        let work = || {
            entered.set();
            gate.wait(PATIENCE).map(|()| 7_u8)
        };
        let child = Process::new("works", work).start().expect("a process");
        let pid = child.pid();
        let seen = std::sync::Arc::new(AtomicI32::new(-1));
        let tell = std::sync::Arc::clone(&seen);
        drop(child.on_end(Box::new(move |exit| {
            let code = match exit {
                Some(Exit::Code(code)) => code,
                _ => -2,
            };
            tell.store(code, Ordering::Relaxed);
        })));
        assert_eq!(procfs::status(pid).expect("/proc"), None);
        exit.store(seen.load(Ordering::Relaxed), Ordering::Relaxed);
    });
    assert_eq!(exit.load(Ordering::Relaxed), 7, "its work began in the panic, and is wanted");
    assert!(opener.join().expect("its end").success());
}

pub(crate) fn a_child_that_a_destructor_started_panics_for_itself() {
    while_unwinding(|| {
        let mut child = Process::new("panics", || -> u8 { panic!("on purpose, in the child") });
        child = child.daemon();
        let exit = child.start().expect("a process").join().expect("its end");
        assert_eq!(exit, Exit::Code(101));
    });
}

pub(crate) fn a_panic_of_on_start_leaves_no_process() {
    let before = procfs::children().expect("/proc");
    let nervous = sleeper().on_start(|_, _| -> OnEnd { panic!("on purpose, in the hook at the start") });
    panic::catch_unwind(AssertUnwindSafe(|| nervous.start())).expect_err("a panic");
    assert_eq!(procfs::children().expect("/proc"), before);
}

pub(crate) fn a_panic_of_on_end_leaves_the_exit_known() {
    let mut child = sleeper().start().expect("a process").on_end(Box::new(panics_when_told));
    child.kill().expect("a signal");
    panic::catch_unwind(AssertUnwindSafe(|| child.join())).expect_err("a panic");
    assert_eq!(child.join().expect("its end"), Exit::Signal(Signal::SIGKILL));
}

pub(crate) fn a_panic_of_on_end_during_a_panic_does_not_abort() {
    let goes_on = Shared::new(AtomicU32::new(0)).expect("memory");
    let host = Process::new("host", || {
        let child = sleeper().daemon().start()?.on_end(Box::new(panics_when_told));
        let mut child = Some(child);
        while_unwinding(|| drop(child.take()));
        goes_on.store(1, Ordering::Release);
        Ok::<(), Error>(())
    });
    let exit = host.start().expect("a process").join().expect("its end");
    assert_eq!((exit, goes_on.load(Ordering::Acquire)), (Exit::Code(0), 1));
}
