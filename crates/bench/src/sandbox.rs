//! Where contestants run: one at a time, each in a child of its own, with a folder for its files.

use std::io::{PipeWriter, Read, pipe};
use std::path::Path;
use std::time::{Duration, Instant};

use common::Error;
use common::identity::Identity;
use common::process::{self, Child, Exit, Process};
use common::procfs;
use common::python::{Lines, is_missing};
use tempfile::TempDir;

use crate::sample::Unmeasured;

/// Where contestants run. Dropping it removes its folder; if this process is killed, the caretaker does.
pub(crate) struct Sandbox {
    folder: TempDir,
    /// How long a child may take.
    deadline: Duration,
    /// A process that waits for the end of this one, and then removes the folder.
    caretaker: Child,
    /// The children that are no contestants: the caretaker, and children that this process inherited
    /// from the program that it replaced.
    others: Vec<Identity>,
    /// Held open by this process and by the contestants, so that the caretaker sees when all have ended.
    _alive: PipeWriter,
}

impl Sandbox {
    pub(crate) fn new(deadline: Duration) -> Result<Self, Error> {
        let refused = |what| move |source| Error::refused("make", what, source);
        let (mut until_the_end, alive) = pipe().map_err(refused("a pipe"))?;
        let folder = tempfile::tempdir().map_err(refused("a temporary folder"))?;
        let mut alive = Some(alive);
        let take_care = || {
            // The caretaker's own copy: while one is open, the read below does not return.
            drop(alive.take());
            let _ = until_the_end.read(&mut [0]);
            let _ = std::fs::remove_dir_all(folder.path());
        };
        let caretaker = Process::new("caretaker", take_care).start()?;
        let alive = alive.ok_or(Error::unusable("keep a pipe", "a child took it"))?;
        let others = procfs::children()?.iter().map(Identity::from).collect();
        Ok(Self { folder, deadline, caretaker, others, _alive: alive })
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
        let (output, input) = pipe().map_err(|source| Error::refused("make", "a pipe", source))?;
        let mut child = Process::new(name, move || main(input)).daemon().start()?;
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

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.caretaker.kill();
    }
}
