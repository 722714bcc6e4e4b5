//! Who runs, who is alive, what time it is, and what an actor does between two looks.

use std::time::Duration;

use crate::atomic::before;
use crate::execution::{self, Execution, Op};

/// Which actor runs: 1 for the first of the model, 0 where it is set up and checked.
#[track_caller]
pub fn current() -> usize {
    execution::with(|execution| execution.current)
}

/// Whether an actor has neither ended nor been killed. An actor that sees that another is not alive has seen all that
/// it did.
#[track_caller]
pub fn is_alive(actor: usize) -> bool {
    before(Op::LookAfter(actor));
    execution::with(|execution| execution.look_after(actor))
}

/// Lets others run until one of them has done something that can be seen, as in a loop that looks again and again.
/// An actor that spins for ever is a livelock.
#[track_caller]
pub fn spin_loop() {
    before(Op::Spin);
}

/// Does something when the execution is over and what was set up for it is dropped, as to free what killed actors
/// held: their destructors do not run.
#[track_caller]
pub fn at_end(act: impl FnOnce() + 'static) {
    execution::with(|execution| execution.at_end.0.push(Box::new(act)));
}

/// The time since the execution began. It passes when no actor can go on.
#[track_caller]
pub fn now() -> Duration {
    Duration::from_nanos(execution::with(Execution::look_at_the_clock))
}
