//! Signals: those that end a child, and what a child inherits of its parent's.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use killproof::process::{Exit, Process, RestartLimit, Supervisor};
use killproof::sync::Event;

use crate::PATIENCE;

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
        assert_eq!(told.load(Ordering::Relaxed), number, "the end is told, once and whole");
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
