//! Where sides are measured: one at a time, each in a child of its own, with a folder for its files.

use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use common::process::{self, Child, Exit, Process};
use common::procfs::{self, Identity, Status};
use common::{Error, interrupt};
use tempfile::TempDir;

use crate::contestant::Unmeasured;
use crate::scripts;

/// Where sides are measured. Dropping it removes its folder; if this process is killed, the caretaker does.
pub(crate) struct Sandbox {
    folder: TempDir,
    /// How long a child may take.
    deadline: Duration,
    /// A process that waits for the end of this one, and removes the folder then.
    caretaker: Child,
    /// The children that are no sides: the caretaker, and what another program in this one's place started.
    others: Vec<Identity>,
    /// Held open by this process and its children. Nothing is ever written.
    _alive: PipeWriter,
}

impl Sandbox {
    pub(crate) fn new(deadline: Duration) -> Result<Self, Error> {
        let refused = |what| move |source| Error::refused("make", what, source);
        let (mut until_the_end, alive) = pipe().map_err(refused("a pipe"))?;
        let folder = tempfile::tempdir().map_err(refused("a temporary folder"))?;
        let mut alive = Some(alive);
        let take_care = || {
            // Its own copy: with it, the end would never come.
            drop(alive.take());
            let _ = until_the_end.read(&mut [0]);
            let _ = std::fs::remove_dir_all(folder.path());
        };
        let caretaker = Process::new("caretaker", take_care).start()?;
        let alive = alive.ok_or(Error::Unusable { operation: "keep a pipe", cause: "a child took it".to_owned() })?;
        let others = procfs::children()?.iter().map(Status::identity).collect();
        Ok(Self { folder, deadline, caretaker, others, _alive: alive })
    }

    /// For files of a side.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `main` in a child of its own and returns the first line that it writes, if one comes and
    /// the child ends well, both before the deadline.
    pub(crate) fn ask(
        &self,
        name: &str,
        main: impl FnOnce(PipeWriter) -> u8 + Send,
    ) -> Result<Result<String, Unmeasured>, Error> {
        let until = Instant::now() + self.deadline;
        let left = || until.saturating_duration_since(Instant::now());
        let (input, output) = pipe().map_err(|source| Error::refused("make", "a pipe", source))?;
        let mut child = Process::new(name, move || main(output)).daemon().start()?;
        let line = read_line(input, left)?;
        let exit = child.join_timeout(left())?;
        drop(child);
        let failed = |why| Err(Unmeasured::Failed(why));
        let found = match (line, exit) {
            (_, Some(Exit::Code(code))) if code == i32::from(scripts::NOT_FOUND) => {
                Err(Unmeasured::Missing(format!("{name} is missing")))
            }
            (_, None) => failed(format!("not done after {} s, and ended", self.deadline.as_secs_f64())),
            (Some(line), Some(Exit::Code(0))) => Ok(line),
            (_, Some(exit)) => failed(format!("ended with {exit}")),
        };
        if found.is_err() {
            self.clear()?;
        }
        Ok(found)
    }

    /// Ends what a child that failed left behind: the next one shall have the machine for itself.
    fn clear(&self) -> Result<(), Error> {
        loop {
            let mut left = procfs::children()?;
            left.retain(|process| !self.others.contains(&process.identity()));
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

/// The first line, without waiting for the end: a grandchild may keep the pipe open.
fn read_line(mut input: PipeReader, left: impl Fn() -> Duration) -> Result<Option<String>, Error> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            return Ok(Some(String::from_utf8_lossy(&bytes[..end]).into_owned()));
        }
        if !interrupt::wait_readable(&[input.as_fd()], Some(left()))? {
            return Ok(None);
        }
        match input.read(&mut piece).map_err(|source| Error::refused("read from", "a pipe", source))? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    }
}
