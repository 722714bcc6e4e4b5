//! What a contestant is asked to do in one round, and what it measured.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a contestant is asked to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job<'a> {
    /// How many items, sales or round trips; where the contestant only waits, how many milliseconds.
    pub(crate) count: u64,
    /// Where it may make files.
    pub(crate) folder: &'a Path,
}

/// How much a contestant did, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// How many items were done; where CPU time is measured, its seconds; where memory, its bytes.
    pub(crate) count: f64,
    /// From the moment when all processes were ready to the end of the last item.
    pub(crate) seconds: f64,
    /// What the measuring loop itself takes of `seconds`. Known for Python only; not subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loop_seconds: Option<f64>,
    /// 99 of 100 answers took at most this long, where answers were timed one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) p99_seconds: Option<f64>,
}

impl Sample {
    #[expect(clippy::cast_precision_loss, reason = "a round counts far below 2^52")]
    pub(crate) fn new(count: u64, took: Duration) -> Self {
        Self { count: count as f64, seconds: took.as_secs_f64(), loop_seconds: None, p99_seconds: None }
    }
}

/// Why a contestant has no sample.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unmeasured {
    /// The program is not installed.
    Missing(String),
    /// A wrong sum, a deadline, a crash.
    Failed(String),
}
