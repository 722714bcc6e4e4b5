//! One section, in a process of its own: what it tells as it runs, and how it ends.
//!
//! A section runs as this same program, called again by the section's name, with `--format jsonl`.
//! Its standard output and its standard error are one pipe: a line of JSON is of the journal, or is
//! the report, and any other line is a complaint. Whatever becomes of the process (it fails, hangs,
//! crashes), it is its [`Outcome`], and no error of the tour.

use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::journal::Event;
use common::process::{Child, Process};
use common::{Error, interrupt};

use crate::capture::{Line, Transcript};
use crate::status::{Outcome, Ran};

/// A section that runs. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// `None` at its end.
    output: Option<PipeReader>,
    /// What came and is no whole line yet.
    rest: Vec<u8>,
    transcript: Transcript,
    began: Instant,
    /// How long it may take.
    patience: Duration,
    until: Instant,
}

/// What came first.
enum Step {
    Event(Event),
    /// The time for which was waited.
    Late,
    /// The end of its output.
    End,
}

impl Running {
    /// Starts `section` of this program.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub(crate) fn start(section: &'static str, arguments: Vec<String>, patience: Duration) -> Result<Self, Error> {
        let (output, input) = pipe().map_err(|source| Error::refused("make", "a pipe", source))?;
        let began = Instant::now();
        // A process of ours that becomes the section: a daemon, so that none outlives the tour.
        let child = Process::new(section, move || become_it(section, &arguments, input)).daemon().start()?;
        let (rest, transcript, until) = (Vec::new(), Transcript::default(), began + patience);
        Ok(Self { child, output: Some(output), rest, transcript, began, patience, until })
    }

    /// Its next event, as it happens. `None`: there are no more, or its time is over.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`]; the pipe cannot be read.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, Error> {
        match self.step(self.until)? {
            Step::Event(event) => Ok(Some(event)),
            Step::Late | Step::End => Ok(None),
        }
    }

    /// Its next event, if one comes before `until`.
    fn step(&mut self, until: Instant) -> Result<Step, Error> {
        loop {
            while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                if let Some(event) = self.transcript.read(Line::of(&String::from_utf8_lossy(&line))) {
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

    /// Asks it to end, by SIGTERM, and gives it as much time for that as it had to run.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        self.until = Instant::now() + self.patience;
        Ok(self.child.terminate()?)
    }

    /// Reads on to its end, or to the end of its time, and says what became of it. `see` sees it
    /// after each event, and again at the time for which it asks, if no event comes before.
    ///
    /// # Errors
    ///
    /// As [`Running::next`].
    pub(crate) fn finish(mut self, mut see: impl FnMut(&Transcript) -> Option<Instant>) -> Result<Ran, Error> {
        let mut asked = None;
        loop {
            match self.step(asked.map_or(self.until, |asked: Instant| asked.min(self.until)))? {
                Step::Event(_) => {}
                Step::Late if Instant::now() < self.until => {}
                Step::Late | Step::End => break,
            }
            asked = see(&self.transcript);
        }
        let exit = self.child.join_timeout(self.until.saturating_duration_since(Instant::now()))?;
        // A Ctrl-C that reached both of us is the end of the tour, and no news of the section.
        interrupt::check()?;
        let Self { child, transcript, began, .. } = self;
        drop(child);
        Ok(Ran { outcome: Outcome::of(exit, &transcript), transcript, elapsed: began.elapsed() })
    }
}

/// Becomes the section. Returns only if it could not.
fn become_it(section: &str, arguments: &[String], output: PipeWriter) -> Result<(), Error> {
    let refused = |source| Error::refused("run", section, source);
    let complaints = match output.try_clone() {
        Ok(complaints) => complaints,
        Err(source) => return Err(refused(source)),
    };
    // The program that runs, even if another one stands at its path by now.
    let mut command = Command::new("/proc/self/exe");
    command.arg0("tour").arg(section).args(arguments);
    Err(refused(command.stdin(Stdio::null()).stdout(output).stderr(complaints).exec()))
}
