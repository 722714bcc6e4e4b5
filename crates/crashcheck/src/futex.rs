//! Sleeping on a word of shared memory, as Linux' futex.

use std::time::Duration;

use crate::atomic::{AtomicU32, before};
use crate::execution::{self, MAIN, Op, Rewoken};
use crate::sys;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// By a wake, or for no reason.
    Woken,
    /// The word had another value.
    Changed,
    /// By the time-out.
    TimedOut,
}

/// Sleeps while the word has a value, until a wake, for no reason at all, or until the time-out.
///
/// Time passes only when no actor can go on; all time-outs end then. With the model's bound of early ends a time-out
/// may also end a wait before that. Which of several sleepers is woken is a choice.
///
/// # Panics
///
/// If it is called where a model is set up or checked, and would sleep.
#[track_caller]
pub fn wait(word: &AtomicU32, expected: u32, time_out: Option<Duration>) -> Woken {
    let location = word.location();
    before(Op::Wait(location));
    let (sleeps, leaves) = execution::with(|execution| {
        let me = execution.current;
        let sleeps = execution.sleep(location, expected.into(), time_out.is_some());
        assert!(!(sleeps && me == MAIN), "a wait would never end, for no actor runs");
        (sleeps, sleeps && (execution.current != me || execution.is_over))
    });
    if !sleeps {
        return Woken::Changed;
    }
    if leaves {
        sys::suspend();
    }
    execution::with(|execution| {
        let woken = match execution.actors[execution.current].rewoken.take() {
            Some(Rewoken::TimedOut) => Woken::TimedOut,
            Some(Rewoken::Spurious) | None => Woken::Woken,
        };
        execution.learns(woken as u64);
        woken
    })
}

/// Wakes at most `count` sleepers. Returns how many it woke.
#[track_caller]
pub fn wake(word: &AtomicU32, count: usize) -> usize {
    let location = word.location();
    before(Op::Wake(location));
    execution::with(|execution| execution.wake(location, count))
}
