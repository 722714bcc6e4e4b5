//! Text that comes from outside, as a line may show it: file contents, paths, names, what a remote client sent.
//!
//! What is no letter for the reader is an instruction for the terminal: an escape sequence moves the cursor or sets
//! the window's title, a line break makes two lines of one, a bidirectional control shows the rest of the line in
//! another order ("Trojan Source", <https://trojansource.codes>). Such a character is shown by its number. A text
//! that is too long for a line is shown by its beginning and its end, for an error has its cause at the end.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest value within a line, in bytes.
pub const VALUE: usize = 300;
/// The longest line, in bytes.
pub const LINE: usize = 1000;

/// What stands for the part that is left out.
const GAP: char = '…';

/// Whether a character may not reach a terminal as it is: the controls C0, DEL and C1, the separators of lines and
/// paragraphs, the bidirectional controls, and the marks of interlinear annotations.
#[must_use]
pub fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The whole text, on one line.
///
/// ```
/// use timeline::foreign::shown;
///
/// assert_eq!(shown("\u{1b}[2Jboo\r\n"), r"\u{1b}[2Jboo\r\n");
/// assert_eq!(shown("你好, café 😀"), "你好, café 😀");
/// ```
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    replaced(text, |letter, to| to.extend(letter.escape_debug()))
}

/// A value within a line: [`shown`], and at most [`VALUE`] bytes of it.
///
/// ```
/// use timeline::foreign::value;
///
/// let name = "x".repeat(900_000);
/// assert_eq!(value(&name).chars().filter(|letter| *letter == 'x').count(), 297);
/// assert_eq!(value("five\ntickets"), r"five\ntickets");
/// ```
#[must_use]
pub fn value(text: &str) -> String {
    within(text, VALUE)
}

/// A line: [`shown`], and at most [`LINE`] bytes of it.
#[must_use]
pub fn line(text: &str) -> String {
    within(text, LINE)
}

/// Serialized JSON that means the same, without a [control](is_control): JSON itself escapes only those of C0. A
/// line that would become longer than what a pipe takes in one piece has `?` in their places instead.
///
/// ```
/// use timeline::foreign::in_json;
///
/// assert_eq!(in_json("\"a\u{9b}2J\u{202e}b\""), r#""a\u009b2J\u202eb""#);
/// ```
#[must_use]
pub fn in_json(json: &str) -> Cow<'_, str> {
    let safe = replaced(json, |letter, to| {
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let _ = write!(to, "\\u{unit:04x}"); // a string takes everything
        }
    });
    let fits = json.len() >= journal::LINE || safe.len() < journal::LINE;
    if fits { safe } else { replaced(json, |_, to| to.push('?')) }
}

fn replaced(text: &str, replace: impl Fn(char, &mut String)) -> Cow<'_, str> {
    // Most texts have none: a look at the bytes is cheaper than one at the letters.
    let may_be = |byte: u8| byte < b' ' || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef);
    if !text.bytes().any(may_be) || !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_control(letter) {
            replace(letter, &mut safe);
        } else {
            safe.push(letter);
        }
    }
    Cow::Owned(safe)
}

/// At most `most` bytes: of a longer text two thirds are its beginning, and the rest its end.
fn within(text: &str, most: usize) -> String {
    // Escaping makes a text longer, never shorter, so what is cut here would be cut below.
    let text = if text.len() > 4 * most { cut(text, 4 * most) } else { Cow::Borrowed(text) };
    cut(&shown(&text), most).into_owned()
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let room = most - GAP.len_utf8();
    let head = &text[..text.floor_char_boundary(room * 2 / 3)];
    let tail = &text[text.ceil_char_boundary(text.len() - (room - head.len()))..];
    Cow::Owned(format!("{head}{GAP}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind.
    const CONTROLS: [char; 14] = [
        '\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{61c}', '\u{2028}', '\u{2029}', '\u{202e}',
        '\u{2067}', '\u{feff}',
    ];

    #[test]
    fn every_control_is_shown_by_its_number_and_no_letter_is_changed() {
        for control in CONTROLS {
            let text = format!("a{control}b");
            let safe = shown(&text);
            assert!(!safe.chars().any(is_control) && safe.starts_with('a') && safe.ends_with('b'), "{safe:?}");
            assert!(safe.contains('\\'), "{safe:?}");
        }
        let letters = "plain, \\n, café, 你好, 😀, 👩\u{200d}🚀, שלום, \u{e5}";
        assert!(matches!(shown(letters), Cow::Borrowed(same) if same == letters));
    }

    #[test]
    fn the_look_at_the_bytes_misses_no_control() {
        for letter in ('\0'..=char::MAX).filter(|letter| is_control(*letter)) {
            assert_ne!(shown(&letter.to_string()), letter.to_string(), "{letter:?}");
        }
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end_and_no_character_is_cut() {
        for filler in ["x", "你", "\u{1b}", "😀"] {
            let text = format!("cannot read {}: not a number", filler.repeat(900_000));
            for (safe, most) in [(value(&text), VALUE), (line(&text), LINE)] {
                assert!(safe.len() <= most && safe.len() > most - 12, "{} of {most}", safe.len());
                assert!(safe.starts_with("cannot read ") && safe.ends_with(": not a number"), "{safe}");
                assert!(safe.contains(GAP) && !safe.chars().any(is_control), "{safe}");
            }
        }
        assert_eq!(value(&"x".repeat(VALUE)), "x".repeat(VALUE));
    }

    #[test]
    fn json_means_the_same_without_a_control() {
        for control in CONTROLS {
            let value = serde_json::json!({ "text": format!("a{control}\"b\\"), "你": [1, "😀"] });
            let json = serde_json::to_string(&value).expect("a value");
            let safe = in_json(&json);
            assert!(!safe.chars().any(is_control), "{safe}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
        }
        let line = format!("\"{}\"", "\u{9b}".repeat(2000));
        assert_eq!(in_json(&line), format!("\"{}\"", "?".repeat(2000)), "one piece for a pipe");
    }
}
