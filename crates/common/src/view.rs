//! What a run shows on standard output: text as it happens, or JSON. The only place that writes there.
//!
//! A line is made from its journal event alone, so any other view can show as much.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::bars;
use crate::cli::{self, Format};
use crate::error::Error;
use crate::interrupt;
use crate::journal::{Event, Kind};
use crate::lang::Lang;
use crate::report::{Report, SceneReport, readable};
use crate::sys::window;
use crate::timeline::Look;

/// How wide the actors' names are, in columns.
const NAME_COLUMNS: usize = 12;

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const ACTORS: [AnsiColor; 6] =
    [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Magenta, AnsiColor::Blue, AnsiColor::Green, AnsiColor::BrightRed];

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

    /// Shows an event as it happens.
    pub(crate) fn show(&self, event: &Event) -> Result<(), Error> {
        match self.format {
            Format::Json => Ok(()),
            Format::Jsonl => write_line(&event.line()),
            Format::Text => self.line(event).map_or(Ok(()), |line| write_line(&line)),
        }
    }

    /// Shows what a scene found out.
    pub(crate) fn scene_ends(&self, scene: &SceneReport, lang: Lang) -> Result<(), Error> {
        if self.format != Format::Text || self.bare {
            return Ok(());
        }
        let longest = scene.figures.iter().map(|figure| figure.name.width()).max().unwrap_or(0);
        for figure in &scene.figures {
            let (dot, name) = (self.painted(DIM, "·"), padded(&figure.name, longest));
            if let Some(rows) = bars::rows_of(&figure.value) {
                write_line(&format!("  {dot} {name}  {}", figure.unit))?;
                bars::draw(&rows, self.look()).iter().try_for_each(|line| write_line(line))?;
                continue;
            }
            write_line(&format!("  {dot} {name}  {} {}", readable(&figure.value), figure.unit))?;
        }
        for check in &scene.checks {
            let mark = if check.held { self.painted(GOOD, "✓") } else { self.painted(BAD, "✗") };
            let (expected, observed) = (readable(&check.expected), readable(&check.observed));
            let numbers = match lang {
                Lang::En => format!("(expected {expected}, observed {observed})"),
                Lang::Zh => format!("(预期 {expected},观察到 {observed})"),
            };
            let numbers = self.painted(DIM, &numbers);
            write_line(&format!("  {mark} {} {numbers}", check.claim))?;
        }
        Ok(())
    }

    /// Shows the verdict.
    pub(crate) fn run_ends(&self, report: &Report, lang: Lang) -> Result<(), Error> {
        if self.format != Format::Text {
            return write_line(&serde_json::to_string(report).unwrap_or_default()); // strings and numbers: cannot fail
        }
        if self.bare {
            return Ok(());
        }
        let checks = || report.scenes.iter().flat_map(|scene| &scene.checks);
        let (held, all) = (checks().filter(|check| check.held).count(), checks().count());
        let seconds = report.elapsed_ms / 1000.0;
        let (style, verdict) = match (report.held, lang) {
            (true, Lang::En) => (GOOD, format!("held: {held} of {all} checks, {seconds:.2} s")),
            (true, Lang::Zh) => (GOOD, format!("全部成立:{all} 条断言中 {held} 条成立,{seconds:.2} 秒")),
            (false, Lang::En) => (BAD, format!("not held: {held} of {all} checks, {seconds:.2} s")),
            (false, Lang::Zh) => (BAD, format!("不成立:{all} 条断言中只有 {held} 条成立,{seconds:.2} 秒")),
        };
        write_line(&self.painted(style, &verdict))
    }

    fn line(&self, event: &Event) -> Option<String> {
        let text = || one_line(event.text.as_deref().unwrap_or_default());
        let key = |key: &str| event.data.get(key).map_or_else(String::new, readable);
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
                let name = self.painted(colour_of(&event.actor), &padded(&event.actor, NAME_COLUMNS));
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

    fn look(&self) -> Look {
        let ascii = cli::terminal_is_dumb();
        Look { columns: cli::columns(), colour: self.colour && !ascii, ascii }
    }

    fn painted(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Whether standard output shows colours: `NO_COLOR`, `CLICOLOR`, `TERM=dumb` and whether it is a terminal.
pub(crate) fn stdout_has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether a person watches standard error: then long work shows its progress there.
#[must_use]
pub fn progress_is_watched() -> bool {
    io::stderr().is_terminal()
}

/// How the terminal behind standard error shows a picture, and how many rows it has: as they are
/// now, for a reader may change its size at any time. `None` if it is no terminal, or does not say.
#[must_use]
pub fn progress_room() -> Option<(Look, usize)> {
    let (columns, rows) = window::size(io::stderr()).filter(|(columns, rows)| *columns > 0 && *rows > 0)?;
    let ascii = cli::terminal_is_dumb();
    let colour = !ascii && anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    Some((Look { columns, colour, ascii }, rows))
}

/// The same actor has the same colour in every run.
fn colour_of(actor: &str) -> Style {
    let sum: usize = actor.bytes().map(usize::from).sum();
    ACTORS[sum % ACTORS.len()].on_default()
}

/// Padded on the right to `columns`; a Chinese character takes two.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// At most so many columns: what is too long ends in `ellipsis`. A control character is a `?`.
#[must_use]
pub fn shortened(text: &str, columns: usize, ellipsis: char) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect();
    if text.width() <= columns {
        return text;
    }
    let mut short = String::new();
    let mut taken = 1;
    for letter in text.chars() {
        taken += letter.width().unwrap_or(0);
        if taken > columns {
            break;
        }
        short.push(letter);
    }
    short.push(ellipsis);
    short
}

/// Control characters are shown, not sent: what comes from elsewhere (a file, a socket) must not
/// move the cursor, and a line is a line.
fn one_line(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() { letter.escape_debug().collect() } else { letter.to_string() };
    text.chars().map(shown).collect()
}

/// Writes a line to standard output in one piece, so that lines of several processes do not mix.
///
/// For programs without a stage. A section's lines come from its [`Stage`](crate::stage::Stage).
///
/// # Errors
///
/// [`Error::OutputClosed`] if nobody reads it any more; [`Error::Refused`]; [`Error::Interrupted`].
pub fn write_line(line: &str) -> Result<(), Error> {
    write_bytes(format!("{line}\n").as_bytes())
}

/// Writes whole lines, in one piece if the system lets it.
pub(crate) fn write_bytes(mut bytes: &[u8]) -> Result<(), Error> {
    let stdout = io::stdout();
    while !bytes.is_empty() {
        match nix::unistd::write(stdout.as_fd(), bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(nix::Error::EINTR) => interrupt::check()?,
            Err(nix::Error::EPIPE) => return Err(Error::OutputClosed),
            Err(errno) => return Err(Error::refused("write to", "standard output", errno)),
        }
    }
    Ok(())
}
