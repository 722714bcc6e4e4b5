//! Figures that compare, as bars: one chart a measure, two charts beside each other.

use std::io::{self, Write};

use journal::Lang;
use unicode_width::UnicodeWidthStr;

use super::{LETTER, MARGIN, WIDTH, as_float, text};
use crate::lanes::Chart;
use crate::numbers::readable;
use crate::text::shortened;

/// From one bar to the next.
const BAR: f64 = 18.0;
/// A chart's own title, and the room below it.
const TITLE: f64 = 34.0;
/// How wide a chart is.
const CHART: f64 = (WIDTH - 4.0 * MARGIN) / 2.0;
/// How many columns of a subject are shown.
const SUBJECT_COLUMNS: usize = 26;
/// How wide the numbers at the end of the bars are.
const NUMBER: f64 = 58.0;

/// How high all charts of a scene are together, with the room below them; 0 where there are none.
pub(super) fn height(charts: &[Chart]) -> f64 {
    rows(charts).map(row_height).sum::<f64>() + if charts.is_empty() { 0.0 } else { BAR }
}

pub(super) fn draw(charts: &[Chart], top: f64, out: &mut dyn Write) -> io::Result<()> {
    let mut top = top;
    for row in rows(charts) {
        for (column, chart) in row.iter().enumerate() {
            let left = MARGIN + as_float(column) * (CHART + 2.0 * MARGIN);
            one(chart, left, top, out)?;
        }
        top += row_height(row);
    }
    Ok(())
}

/// In words: `wall time in ms: serial 800, threads 410`.
pub(super) fn in_words(chart: &Chart, lang: Lang) -> String {
    let bars: Vec<_> =
        chart.bars.iter().map(|(subject, value)| format!("{subject} {}", readable(&(*value).into()))).collect();
    match lang {
        Lang::En => format!("{} in {}: {}.", chart.measure, chart.unit, bars.join(", ")),
        Lang::Zh => format!("{}({}):{}。", chart.measure, chart.unit, bars.join("、")),
    }
}

fn rows(charts: &[Chart]) -> std::slice::Chunks<'_, Chart> {
    charts.chunks(2)
}

fn row_height(row: &[Chart]) -> f64 {
    let most = row.iter().map(|chart| chart.bars.len()).max().unwrap_or(0);
    TITLE + as_float(most) * BAR
}

fn one(chart: &Chart, left: f64, top: f64, out: &mut dyn Write) -> io::Result<()> {
    let title = format!("{} ({})", chart.measure, chart.unit);
    writeln!(out, r#"<text class="measure" x="{left}" y="{:.1}">{}</text>"#, top + 12.0, text(&title))?;
    let longest = chart.bars.iter().map(|(subject, _)| subject.width()).max().unwrap_or(0).min(SUBJECT_COLUMNS);
    let from = left + as_float(longest) * LETTER + 8.0;
    let most = chart.bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    for (row, (subject, value)) in chart.bars.iter().enumerate() {
        let middle = top + 26.0 + as_float(row) * BAR;
        let length = (left + CHART - NUMBER - from) * value.max(0.0) / most;
        let name = shortened(subject, SUBJECT_COLUMNS, '…');
        writeln!(out, r#"<text x="{left}" y="{:.1}">{}</text>"#, middle + 4.0, text(&name))?;
        writeln!(out, r#"<rect class="bar" x="{from:.1}" y="{:.1}" width="{length:.1}" height="12"/>"#, middle - 6.0)?;
        let (x, y) = (from + length + 6.0, middle + 4.0);
        writeln!(out, r#"<text class="time" x="{x:.1}" y="{y:.1}">{}</text>"#, readable(&(*value).into()))?;
    }
    Ok(())
}
