//! A run as an image: the timeline with more room. It needs nothing beside it, is light or dark as
//! the reader is, tells states apart by pattern as well as by colour, and has words for everything.

mod bars;
mod crowd;
mod lane;
mod legend;

use std::collections::HashMap;
use std::io::{self, Write};

use journal::Lang;
use unicode_width::UnicodeWidthStr;

use crate::foreign::is_control;
use crate::lanes::axis::{readable, ticks};
use crate::lanes::{Handover, Row, Run, Scene};
use crate::numbers::unit_of;
use crate::text::shortened;
use crate::words;
use legend::Legend;

/// How wide the image is, in its own units, which are pixels unless the image is scaled.
const WIDTH: f64 = 960.0;
/// Around the drawing.
const MARGIN: f64 = 12.0;
/// From one lane to the next.
const LANE: f64 = 22.0;
/// How wide a column of letters is, at least nearly.
const LETTER: f64 = 7.0;
/// More lanes than this are no picture any more.
const MOST_LANES: usize = 400;
/// How many columns of a name are shown.
const NAME_COLUMNS: usize = 24;
/// What begins this close to its neighbour looks like a part of it.
const CLOSE: f64 = 0.4;

/// One scene, and where its rows lie.
struct Panel<'a> {
    scene: &'a Scene,
    /// Each row, where it begins below the first one, and how high it is.
    rows: Vec<(Row, f64, f64)>,
    /// How many lanes there is no row for.
    hidden: usize,
}

impl<'a> Panel<'a> {
    fn of(scene: &'a Scene) -> Self {
        let (rows, hidden) = scene.rows(MOST_LANES);
        let mut below = 0.0;
        let rows = rows.into_iter().map(|row| {
            let (top, height) = (below, if matches!(row, Row::Lane(_)) { LANE } else { crowd::HEIGHT });
            below += height;
            (row, top, height)
        });
        Self { scene, rows: rows.collect(), hidden }
    }

    /// How high all rows are together.
    fn rows_height(&self) -> f64 {
        self.rows.last().map_or(0.0, |(_, top, height)| top + height)
    }

    fn height(&self) -> f64 {
        bars::height(&self.scene.charts) + self.rows_height() + if self.hidden > 0 { LANE } else { 0.0 } + 62.0
    }

    /// The middle of the row of each lane, below the first row; `None` for a lane without a row of its own.
    fn middles(&self) -> Vec<Option<f64>> {
        let mut middles = vec![None; self.scene.lanes.len()];
        for (row, top, height) in &self.rows {
            if let Row::Lane(lane) = row {
                middles[*lane] = Some(top + height / 2.0);
            }
        }
        middles
    }
}

/// Where the lanes of a scene lie.
struct Place {
    left: f64,
    width: f64,
    from: u64,
    length: u64,
}

impl Place {
    fn of(panel: &Panel<'_>, language: Lang) -> Self {
        let scene = panel.scene;
        let wide = |(row, ..): &(Row, f64, f64)| match row {
            Row::Lane(lane) => scene.lanes[*lane].name.width(),
            Row::Crowd(crowd) => {
                words::crowd(crowd, language).width().max(words::at_once(crowd.peak, language).width())
            }
        };
        let columns = panel.rows.iter().map(wide).max().unwrap_or(0).min(NAME_COLUMNS);
        let left = MARGIN + as_float(columns) * LETTER + 10.0;
        Self { left, width: WIDTH - MARGIN - left, from: scene.from, length: (scene.until - scene.from).max(1) }
    }

    #[expect(clippy::cast_precision_loss, reason = "a pixel is far more than a nanosecond")]
    fn x(&self, time: u64) -> f64 {
        self.left + self.width * time.saturating_sub(self.from) as f64 / self.length as f64
    }
}

/// Writes a run as SVG.
///
/// ```
/// let run = timeline::lanes::read_lines(br#"{"t": 0, "pid": 7, "tid": 7, "actor": "<a>", "kind": "scene", "text": "first"}"#);
/// let mut image = Vec::new();
/// timeline::svg::write(&run, &mut image)?;
/// let image = String::from_utf8(image)?;
/// assert!(image.starts_with("<svg ") && image.ends_with("</svg>\n") && image.contains("&lt;a&gt;"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// What `out` refuses.
pub fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let panels: Vec<_> = run.scenes.iter().map(Panel::of).collect();
    let caveats = run.caveats();
    let legend = Legend::of(&panels, run.lang);
    let below = as_float(caveats.len()) * LANE + legend.height_below_first() + 2.0 * MARGIN + 26.0;
    let height = panels.iter().map(Panel::height).sum::<f64>() + below;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}" role="img" aria-labelledby="title desc" lang="{}">"#,
        run.lang.code()
    )?;
    let title = match run.lang {
        Lang::En => format!("Timeline of {}", run.section),
        Lang::Zh => format!("{} 的时间线", run.section),
    };
    writeln!(out, "<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>", text(&title), text(&in_words(run)))?;
    write!(out, "<style>\n{}</style>\n{}", include_str!("svg/style.css"), include_str!("svg/defs.xml"))?;
    writeln!(out, r#"<rect class="ground" width="100%" height="100%"/>"#)?;
    let mut top = MARGIN;
    for panel in &panels {
        draw(run, panel, top, out)?;
        top += panel.height();
    }
    for told in &caveats {
        writeln!(out, r#"<text class="time" x="{MARGIN}" y="{:.1}">{}</text>"#, top + 10.0, text(told))?;
        top += LANE;
    }
    // Even, as the lanes are: a pattern has a new row every four pixels.
    legend.draw(top + 13.0, out)?;
    writeln!(out, "</svg>")
}

/// What the picture shows, for a reader who does not see it.
fn in_words(run: &Run) -> String {
    let mut told = Vec::new();
    for scene in &run.scenes {
        let (lanes, handovers, length) =
            (scene.lanes.len(), scene.handovers.len(), readable(scene.until - scene.from, run.lang));
        told.push(match run.lang {
            Lang::En => {
                let (actors, handovers) = (counted(lanes, "actors"), counted(handovers, "hand-overs"));
                format!("{}: {actors}, {length}, {handovers}.", scene.name)
            }
            Lang::Zh => format!("{}:{lanes} 个角色,{length},{handovers} 次交接。", scene.name),
        });
        told.extend(scene.charts.iter().map(|chart| bars::in_words(chart, run.lang)));
        for lane in &scene.lanes {
            if let Some(death) = lane.death().map(|death| words::death(death, run.lang)) {
                let (name, when) = (&lane.name, readable(lane.ended, run.lang));
                told.push(match run.lang {
                    Lang::En => format!("{name} dies of {death} at {when}."),
                    Lang::Zh => format!("{name} 于 {when} 死亡:{death}。"),
                });
            }
        }
    }
    told.extend(run.caveats());
    told.join(" ")
}

fn draw(run: &Run, panel: &Panel<'_>, top: f64, out: &mut dyn Write) -> io::Result<()> {
    let scene = panel.scene;
    let place = Place::of(panel, run.lang);
    let title = if scene.name.is_empty() { run.section.clone() } else { format!("{}: {}", run.section, scene.name) };
    writeln!(out, r#"<text class="title" x="{MARGIN}" y="{:.1}">{}</text>"#, top + 14.0, text(&title))?;
    bars::draw(&scene.charts, top + 26.0, out)?;
    let first = top + 26.0 + bars::height(&scene.charts);
    let bottom = first + panel.rows_height();
    for (time, label) in ticks(scene.from, scene.until, 8, run.lang) {
        let x = place.x(time);
        writeln!(out, r#"<path class="rule" d="M{x:.1} {first:.1}V{:.1}"/>"#, bottom + 4.0)?;
        let anchor = if x + as_float(label.width()) * LETTER > WIDTH { "end" } else { "start" };
        writeln!(
            out,
            r#"<text class="time" x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{label}</text>"#,
            bottom + 16.0
        )?;
    }
    for (row, below, height) in &panel.rows {
        match row {
            Row::Lane(lane) => {
                let (lane, middle) = (&scene.lanes[*lane], first + below + height / 2.0);
                let name = shortened(&lane.name, NAME_COLUMNS, '…');
                writeln!(out, r#"<text x="{MARGIN}" y="{:.1}">{}</text>"#, middle + 4.0, text(&name))?;
                lane::draw(run.lang, lane, &place, middle, out)?;
            }
            Row::Crowd(crowd) => crowd::draw(run.lang, scene, crowd, &place, first + below, out)?,
        }
    }
    let middles = panel.middles();
    arrows(run.lang, &scene.handovers, &place, |lane| middles[lane].map(|middle| first + middle), out)?;
    if panel.hidden > 0 {
        let told = words::more_lanes(panel.hidden, run.lang);
        writeln!(out, r#"<text class="time" x="{MARGIN}" y="{:.1}">{told}</text>"#, bottom + 36.0)?;
    }
    Ok(())
}

fn arrows(
    language: Lang,
    handovers: &[Handover],
    place: &Place,
    middle_of: impl Fn(usize) -> Option<f64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut last = HashMap::new();
    for handover in handovers {
        let (Some(from), Some(to)) = (middle_of(handover.from), middle_of(handover.to)) else { continue };
        let (left, got) = (place.x(handover.left), place.x(handover.got));
        // Between two other lanes it lies elsewhere.
        let is_drawn = last.get(&(handover.from, handover.to)).is_some_and(|last| got - last < CLOSE);
        if is_drawn {
            continue;
        }
        last.insert((handover.from, handover.to), got);
        writeln!(
            out,
            r#"<path class="handover" marker-end="url(#tip)" d="M{left:.1} {from:.1}L{got:.1} {to:.1}"><title>{}</title></path>"#,
            text(&words::object(&handover.on, language))
        )?;
    }
    Ok(())
}

/// Text as XML has it, on one line and in one direction. Controls are left out: XML cannot have most of them, and
/// the others would show the rest of the line in another order.
pub(crate) fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !is_control(*letter) && !matches!(letter, '\u{fffe}' | '\u{ffff}')) {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            other => safe.push(other),
        }
    }
    safe
}

fn counted(number: usize, things: &str) -> String {
    format!("{number} {}", unit_of(&number.into(), things))
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
fn as_float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
