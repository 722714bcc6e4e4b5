//! Python scripts, run by the `python3` on the `PATH`.
//!
//! A script runs in a [`Process`] that becomes Python, and not in a [`std::process::Command`] alone:
//! it is a child like any other, which the kernel kills when its parent is killed.
//!
//! ```
//! use common::python::{self, Script};
//!
//! let (process, mut lines) = Script::new("import sys; print(6 * int(sys.argv[1]))").args(["7"]).process()?;
//! let mut python = process.daemon().start()?;
//! match lines.next_line(None)? {
//!     Some(line) => assert_eq!(line, "42"),
//!     None => assert!(python::is_missing(python.join()?)),
//! }
//! # Ok::<(), common::Error>(())
//! ```

use std::ffi::OsString;
use std::io::{ErrorKind, PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use journal::wait;

use crate::error::Error;
use crate::interrupt;
use crate::objects;
use crate::process::{Exit, Process};

/// The program.
const PYTHON: &str = "python3";
/// The exit code of a process that found no `python3`: a shell's for a program that is not there.
pub const NOT_FOUND: u8 = 127;
/// The same for a program that is there and cannot be run.
const CANNOT_RUN: u8 = 126;

/// Whether a process that should have become Python found no `python3`.
#[must_use]
pub fn is_missing(exit: Exit) -> bool {
    exit == Exit::Code(NOT_FOUND.into())
}

/// A script and its arguments.
///
/// It runs isolated (`python3 -IS`): no module in the current folder, no `PYTHON*` variable and no
/// installed start-up hook takes part, so it imports the standard library alone. It has no standard
/// input. Its standard error goes nowhere: a script says on its standard output what went wrong,
/// and a traceback would be noise.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    text: &'a str,
    arguments: Vec<OsString>,
}

impl<'a> Script<'a> {
    /// A script without arguments.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, arguments: Vec::new() }
    }

    /// Adds arguments, which the script finds in `sys.argv[1:]`.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item: Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// A process that will become Python, and the lines that it will write.
    ///
    /// The caller decides what kind of process it is (a [`Process::daemon`], an actor of a run) and
    /// starts it. It ends with [`NOT_FOUND`] if there is no `python3`; see [`is_missing`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the system gives no pipe.
    pub fn process(self) -> Result<(Process<'a>, Lines), Error> {
        let (output, input) = pipe().map_err(|source| Error::refused("make", objects::a_pipe(), source))?;
        Ok((Process::with_descriptor(PYTHON, input, move |input| self.exec(input)), Lines::new(output)))
    }

    /// Turns the calling process into Python, which writes to `output`. Returns only if that failed,
    /// with the exit code to end with: [`NOT_FOUND`] if there is no `python3`.
    ///
    /// For a process that was forked for the purpose: see [`Script::process`].
    #[must_use]
    pub fn exec(&self, output: PipeWriter) -> u8 {
        let mut command = Command::new(PYTHON);
        command.args(["-IS", "-c", self.text]).args(&self.arguments);
        command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
        match command.exec().kind() {
            ErrorKind::NotFound => NOT_FOUND,
            _ => CANNOT_RUN,
        }
    }
}

/// The lines that a process writes to a pipe.
///
/// Unlike [`std::io::Lines`] it gives up after a timeout, and when this process is asked to end.
#[derive(Debug)]
pub struct Lines {
    output: PipeReader,
    /// What was read and not yet returned.
    read: Vec<u8>,
}

/// The most that is kept of a line, in bytes.
const LONGEST: usize = 1 << 20;

impl Lines {
    /// The lines that come out of this pipe.
    #[must_use]
    pub fn new(output: PipeReader) -> Self {
        Self { output, read: Vec::new() }
    }

    /// The next line without its line feed, or `None` if none came within `timeout` or the output
    /// has ended. The last line needs no line feed. A line of more than 1 MiB comes in pieces.
    ///
    /// The output ends when the process has ended, and every process that inherited the pipe from it.
    ///
    /// # Errors
    ///
    /// [`Error::Toolkit`] if this process is asked to end meanwhile; [`Error::Refused`] if the
    /// system refuses to read.
    pub fn next_line(&mut self, timeout: Option<Duration>) -> Result<Option<String>, Error> {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut piece = [0; 4096];
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let mut line = self.taken(end + 1);
                line.pop();
                return Ok(Some(line));
            }
            if self.read.len() >= LONGEST {
                return Ok(Some(self.taken(LONGEST)));
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let waiting = wait::for_io(PYTHON);
            let is_there = interrupt::wait_readable(&[self.output.as_fd()], left)?;
            drop(waiting);
            if !is_there {
                return Ok(None);
            }
            match self.output.read(&mut piece) {
                Ok(0) if self.read.is_empty() => return Ok(None),
                Ok(0) => return Ok(Some(self.taken(self.read.len()))),
                Ok(count) => self.read.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::refused("read from", objects::a_pipe(), error)),
            }
        }
    }

    fn taken(&mut self, bytes: usize) -> String {
        String::from_utf8_lossy(&self.read.drain(..bytes).collect::<Vec<_>>()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn lines_come_one_by_one_and_the_last_one_needs_no_end() {
        let (output, mut input) = pipe().unwrap();
        input.write_all("one\n\n三\nand a".as_bytes()).unwrap();
        let mut lines = Lines::new(output);
        for line in ["one", "", "三"] {
            assert_eq!(lines.next_line(None).unwrap().as_deref(), Some(line));
        }
        assert_eq!(lines.next_line(Some(Duration::ZERO)).unwrap(), None);
        input.write_all(b" half").unwrap();
        drop(input);
        assert_eq!(lines.next_line(None).unwrap().as_deref(), Some("and a half"));
        assert_eq!(lines.next_line(None).unwrap(), None);
    }

    #[test]
    fn a_line_without_end_comes_in_pieces() {
        let (output, mut input) = pipe().unwrap();
        let writer = std::thread::spawn(move || input.write_all(&vec![b'x'; LONGEST + 5]));
        let mut lines = Lines::new(output);
        assert_eq!(lines.next_line(None).unwrap().map(|line| line.len()), Some(LONGEST));
        assert_eq!(lines.next_line(None).unwrap().as_deref(), Some("xxxxx"));
        assert!(writer.join().unwrap().is_ok());
    }
}
