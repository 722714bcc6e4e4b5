//! One section in a process of its own: its events as they happen, and its end.
//!
//! A section runs as this same program, which the tour starts again by the section's name, with
//! `--format jsonl`. Its standard output and its standard error are one pipe: a line of JSON is an
//! event of its journal or its report, and any other line is a complaint. If the process fails, hangs
//! or crashes, that is the section's [`Status`], and no error of the tour.

use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::journal::Event;
use common::process::{Child, Process};
use common::{Error, interrupt, objects};

use crate::capture::{Capture, Line};
use crate::status::{RunResult, Status};

/// A section that runs. Dropping it ends the section.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// `None` at its end.
    output: Option<PipeReader>,
    /// Bytes that are no whole line yet.
    rest: Vec<u8>,
    capture: Capture,
    began: Instant,
    /// How long the section may take.
    allowed: Duration,
    deadline: Instant,
}

enum Step {
    Event(Event),
    /// No event came in time.
    Late,
    /// The end of the output.
    End,
}

impl Running {
    /// Starts a section of this program.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub(crate) fn start(section: &'static str, arguments: Vec<String>, allowed: Duration) -> Result<Self, Error> {
        let (output, input) = pipe().map_err(|source| Error::refused("make", objects::a_pipe(), source))?;
        let began = Instant::now();
        // A daemon, so that no section outlives the tour.
        let become_section = move |input| become_section(section, &arguments, input);
        let child = Process::with_descriptor(section, input, become_section).daemon().start()?;
        let (rest, capture, deadline) = (Vec::new(), Capture::default(), began + allowed);
        Ok(Self { child, output: Some(output), rest, capture, began, allowed, deadline })
    }

    /// Waits for the next event. `None`: the section has ended, or its deadline has passed.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`]; the pipe cannot be read.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, Error> {
        match self.step(self.deadline)? {
            Step::Event(event) => Ok(Some(event)),
            Step::Late | Step::End => Ok(None),
        }
    }

    /// The next event, if one comes before `until`.
    fn step(&mut self, until: Instant) -> Result<Step, Error> {
        loop {
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                if let Some(event) = self.capture.read(Line::of(&String::from_utf8_lossy(&line))) {
                    return Ok(Step::Event(event));
                }
            }
            let Some(output) = &mut self.output else { return Ok(Step::End) };
            let left = until.saturating_duration_since(Instant::now());
            if !interrupt::wait_readable(&[output.as_fd()], Some(left))? {
                return Ok(Step::Late);
            }
            let mut piece = [0; 4096];
            match output.read(&mut piece).map_err(|source| Error::refused("read from", self.child.name(), source))? {
                0 => {
                    self.output = None;
                    self.rest.push(b'\n'); // a crash may have cut the last line short
                }
                read => self.rest.extend_from_slice(&piece[..read]),
            }
        }
    }

    /// Sends the section SIGTERM and allows it once more the time that it had to run.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        self.deadline = Instant::now() + self.allowed;
        Ok(self.child.terminate()?)
    }

    /// Reads on until the section ends or its deadline passes, and returns its result. `look` gets what
    /// was captured after each event, and once more at the time that it returns, if no event comes before.
    ///
    /// # Errors
    ///
    /// As [`Running::next`].
    pub(crate) fn finish(mut self, mut look: impl FnMut(&Capture) -> Option<Instant>) -> Result<RunResult, Error> {
        let mut again = None;
        loop {
            match self.step(again.map_or(self.deadline, |again: Instant| again.min(self.deadline)))? {
                Step::Event(_) => {}
                Step::Late if Instant::now() < self.deadline => {}
                Step::Late | Step::End => break,
            }
            again = look(&self.capture);
        }
        let exit = self.child.join_timeout(self.deadline.saturating_duration_since(Instant::now()))?;
        // Ctrl-C reaches the section and the tour: it ends the tour, and says nothing of the section.
        interrupt::check()?;
        let Self { child, capture, began, .. } = self;
        drop(child);
        Ok(RunResult { status: Status::of(exit, &capture), capture, elapsed: began.elapsed() })
    }
}

/// Replaces this process with the section. Returns only if that failed.
fn become_section(section: &str, arguments: &[String], output: PipeWriter) -> Result<(), Error> {
    let refused = |source| Error::refused("run", section, source);
    let complaints = match output.try_clone() {
        Ok(complaints) => complaints,
        Err(source) => return Err(refused(source)),
    };
    // The program that runs now, even if its path names another one by now.
    let mut command = Command::new("/proc/self/exe");
    command.arg0("tour").arg(section).args(arguments);
    Err(refused(command.stdin(Stdio::null()).stdout(output).stderr(complaints).exec()))
}
