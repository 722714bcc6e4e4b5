//! What the algorithms run on: atomics, fences, shared memory, the robust mutex, futex, clock, and
//! the question whether a process is alive.
//!
//! `queue`, `mutex` and `sync` reach the machine through this module alone. So a second body of it, which a
//! model checker controls, runs them unchanged. crossbeam's `primitive` module does the same for its
//! algorithms (<https://github.com/crossbeam-rs/crossbeam/blob/master/crossbeam-utils/src/lib.rs>).
//! `real.rs` lists each item that a second body must provide; there is no other. `modelled.rs` is that body:
//! `--cfg killproof_model` chooses it, and `just prove` explores it.

#[cfg(killproof_model)]
mod modelled;
#[cfg(not(killproof_model))]
mod real;

#[cfg(killproof_model)]
pub(crate) use modelled::*;
#[cfg(not(killproof_model))]
pub(crate) use real::*;
