//! Steps of several actors as an image: a column for each actor, a row for each step, and an arrow from what a step saw.
//!
//! The lanes of a [run](crate::lanes) lie along the time that it took. Here there is an order and no time: the execution that
//! a model checker found, step by step.

mod legend;

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::svg::text;
use crate::text::shortened;

/// Around the drawing.
const MARGIN: f64 = 12.0;
/// From one row to the next.
const ROW: f64 = 24.0;
/// How wide a letter is, at most: the font has letters of one width.
const LETTER: f64 = 7.3;
/// Between two columns, for the arrows.
const GAP: f64 = 34.0;
/// More columns of letters are shortened: what a step did, and its line of the source.
const STEP_COLUMNS: usize = 44;
const SOURCE_COLUMNS: usize = 72;
/// From the top to the first row.
const HEAD: f64 = 62.0;

/// What a row has that its line of source does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing.
    Plain,
    /// Something that a reader would not expect: an old value was read.
    Odd,
    /// The actor was killed.
    Death,
    /// It stands for several steps.
    Folded,
}

/// A step of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What a reader calls it: its number.
    pub name: String,
    /// Its actor: an index of [`Sequence::actors`].
    pub actor: usize,
    /// What it did.
    pub text: String,
    /// What is odd about it.
    pub sign: Sign,
    /// The row of another actor whose doing it saw.
    pub saw: Option<usize>,
    /// The row whose doing it did not see, although that was there.
    pub missed: Option<usize>,
    /// The row of an interrupted actor that is out of date since.
    pub outdates: Option<usize>,
    /// Its line of the source.
    pub source: String,
}

/// Steps in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// What happens in it.
    pub title: String,
    /// The actors, a column each.
    pub actors: Vec<String>,
    /// The steps.
    pub rows: Vec<Row>,
}

impl Sequence {
    /// The arrows that end at a row: from which row, and of which class.
    fn arrows(&self, row: &Row) -> impl Iterator<Item = (usize, &'static str)> {
        let arrows = [(row.saw, "saw"), (row.missed, "missed"), (row.outdates, "missed")];
        let rows = self.rows.len();
        arrows.into_iter().filter_map(move |(seen, class)| Some((seen.filter(|seen| *seen < rows)?, class)))
    }
}

/// Where the columns are.
struct Columns {
    /// Of each actor, from where and how wide.
    actors: Vec<(f64, f64)>,
    source: f64,
    width: f64,
}

impl Columns {
    fn of(sequence: &Sequence) -> Self {
        let mut left = MARGIN + 6.0 * LETTER;
        let mut actors = Vec::new();
        for (index, name) in sequence.actors.iter().enumerate() {
            let own = sequence.rows.iter().filter(|row| row.actor == index).map(|row| row.text.width());
            let widest = own.chain([name.width()]).max().unwrap_or(0).min(STEP_COLUMNS);
            let width = letters(widest) + 16.0;
            actors.push((left, width));
            left += width + GAP;
        }
        let sources = sequence.rows.iter().map(|row| row.source.width()).max().unwrap_or(0).min(SOURCE_COLUMNS);
        Self { actors, source: left, width: left + letters(sources) + MARGIN }
    }

    fn of_row(&self, row: &Row) -> (f64, f64) {
        self.actors.get(row.actor).copied().unwrap_or((MARGIN, GAP))
    }
}

/// Writes a sequence as SVG.
///
/// ```
/// use timeline::sequence::{Row, Sequence, Sign, write};
///
/// let row = |name: &str, actor, text: &str, sign, missed| Row {
///     name: name.to_owned(), actor, text: text.to_owned(), sign, saw: None, missed, outdates: None, source: "a.rs:7  …".to_owned(),
/// };
/// let sequence = Sequence {
///     title: "an old message".to_owned(),
///     actors: vec!["writer".to_owned(), "reader".to_owned()],
///     rows: vec![row("1", 0, "store a := 7", Sign::Plain, None), row("2", 1, "load a: 0", Sign::Odd, Some(0))],
/// };
/// let mut image = Vec::new();
/// write(&sequence, &mut image)?;
/// let image = String::from_utf8(image)?;
/// assert!(image.starts_with("<svg ") && image.ends_with("</svg>\n"));
/// assert_eq!(image.matches("class=\"missed\"").count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// What `out` refuses.
pub fn write(sequence: &Sequence, out: &mut dyn Write) -> io::Result<()> {
    let columns = Columns::of(sequence);
    let legend = legend::of(sequence);
    let width = columns.width.max(letters(sequence.title.width()) + 2.0 * MARGIN).max(legend::width(&legend)).ceil();
    let bottom = HEAD + ROW * count(sequence.rows.len());
    let height = (bottom + MARGIN + if legend.is_empty() { 0.0 } else { ROW + MARGIN }).ceil();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title desc">"#
    )?;
    writeln!(out, "<title id=\"title\">{}</title>", text(&sequence.title))?;
    writeln!(out, "<desc id=\"desc\">{}</desc>", text(&in_words(sequence)))?;
    write!(out, "<style>\n{}</style>\n{DEFINITIONS}", include_str!("sequence/style.css"))?;
    writeln!(out, r#"<rect class="ground" width="100%" height="100%"/>"#)?;
    writeln!(out, r#"<text class="title" x="{MARGIN}" y="{:.1}">{}</text>"#, MARGIN + 14.0, text(&sequence.title))?;
    for (name, (left, width)) in sequence.actors.iter().zip(&columns.actors) {
        let middle = left + width / 2.0;
        writeln!(out, r#"<path class="life" d="M{middle:.1} {:.1}V{bottom:.1}"/>"#, HEAD - 8.0)?;
        let name = shortened(name, STEP_COLUMNS, '…');
        writeln!(out, r#"<text class="name" x="{middle:.1}" y="{:.1}">{}</text>"#, HEAD - 14.0, text(&name))?;
    }
    for (index, row) in sequence.rows.iter().enumerate() {
        draw(row, &columns, middle(index), out)?;
    }
    for (index, row) in sequence.rows.iter().enumerate() {
        for (seen, class) in sequence.arrows(row) {
            arrow(&columns, (&sequence.rows[seen], seen), (row, index), class, out)?;
        }
    }
    legend::draw(&legend, bottom + MARGIN + ROW / 2.0, out)?;
    writeln!(out, "</svg>")
}

const DEFINITIONS: &str = r#"<defs>
<marker id="saw-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="saw-tip" d="M0 0L8 4L0 8z"/></marker>
<marker id="missed-tip" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="9" markerHeight="9" orient="auto"><path class="missed-tip" d="M1 1L7 7M7 1L1 7"/></marker>
</defs>
"#;

fn draw(row: &Row, columns: &Columns, middle: f64, out: &mut dyn Write) -> io::Result<()> {
    let (left, width) = columns.of_row(row);
    let class = match row.sign {
        Sign::Plain => "step",
        Sign::Odd => "step odd",
        Sign::Death => "step death",
        Sign::Folded => "step folded",
    };
    let (top, base) = (middle - ROW / 2.0 + 2.0, middle + 4.0);
    writeln!(out, r#"<text class="number" x="{:.1}" y="{base:.1}">{}</text>"#, MARGIN + 4.0 * LETTER, text(&row.name))?;
    writeln!(
        out,
        r#"<rect class="{class}" x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}" rx="3"/>"#,
        ROW - 4.0
    )?;
    if row.sign == Sign::Death {
        let (x, half) = (left + width - 10.0, 5.0);
        let (left, right, top, bottom) = (x - half, x + half, middle - half, middle + half);
        writeln!(
            out,
            r#"<path class="cross" d="M{left:.1} {top:.1}L{right:.1} {bottom:.1}M{right:.1} {top:.1}L{left:.1} {bottom:.1}"/>"#
        )?;
    }
    let told = shortened(&row.text, STEP_COLUMNS, '…');
    writeln!(out, r#"<text x="{:.1}" y="{base:.1}">{}</text>"#, left + 8.0, text(&told))?;
    let source = shortened(&row.source, SOURCE_COLUMNS, '…');
    writeln!(out, r#"<text class="source" x="{:.1}" y="{base:.1}">{}</text>"#, columns.source, text(&source))
}

/// From the side of one row that faces the other to the side of that.
fn arrow(
    columns: &Columns,
    (from, from_row): (&Row, usize),
    (to, to_row): (&Row, usize),
    class: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ((from_left, from_width), (to_left, to_width)) = (columns.of_row(from), columns.of_row(to));
    let (start, end) =
        if from_left < to_left { (from_left + from_width, to_left) } else { (from_left, to_left + to_width) };
    let (start_y, end_y) = (middle(from_row), middle(to_row));
    let bend = (end - start) / 2.0;
    writeln!(
        out,
        r#"<path class="{class}" marker-end="url(#{class}-tip)" d="M{start:.1} {start_y:.1}C{:.1} {start_y:.1} {:.1} {end_y:.1} {end:.1} {end_y:.1}"><title>{} → {}</title></path>"#,
        start + bend,
        end - bend,
        text(&from.name),
        text(&to.name)
    )
}

/// What the picture shows, for a reader who does not see it.
fn in_words(sequence: &Sequence) -> String {
    let told = sequence.rows.iter().map(|row| {
        let actor = sequence.actors.get(row.actor).map_or("", String::as_str);
        format!("{} {actor}: {}.", row.name, row.text)
    });
    told.collect::<Vec<_>>().join(" ")
}

fn middle(row: usize) -> f64 {
    HEAD + ROW * (count(row) + 0.5)
}

fn letters(columns: usize) -> f64 {
    count(columns) * LETTER
}

#[expect(clippy::cast_precision_loss, reason = "rows and columns of a picture")]
fn count(of: usize) -> f64 {
    of as f64
}

#[cfg(test)]
mod tests;
