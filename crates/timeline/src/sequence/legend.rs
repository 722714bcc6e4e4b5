//! What the arrows and the frames of a sequence mean, as far as it has them.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::{MARGIN, Sequence, Sign, letters};

/// How wide the sample of an entry is, and the gap behind its words.
const SAMPLE: f64 = 34.0;
const GAP: f64 = 18.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of an arrow, or of a frame.
    class: &'static str,
    is_arrow: bool,
    words: &'static str,
}

const fn arrow(class: &'static str, words: &'static str) -> Entry {
    Entry { class, is_arrow: true, words }
}

const fn frame(class: &'static str, words: &'static str) -> Entry {
    Entry { class, is_arrow: false, words }
}

pub(super) fn of(sequence: &Sequence) -> Vec<Entry> {
    let has_arrow = |class: &str| sequence.rows.iter().any(|row| sequence.arrows(row).any(|(_, found)| found == class));
    let has = |sign: Sign| sequence.rows.iter().any(|row| row.sign == sign);
    let entries = [
        (has_arrow("saw"), arrow("saw", "sees what the other did")),
        (has_arrow("missed"), arrow("missed", "does not see it")),
        (has(Sign::Odd), frame("step odd", "an unexpected value")),
        (has(Sign::Folded), frame("step folded", "several steps")),
    ];
    entries.into_iter().filter(|(is_there, _)| *is_there).map(|(_, entry)| entry).collect()
}

pub(super) fn width(entries: &[Entry]) -> f64 {
    entries.iter().map(|entry| SAMPLE + letters(entry.words.width()) + GAP).sum::<f64>() + 2.0 * MARGIN
}

/// In a row whose middle is at `middle`.
pub(super) fn draw(entries: &[Entry], middle: f64, out: &mut dyn Write) -> io::Result<()> {
    let mut x = MARGIN;
    for Entry { class, is_arrow, words } in entries {
        if *is_arrow {
            let end = x + SAMPLE - 12.0;
            writeln!(
                out,
                r#"<path class="{class} sample" marker-end="url(#{class}-tip)" d="M{x:.1} {middle:.1}H{end:.1}"/>"#
            )?;
        } else {
            let (top, width) = (middle - 7.0, SAMPLE - 10.0);
            writeln!(
                out,
                r#"<rect class="{class} sample" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="14" rx="3"/>"#
            )?;
        }
        writeln!(out, r#"<text x="{:.1}" y="{:.1}">{words}</text>"#, x + SAMPLE, middle + 4.0)?;
        x += SAMPLE + letters(words.width()) + GAP;
    }
    Ok(())
}
