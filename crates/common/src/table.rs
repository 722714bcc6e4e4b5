//! A table that is Markdown, and that people can read on a terminal, too.

mod narrow;

use timeline::foreign::is_control;
use unicode_width::UnicodeWidthStr;

/// One column of a [`markdown`] table: its title, and the side on which its cells are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// For words.
    Left(&'a str),
    /// For words that a narrow terminal leaves out.
    Spare(&'a str),
    /// For numbers: digits of the same weight are below each other.
    Right(&'a str),
}

/// The lines of a [GitHub Flavored Markdown](https://github.github.com/gfm/#tables-extension-) table.
///
/// Each column is as wide as its widest cell, in columns of a terminal: a Chinese character takes
/// two. A title or a cell may be any text: it is [`escaped`].
///
/// ```
/// use common::table::{Column, markdown};
///
/// let rows = [["spawn".to_owned(), "0.61".to_owned()], ["进程".to_owned(), "12.05".to_owned()]];
/// let lines = markdown([Column::Left("section"), Column::Right("s")], &rows);
/// assert_eq!(lines, [
///     "| section |     s |",
///     "| ------- | ----: |",
///     "| spawn   |  0.61 |",
///     "| 进程    | 12.05 |",
/// ]);
/// ```
#[must_use]
pub fn markdown<const COLUMNS: usize>(head: [Column<'_>; COLUMNS], rows: &[[String; COLUMNS]]) -> Vec<String> {
    let titles = head.map(|column| escaped(column.title()));
    let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(|cell| escaped(cell))).collect();
    let mut widths = [NARROWEST; COLUMNS];
    for row in rows.iter().chain([&titles]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let line = |row: &[String; COLUMNS]| {
        let cells = head.iter().zip(row).zip(widths).map(|((column, cell), width)| column.aligned(cell, width));
        joined(cells)
    };
    let rule = joined(head.iter().zip(widths).map(|(column, width)| column.rule(width)));
    let mut lines = vec![line(&titles), rule];
    lines.extend(rows.iter().map(line));
    lines
}

/// The lines of a table in the `room` that a line has, in columns: [`line_room`](crate::terminal::line_room).
///
/// A table that fits, and any table where there is no terminal (`None`), is [`markdown`]. Otherwise cells are wrapped.
/// Where that would leave too little for a word, the last [`Column::Spare`] is left out, then the one before. Where
/// there is no room for columns at all, a row is a few lines, one for each cell.
///
/// ```
/// use common::table::{Column, fitted};
///
/// let rows = [["race".to_owned(), "updates are lost without a lock".to_owned(), "5.85".to_owned()]];
/// let head = [Column::Left("section"), Column::Left("lesson"), Column::Right("s")];
/// assert_eq!(fitted(head, &rows, Some(36)), [
///     "section  lesson                    s",
///     "-------  ---------------------  ----",
///     "race     updates are lost       5.85",
///     "         without a lock",
/// ]);
/// assert_eq!(fitted(head, &rows, None).len(), 3);
/// ```
#[must_use]
pub fn fitted<const COLUMNS: usize>(
    head: [Column<'_>; COLUMNS],
    rows: &[[String; COLUMNS]],
    room: Option<usize>,
) -> Vec<String> {
    let whole = markdown(head, rows);
    match room {
        Some(room) if whole.iter().any(|line| line.width() > room) => {
            let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            narrow::lines(&head, &rows, room)
        }
        _ => whole,
    }
}

/// Text as it can be written into Markdown, on one line.
///
/// A character that would end a cell (`|`) or vanish (`<`, `\`) is escaped, and a
/// [control](crate::foreign::is_control) becomes `?`. Other Markdown keeps its meaning.
///
/// ```
/// assert_eq!(common::table::escaped("Mutex<u64> | *fast*"), r"Mutex\<u64> \| *fast*");
/// ```
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '<' | '\\') {
            line.push('\\');
        }
        line.push(if is_control(letter) { '?' } else { letter });
    }
    line
}

/// Some readers of Markdown take a shorter rule for text.
const NARROWEST: usize = 3;

impl<'a> Column<'a> {
    fn title(self) -> &'a str {
        match self {
            Self::Left(title) | Self::Spare(title) | Self::Right(title) => title,
        }
    }

    fn aligned(self, cell: &str, width: usize) -> String {
        let spaces = " ".repeat(width.saturating_sub(cell.width()));
        match self {
            Self::Left(_) | Self::Spare(_) => format!("{cell}{spaces}"),
            Self::Right(_) => format!("{spaces}{cell}"),
        }
    }

    fn rule(self, width: usize) -> String {
        match self {
            Self::Left(_) | Self::Spare(_) => "-".repeat(width),
            Self::Right(_) => format!("{}:", "-".repeat(width - 1)),
        }
    }
}

fn joined(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<const COLUMNS: usize>(cells: [&str; COLUMNS]) -> [String; COLUMNS] {
        cells.map(str::to_owned)
    }

    #[test]
    fn all_lines_take_the_same_columns_of_a_terminal() {
        let rows = [row(["锁", "5 张票"]), row(["a mutex", "–"]), row(["", "1.5 µs"])];
        let lines = markdown([Column::Left("要点"), Column::Right("measured")], &rows);
        let widths: Vec<_> = lines.iter().map(|line| line.width()).collect();
        assert_eq!(widths, [22; 5], "{lines:#?}");
    }

    #[test]
    fn a_cell_cannot_break_the_table() {
        let lines = markdown([Column::Left("a|b")], &[row(["Mutex<u64>"]), row(["C:\\x\ny"])]);
        assert_eq!(lines, ["| a\\|b        |", "| ----------- |", "| Mutex\\<u64> |", "| C:\\\\x?y     |"]);
    }

    #[test]
    fn a_table_without_rows_has_its_head() {
        assert_eq!(markdown([Column::Left(""), Column::Right("s")], &[]), ["|     |   s |", "| --- | --: |"]);
    }
}
