//! What every section uses, and nothing that is one section's own.
//!
//! The toolkit's modules under the names that a section knows them by ([`killproof`] is the crate), the
//! record of a run ([`journal`]) and its pictures ([`timeline`]), and the stage:
//!
//! | module | what it is |
//! |---|---|
//! | [`cli`], [`options`] | every binary's options, errors and exit codes |
//! | [`help`], [`refusal`] | the help of a program, and why a value is refused, in each language |
//! | [`stage`], [`settings`], [`actor`] | what a section's code talks to: say, claim, check, measure, pause, start others |
//! | [`claims`] | a scene's claims as a table |
//! | [`report`] | what a run found out: checks, figures, verdict |
//! | [`view`] | what a run shows on standard output |
//! | [`outlet`] | lines on their way to a stream whose reader may stand still |
//! | [`export`] | pictures of a run, as its options ask for |
//! | [`mod@words`], [`lang`], [`units`], [`endings`] | printed texts as values, in each language |
//! | [`pace`] | the run's speed |
//! | [`foreign`] | text from outside, as a line may show it |
//! | [`table`], [`python`] | a Markdown table; a Python script beside ours |
//! | `progress` | a progress bar, with the feature `tools` |
//! | [`whole_file`], [`whole_folder`] | a file, a folder that is whole, or not there |
//! | [`scratch`] | a folder that is gone after the run, even after `kill -9` |
//! | [`error`], [`objects`] | what can go wrong, and the exit code of each; what the system refuses by its name |
//!
//! Invariants, each checked by `tests/tidy.rs`: only [`view`] writes to standard output, and only
//! [`error`] to standard error: a line at a time, and never while the writer holds a lock of the toolkit. What
//! comes from outside is escaped and shortened before, by [`foreign`].
#![forbid(unsafe_code)]

pub mod actor;
pub mod claims;
pub mod cli;
pub mod endings;
pub mod error;
pub mod export;
pub mod help;
pub mod lang;
pub mod objects;
pub mod options;
pub mod outlet;
pub mod pace;
#[cfg(feature = "tools")]
pub mod progress;
pub mod python;
pub mod refusal;
pub mod report;
pub mod scratch;
pub mod settings;
pub mod stage;
mod stream;
pub mod table;
pub mod terminal;
pub mod units;
mod usage_error;
pub mod view;
pub mod whole_file;
pub mod whole_folder;
pub mod words;

pub use error::Error;
pub use journal;
pub use killproof::{
    file_lock, identity, interrupt, limits, mutex, pool, process, procfs, queue, shared, socket, sync,
};
pub use timeline::{self, foreign};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
