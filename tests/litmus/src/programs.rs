//! The programs, each with the outcomes that C++20 allows.

pub mod accesses;
pub mod algorithms;

use std::sync::Arc;

use crate::machine::{Actor, Machine, Outcome, Program};

/// All of them, in the order of the table.
pub fn all<M: Machine>() -> Vec<Program<M>> {
    accesses::all().into_iter().chain(algorithms::all()).collect()
}

fn actor<M: Machine>(run: impl Fn(&[M::Word]) -> Outcome + Send + Sync + 'static) -> Actor<M> {
    Arc::new(run)
}
