//! The same work in Python, if there is one on the `PATH`.

use common::Error;
use common::process::Exit;
use common::python::{self, Lines, Script};
use common::stage::Stage;
use common::words::Text;
use serde::Deserialize;

use crate::rounds::{ROUNDS, Rounds};
use crate::ways::{Took, Way};
use crate::words;
use crate::work::Work;

const SCRIPT: &str = include_str!("python/same_work.py");
/// Python takes a hundred times as long as Rust, or more. So Python gets fewer of the same tasks
/// where all of them would take more iterations than this.
const MOST_ITERATIONS: u64 = 16_000_000;

/// What Python took for the three ways, or why it did not.
#[derive(Debug)]
pub(crate) struct Python {
    /// `Python 3.11.7`.
    pub(crate) name: String,
    /// In the order of [`Way::ALL`].
    pub(crate) took: Option<[Rounds; 3]>,
    /// That Python did fewer tasks, or what is wrong with it: `python3 not found`.
    pub(crate) remark: Option<Text>,
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
    let arguments = [kind.to_owned(), tasks.to_string(), amount, ROUNDS.to_string()];
    let (process, output) = Script::new(SCRIPT).args(arguments).process()?;
    let mut child = stage.follow(process).daemon().unlinked().start()?;
    let lines = read(output, progress)?;
    let exit = child.join()?;
    if python::is_missing(exit) {
        return Ok(Python::unmeasured(words::python_not_found()));
    }
    let mut python = found(tasks, &lines, exit);
    if python.took.is_some() && tasks < all {
        python.remark = Some(words::python_did_fewer(&python.name, tasks));
    }
    Ok(python)
}

impl Python {
    fn unmeasured(why: Text) -> Self {
        Self { name: String::new(), took: None, remark: Some(why) }
    }
}

fn read(mut output: Lines, progress: impl Fn()) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    while let Some(line) = output.next_line(None)? {
        // A wrapper in Python's place may print lines of its own: they are passed over.
        lines.extend(serde_json::from_str(&line).inspect(|line| {
            if matches!(line, Line::Way { .. }) {
                progress();
            }
        }));
    }
    Ok(lines)
}

fn found(tasks: u32, lines: &[Line], exit: Exit) -> Python {
    let mut name = String::new();
    let mut took: [Rounds; 3] = Default::default();
    for line in lines {
        match line {
            Line::Version { version } => name = format!("Python {version}"),
            Line::Way { way, wall, cpu, right } if *right == tasks => {
                let place = Way::ALL.iter().position(|known| known.name() == way);
                if let Some(place) = place {
                    took[place].add(Took { wall: *wall, cpu: *cpu });
                }
            }
            Line::Way { way, right, .. } => {
                return Python::unmeasured(words::python_was_wrong(way, *right, tasks));
            }
            Line::Error { error } => return Python::unmeasured(words::python_failed(error)),
        }
    }
    if took.iter().all(Rounds::is_complete) {
        Python { name, took: Some(took), remark: None }
    } else {
        Python::unmeasured(words::python_failed(exit.to_string()))
    }
}
