//! What a run shows on standard output: text as it happens, or JSON. The only place that writes there.
//!
//! A line is made from its journal event alone, so any other view can show as much. A line of an actor
//! that holds a lock waits until the actor has freed it: a reader that is slow, or does not read at all,
//! must not make the others wait that want the lock. The journal has the line at once, and the time of the act. The
//! time before a line is that of the line: it is read as the line is written, so that the times rise from line to line.

mod lines;

use std::cell::RefCell;
use std::io;
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::time::Instant;

use clap::ValueEnum;
use journal::{Event, LINE};
use killproof::identity::Owner;
use nix::errno::Errno;
use timeline::bars;
use timeline::foreign;

use crate::error::Error;
use crate::lang::Lang;
use crate::objects;
use crate::outlet::Outlet;
use crate::report::{Report, SceneReport};
use crate::stream::{Stream, Unwritten};
use crate::terminal::{columns, line_room, look, stdout_has_colour};

use lines::{Line, Lines};

/// How a run shows itself on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Narration as it happens, then figures, checks and the verdict.
    Text,
    /// One object at the end, and nothing else.
    Json,
    /// The journal as it happens, one event a line, and the object as the last line.
    Jsonl,
}

/// How this run shows itself.
#[derive(Debug)]
pub(crate) struct View {
    format: Format,
    /// When the run began.
    began: Instant,
    lines: Lines,
}

impl View {
    pub(crate) fn new(format: Format, bare: bool, lang: Lang, began: Instant) -> Self {
        let colour = stdout_has_colour() && format == Format::Text;
        Self { format, began, lines: Lines { colour, bare, lang } }
    }

    /// Whether it shows every event as its line of the journal.
    pub(crate) fn is_journal(&self) -> bool {
        self.format == Format::Jsonl
    }

    /// Whether it shows nothing before the report.
    pub(crate) fn is_report_alone(&self) -> bool {
        self.format == Format::Json
    }

    /// Shows an event as it happens.
    pub(crate) fn show(&self, event: &Event) -> Result<(), Error> {
        match self.format {
            Format::Json => Ok(()),
            Format::Jsonl => write_line(&foreign::in_json(&event.line())),
            Format::Text => self.lines.of(event, line_room()).map_or(Ok(()), |line| write(line, self.began)),
        }
    }

    /// Shows what a scene found out.
    pub(crate) fn scene_ends(&self, scene: &SceneReport) -> Result<(), Error> {
        if self.format != Format::Text || self.lines.bare {
            return Ok(());
        }
        let listed = || scene.figures.iter().filter(|figure| !figure.is_in_table);
        let longest = Lines::longest_name(listed());
        for figure in listed() {
            if let Some(rows) = bars::rows_of(&figure.value) {
                write_line(&self.lines.bars_of(figure, longest))?;
                bars::draw(&rows, look()).iter().try_for_each(|line| write_line(line))?;
            } else {
                write_line(&self.lines.figure(figure, longest, line_room()))?;
            }
        }
        self.lines.results(&scene.checks, columns(), line_room()).iter().try_for_each(|line| write_line(line))
    }

    /// Shows the verdict.
    pub(crate) fn run_ends(&self, report: &Report) -> Result<(), Error> {
        if self.format != Format::Text {
            let report = serde_json::to_string(report).unwrap_or_default(); // strings and numbers: cannot fail
            return write_line(&foreign::in_json(&report));
        }
        if self.lines.bare { Ok(()) } else { write_line(&self.lines.verdict(report)) }
    }
}

thread_local! {
    /// Lines that wait until the thread has freed its lock, and the process that they are of: a forked child
    /// has a copy, which is not its own to write.
    static WAITING: RefCell<Option<(Owner, Vec<Waiting>)>> = const { RefCell::new(None) };
}

/// A line that waits, and when the run began, for a line with its time.
type Waiting = (Line, Option<Instant>);

/// Writes a line to standard output in one piece, so that lines of several processes do not mix; as soon
/// as the caller holds no lock of the toolkit.
///
/// For programs without a stage. A section's lines come from its [`Stage`](crate::stage::Stage).
///
/// # Errors
///
/// [`Error::OutputClosed`] if it has no reader any more; [`Error::Refused`] if the system refuses, or if the
/// reader does not read and the run is asked to end.
pub fn write_line(line: &str) -> Result<(), Error> {
    if is_waiting(|| (Line::plain(line), None)) { write_waiting() } else { send(format!("{line}\n").as_bytes()) }
}

/// As [`write_line`], for a line with its time, if it has one.
fn write(line: Line, began: Instant) -> Result<(), Error> {
    let mut line = Some(line);
    if is_waiting(|| (line.take().unwrap_or_default(), Some(began))) {
        return write_waiting();
    }
    let mut bytes = Vec::new();
    if let Some(line) = line {
        line.write(began.elapsed(), &mut bytes);
    }
    send(&bytes)
}

/// Whether a line has to wait, or to go behind others that wait. Then it is among them.
fn is_waiting(line: impl FnOnce() -> Waiting) -> bool {
    WAITING.with_borrow_mut(|waiting| {
        let has_own = waiting.as_ref().is_some_and(|(owner, _)| owner.is_caller());
        if !has_own {
            *waiting = journal::holds_a_lock().then(|| (Owner::caller(), Vec::new()));
        }
        if let Some((_, waiting)) = waiting {
            waiting.push(line());
        }
        waiting.is_some()
    })
}

/// Writes what waited, unless the caller holds a lock still.
fn write_waiting() -> Result<(), Error> {
    if journal::holds_a_lock() {
        return Ok(());
    }
    let Some((_, lines)) = WAITING.take().filter(|(owner, _)| owner.is_caller()) else { return Ok(()) };
    let mut bytes = Vec::new();
    for (line, began) in lines {
        line.write(began.map(|began| began.elapsed()).unwrap_or_default(), &mut bytes);
    }
    send(&bytes)
}

/// For the journal: a line that a primitive wrote. What it cannot write, the actor's next own line cannot,
/// either, and that one is an error.
pub(crate) fn show_line(line: &[u8]) {
    // A line of a primitive is JSON, and so UTF-8.
    let _ = str::from_utf8(line).map(|line| write_line(&foreign::in_json(line.trim_end())));
}

/// For the journal: the caller holds no lock any more. An error is met again by the actor's next line.
pub(crate) fn show_waiting() {
    let _ = write_waiting();
}

/// Where the lines go instead, once [`never_wait`] was called.
static OUTLET: OnceLock<Outlet> = OnceLock::new();

/// From now on no line that this process writes waits for the reader of standard output: for a server, whose
/// clients must not wait for the reader of its log. What is written goes through the [`Outlet`], which drops lines,
/// and counts them, where the reader is too slow.
///
/// # Errors
///
/// As [`Outlet::start`].
pub fn never_wait() -> Result<&'static Outlet, Error> {
    if let Some(outlet) = OUTLET.get() {
        return Ok(outlet);
    }
    let outlet = Outlet::start(objects::standard_output(), |mut lines| {
        while !lines.is_empty() {
            match nix::unistd::write(io::stdout().as_fd(), first_piece(lines)) {
                Ok(written) => lines = &lines[written..],
                Err(nix::Error::EINTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    })?;
    Ok(OUTLET.get_or_init(|| outlet))
}

/// Sends whole lines on their way to standard output.
fn send(lines: &[u8]) -> Result<(), Error> {
    OUTLET.get().map_or_else(|| write_bytes(lines), |outlet| outlet.take(lines))
}

/// Writes whole lines, in pieces that a pipe takes whole: it divides a longer one where it has no room, and
/// there the lines of another process would come between.
fn write_bytes(mut bytes: &[u8]) -> Result<(), Error> {
    static STDOUT: Stream = Stream::new();
    let stdout = io::stdout();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(first_piece(bytes).len());
        STDOUT.write_all(stdout.as_fd(), piece).map_err(|unwritten| match unwritten {
            Unwritten::Refused(Errno::EPIPE | Errno::ECONNRESET) => Error::OutputClosed,
            Unwritten::Refused(errno) => Error::refused("write to", objects::standard_output(), errno),
            Unwritten::Stopped(asked_to_end) => asked_to_end.into(),
        })?;
        bytes = rest;
    }
    Ok(())
}

/// As many whole lines as a pipe takes in one piece; the first line, if it is longer than that.
fn first_piece(bytes: &[u8]) -> &[u8] {
    let end_of_line = |byte: &u8| *byte == b'\n';
    let last_end = bytes.iter().take(LINE).rposition(end_of_line);
    let end = if bytes.len() <= LINE { None } else { last_end.or_else(|| bytes.iter().position(end_of_line)) };
    end.map_or(bytes, |end| &bytes[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_whole_lines_and_at_most_what_a_pipe_takes_whole() {
        let line = |length: usize| [vec![b'a'; length - 1], vec![b'\n']].concat();
        let pieces = |mut bytes: &[u8]| {
            let mut lengths = Vec::new();
            while !bytes.is_empty() {
                let piece = first_piece(bytes);
                lengths.push(piece.len());
                bytes = &bytes[piece.len()..];
            }
            lengths
        };
        assert_eq!(pieces(&line(LINE)), [LINE]);
        assert_eq!(pieces(&[line(LINE), line(1)].concat()), [LINE, 1]);
        assert_eq!(pieces(&[line(3000), line(1000), line(1000)].concat()), [4000, 1000]);
        assert_eq!(pieces(&[line(9000), line(10), line(20)].concat()), [9000, 30]);
        assert_eq!(pieces(&[b'a'; 9000]), [9000]);
    }
}
