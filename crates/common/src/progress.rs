//! How far a long run is: one bar on standard error while a terminal is there to show it.

mod screen;

use std::borrow::Cow;

use indicatif::{ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::terminal::progress_can_be_drawn;

use screen::Screen;

/// How often a second the bar is drawn at most, unless it must be.
const HERTZ: u8 = 20;

/// A progress bar on standard error. Hidden where that is no terminal, or one that cannot draw over
/// what it has drawn. Dropping the bar erases it.
///
/// The caller does not wait for a terminal that was stopped (Ctrl-S), or that no program reads: the bar is drawn again
/// by the first change after the terminal goes on. Only the drop of a bar that is on the terminal waits for it, and ends
/// that wait when the process is asked to end.
///
/// It draws when it is changed, by the thread that changes it. (indicatif's own bar can also draw
/// from a thread in the background. While a process runs such a thread,
/// [`Process::start`](crate::process::Process::start) is refused.)
///
/// ```
/// use common::progress::ProgressBar;
///
/// let bar = ProgressBar::new(3, "{bar:30} {pos}/{len} {wide_msg}");
/// for scene in ["one", "two", "three"] {
///     bar.set_message(scene);
///     // ... plays the scene ...
///     bar.advance();
/// }
/// ```
#[derive(Debug)]
pub struct ProgressBar {
    bar: indicatif::ProgressBar,
    screen: Screen,
}

impl ProgressBar {
    /// A bar at position 0 of `length`, drawn as `template` says, in the keys of
    /// [`indicatif::ProgressStyle`]: `{bar:30}`, `{pos}`, `{len}`, `{msg}`, `{wide_msg}`, `{eta}`.
    /// A template that cannot be read is replaced by indicatif's own.
    #[must_use]
    pub fn new(length: u64, template: &str) -> Self {
        let screen = Screen::default();
        let target = if progress_can_be_drawn() {
            ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), HERTZ)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self::on(target, screen, length, template)
    }

    fn on(target: ProgressDrawTarget, screen: Screen, length: u64, template: &str) -> Self {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = indicatif::ProgressBar::with_draw_target(Some(length), target);
        Self { bar: bar.with_style(style).with_finish(ProgressFinish::AndClear), screen }
    }

    /// Whether it is never drawn. Then a caller need not make messages for it, and may print instead.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.bar.is_hidden()
    }

    /// The position at which it is full.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.bar.length().unwrap_or_default() // it has one since `new`
    }

    /// One step further.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// As far as this.
    pub fn set_position(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// What stands beside the bar. It may have several lines.
    pub fn set_message(&self, message: impl Into<Cow<'static, str>>) {
        self.bar.set_message(message);
    }

    /// Draws it now. A change alone may be left for the next one to draw: a terminal is written to
    /// at most 20 times a second.
    pub fn redraw(&self) {
        self.bar.force_draw();
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.screen.erase(); // the bar, which is dropped next, draws its last picture
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that keeps what is written to it, and how often a line was cleared.
    #[derive(Clone, Debug, Default)]
    struct Terminal(Arc<Mutex<(String, usize)>>);

    impl Terminal {
        fn bar(&self, template: &str) -> ProgressBar {
            let target = ProgressDrawTarget::term_like(Box::new(self.clone()));
            ProgressBar::on(target, Screen::default(), 3, template)
        }

        fn seen(&self) -> (String, usize) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().0.push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().1 += 1;
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_shows_how_far_it_is_and_is_gone_when_it_is_dropped() {
        let terminal = Terminal::default();
        let bar = terminal.bar("{pos}/{len} {msg}");
        assert!(!bar.is_hidden() && bar.length() == 3);
        bar.set_message("three locks");
        bar.advance();
        bar.redraw();
        let (shown, cleared) = terminal.seen();
        assert!(shown.contains("1/3 three locks"), "{shown:?}");
        drop(bar);
        assert!(terminal.seen().1 > cleared);
    }

    #[test]
    fn a_template_that_cannot_be_read_is_replaced() {
        let terminal = Terminal::default();
        let bar = terminal.bar("{pos:x}");
        bar.set_position(2);
        bar.redraw();
        assert!(terminal.seen().0.contains("2/3"), "{:?}", terminal.seen());
    }
}
