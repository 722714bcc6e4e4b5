//! What the algorithms run on: atomics, fences, shared memory, the robust mutex, futex, clock, and
//! the question whether a process is alive.
//!
//! `queue`, `mutex` and `sync` reach the machine through this module and through nothing else, so
//! that one other body of it, which a model checker controls, is enough to run them unchanged:
//! crossbeam's `primitive` module does the same for its algorithms
//! (<https://github.com/crossbeam-rs/crossbeam/blob/master/crossbeam-utils/src/lib.rs>).
//! Each item that a second body must provide is listed in `real.rs`; there is no other.

mod real;

pub(crate) use real::*;
