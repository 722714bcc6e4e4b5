//! What the user's terminal can show.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;
use timeline::Look;

/// The columns before the text of an actor's line: when, and who.
const BEFORE_TEXT: usize = 24;
/// A line that is longer helps no reader.
const MOST_COLUMNS: usize = 1000;

/// How many columns standard output has for a line: as the user says in `COLUMNS`, as its terminal
/// says, else 80.
pub(crate) fn columns() -> usize {
    known_columns().unwrap_or(80).min(MOST_COLUMNS)
}

fn known_columns() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    said.or_else(|| size(io::stdout()).map(|(columns, _)| columns))
}

/// How many columns a help has for its lines: those of the terminal, as far as an eye follows a line, and as many
/// where no terminal is.
pub(crate) fn help_columns() -> usize {
    const MOST: usize = 100;
    known_columns().unwrap_or(MOST).min(MOST)
}

/// How many columns a line of standard output has, where that is known: as the user says in `COLUMNS`, or as its
/// terminal says. `None`: a file or another program reads it, and takes lines of any length.
#[must_use]
pub fn line_room() -> Option<usize> {
    let is_known = std::env::var_os("COLUMNS").is_some() || io::stdout().is_terminal();
    is_known.then(columns)
}

/// The same for what an actor with a short name says: its text comes after the time and the name.
#[must_use]
pub fn text_room() -> Option<usize> {
    line_room().map(|columns| columns.saturating_sub(BEFORE_TEXT))
}

/// Whether the terminal says of itself that it shows letters and nothing else.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether standard output shows colours: `NO_COLOR`, `CLICOLOR`, `TERM=dumb` and whether it is a terminal.
pub(crate) fn stdout_has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// How standard output shows a picture.
pub(crate) fn look() -> Look {
    let ascii = is_dumb();
    Look { columns: columns(), colour: stdout_has_colour() && !ascii, ascii }
}

/// Whether a person watches standard error: then long work shows its progress there.
#[must_use]
pub fn progress_is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether the terminal behind standard error can draw over what it has drawn. One of which `TERM` does not say what it
/// is may be one that cannot.
#[cfg(feature = "tools")]
pub(crate) fn progress_can_be_drawn() -> bool {
    progress_is_watched() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// The columns and rows of the terminal behind standard error, as they are now; those of most terminals if it does not
/// say.
#[cfg(feature = "tools")]
pub(crate) fn progress_size() -> (usize, usize) {
    size(io::stderr()).filter(|(_, rows)| *rows > 0).unwrap_or((80, 24))
}

/// How the terminal behind standard error shows a picture, and how many rows it has: as they are
/// now, for a reader may change its size at any time. `None` if it is no terminal, or does not say.
#[must_use]
pub fn progress_room() -> Option<(Look, usize)> {
    let (columns, rows) = size(io::stderr()).filter(|(_, rows)| *rows > 0)?;
    let ascii = is_dumb();
    let colour = !ascii && anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    Some((Look { columns, colour, ascii }, rows))
}

/// The columns and rows of the terminal behind a descriptor. `None` if it is no terminal, or one that does
/// not say how wide it is.
fn size(terminal: impl AsFd) -> Option<(usize, usize)> {
    let size = tcgetwinsize(terminal).ok()?;
    Some((size.ws_col.into(), size.ws_row.into())).filter(|(columns, _)| *columns > 0)
}
