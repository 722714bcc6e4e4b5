//! A table for a terminal that has no room for the whole of it: cells are wrapped, and where that is not enough,
//! columns are left out, or each row becomes a few lines of its own.

use timeline::text::{width, wrapped};

use super::Column;

/// Between two columns.
const GAP: usize = 2;
/// A column of words is no narrower than this, if its cells are as long.
const NARROW: usize = 16;
/// A column that may be left out is left out rather than narrower than this.
const SPARE: usize = 20;
/// What belongs to a row stands this far to the right of the row's name.
const INDENT: usize = 2;

/// The lines of the table, none of which is wider than `room`.
pub(super) fn lines(head: &[Column<'_>], rows: &[Vec<&str>], room: usize) -> Vec<String> {
    let mut kept: Vec<_> = (0..head.len()).collect();
    loop {
        if let Some(widths) = widths(head, rows, &kept, room) {
            return columns(head, rows, &kept, &widths);
        }
        match kept.iter().rposition(|column| matches!(head[*column], Column::Spare(_))) {
            Some(place) => kept.remove(place),
            None => return cards(head, rows, room),
        };
    }
}

/// How wide each of the kept columns is. `None`: there is no room for them.
fn widths(head: &[Column<'_>], rows: &[Vec<&str>], kept: &[usize], room: usize) -> Option<Vec<usize>> {
    let cells = |column: usize| rows.iter().map(move |row| row[column]).chain([head[column].title()]);
    let widest = |column: &usize| cells(*column).map(width).max().unwrap_or(0);
    let least = |column: &usize| match head[*column] {
        // A number that is broken is another number.
        Column::Right(_) => widest(column),
        Column::Left(_) => widest(column).min(NARROW),
        Column::Spare(_) => widest(column).min(SPARE),
    };
    let wanted: Vec<_> = kept.iter().map(widest).collect();
    let mut widths: Vec<_> = kept.iter().map(least).collect();
    let gaps = GAP * kept.len().saturating_sub(1);
    let left = room.checked_sub(gaps + widths.iter().sum::<usize>())?;
    // The narrowest first: what fits is not wrapped, and what is wrapped has an equal share.
    for _ in 0..left {
        let narrowest = (0..widths.len()).filter(|place| widths[*place] < wanted[*place]);
        let Some(narrowest) = narrowest.min_by_key(|place| widths[*place]) else { break };
        widths[narrowest] += 1;
    }
    Some(widths)
}

fn columns(head: &[Column<'_>], rows: &[Vec<&str>], kept: &[usize], widths: &[usize]) -> Vec<String> {
    let row = |cells: &dyn Fn(usize) -> String| {
        let pieces: Vec<_> = kept.iter().zip(widths).map(|(column, width)| wrapped(&cells(*column), *width)).collect();
        let height = pieces.iter().map(Vec::len).max().unwrap_or(0);
        let line = |number: usize| {
            let cells = pieces.iter().zip(kept).zip(widths).map(|((pieces, column), width)| {
                head[*column].aligned(pieces.get(number).map_or("", String::as_str), *width)
            });
            cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
        };
        (0..height).map(line).collect::<Vec<_>>()
    };
    let mut lines = row(&|column| head[column].title().to_owned());
    let rule: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.push(rule.join(&" ".repeat(GAP)));
    lines.extend(rows.iter().flat_map(|cells| row(&|column| cells[column].to_owned())));
    lines
}

/// Each row below its first cell, a cell a line.
fn cards(head: &[Column<'_>], rows: &[Vec<&str>], room: usize) -> Vec<String> {
    let indent = INDENT.min(room / 8);
    let card = |row: &Vec<&str>| {
        let named = row.iter().zip(head).skip(1).map(|(cell, column)| match column.title() {
            "" => (*cell).to_owned(),
            title => format!("{title}: {cell}"),
        });
        let below = named.flat_map(|cell| wrapped(&cell, room.saturating_sub(indent)));
        let below = below.map(|line| format!("{}{line}", " ".repeat(indent)));
        wrapped(row.first().copied().unwrap_or_default(), room).into_iter().chain(below).collect::<Vec<_>>()
    };
    rows.iter().flat_map(card).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fitted;
    use super::*;

    const ROWS: [[&str; 5]; 3] = [
        [
            "spawn",
            "start() starts a process, run() does not",
            "11 of 11",
            "in the loop 0.648 s; after it 0.334 s",
            "2.74 s",
        ],
        [
            "ticket-mutex",
            "有锁,就没有一张票会卖两次",
            "8 条中 8 条",
            "售出 5 张票; 剩余 0 张票; 无锁超卖 3 张票",
            "12.89 秒",
        ],
        ["cpu-io", "measure before you believe", "6 of 6", "threads speed up computing 2.02 times", "5.85 s"],
    ];

    fn table(room: usize) -> Vec<String> {
        let head = [
            Column::Left("section"),
            Column::Spare("lesson"),
            Column::Left("claims held"),
            Column::Left("measured"),
            Column::Right("time"),
        ];
        fitted(head, &ROWS.map(|row| row.map(str::to_owned)), Some(room))
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_no_figure_is_lost() {
        for room in 2..160 {
            let lines = table(room);
            assert!(lines.iter().all(|line| width(line) <= room), "{room}: {lines:#?}");
            if room < 16 {
                continue; // words are broken
            }
            for row in ROWS {
                assert!(lines.iter().any(|line| line.contains(row[0])), "{room}: {lines:#?}");
                for word in row[3].split_whitespace().filter(|word| word.is_ascii()) {
                    assert!(lines.iter().any(|line| line.contains(word)), "{room}, {word}: {lines:#?}");
                }
            }
        }
    }

    #[test]
    fn with_less_room_cells_are_wrapped_then_the_lesson_is_left_out_then_rows_are_cards() {
        let has_head = |lines: &[String], title: &str| lines[0].split_whitespace().any(|word| word == title);
        assert!(table(150)[0].starts_with("| section "), "all of it: {:#?}", table(150));
        let wrapped = table(100);
        assert!(has_head(&wrapped, "lesson") && has_head(&wrapped, "time"), "{wrapped:#?}");
        let without = table(60);
        assert!(!has_head(&without, "lesson") && has_head(&without, "measured"), "{without:#?}");
        let cards = table(30);
        assert!(cards[0] == "spawn" && cards[1].starts_with("  lesson: "), "{cards:#?}");
    }

    #[test]
    fn a_cell_without_a_title_is_alone_on_its_line() {
        let head = [Column::Left(""), Column::Left(""), Column::Right("wall ms")];
        let rows = [["Rust", "threads", "21.7"].map(str::to_owned)];
        assert_eq!(fitted(head, &rows, Some(16)), ["Rust", "  threads", "  wall ms: 21.7"]);
    }

    #[test]
    fn the_columns_of_a_wrapped_row_stand_below_their_titles() {
        let lines = table(64);
        assert_eq!(
            lines[..4],
            [
                "section       claims held  measured                         time",
                "------------  -----------  ---------------------------  --------",
                "spawn         11 of 11     in the loop 0.648 s; after     2.74 s",
                "                           it 0.334 s",
            ],
            "{lines:#?}"
        );
    }
}
