//! One side of a row, measured in a process of its own against a deadline.
//!
//! A side starts fresh every time: whatever it leaves in memory, and whatever it breaks, ends with
//! its process. It answers with one line of JSON, and it is the same whether Rust or Python wrote it.

use std::io::{PipeWriter, Write};
use std::path::Path;
use std::time::Duration;

use common::Error;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sandbox::Sandbox;
use crate::scripts::{NOT_FOUND, Script};

/// How one side of a row is measured.
pub(crate) struct Contestant {
    /// What is measured, in the table's words.
    pub(crate) name: &'static str,
    pub(crate) how: How,
}

/// Who does the work.
pub(crate) enum How {
    /// This function, in a forked child.
    Rust(Work),
    /// A script, in `python3`.
    Python(Script),
    /// This function, in a forked child that is the client of a server beside it.
    Visit(Visit),
}

/// What a side does that asks a server.
pub(crate) struct Visit {
    /// What is missing if the server's program is not there.
    pub(crate) program: &'static str,
    pub(crate) work: Question,
}

/// Asks a server. `None` if its program is not there.
pub(crate) type Question = Box<dyn Fn(&Job) -> Result<Option<Sample>, Error> + Sync>;

/// What a side in Rust does.
pub(crate) type Work = Box<dyn Fn(&Job) -> Result<Sample, Error> + Sync>;

/// What a side is asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job<'a> {
    /// How many: items, sales, round trips.
    pub(crate) count: u64,
    /// Where files may be made.
    pub(crate) folder: &'a Path,
}

/// What a side did, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// How many were done; where a share of a core is measured, the seconds of CPU time.
    pub(crate) count: f64,
    /// From when all were ready to when the last one was done.
    pub(crate) seconds: f64,
    /// What the measuring loop takes of `seconds`, where it is more than nothing. Not subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loop_seconds: Option<f64>,
    /// What 99 of 100 answers did not exceed, where answers were timed one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) p99_seconds: Option<f64>,
}

impl Sample {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^52 in a second")]
    pub(crate) fn new(count: u64, took: Duration) -> Self {
        Self { count: count as f64, seconds: took.as_secs_f64(), loop_seconds: None, p99_seconds: None }
    }
}

/// Why a side has no sample.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unmeasured {
    /// It is not there.
    Missing(String),
    /// It failed: a wrong sum, a deadline.
    Failed(String),
}

/// One line of a side.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Sample(Sample),
    Error { error: String },
}

/// Measures `side` once, with so many.
///
/// # Errors
///
/// [`Error::Interrupted`], and what the system refuses. What goes wrong within the side is no error
/// of the run: it is in the inner result.
pub(crate) fn measure(sandbox: &Sandbox, side: &Contestant, count: u64) -> Result<Result<Sample, Unmeasured>, Error> {
    let job = Job { count, folder: sandbox.folder() };
    let answer = match &side.how {
        How::Rust(work) => sandbox.ask(side.name, |output| answer(output, work(&job)))?,
        How::Python(script) => sandbox.ask("python3", |output| script.run(&job, output))?,
        How::Visit(visit) => sandbox.ask(visit.program, |output| match (visit.work)(&job) {
            Ok(None) => NOT_FOUND,
            Ok(Some(sample)) => answer(output, Ok(sample)),
            Err(error) => answer(output, Err(error)),
        })?,
    };
    Ok(answer.and_then(|line| match serde_json::from_str(&line) {
        Ok(Answer::Sample(sample)) if sample.seconds > 0.0 && sample.count >= 0.0 => Ok(sample),
        Ok(Answer::Sample(sample)) => {
            Err(Unmeasured::Failed(format!("{} in {} s is no measurement", sample.count, sample.seconds)))
        }
        Ok(Answer::Error { error }) => Err(Unmeasured::Failed(error)),
        Err(_) => Err(Unmeasured::Failed(format!("no answer: {line:?}"))),
    }))
}

/// The line of a side in Rust.
fn answer(mut output: PipeWriter, found: Result<Sample, Error>) -> u8 {
    let line = found.map_or_else(|error| json!({ "error": error.to_string() }), |sample| json!(sample));
    u8::from(writeln!(output, "{line}").is_err())
}
