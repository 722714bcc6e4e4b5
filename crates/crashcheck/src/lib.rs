#![doc = include_str!("../README.md")]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod actor;
pub mod atomic;
mod bounds;
pub mod cell;
mod choices;
mod consistency;
mod event;
mod execution;
mod exploration;
pub mod futex;
mod hash;
mod lanes;
mod learned;
mod memory;
mod model;
mod pct;
mod plural;
pub mod private;
mod random;
mod report;
pub mod robust;
mod sampling;
mod schedule;
mod search;
pub mod state;
#[expect(unsafe_code, reason = "switching stacks")]
mod sys;
mod trace;
mod view;
mod visited;

pub use bounds::Bounds;
pub use execution::Failure;
pub use exploration::{Actor, Outcome};
pub use lanes::Row;
pub use model::Model;
pub use report::{Report, Violation};
pub use schedule::ScheduleError;
pub use trace::{Oddity, Step};
