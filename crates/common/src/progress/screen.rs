//! The terminal of a bar: the one behind standard error.
//!
//! A terminal that was stopped by Ctrl-S, or that no program reads, takes nothing. Work does not wait for it: a
//! picture of which it takes nothing is left out, and the next one is drawn in its place. What erases the bar is written
//! as every line is: it waits for the terminal *and* for a request to end.

use std::io::{self, ErrorKind};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

use crate::error::{draw, draw_all};
use crate::terminal::progress_size;

/// The terminal, and what is on its way there. A clone is the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Screen(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The picture that is being made.
    picture: Vec<u8>,
    /// The end of a picture of which the terminal took the beginning: the cursor is in the middle of it.
    rest: Vec<u8>,
    /// The next picture is the last one: an empty one.
    is_erased: bool,
}

impl Screen {
    /// The next picture is the last one, and waits for the terminal.
    pub(super) fn erase(&self) {
        self.lock().is_erased = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner) // no code panics in between
    }

    #[expect(clippy::unnecessary_wraps, reason = "what the trait asks for")]
    fn add(&self, text: &str) -> io::Result<()> {
        self.lock().picture.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// A command with a count, ECMA-48 (CSI).
    fn command(&self, count: usize, letter: char) -> io::Result<()> {
        if count == 0 { Ok(()) } else { self.add(&format!("\u{1b}[{count}{letter}")) }
    }
}

impl State {
    /// Draws as much of the picture as the terminal takes: `some` writes that, and `all` waits. An error is one of a picture that is not on the terminal: the
    /// next one goes where the one before it is.
    fn draw(
        &mut self,
        some: impl Fn(&[u8]) -> io::Result<usize>,
        all: impl Fn(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let picture = mem::take(&mut self.picture);
        if self.is_erased {
            return all(&[mem::take(&mut self.rest), picture].concat());
        }
        let taken = some(&self.rest)?;
        self.rest.drain(..taken);
        if !self.rest.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        match some(&picture)? {
            0 => Err(ErrorKind::WouldBlock.into()),
            taken => {
                self.rest.extend_from_slice(&picture[taken..]);
                Ok(())
            }
        }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        u16::try_from(progress_size().0).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(progress_size().1).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.command(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.command(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.command(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.command(count, 'D')
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.add(line).and_then(|()| self.add("\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        self.lock().draw(draw, draw_all)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[test]
    fn a_picture_is_drawn_whole_or_not_at_all_whatever_room_there_is() {
        let (room, shown) = (Cell::new(0), RefCell::new(String::new()));
        let take = |bytes: &[u8]| shown.borrow_mut().push_str(str::from_utf8(bytes).expect("letters"));
        let some = |bytes: &[u8]| {
            let taken = bytes.len().min(room.get());
            room.set(room.get() - taken);
            take(&bytes[..taken]);
            Ok(taken)
        };
        let mut state = State::default();
        let mut draw = |picture: &str, has_room, is_last| {
            room.set(has_room);
            state.picture.extend_from_slice(picture.as_bytes());
            state.is_erased = is_last;
            let all = |bytes: &[u8]| {
                take(bytes);
                Ok(())
            };
            state.draw(some, all).is_ok()
        };
        assert!(!draw("one ", 0, false), "left out");
        assert!(draw("two ", 2, false), "begun");
        assert!(!draw("three ", 1, false), "the second one comes first");
        assert!(!draw("four ", 1, false), "the second one still does");
        assert!(draw("five ", 6, false));
        assert!(draw("six ", 1, false), "begun");
        assert!(draw("end", 0, true), "the last one waits");
        assert_eq!(*shown.borrow(), "two five six end");
    }
}
