//! The scenarios in Python, if there is one on the PATH.

use std::io::{ErrorKind, PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::process::{Child, Exit, Process};
use common::{Error, interrupt};
use serde::Deserialize;

use super::{DEADLINE, TRIES};

/// The exit codes of a shell that cannot run a program.
const NOT_FOUND: u8 = 127;
const CANNOT_RUN: u8 = 126;
/// How long a script may take besides its own deadline: it starts Python, and many processes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A script that runs.
pub(super) struct Script {
    child: Child,
    output: PipeReader,
    began: Instant,
}

/// What a script found out.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) version: String,
    /// In how many tries the others got what they wanted.
    pub(super) held: u32,
}

/// Starts a script: a process of ours that becomes Python, and not std's `Command` alone, so that it
/// ends when this process does, however it ends.
pub(super) fn start(script: &'static str) -> Result<Script, Error> {
    let (output, input) = pipe().map_err(|source| Error::refused("make", "a pipe", source))?;
    let child = Process::new("python3", move || become_python(script, input)).daemon().start()?;
    Ok(Script { child, output, began: Instant::now() })
}

/// Returns only if it could not.
fn become_python(script: &str, output: PipeWriter) -> u8 {
    let (tries, deadline) = (TRIES.to_string(), DEADLINE.as_secs_f64().to_string());
    let mut command = Command::new("python3");
    // A traceback would be noise: a script that fails says nothing, and that is told.
    command.args(["-c", script, &tries, &deadline]).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    match command.exec().kind() {
        ErrorKind::NotFound => NOT_FOUND,
        _ => CANNOT_RUN,
    }
}

impl Script {
    /// What it found out, or in a few words why it did not.
    pub(super) fn answer(&mut self) -> Result<Result<Answer, String>, Error> {
        let line = self.line()?;
        if let Ok(answer) = serde_json::from_slice(&line) {
            return Ok(Ok(answer));
        }
        // Whatever it is still busy with: it did not say what it was asked.
        let exit = self.child.join_timeout(PATIENCE)?;
        Ok(Err(match exit {
            Some(Exit::Code(code)) if code == i32::from(NOT_FOUND) => "python3 is missing".to_owned(),
            Some(exit) => format!("python3 ended with {exit}"),
            None => "python3 did not answer".to_owned(),
        }))
    }

    /// Its first line, or what there is of it. (Not its whole output: whoever it started has the
    /// same end of the pipe, and may live a little longer.)
    fn line(&mut self) -> Result<Vec<u8>, Error> {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            let left = (DEADLINE + PATIENCE).saturating_sub(self.began.elapsed());
            if !interrupt::wait_readable(&[self.output.as_fd()], Some(left))? {
                return Ok(line);
            }
            match self.output.read(&mut byte) {
                Ok(0) => return Ok(line),
                Ok(_) if byte == *b"\n" => return Ok(line),
                Ok(_) => line.push(byte[0]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::refused("read from", "python3", error)),
            }
        }
    }
}
