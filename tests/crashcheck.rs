//! The model checker's own truth: what C++20 allows is found, and what it forbids is not.

#[path = "crashcheck/algorithms.rs"]
mod algorithms;
#[path = "crashcheck/deaths.rs"]
mod deaths;
#[path = "crashcheck/learning.rs"]
mod learning;
#[path = "crashcheck/litmus.rs"]
mod litmus;
#[path = "crashcheck/misuse.rs"]
mod misuse;
#[path = "crashcheck/outcomes.rs"]
mod outcomes;
#[path = "crashcheck/pictures.rs"]
mod pictures;
#[path = "crashcheck/remembering.rs"]
mod remembering;
#[path = "crashcheck/sampling.rs"]
mod sampling;

use crashcheck::Outcome;
use crashcheck::robust::RobustMutex;

/// The check of a test that looks at what the exploration itself detects.
#[expect(clippy::unnecessary_wraps, reason = "the type of a check")]
fn passes(_: &impl Sized, _: &Outcome) -> Result<(), String> {
    Ok(())
}

/// An actor that takes two locks, this one first: two that begin with different ones are a deadlock.
fn in_order(first: usize) -> impl Fn(&[RobustMutex; 2]) {
    move |locks| {
        let _ = locks[first].lock();
        let _ = locks[1 - first].lock();
        locks[1 - first].unlock();
        locks[first].unlock();
    }
}
