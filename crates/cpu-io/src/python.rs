//! The same work in Python, if there is one on the PATH.

use std::io::{ErrorKind, PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use common::process::Exit;
use common::stage::Stage;
use common::{Error, interrupt, text};
use serde::Deserialize;

use crate::ways::{Took, Way};
use crate::work::Work;

const SCRIPT: &str = include_str!("python/same_work.py");
/// Python takes a hundred times as long as Rust, or more. So it gets fewer of the same tasks where
/// all of them would take more than so many iterations.
const MOST_ITERATIONS: u64 = 50_000_000;
/// The exit codes of a shell that cannot run a program.
const NOT_FOUND: u8 = 127;
const CANNOT_RUN: u8 = 126;

/// What Python took for the three ways, or why it did not.
#[derive(Debug)]
pub(crate) struct Python {
    /// `Python 3.11.7`, and if it did fewer tasks, how many; or what is wrong: `python3 not found`.
    pub(crate) title: String,
    /// In the order of [`Way::ALL`].
    pub(crate) took: Option<[Took; 3]>,
}

/// One line of the script.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Version { version: String },
    Way { way: String, wall: f64, cpu: f64, right: u32 },
    Error { error: String },
}

/// Runs the script, and calls `progress` whenever one of its ways is done.
pub(crate) fn measure(stage: &Stage, tasks: u32, work: Work, progress: impl Fn()) -> Result<Python, Error> {
    let (kind, amount) = match work {
        Work::Cpu { iterations } => ("cpu", iterations.to_string()),
        Work::Io { delay } => ("io", delay.as_secs_f64().to_string()),
    };
    let all = tasks;
    let tasks = match work {
        Work::Cpu { iterations } => u32::try_from(MOST_ITERATIONS / iterations).unwrap_or(all).max(2).min(all),
        Work::Io { .. } => all,
    };
    let arguments = [kind.to_owned(), tasks.to_string(), amount];
    let (output, input) = pipe().map_err(|source| Error::refused("make", "a pipe", source))?;
    // A process of ours that becomes Python, and not std's Command alone: so it is terminated when
    // the run is interrupted, and the kernel kills it if this process is killed.
    let mut child = stage.process("python3", move |_| become_python(&arguments, input)).daemon().start()?;
    let lines = read_lines(output, progress)?;
    Ok(match child.join()? {
        Exit::Code(code) if code == i32::from(NOT_FOUND) => {
            Python { title: text!(stage, "python3 not found", "没有找到 python3"), took: None }
        }
        exit => {
            let mut python = table(stage, tasks, &lines, exit);
            if python.took.is_some() && tasks < all {
                let title = &python.title;
                python.title = text!(stage, "{title}, only {tasks} of the tasks", "{title},只做其中 {tasks} 个任务");
            }
            python
        }
    })
}

/// Returns only if it could not.
fn become_python(arguments: &[String], output: PipeWriter) -> u8 {
    let mut command = Command::new("python3");
    // What Python complains about comes as a line of the script; a traceback would be noise.
    command.arg("-c").arg(SCRIPT).args(arguments).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    match command.exec().kind() {
        ErrorKind::NotFound => NOT_FOUND,
        _ => CANNOT_RUN,
    }
}

fn read_lines(mut output: PipeReader, progress: impl Fn()) -> Result<Vec<Line>, Error> {
    let (mut bytes, mut lines) = (Vec::new(), Vec::new());
    let mut piece = [0; 4096];
    loop {
        interrupt::wait_readable(&[output.as_fd()], None)?;
        match output.read(&mut piece).map_err(|source| Error::refused("read from", "python3", source))? {
            0 => return Ok(lines),
            read => bytes.extend_from_slice(&piece[..read]),
        }
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = bytes.drain(..=end).collect();
            // What is no line of the script (a wrapper may print what it likes) is passed over.
            lines.extend(serde_json::from_slice(&line).inspect(|line| {
                if matches!(line, Line::Way { .. }) {
                    progress();
                }
            }));
        }
    }
}

fn table(stage: &Stage, tasks: u32, lines: &[Line], exit: Exit) -> Python {
    let mut title = String::new();
    let mut took = [None; 3];
    for line in lines {
        match line {
            Line::Version { version } => title = format!("Python {version}"),
            Line::Way { way, wall, cpu, right } if *right == tasks => {
                let place = Way::ALL.iter().position(|known| known.name() == way);
                if let Some(place) = place {
                    took[place] = Some(Took { wall: *wall, cpu: *cpu });
                }
            }
            Line::Way { way, right, .. } => {
                let title = text!(
                    stage,
                    "Python's {way}: {right} of {tasks} results are right",
                    "Python 的 {way}:{tasks} 个结果中只有 {right} 个正确"
                );
                return Python { title, took: None };
            }
            Line::Error { error } => return Python { title: format!("python3: {error}"), took: None },
        }
    }
    match took {
        [Some(serial), Some(threads), Some(processes)] => Python { title, took: Some([serial, threads, processes]) },
        _ => Python { title: format!("python3: {exit}"), took: None },
    }
}
