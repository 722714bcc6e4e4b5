//! Signals: those that end a child, and what a child inherits of its parent's.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};

use killproof::process::{Child, Exit, Process, RestartLimit, Supervisor};
use killproof::queue::Queue;
use killproof::shared::Shared;
use killproof::sync::Event;
use killproof::{Error, interrupt};
use nix::sys::signal::{SigSet, raise};
use support::Signal;

use crate::every_wait::with_every_wait;
use crate::{PATIENCE, wait_for};

/// A child that ends only by a signal.
fn sleeper() -> Process<'static> {
    Process::new("sleeper", || Event::new().and_then(|never| never.wait(PATIENCE)))
}

/// Sends a signal that may have no name.
fn kill(number: i32, pid: i32) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{number} {pid}")]).status().expect("a shell");
    assert!(sent.success());
}

pub(crate) fn a_real_time_signal_is_an_exit() {
    for number in [34, 64] {
        let told = Arc::new(AtomicI32::new(0));
        let tell = Arc::clone(&told);
        let sleeper = sleeper().on_start(move |_, _| {
            Box::new(move |exit| tell.store(exit.and_then(Exit::signal).unwrap_or(-1), Ordering::Relaxed))
        });
        let mut child = sleeper.start().expect("a process");
        kill(number, child.pid());
        let exit = child.join().expect("its end");
        assert_eq!((exit, exit.signal()), (Exit::RealTimeSignal(number), Some(number)));
        assert_eq!(child.join().expect("its end, again"), exit);
        assert_eq!(exit.to_string(), format!("signal {number}"));
        assert_eq!(told.load(Ordering::Relaxed), number, "the hook at the end runs once, with the whole number");
    }
}

pub(crate) fn a_worker_that_a_real_time_signal_ended_is_restarted() {
    let mut supervisor = Supervisor::new(RestartLimit { restarts: 1, per: PATIENCE });
    supervisor.start(sleeper).expect("a process");
    let pid = supervisor.children().next().expect("a worker").pid();
    kill(34, pid);
    let restarted = supervisor.watch(PATIENCE).expect("a restart");
    assert_eq!((restarted.len(), restarted[0].died.pid, restarted[0].died.exit), (1, pid, Exit::RealTimeSignal(34)));
    assert_eq!(restarted[0].died.to_string(), format!("sleeper (pid {pid}) ended with signal 34"));
}

/// Blocks these signals until it is dropped.
struct Blocked(SigSet);

impl Blocked {
    fn new(signals: &[Signal]) -> Self {
        let signals = signals.iter().copied().collect::<SigSet>();
        signals.thread_block().expect("a mask");
        Self(signals)
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        self.0.thread_unblock().expect("a mask");
    }
}

pub(crate) fn a_signal_that_the_parent_blocks_ends_its_child() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let _blocked = Blocked::new(&[signal, Signal::SIGUSR1]);
        let mut child = Process::new("sleeper", || {
            // What no promise is about is inherited, as by every fork.
            assert!(SigSet::thread_get_mask().expect("a mask").contains(Signal::SIGUSR1));
            Event::new()?.wait(PATIENCE)
        });
        child = child.daemon();
        let mut child = child.start().expect("a process");
        child.signal(signal).expect("a signal");
        let exit = child.join_timeout(PATIENCE / 2).expect("its end");
        assert_eq!(exit, Some(Exit::Signal(signal)));
        assert!(SigSet::thread_get_mask().expect("a mask").contains(signal), "the parent's own mask is as it was");
    }
}

pub(crate) fn a_signal_that_was_blocked_is_caught() {
    let catches = || {
        // As exec(3) hands it on.
        let blocked =
            [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1].into_iter().collect::<SigSet>();
        blocked.thread_block().expect("a mask");
        interrupt::catch_signals()?;
        assert!(SigSet::thread_get_mask().expect("a mask").contains(Signal::SIGUSR1), "what is not caught");
        raise(Signal::SIGTERM).expect("a signal to itself");
        Ok::<_, Error>(u8::from(!matches!(interrupt::check(), Err(Error::Interrupted(Signal::SIGTERM)))))
    };
    let mut child = Process::new("catches", catches).kill_on_drop().start().expect("a process");
    assert_eq!(child.join_timeout(PATIENCE).expect("its end"), Some(Exit::Code(0)));
}

pub(crate) fn a_request_to_end_ends_every_wait() {
    with_every_wait(|all| {
        let is_asked = || -> Result<(), Error> {
            interrupt::catch_signals()?;
            raise(Signal::SIGTERM).expect("a signal to itself");
            all(&|name, wait| {
                let ended = wait();
                assert!(matches!(ended, Err(Error::Interrupted(Signal::SIGTERM))), "{name}: {ended:?}");
            });
            Ok(())
        };
        let mut child = Process::new("is asked", is_asked).kill_on_drop().start().expect("a process");
        assert_eq!(child.join_timeout(PATIENCE / 2).expect("a wait"), Some(Exit::Code(0)));
    });
}

/// Catches signals in a program, a process of its own, and in a child of it. Once the child is ready, `program`
/// goes on in the program, and its result is the program's exit code.
fn with_a_child_that_catches(
    child: impl Fn(&Event) -> Result<u8, Error> + Send + Sync,
    program: impl Fn(&mut Child) -> Result<u8, Error> + Send + Sync,
) -> Exit {
    let ready = Event::new().expect("memory");
    let run = || {
        interrupt::catch_signals()?;
        let catches = || {
            interrupt::catch_signals()?;
            child(&ready)
        };
        let mut started = Process::new("child", catches).daemon().start()?;
        wait_for(&started, "it was ready", || ready.is_set());
        program(&mut started)
    };
    Process::new("program", run).start().expect("a process").join().expect("its end")
}

/// Its wait ends by SIGINT: it ends by itself, with code 42.
fn waits_for_sigint(ready: &Event) -> u8 {
    ready.set();
    match interrupt::sleep(PATIENCE) {
        Err(Error::Interrupted(Signal::SIGINT)) => 42,
        _ => 1,
    }
}

pub(crate) fn a_child_that_catches_signals_is_asked_to_end_and_its_parent_is_not() {
    let program = |child: &mut Child| {
        child.signal(Signal::SIGINT)?;
        let exit = child.join()?;
        interrupt::check()?;
        Ok(u8::from(exit != Exit::Code(42)))
    };
    assert_eq!(with_a_child_that_catches(|ready| Ok(waits_for_sigint(ready)), program), Exit::Code(0));
}

pub(crate) fn a_request_to_the_parent_reaches_a_child_that_catches_signals() {
    let seen = Queue::new(1).expect("memory");
    let child = |ready: &Event| {
        ready.set();
        let Err(Error::Interrupted(signal)) = interrupt::sleep(PATIENCE) else { return Ok(1) };
        let _ = seen.try_put(signal as i32);
        Ok(0)
    };
    let program = |child: &mut Child| {
        nix::sys::signal::raise(Signal::SIGHUP).expect("a signal");
        let asked = interrupt::sleep(PATIENCE);
        // The child is ended when the handle is dropped, unless it has ended by then.
        while child.is_alive() {}
        Ok(u8::from(!matches!(asked, Err(Error::Interrupted(Signal::SIGHUP)))))
    };
    assert_eq!(with_a_child_that_catches(child, program), Exit::Code(0));
    assert_eq!(seen.try_get().expect("the child saw a request"), Signal::SIGTERM as i32);
}

pub(crate) fn a_second_signal_ends_a_child_that_catches_signals() {
    let noted = Event::new().expect("memory");
    let child = |ready: &Event| {
        waits_for_sigint(ready);
        noted.set();
        loop {
            std::thread::park();
        }
    };
    let program = |child: &mut Child| {
        child.signal(Signal::SIGINT)?;
        wait_for(child, "it noted the signal", || noted.is_set());
        child.signal(Signal::SIGTERM)?;
        Ok(u8::from(child.join()? != Exit::Signal(Signal::SIGTERM)))
    };
    assert_eq!(with_a_child_that_catches(child, program), Exit::Code(0));
}

pub(crate) fn a_programs_own_handler_goes_on_and_its_childs_does_not() {
    let own = Shared::new(AtomicU32::new(0)).expect("memory");
    let program = || {
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(Signal::SIGTERM as i32, Arc::clone(&flag)).expect("a handler");
        interrupt::catch_signals()?;
        let mut child = Process::new("child", || {
            interrupt::catch_signals()?;
            nix::sys::signal::raise(Signal::SIGTERM).expect("a signal");
            assert_eq!(interrupt::requested(), Some(Signal::SIGTERM));
            Ok::<_, Error>(u8::from(flag.load(Ordering::Acquire)))
        });
        child = child.daemon();
        assert_eq!(child.start()?.join()?, Exit::Code(0), "a child inherits no handler");
        nix::sys::signal::raise(Signal::SIGTERM).expect("a signal");
        assert_eq!(interrupt::requested(), Some(Signal::SIGTERM));
        own.store(u32::from(flag.load(Ordering::Acquire)), Ordering::Release);
        Ok::<(), Error>(())
    };
    assert!(Process::new("program", program).start().expect("a process").join().expect("its end").success());
    assert_eq!(own.load(Ordering::Acquire), 1);
}
