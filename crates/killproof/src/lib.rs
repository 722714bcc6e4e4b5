#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
// The body of `primitive` that a model has leaves the machine's own unused.
#![cfg_attr(killproof_model, allow(dead_code, unused_imports))]

#[cfg(feature = "crashpoints")]
pub mod crashpoint;
#[cfg(not(feature = "crashpoints"))]
mod crashpoint;
pub mod error;
mod event_count;
pub mod file_lock;
mod foreign;
pub mod identity;
pub mod interrupt;
pub mod limits;
mod links;
mod liveness;
pub mod log;
pub mod mutex;
pub mod observe;
mod places;
// No model has it: it is tried with real processes.
#[cfg(not(killproof_model))]
pub mod pool;
mod primitive;
pub mod process;
pub mod procfs;
pub mod queue;
pub mod shared;
pub mod socket;
pub mod sync;
mod sys;

pub use error::Error;
