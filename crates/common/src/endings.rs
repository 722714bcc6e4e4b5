//! How a process ended, in the words of each language.

use killproof::process::Exit;

use crate::words::Text;

crate::words! {
    /// It ended by itself, with this exit code.
    pub fn code(number) { en: "code {number}", zh: "代码 {number}" }
    /// A signal ended it.
    pub fn signal(name) { en: "signal {name}", zh: "信号 {name}" }
}

/// The end of a process.
///
/// ```
/// use common::{endings, lang::Lang, process::Exit};
///
/// assert_eq!(endings::of(Exit::Code(7)), endings::code(7));
/// assert_eq!(endings::of(Exit::Code(7)).in_lang(Lang::Zh), "代码 7");
/// ```
#[must_use]
pub fn of(exit: Exit) -> Text {
    match exit {
        Exit::Code(number) => code(number),
        Exit::Signal(name) => signal(name.as_str()),
        Exit::RealTimeSignal(number) => signal(number),
    }
}

/// The end of a process, as the journal names it: `code 0`, `signal SIGKILL`.
#[must_use]
pub fn named(exit: &str) -> Text {
    match exit.split_once(' ') {
        Some(("code", number)) => number.parse::<i32>().map_or_else(|_| exit.into(), code),
        Some(("signal", name)) => signal(name),
        _ => exit.into(),
    }
}
