//! The scenarios in Python, if there is a `python3` on the `PATH`.

use std::time::{Duration, Instant};

use common::Error;
use common::process::Child;
use common::python::{Lines, Script, is_missing};
use common::words::Text;
use serde::Deserialize;

use super::{DEADLINE, TRIES};
use crate::words;

/// How long a script may take besides its own deadline: it starts Python and some twenty processes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A script under way.
pub(super) struct Running {
    child: Child,
    lines: Lines,
    began: Instant,
}

/// What a script found out.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) version: String,
    /// In how many tries the other processes got what they wanted.
    pub(super) held: u32,
}

pub(super) fn start(script: &'static str) -> Result<Running, Error> {
    let arguments = [TRIES.to_string(), DEADLINE.as_secs_f64().to_string()];
    let (process, lines) = Script::new(script).args(arguments).process()?;
    Ok(Running { child: process.daemon().start()?, lines, began: Instant::now() })
}

impl Running {
    /// What the script found out, or in a few words why it found nothing out. Its first line is the answer:
    /// the script's own children may hold its output open a little longer.
    pub(super) fn answer(&mut self) -> Result<Result<Answer, Text>, Error> {
        let left = (DEADLINE + PATIENCE).saturating_sub(self.began.elapsed());
        let line = self.lines.next_line(Some(left))?;
        if let Some(answer) = line.and_then(|line| serde_json::from_str(&line).ok()) {
            return Ok(Ok(answer));
        }
        let exit = self.child.join_timeout(PATIENCE)?;
        Ok(Err(match exit {
            Some(exit) if is_missing(exit) => words::python_is_missing(),
            Some(exit) => words::python_ended_with(exit.to_string()),
            None => words::python_is_silent(),
        }))
    }
}
