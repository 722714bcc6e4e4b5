//! Text in columns, where a Chinese character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::foreign::is_control;

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

/// Broken into lines of at most `columns` columns, at spaces where there are any: Chinese has none. A
/// [control](crate::foreign::is_control) is a `?`.
#[must_use]
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in harmless(text).split_inclusive(' ') {
        let taken = lines.last().map_or(0, |line| line.width());
        if taken > 0 && taken + word.trim_end().width() > columns && word.trim_end().width() <= columns {
            lines.push(String::new());
        }
        for letter in word.chars() {
            let taken = lines.last().map_or(0, |line| line.width());
            if letter != ' ' && taken + letter.width().unwrap_or(0) > columns {
                lines.push(String::new());
            }
            lines.last_mut().into_iter().for_each(|line| line.push(letter));
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// In columns a control is one sign: its number would take the room of the name.
fn harmless(text: &str) -> String {
    text.chars().map(|letter| if is_control(letter) { '?' } else { letter }).collect()
}
