//! The multiprocessing toolkit that Rust lacks, and that survives what Python's does not: `kill -9`.
//!
//! Reading order, from what a lesson uses to what it stands on:
//!
//! | module | what it is | Python's name |
//! |---|---|---|
//! | [`process`] | a closure as a process: start, join, terminate, kill, daemons, supervisors | `multiprocessing.Process` |
//! | [`queue`] | values from process to process, first in first out | `Queue`, `JoinableQueue` |
//! | [`lock`] | a lock between any processes, on a file | |
//! | [`mutex`] | a value behind a lock, between related processes | `Lock` with `Value` |
//! | [`shared`] | one plain value that related processes share | `Value(lock=False)` |
//! | [`gate`] | waiting for a moment | `Event`, `Barrier` |
//! | [`limits`] | many processes or threads, refused in time | |
//! | [`procfs`], [`socket`] | what the kernel says about a process, about a socket | |
//! | [`interrupt`] | Ctrl-C as an error that unwinds | `KeyboardInterrupt` |
//! | [`cli`] | every binary's options, errors and exit codes | |
//! | [`stage`], [`actor`] | what a section's code talks to | |
//! | [`journal`], [`report`], [`view`] | the record of a run, its result, its words on the terminal | |
//! | [`bars`] | a distribution drawn in the terminal | |
//! | [`lanes`] | the record read as lanes: who ran, waited, held, slept, died, and when | |
//! | [`timeline`], [`trace`], [`svg`], [`pictures`] | the lanes drawn: in the terminal, for Perfetto, as an image | |
//! | [`table`], [`python`] | a Markdown table; a Python script beside ours | |
//! | `progress` | a progress bar, with the feature `tools` | |
//! | [`whole_file`] | a file that is whole, or not there | |
//! | [`lang`] | English or Chinese | |
//! | [`kill_point`] | for tests: dying between two stores | |
//! | [`error`] | what can go wrong, and the exit code of each | |
//!
//! Invariants:
//! - Unsafe code stands in `sys.rs` and below `sys/`, and nowhere else.
//! - Only [`view`] writes to standard output, and only [`error`] to standard error: a line at a time.
//! - No primitive holds a lock while it waits for another one, and none trusts that the process it
//!   waits for is alive.

pub mod actor;
pub mod bars;
pub mod cli;
pub mod error;
pub mod gate;
pub mod interrupt;
pub mod journal;
pub mod kill_point;
pub mod lanes;
pub mod lang;
pub mod limits;
pub mod lock;
pub mod mutex;
pub mod pictures;
pub mod process;
pub mod procfs;
#[cfg(feature = "tools")]
pub mod progress;
pub mod python;
pub mod queue;
pub mod report;
pub mod shared;
pub mod socket;
pub mod stage;
pub mod svg;
mod sys;
pub mod table;
pub mod timeline;
pub mod trace;
pub mod view;
mod whoami;
pub mod whole_file;

pub use error::Error;
