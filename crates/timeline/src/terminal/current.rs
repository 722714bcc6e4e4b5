//! The last scene of a run that still goes on.

use journal::Lang;

use super::glyphs::{DIM, Glyph};
use super::{LEAST_COLUMNS, cut, legend, painted, panel};
use crate::lanes::{Row, Run, Scene};
use crate::look::Look;

/// While a run goes on, more than these are more than an eye follows.
const MOST_LANES: usize = 12;

/// How many ended lanes of a crowd are drawn at most.
const MOST_ENDED: usize = 3;

/// Draws the last scene of a run that still goes on, as it is so far, in at most `rows` lines: its
/// title, the lanes that tell most now, the time, how many lanes there is no room for, and a legend of what is
/// drawn. Where there is little room, the lanes come before the legend. Nothing if that is no room for a lane.
#[must_use]
pub fn draw_current(run: &Run, look: Look, rows: usize) -> Vec<String> {
    let Some(scene) = run.scenes.last().filter(|_| look.columns >= LEAST_COLUMNS) else { return Vec::new() };
    let most = scene.lanes.len().min(MOST_LANES);
    // Two lanes are worth more than their legend.
    let whole = (2.min(most)..=most).rev().map(|room| whole(run, scene, look, room));
    let fits = |lines: &Vec<String>| lines.len() <= rows;
    whole.into_iter().find(fits).unwrap_or_else(|| lanes(run, scene, look, rows.saturating_sub(2).min(most)).lines)
}

/// Lanes, which they are, and what is drawn in them.
struct Lanes {
    lines: Vec<String>,
    chosen: Vec<usize>,
    used: Vec<Glyph>,
}

/// The title, at most `room` lanes, the time; nothing where there is no room.
fn lanes(run: &Run, scene: &Scene, look: Look, room: usize) -> Lanes {
    let mut drawn = Lanes { lines: Vec::new(), chosen: scene.current(room, MOST_ENDED), used: Vec::new() };
    if room > 0 {
        let rows = drawn.chosen.iter().map(|lane| Row::Lane(*lane)).collect();
        panel(run.lang, scene, (rows, 0), look, &mut drawn.lines, &mut drawn.used);
        // The death of an actor whose row has no room for it is shown after the run.
        drawn.lines.truncate(drawn.chosen.len() + 2);
    }
    drawn
}

/// The same, how many lanes are not drawn, and the legend.
fn whole(run: &Run, scene: &Scene, look: Look, room: usize) -> Vec<String> {
    let Lanes { mut lines, chosen, used } = lanes(run, scene, look, room);
    let hidden = (0..scene.lanes.len()).filter(|lane| !chosen.contains(lane));
    let (ended, live): (Vec<_>, Vec<_>) = hidden.partition(|lane| scene.lanes[*lane].exit.is_some());
    if !(ended.is_empty() && live.is_empty()) {
        let told = match run.lang {
            Lang::En => format!("not drawn: {} that live, {} that have ended", live.len(), ended.len()),
            Lang::Zh => format!("没有画出:{} 个还在,{} 个已结束", live.len(), ended.len()),
        };
        lines.push(painted(look, DIM, &cut(&told, look)));
    }
    legend(run.lang, look, &used, &mut lines);
    lines
}
