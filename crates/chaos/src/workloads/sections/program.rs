//! One program of a lesson: its processes, its output, its end.

use std::fs;
use std::io::{ErrorKind, PipeReader, PipeWriter, Read, pipe};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::process::{Child, Exit, Process};
use common::{Error, objects, procfs};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgid, setpgid};

use crate::sections::{Section, Tour};
use crate::words;

/// The notes' delays are divided by this: long enough for a kill to come in between.
const SPEED: &str = "100";

/// A program that runs in a process group of its own.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) section: &'static Section,
    main: Child,
    pub(super) output: Lines,
    pub(super) errors: Lines,
    pub(super) began: Instant,
    pub(super) exit: Option<Exit>,
    /// How long it took, if it is over.
    pub(super) took: Option<Duration>,
}

/// What a program prints on one of its streams.
#[derive(Debug)]
pub(super) struct Lines {
    /// `None` at its end.
    pipe: Option<PipeReader>,
    pub(super) text: Vec<u8>,
    pub(super) count: u64,
}

impl Program {
    pub(super) fn start(section: &'static Section, tour: &Tour, place: &Path, more: &[String]) -> Result<Self, Error> {
        let ((output, input), (errors, complaints)) = (Lines::new()?, Lines::new()?);
        let execute = || execute(section, tour, place, more, &input, &complaints);
        let began = Instant::now();
        // A daemon, so that no section outlives this run.
        let main = Process::new(section.name, execute).daemon().start()?;
        Ok(Self { section, main, output, errors, began, exit: None, took: None })
    }

    /// Takes what it has printed, and its end.
    pub(super) fn look(&mut self) -> Result<(), Error> {
        self.output.read()?;
        self.errors.read()?;
        if self.exit.is_none() {
            self.exit = self.main.join_timeout(Duration::ZERO)?;
        }
        if self.took.is_none() && self.is_over() {
            self.took = Some(self.began.elapsed());
        }
        Ok(())
    }

    /// Whether main has ended, and no process holds its streams open.
    pub(super) fn is_over(&self) -> bool {
        self.exit.is_some() && self.output.pipe.is_none() && self.errors.pipe.is_none()
    }

    pub(super) fn outputs(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        [&self.output, &self.errors].into_iter().filter_map(|lines| lines.pipe.as_ref()).map(AsFd::as_fd)
    }

    /// Kills one of its processes that live, and returns which. `None` if none does.
    pub(super) fn kill_one(&self, draw: usize) -> Option<i32> {
        let group = Pid::from_raw(self.main.pid());
        let lives =
            |pid: &i32| procfs::status(*pid).is_ok_and(|status| status.is_some_and(|s| !"ZX".contains(s.state)));
        let numbers =
            fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut alive: Vec<i32> =
            numbers.filter(|pid| getpgid(Some(Pid::from_raw(*pid))) == Ok(group)).filter(lives).collect();
        alive.sort_unstable();
        let victim = *alive.get(draw.checked_rem(alive.len())?)?;
        kill(Pid::from_raw(victim), Signal::SIGKILL).ok().map(|()| victim)
    }

    pub(super) fn is_main(&self, pid: i32) -> bool {
        self.main.pid() == pid
    }

    /// Asks it to end, as a server is asked when its client has gone.
    pub(super) fn terminate(&self) -> Result<(), Error> {
        Ok(self.main.terminate()?)
    }

    /// Ends all of its processes.
    pub(super) fn destroy(&mut self) -> Result<(), Error> {
        let _ = nix::sys::signal::killpg(Pid::from_raw(self.main.pid()), Signal::SIGKILL);
        self.exit = Some(self.main.join()?);
        (self.output.pipe, self.errors.pipe) = (None, None);
        Ok(())
    }
}

impl Lines {
    /// And where a program writes them.
    fn new() -> Result<(Self, PipeWriter), Error> {
        let (reader, writer) = pipe().map_err(|source| Error::refused("make", objects::a_pipe(), source))?;
        fcntl(&reader, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
            .map_err(|source| Error::refused("set up", objects::a_pipe(), source))?;
        Ok((Self { pipe: Some(reader), text: Vec::new(), count: 0 }, writer))
    }

    /// Takes what is there.
    fn read(&mut self) -> Result<(), Error> {
        let mut piece = [0; 4096];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut piece) {
                Ok(0) => self.pipe = None,
                Ok(length) => {
                    self.count += piece[..length].split(|byte| *byte == b'\n').count() as u64 - 1;
                    self.text.extend_from_slice(&piece[..length]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(source) => return Err(Error::refused("read from", words::a_section(), source)),
            }
        }
        Ok(())
    }
}

/// Replaces this process with the section. Returns only if that failed.
fn execute(
    section: &Section,
    tour: &Tour,
    place: &Path,
    more: &[String],
    output: &PipeWriter,
    errors: &PipeWriter,
) -> Result<(), Error> {
    let refused = |source| Error::refused("run", section.name, source);
    setpgid(Pid::from_raw(0), Pid::from_raw(0)).map_err(|errno| refused(errno.into()))?;
    let copy = |writer: &PipeWriter| writer.try_clone().map(Stdio::from).map_err(refused);
    let mut command = Command::new(tour.path());
    command.arg(section.name).args(section.arguments).args(more);
    command.args(["--format", "jsonl", "--lang", "en", "--speed", SPEED]).current_dir(place);
    // Without Python, which one section runs beside its own tasks for as long as all others take together.
    command.env("PATH", "").stdin(Stdio::null()).stdout(copy(output)?).stderr(copy(errors)?);
    Err(refused(command.exec()))
}
