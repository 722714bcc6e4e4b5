//! Events that are cleared.

use std::time::Duration;

use killproof::Error;
use killproof::process::{Exit, Process};
use killproof::procfs;
use killproof::sync::Event;
use nix::sys::signal::Signal;

use crate::{PATIENCE, wait_for};

pub(crate) fn an_event_that_was_cleared_is_waited_for_again() {
    let (question, answer) = (Event::new().expect("memory"), Event::new().expect("memory"));
    let answers = || -> Result<(), Error> {
        for _ in 0..100 {
            question.wait(PATIENCE)?;
            question.clear();
            answer.set();
        }
        Ok(())
    };
    let mut child = Process::new("answers", answers).linked().start().expect("a process");
    for _ in 0..100 {
        question.set();
        answer.wait(PATIENCE).expect("an answer");
        answer.clear();
    }
    assert_eq!(child.join().expect("its end"), Exit::Code(0));
    assert!(!question.is_set() && question.wait(Duration::from_millis(1)).is_err());
    question.clear();
    question.set();
    question.set();
    assert!(question.is_set());
}

/// It is woken, and cannot look before the event is cleared.
pub(crate) fn a_waiter_that_was_woken_returns_although_the_event_is_cleared_before_it_looks() {
    let event = Event::new().expect("memory");
    let mut waiter = Process::new("waits", || event.wait(PATIENCE)).linked().start().expect("a process");
    let state = |wanted: char| {
        let pid = waiter.pid();
        wait_for(&waiter, "its state", || {
            procfs::status(pid).expect("/proc").is_some_and(|status| status.state == wanted)
        });
    };
    state('S');
    waiter.signal(Signal::SIGSTOP).expect("it lives");
    state('T');
    event.set();
    event.clear();
    waiter.signal(Signal::SIGCONT).expect("it lives");
    assert_eq!(waiter.join().expect("its end"), Exit::Code(0));
}
