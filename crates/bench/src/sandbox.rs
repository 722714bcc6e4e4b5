//! Where contestants run: one at a time, each in a child of its own, with a folder for its files.

use std::io::{PipeWriter, pipe};
use std::path::Path;
use std::time::{Duration, Instant};

use common::Error;
use common::identity::Identity;
use common::objects;
use common::process::{self, Exit, Process};
use common::procfs;
use common::python::{Lines, is_missing};
use common::scratch::Scratch;

use crate::sample::Unmeasured;

/// Where contestants run. Its folder is gone with it, or with this process, even after `kill -9`.
pub(crate) struct Sandbox {
    folder: Scratch,
    /// How long a child may take.
    deadline: Duration,
    /// The children that are no contestants: the folder's caretaker, and children that this process inherited
    /// from the program that it replaced.
    others: Vec<Identity>,
}

impl Sandbox {
    pub(crate) fn new(deadline: Duration) -> Result<Self, Error> {
        let folder = Scratch::new("bench")?;
        let others = procfs::children()?.iter().map(Identity::from).collect();
        Ok(Self { folder, deadline, others })
    }

    /// For files of a contestant.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `main` in a child of its own and returns the first line that it writes, if the line comes
    /// and the child ends well, both before the deadline.
    pub(crate) fn run(
        &self,
        name: &str,
        main: impl FnOnce(PipeWriter) -> u8 + Send,
    ) -> Result<Result<String, Unmeasured>, Error> {
        let until = Instant::now() + self.deadline;
        let left = || until.saturating_duration_since(Instant::now());
        let (output, input) = pipe().map_err(|source| Error::refused("make", objects::a_pipe(), source))?;
        let mut child = Process::with_descriptor(name, input, main).daemon().start()?;
        // One line, and not the whole output: a grandchild may keep the pipe open.
        let line = Lines::new(output).next_line(Some(left()))?;
        let exit = child.join_timeout(left())?;
        drop(child);
        let failed = |why| Err(Unmeasured::Failed(why));
        let result = match (line, exit) {
            (_, Some(exit)) if is_missing(exit) => Err(Unmeasured::Missing(format!("{name} is missing"))),
            (_, None) => failed(format!("not done after {} s, and ended", self.deadline.as_secs_f64())),
            (Some(line), Some(Exit::Code(0))) => Ok(line),
            (_, Some(exit)) => failed(format!("ended with {exit}")),
        };
        if result.is_err() {
            self.clear()?;
        }
        Ok(result)
    }

    /// Ends what a child that failed left behind: the next child must have the machine for itself.
    fn clear(&self) -> Result<(), Error> {
        loop {
            let mut left = procfs::children()?;
            left.retain(|process| !self.others.contains(&Identity::from(process)));
            if left.is_empty() {
                return Ok(());
            }
            for process in left {
                let mut orphan = process::adopted(process.pid, process.name)?;
                orphan.kill()?;
                orphan.join()?;
            }
        }
    }
}
