//! A distribution as bars in the terminal: a figure whose value is `[[up to, how many], ...]`.
//!
//! A row is one step: up to which value, a bar as long as its share of the longest, how many, and
//! how many percent of all are in this row and those above it, which is the percentile that the
//! step's value is. Most of a distribution is in few rows, and what one looks for is in the others:
//! so every row that is not empty shows, however short its bar.
//!
//! ```
//! use timeline::bars::{draw, rows_of};
//! use timeline::Look;
//!
//! let rows = rows_of(&serde_json::json!([[10, 6], [12, 0], [15, 2]])).expect("a distribution");
//! let lines = draw(&rows, Look { columns: 36, colour: false, ascii: true });
//! assert_eq!(lines[0], "    <= 10 ################## 6  75 %");
//! assert_eq!(lines[2], "    <= 15 ######             2 100 %");
//! ```

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::look::Look;

const BAR: Style = AnsiColor::Cyan.on_default();
/// No bar is longer: what the eye compares is near its neighbour.
const MOST_BAR: usize = 50;
/// Below this, the bar gets the room of the numbers.
const LEAST_BAR: usize = 8;
/// What stands before a row.
const MARGIN: &str = "    ";
/// An eighth of a column, two eighths, and so on.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// One step of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Up to which value, above that of the row before.
    pub up_to: f64,
    /// How many there are.
    pub count: u64,
}

/// The rows of a figure that is a distribution; `None` if it is something else.
#[must_use]
pub fn rows_of(value: &Value) -> Option<Vec<Row>> {
    let row = |row: &Value| match row.as_array()?.as_slice() {
        [up_to, count] => Some(Row { up_to: up_to.as_f64()?, count: count.as_u64()? }),
        _ => None,
    };
    value.as_array()?.iter().map(row).collect()
}

/// Draws a distribution, a line a row, none longer than the look has columns (but where not even a
/// short bar fits).
#[must_use]
pub fn draw(rows: &[Row], look: Look) -> Vec<String> {
    let sign = if look.ascii { "<=" } else { "≤" };
    let labels: Vec<_> = rows.iter().map(|row| row.up_to.to_string()).collect();
    let label_columns = longest(&labels);
    let counts: Vec<_> = rows.iter().map(|row| row.count.to_string()).collect();
    let shares = shares(rows);
    let (count_columns, share_columns) = (longest(&counts), longest(&shares));

    let room = look.columns.saturating_sub(MARGIN.len() + sign.chars().count() + 1 + label_columns + 1);
    let with_all = room.saturating_sub(count_columns + share_columns + 2);
    let with_count = room.saturating_sub(count_columns + 1);
    let (bar_columns, shows_share, shows_count) = match (with_all, with_count) {
        (LEAST_BAR.., _) => (with_all, true, true),
        (_, LEAST_BAR..) => (with_count, false, true),
        _ => (room.max(1), false, false),
    };
    let bar_columns = bar_columns.min(MOST_BAR);
    let most = rows.iter().map(|row| row.count).max().unwrap_or(0).max(1);
    let lines = rows.iter().zip(labels).zip(counts.iter().zip(&shares)).map(|((row, label), (count, share))| {
        let bar = bar(row.count, most, bar_columns, look.ascii);
        let gap = " ".repeat(bar_columns - bar.chars().count());
        let bar = if look.colour && !bar.is_empty() { format!("{BAR}{bar}{BAR:#}") } else { bar };
        let count = if shows_count { format!(" {count:>count_columns$}") } else { String::new() };
        let share = if shows_share { format!(" {share:>share_columns$}") } else { String::new() };
        format!("{MARGIN}{sign} {label:>label_columns$} {bar}{gap}{count}{share}").trim_end().to_owned()
    });
    lines.collect()
}

/// A bar in eighths of a column, where the terminal has them. What is not nothing shows.
fn bar(count: u64, most: u64, columns: usize, ascii: bool) -> String {
    let pieces = if ascii { 1 } else { EIGHTHS.len() };
    let whole = u128::from(most);
    let rounded = (u128::from(count) * (columns * pieces) as u128 + whole / 2) / whole;
    let taken = usize::try_from(rounded).unwrap_or(0).max(usize::from(count > 0));
    if ascii {
        return "#".repeat(taken);
    }
    let mut bar = EIGHTHS[7].to_string().repeat(taken / 8);
    bar.extend((!taken.is_multiple_of(8)).then(|| EIGHTHS[taken % 8 - 1]));
    bar
}

/// How many percent are in each row and those before it: with enough digits that no row but the last
/// one that is not empty says 100.
fn shares(rows: &[Row]) -> Vec<String> {
    let all: u128 = rows.iter().map(|row| u128::from(row.count)).sum();
    let mut so_far = 0;
    let share = |row: &Row| {
        so_far += u128::from(row.count);
        let thousandths = (so_far * 100_000).checked_div(all).unwrap_or(0);
        let digits = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
    };
    rows.iter().map(share).collect()
}

fn longest(texts: &[String]) -> usize {
    texts.iter().map(String::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn rows() -> Vec<Row> {
        rows_of(&json!([[330, 120_000], [470.5, 60_000], [680, 0], [1000, 1]])).expect("a distribution")
    }

    #[test]
    fn every_row_that_is_not_empty_shows_and_only_the_last_one_is_all() {
        let lines = draw(&rows(), Look { columns: 50, colour: false, ascii: false });
        assert_eq!(lines[0], "    ≤   330 ██████████████████████ 120000 66.666 %");
        assert_eq!(lines[1], format!("    ≤ 470.5 {}{}  60000 99.999 %", "█".repeat(11), " ".repeat(11)));
        assert_eq!(lines[2], format!("    ≤   680 {}      0 99.999 %", " ".repeat(22)));
        assert_eq!(lines[3], format!("    ≤  1000 ▏{}      1    100 %", " ".repeat(21)));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_what_matters_least_goes_first() {
        for columns in 20..200 {
            for ascii in [false, true] {
                let lines = draw(&rows(), Look { columns, colour: false, ascii });
                assert!(lines.iter().all(|line| line.width() <= columns), "{columns}: {lines:#?}");
            }
        }
        let narrow = draw(&rows(), Look { columns: 30, colour: false, ascii: true });
        assert_eq!(narrow[0], "    <=   330 ########## 120000");
        let narrower = draw(&rows(), Look { columns: 24, colour: false, ascii: true });
        assert_eq!(narrower[0], "    <=   330 ###########");
    }

    #[test]
    fn a_dumb_terminal_gets_ascii_and_colour_is_escape_sequences_around_the_same_signs() {
        let plain = draw(&rows(), Look { columns: 60, colour: false, ascii: true });
        assert!(plain.iter().all(|line| line.is_ascii()), "{plain:#?}");
        let coloured = draw(&rows(), Look { columns: 60, colour: true, ascii: true });
        let stripped = |line: &String| line.replace("\u{1b}[36m", "").replace("\u{1b}[0m", "");
        assert_eq!(coloured.iter().map(stripped).collect::<Vec<_>>(), plain);
    }

    #[test]
    fn other_figures_are_no_distribution() {
        for value in [json!(5), json!("text"), json!([1, 2]), json!([[1, 2, 3]]), json!([["a", 1]])] {
            assert_eq!(rows_of(&value), None, "{value}");
        }
    }
}
