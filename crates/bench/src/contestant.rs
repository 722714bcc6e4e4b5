//! One contestant of a case, measured in a process of its own against a deadline.
//!
//! A contestant starts fresh in each round: what it leaves in memory, and what it breaks, ends with
//! its process. It answers with one line of JSON, whether Rust or Python writes it.

use std::io::{PipeWriter, Write};

use common::Error;
use common::lang::Lang;
use common::python::{NOT_FOUND, Script};
use serde::Deserialize;
use serde_json::json;

use crate::sample::{Job, Sample, Unmeasured};
use crate::sandbox::Sandbox;

/// One of the two that a case compares.
pub(crate) struct Contestant {
    /// In the table's words.
    pub(crate) name: &'static str,
    body: Body,
}

/// The work of a contestant.
enum Body {
    /// This function, in a forked child.
    Rust(Work),
    /// The script that this function makes for a job, in `python3`.
    Python(Box<dyn Fn(&Job) -> Script<'static> + Sync>),
    /// This function, in a forked child that is the client of a server beside it.
    Client { program: &'static str, work: Visit },
}

/// The work of a contestant in Rust.
pub(crate) type Work = Box<dyn Fn(&Job) -> Result<Sample, Error> + Sync>;

/// The work of a client. `None` if the server's program is missing.
type Visit = Box<dyn Fn(&Job) -> Result<Option<Sample>, Error> + Sync>;

impl Contestant {
    pub(crate) fn rust(name: &'static str, work: impl Fn(&Job) -> Result<Sample, Error> + Sync + 'static) -> Self {
        Self { name, body: Body::Rust(Box::new(work)) }
    }

    /// A script whose only argument is the job's count.
    pub(crate) fn python(name: &'static str, text: &'static str) -> Self {
        Self::python_with(name, move |job| Script::new(text).args([job.count.to_string()]))
    }

    /// A script with arguments of its own.
    pub(crate) fn python_with(name: &'static str, script: impl Fn(&Job) -> Script<'static> + Sync + 'static) -> Self {
        Self { name, body: Body::Python(Box::new(script)) }
    }

    /// A client of a server, which `program` runs.
    pub(crate) fn client(
        name: &'static str,
        program: &'static str,
        work: impl Fn(&Job) -> Result<Option<Sample>, Error> + Sync + 'static,
    ) -> Self {
        Self { name, body: Body::Client { program, work: Box::new(work) } }
    }

    /// Measures it once.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`], and what the system refuses. What goes wrong within the contestant is
    /// no error of the run: the inner result has it.
    pub(crate) fn measure(&self, sandbox: &Sandbox, count: u64) -> Result<Result<Sample, Unmeasured>, Error> {
        let job = Job { count, folder: sandbox.folder() };
        let line = match &self.body {
            Body::Rust(work) => sandbox.run(self.name, |output| answer(output, work(&job)))?,
            Body::Python(script) => sandbox.run("python3", |output| script(&job).exec(output))?,
            Body::Client { program, work } => sandbox.run(program, |output| match work(&job).transpose() {
                Some(sample) => answer(output, sample),
                None => NOT_FOUND,
            })?,
        };
        Ok(line.and_then(|line| sample_in(&line)))
    }
}

/// Writes the line of a contestant in Rust, and returns its exit code.
fn answer(mut output: PipeWriter, sample: Result<Sample, Error>) -> u8 {
    let line = sample.map_or_else(|error| json!({ "error": error.in_lang(Lang::En) }), |sample| json!(sample));
    u8::from(writeln!(output, "{line}").is_err())
}

/// The line of a contestant.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Sample(Sample),
    Error { error: String },
}

fn sample_in(line: &str) -> Result<Sample, Unmeasured> {
    match serde_json::from_str(line) {
        Ok(Answer::Sample(sample)) if sample.seconds > 0.0 && sample.count >= 0.0 => Ok(sample),
        Ok(Answer::Sample(sample)) => {
            Err(Unmeasured::Failed(format!("{} in {} s is no measurement", sample.count, sample.seconds)))
        }
        Ok(Answer::Error { error }) => Err(Unmeasured::Failed(error)),
        Err(_) => Err(Unmeasured::Failed(format!("no answer: {line:?}"))),
    }
}
