//! Our own scripts, run by the `python3` on the PATH.

use std::io::{ErrorKind, PipeWriter};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use common::Error;
use serde::Deserialize;

use crate::contestant::{Job, Unmeasured};
use crate::sandbox::Sandbox;

/// The exit codes of a shell that cannot run a program.
pub(crate) const NOT_FOUND: u8 = 127;
const CANNOT_RUN: u8 = 126;

/// A script of ours, with what all of them share in front of it.
macro_rules! script {
    ($name:literal) => {
        concat!(include_str!("../python/measure.py"), "\n", include_str!(concat!("../python/", $name)))
    };
}

pub(crate) const PROCESS: &str = script!("process.py");
pub(crate) const LOCK: &str = script!("lock.py");
pub(crate) const CONTENDED_LOCK: &str = script!("contended_lock.py");
pub(crate) const QUEUE: &str = script!("queue.py");
pub(crate) const JOINABLE_QUEUE: &str = script!("joinable_queue.py");
pub(crate) const TICKETS: &str = script!("tickets.py");
pub(crate) const BLOCKED_GET: &str = script!("blocked_get.py");
pub(crate) const ECHO: &str = script!("echo.py");
const VERSION: &str = script!("version.py");

/// A script and its arguments behind the count.
pub(crate) struct Script {
    pub(crate) text: &'static str,
    pub(crate) arguments: Vec<String>,
    /// Whether it is told the folder for its files.
    pub(crate) in_folder: bool,
}

impl Script {
    /// A script that is told nothing but the count.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text, arguments: vec![], in_folder: false }
    }

    /// Becomes `python3`. Returns only if it could not.
    pub(crate) fn run(&self, job: &Job<'_>, output: PipeWriter) -> u8 {
        let mut command = python(self.text, output);
        command.arg(job.count.to_string()).args(&self.arguments);
        if self.in_folder {
            command.arg(job.folder);
        }
        become_it(command)
    }
}

/// Becomes `python3` with a script that serves until `parent` ends. Returns only if it could not.
pub(crate) fn serve(text: &str, parent: u32, output: PipeWriter) -> u8 {
    let mut command = python(text, output);
    command.arg(parent.to_string());
    become_it(command)
}

/// `3.11.7`, or why there is none.
pub(crate) fn version(sandbox: &Sandbox) -> Result<Result<String, Unmeasured>, Error> {
    #[derive(Deserialize)]
    struct Version {
        version: String,
    }
    let line = sandbox.ask("python3", |output| become_it(python(VERSION, output)))?;
    Ok(line.and_then(|line| match serde_json::from_str::<Version>(&line) {
        Ok(told) => Ok(told.version),
        Err(_) => Err(Unmeasured::Failed(format!("no answer: {line:?}"))),
    }))
}

fn python(script: &str, output: PipeWriter) -> Command {
    let mut command = Command::new("python3");
    // Isolated (-I), and without what is installed beside the standard library (-S): neither a `queue.py` in
    // the current folder nor PYTHON* variables nor start-up hooks take part. What goes wrong comes as
    // a line of the script; a traceback, or Ctrl-C's, would be noise.
    command.args(["-IS", "-c", script]).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    command
}

fn become_it(mut command: Command) -> u8 {
    match command.exec().kind() {
        ErrorKind::NotFound => NOT_FOUND,
        _ => CANNOT_RUN,
    }
}
