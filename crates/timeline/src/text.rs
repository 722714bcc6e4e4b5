//! Text in columns, where a Chinese character takes two.

mod breaks;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::foreign::is_control;

pub use breaks::pieces;

/// How many columns a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Padded on the right to `columns`.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// At most `columns` columns: a text that is too long ends in `ellipsis`. A [control](crate::foreign::is_control) is a `?`.
#[must_use]
pub fn shortened(text: &str, columns: usize, ellipsis: char) -> String {
    let text = harmless(text);
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

/// Broken into lines of at most `columns` columns, where a line [may be broken](pieces). What is wider than a line is
/// broken between any two letters. A [control](crate::foreign::is_control) is a `?`.
///
/// ```
/// use timeline::text::wrapped;
///
/// assert_eq!(wrapped("the lock of a queue", 9), ["the lock", "of a", "queue"]);
/// assert_eq!(wrapped("没有锁,就会丢失更新。", 8), ["没有锁,", "就会丢失", "更新。"]);
/// ```
#[must_use]
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let text = harmless(text);
    let (mut lines, mut line, mut taken) = (Vec::new(), String::new(), 0);
    for piece in pieces(&text) {
        let wide = piece.trim_end().width();
        if taken > 0 && taken + wide > columns && wide <= columns {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        for letter in piece.chars() {
            let wide = letter.width().unwrap_or(0);
            if letter != ' ' && taken > 0 && taken + wide > columns {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            line.push(letter);
            taken += wide;
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// In columns a control is one sign: its number would take the room of the name.
fn harmless(text: &str) -> String {
    text.chars().map(|letter| if is_control(letter) { '?' } else { letter }).collect()
}
