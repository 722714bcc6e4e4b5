//! A run as swimlanes in the terminal: one lane an actor, time from left to right.
//!
//! Every state has a glyph as well as a colour: a picture without colours, or of ASCII
//! letters alone, says as much.

mod cells;
mod crowd;
mod current;
mod glyphs;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::lanes::axis::{readable, ticks};
use crate::lanes::{Row, Run, Scene};
use crate::look::Look;
use crate::text::{padded, shortened, wrapped};
use crate::words;
use cells::Cell;
use glyphs::{BOLD, DIM, Glyph};
use journal::Lang;

pub use current::draw_current;

/// More lanes than this are more than a person reads.
const MOST_LANES: usize = 40;
/// How many columns a time and the gap after it take at least.
const TICK_COLUMNS: usize = 12;
/// No picture is narrower: a terminal that is breaks the lines.
const LEAST_COLUMNS: usize = 16;
/// How wide the label of a row of a crowd is: its sign, and a number of three digits.
const CROWD_LABEL: usize = 8;
/// More deaths than this are not said one by one.
const MOST_DEATHS: usize = 12;

/// Draws a run, one panel a scene, and a legend of what occurs.
///
/// ```
/// use timeline::{Look, draw};
///
/// let journal = br#"{"t": 0, "pid": 7, "tid": 7, "actor": "main", "kind": "scene", "text": "first"}
/// {"t": 4000000, "pid": 7, "tid": 7, "actor": "main", "kind": "pause", "ns": 6000000}
/// {"t": 10000000, "pid": 7, "tid": 7, "actor": "main", "kind": "claim", "text": "ten"}"#;
/// let run = timeline::lanes::read_lines(journal);
/// let lines = draw(&run, Look { columns: 25, colour: false, ascii: true });
/// assert_eq!(lines[1], "main [-------............");
/// ```
#[must_use]
pub fn draw(run: &Run, look: Look) -> Vec<String> {
    let look = Look { columns: look.columns.max(LEAST_COLUMNS), ..look };
    let mut lines = Vec::new();
    let mut used = Vec::new();
    for scene in &run.scenes {
        panel(run.lang, scene, scene.rows(MOST_LANES), look, &mut lines, &mut used);
    }
    legend(run.lang, look, &used, &mut lines);
    lines.extend(run.caveats().iter().flat_map(|told| wrapped(told, look.columns)));
    if look.ascii {
        // The one unit that has another letter.
        for line in &mut lines {
            *line = line.replace("µs", "us");
        }
    }
    lines
}

fn panel(
    language: Lang,
    scene: &Scene,
    (rows, hidden): (Vec<Row>, usize),
    look: Look,
    lines: &mut Vec<String>,
    used: &mut Vec<Glyph>,
) {
    let wide = |row: &Row| match row {
        Row::Lane(lane) => scene.lanes[*lane].name.width(),
        Row::Crowd(_) => CROWD_LABEL,
    };
    let longest = rows.iter().map(wide).max().unwrap_or(0);
    let name_columns = longest.min((look.columns / 4).clamp(6, 24));
    let columns = look.columns - name_columns - 1;

    let rule = if look.ascii { "--" } else { "──" };
    let a_column = readable((scene.until - scene.from) / columns as u64, language);
    let title = match language {
        Lang::En => format!("{rule} timeline {}: {a_column} a column", scene.name),
        Lang::Zh => format!("{rule} 时间线 {}:每列 {a_column}", scene.name),
    };
    lines.push(painted(look, BOLD, &cut(&title, look)));

    let mut untold = Vec::new();
    for row in rows {
        let index = match row {
            Row::Lane(index) => index,
            Row::Crowd(crowd) => {
                lines.extend(crowd::draw(language, scene, &crowd, (name_columns, columns), look, used));
                untold.extend(crowd.lanes(scene).filter(|lane| lane.death().is_some()));
                continue;
            }
        };
        let lane = &scene.lanes[index];
        let got = scene.handovers.iter().filter(|handover| handover.to == index).map(|handover| handover.got);
        let mut row = cells::row(lane, got, scene.from..=scene.until, columns);
        if lane.death().is_some_and(|death| !cells::label_end(&mut row, &words::death(death, language))) {
            untold.push(lane);
        }
        used.extend(row.iter().copied().filter_map(Cell::glyph));
        let name = padded(&shortened(&lane.name, name_columns, ellipsis(look)), name_columns);
        lines.push(format!("{name} {}", drawn(&row, look)).trim_end().to_owned());
    }
    lines.push(axis(language, scene, name_columns + 1, columns, look));
    let more = untold.len().saturating_sub(MOST_DEATHS);
    for lane in untold.into_iter().take(MOST_DEATHS) {
        let (glyph, how) = (Glyph::Death.letter(look.ascii), words::death(lane.death().unwrap_or_default(), language));
        lines.push(cut(&format!("{glyph} {}: {how}, {}", lane.name, readable(lane.ended, language)), look));
    }
    if more > 0 {
        let told = match language {
            Lang::En => format!("and more that died: {more}"),
            Lang::Zh => format!("另外还有 {more} 个死亡"),
        };
        lines.push(painted(look, DIM, &cut(&told, look)));
    }
    if hidden > 0 {
        let told = words::more_lanes(hidden, language);
        lines.extend(wrapped(&told, look.columns).iter().map(|line| painted(look, DIM, line)));
    }
}

/// The time below the lanes: a tick at its own column, its label behind it.
fn axis(language: Lang, scene: &Scene, margin: usize, columns: usize, look: Look) -> String {
    let tick = if look.ascii { '|' } else { '╵' };
    let mut line = String::new();
    for (time, label) in ticks(scene.from, scene.until, columns / TICK_COLUMNS, language) {
        let column = cells::column(time, &(scene.from..=scene.until), columns);
        let (used, label) = (line.width(), format!("{tick}{label}"));
        let is_first_or_apart = used == 0 || used < column;
        if is_first_or_apart && column + label.width() <= columns {
            line.push_str(&" ".repeat(column.saturating_sub(used)));
            line.push_str(&label);
        }
    }
    if line.is_empty() {
        // No round time lies in it, or none has room: then its end.
        let label = shortened(&format!("{}{tick}", readable(scene.until, language)), columns, ellipsis(look));
        line = format!("{}{label}", " ".repeat(columns - label.width()));
    }
    painted(look, DIM, &format!("{}{line}", " ".repeat(margin)))
}

/// Glyphs with their meaning, as many a line as fit.
fn legend(lang: Lang, look: Look, used: &[Glyph], lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut taken = 0;
    for glyph in Glyph::all().filter(|glyph| used.contains(glyph)) {
        let letter = glyph.letter(look.ascii);
        let words = shortened(glyph.words(lang), look.columns - 2, ellipsis(look));
        let width = 2 + words.width();
        let gap = if taken == 0 { 0 } else { 2 };
        if taken > 0 && taken + gap + width > look.columns {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        let gap = if taken == 0 { 0 } else { 2 };
        line.push_str(&" ".repeat(gap));
        line.push_str(&painted(look, glyph.style(), letter.encode_utf8(&mut [0; 4])));
        line.push(' ');
        line.push_str(&words);
        taken += gap + width;
    }
    if taken > 0 {
        lines.push(line);
    }
}

/// Neighbours of one style share their escape sequences.
fn drawn(row: &[Cell], look: Look) -> String {
    let alike = row.chunk_by(|a, b| a.style() == b.style());
    let piece = |cells: &[Cell]| {
        let letters: String = cells.iter().map(|cell| cell.letter(look.ascii)).collect();
        painted(look, cells[0].style(), &letters)
    };
    alike.map(piece).collect()
}

fn painted(look: Look, style: Style, text: &str) -> String {
    if look.colour && style != Style::new() && !text.trim().is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

fn cut(text: &str, look: Look) -> String {
    shortened(text, look.columns, ellipsis(look))
}

fn ellipsis(look: Look) -> char {
    if look.ascii { '~' } else { '…' }
}

#[cfg(test)]
mod tests;
