//! The run's language: English, or the notes' own Chinese.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

pub use journal::Lang;

/// The language of the messages of this process and of those that it forks: a place in [`Lang::ALL`].
static SPOKEN: AtomicU8 = AtomicU8::new(0);

/// The language in which this process reports errors: as its command line asks, and before that is read, English.
#[must_use]
pub fn spoken() -> Lang {
    Lang::ALL.get(usize::from(SPOKEN.load(Relaxed))).copied().unwrap_or_default()
}

/// From now on this process, and each that it forks, reports errors in this language: an error of a child is
/// reported where no stage is at hand.
pub(crate) fn speak(lang: Lang) {
    SPOKEN.store(lang as u8, Relaxed);
}

/// The language that a command line asks for by `--lang`, else the locale's. The rest of the command line may be
/// wrong: the language is needed to say so.
pub(crate) fn of_arguments(arguments: &[OsString]) -> Lang {
    let mut arguments = arguments.iter().skip(1).map(|argument| argument.to_str().unwrap_or_default());
    let mut asked = None;
    while let Some(argument) = arguments.next().filter(|argument| *argument != "--") {
        let code = match argument.strip_prefix("--lang") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        asked = code.and_then(|code| code.parse().ok()).or(asked);
    }
    asked.unwrap_or_else(of_locale)
}

/// What the user's locale asks for: Chinese for a Chinese one (`LC_ALL`, `LC_MESSAGES` and `LANG`, in this
/// order), else English.
#[must_use]
pub fn of_locale() -> Lang {
    let locale = sys_locale::get_locale().unwrap_or_default();
    let is_of = |lang: &&Lang| locale.starts_with(lang.code());
    Lang::ALL.iter().find(is_of).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_in_a_command_line_that_is_wrong_otherwise() {
        let of = |line: &str| of_arguments(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("race --nope --lang zh --threads"), Lang::Zh);
        assert_eq!(of("race --lang=zh --lang=en"), Lang::En);
        assert_eq!(of("race --lang=en --language zh"), Lang::En);
        assert_eq!(of("race --lang zh -- --lang en"), Lang::Zh);
        assert_eq!(of("race --lang zh --lang xx"), Lang::Zh);
    }
}
