//! What a run shows on standard output: text as it happens, or JSON. The only place that writes there.
//!
//! A line is made from its journal event alone, so any other view can show as much. A line of an actor
//! that holds a lock waits until the actor has freed it: a reader that is slow, or does not read at all,
//! must not make the others wait that want the lock. The journal has the line, and its time, at once.

use std::cell::RefCell;
use std::io;
use std::os::fd::AsFd;
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use journal::{Event, Kind, LINE};
use nix::errno::Errno;
use timeline::bars;
use timeline::foreign;
use timeline::numbers::readable;
use timeline::text::{padded, width};

use crate::error::Error;
use crate::lang::Lang;
use crate::outlet::Outlet;
use crate::report::{Report, SceneReport};
use crate::stream::{Stream, Unwritten};
use crate::terminal::{look, stdout_has_colour};

/// How wide the actors' names are, in columns.
const NAME_COLUMNS: usize = 12;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Of a check without a verdict.
const OPEN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ACTORS: [AnsiColor; 6] =
    [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Magenta, AnsiColor::Blue, AnsiColor::Green, AnsiColor::BrightRed];

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
    colour: bool,
    /// What is said, and nothing around it: the answer of a command.
    bare: bool,
}

impl View {
    pub(crate) fn new(format: Format, bare: bool) -> Self {
        Self { format, colour: stdout_has_colour() && format == Format::Text, bare }
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
            Format::Text => self.line(event).map_or(Ok(()), |line| write_line(&line)),
        }
    }

    /// Shows what a scene found out.
    pub(crate) fn scene_ends(&self, scene: &SceneReport, lang: Lang) -> Result<(), Error> {
        if self.format != Format::Text || self.bare {
            return Ok(());
        }
        let longest = scene.figures.iter().map(|figure| width(&foreign::shown(&figure.words))).max().unwrap_or(0);
        for figure in &scene.figures {
            let (dot, name) = (self.painted(DIM, "·"), padded(&foreign::shown(&figure.words), longest));
            if let Some(rows) = bars::rows_of(&figure.value) {
                write_line(&format!("  {dot} {name}  {}", figure.unit))?;
                bars::draw(&rows, look()).iter().try_for_each(|line| write_line(line))?;
                continue;
            }
            write_line(&format!("  {dot} {name}  {} {}", in_text(&figure.value), figure.unit))?;
        }
        for check in &scene.checks {
            let mark = match check.held {
                Some(true) => self.painted(GOOD, "✓"),
                Some(false) => self.painted(BAD, "✗"),
                None => self.painted(OPEN, "–"),
            };
            let (expected, observed) = (in_text(&check.expected), in_text(&check.observed));
            let numbers = match lang {
                Lang::En => format!("(expected {expected}, observed {observed})"),
                Lang::Zh => format!("(预期 {expected},观察到 {observed})"),
            };
            let numbers = match (&check.doubt, lang) {
                (None, _) => numbers,
                (Some(doubt), Lang::En) => format!("{numbers}: no verdict, {}", foreign::shown(doubt)),
                (Some(doubt), Lang::Zh) => format!("{numbers}:没有结论,{}", foreign::shown(doubt)),
            };
            let numbers = self.painted(DIM, &numbers);
            write_line(&format!("  {mark} {} {numbers}", foreign::shown(&check.claim)))?;
        }
        Ok(())
    }

    /// Shows the verdict.
    pub(crate) fn run_ends(&self, report: &Report, lang: Lang) -> Result<(), Error> {
        if self.format != Format::Text {
            let report = serde_json::to_string(report).unwrap_or_default(); // strings and numbers: cannot fail
            return write_line(&foreign::in_json(&report));
        }
        if self.bare {
            return Ok(());
        }
        let checks = || report.scenes.iter().flat_map(|scene| &scene.checks);
        let (held, all) = (checks().filter(|check| check.held == Some(true)).count(), checks().count());
        let seconds = report.elapsed_ms / 1000.0;
        let open = match (report.no_verdict, lang) {
            (0, _) => String::new(),
            (open, Lang::En) => format!(", {open} without a verdict"),
            (open, Lang::Zh) => format!(",{open} 条没有结论"),
        };
        let (style, verdict) = match (report.held, lang) {
            (true, Lang::En) => (GOOD, format!("held: {held} of {all} checks{open}, {seconds:.2} s")),
            (true, Lang::Zh) if report.no_verdict > 0 => {
                (GOOD, format!("成立:{all} 条断言中 {held} 条成立{open},{seconds:.2} 秒"))
            }
            (true, Lang::Zh) => (GOOD, format!("全部成立:{all} 条断言中 {held} 条成立,{seconds:.2} 秒")),
            (false, Lang::En) => (BAD, format!("not held: {held} of {all} checks{open}, {seconds:.2} s")),
            (false, Lang::Zh) => (BAD, format!("不成立:{all} 条断言中只有 {held} 条成立{open},{seconds:.2} 秒")),
        };
        write_line(&self.painted(style, &verdict))
    }

    fn line(&self, event: &Event) -> Option<String> {
        let text = || foreign::shown(event.text.as_deref().unwrap_or_default()).into_owned();
        let key = |key: &str| event.data.get(key).map_or_else(String::new, in_text);
        match event.kind {
            Kind::Say | Kind::Ready if self.bare => Some(text()),
            _ if self.bare => None,
            Kind::Run => {
                let how = format!("seed {}, speed {}", key("seed"), key("speed"));
                Some(format!("{} {}", self.painted(BOLD, &key("section")), self.painted(DIM, &how)))
            }
            Kind::Scene => Some(self.painted(BOLD, &format!("── {}", text()))),
            Kind::Claim => Some(format!("  {} {}", self.painted(DIM, "?"), text())),
            Kind::Ready => Some(text()),
            Kind::Say => {
                let time = format!("{:>8.3}s", std::time::Duration::from_nanos(event.t).as_secs_f64());
                let name = self.painted(colour_of(&event.actor), &padded(&foreign::value(&event.actor), NAME_COLUMNS));
                Some(format!("{} {name} {}", self.painted(DIM, &time), text()))
            }
            Kind::Born
            | Kind::Ended
            | Kind::Pause
            | Kind::Begin
            | Kind::End
            | Kind::Mark
            | Kind::Figure
            | Kind::Check => None,
        }
    }

    fn painted(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The same actor has the same colour in every run.
fn colour_of(actor: &str) -> Style {
    let sum: usize = actor.bytes().map(usize::from).sum();
    ACTORS[sum % ACTORS.len()].on_default()
}

fn in_text(value: &serde_json::Value) -> String {
    foreign::shown(&readable(value)).into_owned()
}

thread_local! {
    /// Lines that wait until the thread has freed its lock, and the process that they are of: a forked child
    /// has a copy, which is not its own to write.
    static WAITING: RefCell<(u32, Vec<u8>)> = const { RefCell::new((0, Vec::new())) };
}

/// Writes a line to standard output in one piece, so that lines of several processes do not mix; as soon
/// as the caller holds no lock of the toolkit.
///
/// For programs without a stage. A section's lines come from its [`Stage`](crate::stage::Stage).
///
/// # Errors
///
/// [`Error::OutputClosed`] if it has no reader any more; [`Error::Toolkit`] if the system refuses, or if the
/// reader does not read and the run is asked to end.
pub fn write_line(line: &str) -> Result<(), Error> {
    write_lines(format!("{line}\n").as_bytes())
}

/// Whole lines.
fn write_lines(lines: &[u8]) -> Result<(), Error> {
    let waiting = WAITING.with_borrow_mut(|(owner, waiting)| {
        if *owner != std::process::id() {
            *owner = std::process::id();
            waiting.clear();
        }
        if journal::holds_a_lock() || !waiting.is_empty() {
            waiting.extend_from_slice(lines);
        }
        !waiting.is_empty()
    });
    if waiting { write_waiting() } else { send(lines) }
}

/// Writes what waited, unless the caller holds a lock still.
fn write_waiting() -> Result<(), Error> {
    if journal::holds_a_lock() {
        return Ok(());
    }
    let lines =
        WAITING.with_borrow_mut(
            |(owner, waiting)| {
                if *owner == std::process::id() { std::mem::take(waiting) } else { Vec::new() }
            },
        );
    send(&lines)
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
    let outlet = Outlet::start("standard output", |mut lines| {
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
            Unwritten::Refused(errno) => Error::refused("write to", "standard output", errno),
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
