//! A run as an image: the timeline with more room. It needs nothing beside it, is light or dark as
//! the reader is, tells states apart by pattern as well as by colour, and has words for everything.

mod bars;
mod lane;
mod legend;

use std::io::{self, Write};

use journal::Lang;
use unicode_width::UnicodeWidthStr;

use crate::foreign::is_control;
use crate::lanes::axis::{readable, ticks};
use crate::lanes::{Handover, Run, Scene};
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

/// Where the lanes of a scene lie.
struct Place {
    left: f64,
    width: f64,
    from: u64,
    length: u64,
}

impl Place {
    fn of(scene: &Scene, chosen: &[usize]) -> Self {
        let columns = chosen.iter().map(|lane| scene.lanes[*lane].name.width()).max().unwrap_or(0).min(NAME_COLUMNS);
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
    let panels: Vec<_> = run.scenes.iter().map(|scene| (scene, scene.most_telling(MOST_LANES))).collect();
    let height_of = |(scene, (chosen, hidden)): &(&Scene, (Vec<usize>, usize))| {
        if !scene.charts.is_empty() {
            return bars::height(&scene.charts) + 40.0;
        }
        let rows = chosen.len() + usize::from(*hidden > 0);
        as_float(rows) * LANE + 62.0
    };
    let caveats = run.caveats();
    let legend = Legend::of(run);
    let below = as_float(caveats.len()) * LANE + legend.height_below_first() + 2.0 * MARGIN + 26.0;
    let height = panels.iter().map(height_of).sum::<f64>() + below;
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
        let (scene, (chosen, hidden)) = panel;
        draw(run, scene, chosen, *hidden, top, out)?;
        top += height_of(panel);
    }
    for told in &caveats {
        writeln!(out, r#"<text class="time" x="{MARGIN}" y="{:.1}">{}</text>"#, top + 10.0, text(told))?;
        top += LANE;
    }
    legend.draw(top + 12.0, out)?;
    writeln!(out, "</svg>")
}

/// What the picture shows, for a reader who does not see it.
fn in_words(run: &Run) -> String {
    let mut told = Vec::new();
    for scene in &run.scenes {
        let (lanes, handovers, length) =
            (scene.lanes.len(), scene.handovers.len(), readable(scene.until - scene.from, run.lang));
        told.push(match run.lang {
            Lang::En => format!("{}: {lanes} actors, {length}, {handovers} hand-overs.", scene.name),
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

fn draw(run: &Run, scene: &Scene, chosen: &[usize], hidden: usize, top: f64, out: &mut dyn Write) -> io::Result<()> {
    let place = Place::of(scene, chosen);
    let title = if scene.name.is_empty() { run.section.clone() } else { format!("{}: {}", run.section, scene.name) };
    writeln!(out, r#"<text class="title" x="{MARGIN}" y="{:.1}">{}</text>"#, top + 14.0, text(&title))?;
    let first = top + 26.0;
    if !scene.charts.is_empty() {
        return bars::draw(&scene.charts, first, out);
    }
    let bottom = first + as_float(chosen.len()) * LANE;
    for (time, label) in ticks(scene.from, scene.until, 8, run.lang) {
        let x = place.x(time);
        writeln!(out, r#"<path class="rule" d="M{x:.1} {first:.1}V{:.1}"/>"#, bottom + 4.0)?;
        let anchor = if x + 40.0 > WIDTH { "end" } else { "start" };
        writeln!(
            out,
            r#"<text class="time" x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{label}</text>"#,
            bottom + 16.0
        )?;
    }
    for (row, index) in chosen.iter().enumerate() {
        let lane = &scene.lanes[*index];
        let middle = first + (as_float(row) + 0.5) * LANE;
        let name = shortened(&lane.name, NAME_COLUMNS, '…');
        writeln!(out, r#"<text x="{MARGIN}" y="{:.1}">{}</text>"#, middle + 4.0, text(&name))?;
        lane::draw(run.lang, lane, &place, middle, out)?;
    }
    let middle_of = |lane: usize| {
        let row = chosen.iter().position(|index| *index == lane);
        row.map(|row| first + (as_float(row) + 0.5) * LANE)
    };
    arrows(run.lang, &scene.handovers, &place, middle_of, out)?;
    if hidden > 0 {
        let told = match run.lang {
            Lang::En => format!("{hidden} more lanes are not shown; --trace FILE has all"),
            Lang::Zh => format!("另有 {hidden} 条泳道没有画出;--trace 文件 里有全部"),
        };
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
    let mut last = f64::NEG_INFINITY;
    for handover in handovers {
        let (Some(from), Some(to)) = (middle_of(handover.from), middle_of(handover.to)) else { continue };
        let (left, got) = (place.x(handover.left), place.x(handover.got));
        if got - last < CLOSE {
            continue;
        }
        last = got;
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

#[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
fn as_float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
