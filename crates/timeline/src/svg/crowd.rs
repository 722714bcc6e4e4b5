//! A crowd: a band as high as its lanes are many at each moment, in the colours of what they do.

use std::fmt::Write as _;
use std::io::{self, Write};

use journal::Lang;

use super::lane::{Sign, class};
use super::{CLOSE, MARGIN, NAME_COLUMNS, Place, text};
use crate::lanes::{Crowd, Levels, Scene, State};
use crate::text::shortened;
use crate::words;

/// How high the row of a crowd is, and the band when all are there.
pub(super) const HEIGHT: f64 = 74.0;
const BAND: f64 = 56.0;
/// How wide a piece of time is.
const COLUMN: f64 = 2.0;
/// What is lower is drawn as high as this: a reader looks for a held lock and for work, however few do it.
const LEAST: f64 = 1.5;

/// What lies on what in the band, the lowest first: as the bars of lanes, the more others depend on it, the lower.
const STACK: [State; 9] = [
    State::Holding,
    State::HoldingAsleep,
    State::Working,
    State::WorkingAsleep,
    State::Waiting,
    State::Sleeping,
    State::Joining,
    State::Running,
    State::Zombie,
];

/// Draws the row whose upper end is at `top`.
pub(super) fn draw(
    language: Lang,
    scene: &Scene,
    crowd: &Crowd,
    place: &Place,
    top: f64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let bottom = top + HEIGHT - 8.0;
    let name = shortened(&words::crowd(crowd, language), NAME_COLUMNS, '…');
    writeln!(out, r#"<text x="{MARGIN}" y="{:.1}">{}</text>"#, bottom - BAND + 12.0, text(&name))?;
    let most = shortened(&words::at_once(crowd.peak, language), NAME_COLUMNS, '…');
    writeln!(out, r#"<text class="time" x="{MARGIN}" y="{:.1}">{}</text>"#, bottom - BAND + 27.0, text(&most))?;
    let (left, right) = (place.left, place.left + place.width);
    writeln!(
        out,
        r#"<path class="rule" d="M{left:.1} {:.1}H{right:.1}M{left:.1} {bottom:.1}H{right:.1}"/>"#,
        bottom - BAND
    )?;
    band(language, scene, crowd, place, bottom, out)?;
    signs(language, scene, crowd, place, bottom - BAND - 4.0, out)
}

/// One area for each state.
fn band(
    language: Lang,
    scene: &Scene,
    crowd: &Crowd,
    place: &Place,
    bottom: f64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let columns = columns(place);
    let levels = crowd.levels(scene, columns);
    let each = BAND / super::as_float(crowd.peak.max(1));
    let mut floors = vec![0.0; columns];
    for state in STACK.into_iter().filter(|state| crowd.peaks[*state as usize] > 0) {
        let heights: Vec<_> = levels.iter().map(|level| height(level, state, each)).collect();
        let area = area(
            &floors,
            &heights,
            |column| place.left + place.width * super::as_float(column) / super::as_float(columns),
            bottom,
        );
        let told =
            format!("{}: {}", words::state(state, language), words::at_once(crowd.peaks[state as usize], language));
        let class = class(state);
        writeln!(
            out,
            r#"<path class="crowd {class}" d="{area}"><title>{}: {}</title></path>"#,
            text(&crowd.name),
            text(&told)
        )?;
        floors.iter_mut().zip(heights).for_each(|(floor, height)| *floor += height);
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred pixels")]
fn columns(place: &Place) -> usize {
    (place.width / COLUMN) as usize
}

fn height(level: &Levels, state: State, each: f64) -> f64 {
    let level = level[state as usize];
    let is_looked_for = matches!(state, State::Holding | State::HoldingAsleep | State::Working | State::WorkingAsleep);
    // What is left of sums that should be 0.
    match level {
        ..1e-6 => 0.0,
        level if is_looked_for => (level * each).max(LEAST),
        level => level * each,
    }
}

/// The outline of what lies on the floors, piece by piece where there is nothing in between.
fn area(floors: &[f64], heights: &[f64], x: impl Fn(usize) -> f64, bottom: f64) -> String {
    let mut path = String::new();
    let mut from = 0;
    for run in heights.chunk_by(|one, next| (*one > 0.0) == (*next > 0.0)) {
        let until = from + run.len();
        if run[0] > 0.0 {
            let above = |column: usize| bottom - floors[column] - heights[column];
            let below = |column: usize| bottom - floors[column];
            // To a string: cannot fail.
            let _ = write!(path, "M{:.1} {:.1}", x(from), below(from));
            steps(&mut path, from..until, above, |column| x(column + 1));
            steps(&mut path, (from..until).rev(), below, &x);
            path.push('z');
        }
        from = until;
    }
    path
}

/// Goes along the columns at their heights, and writes where the height changes.
fn steps(
    path: &mut String,
    columns: impl Iterator<Item = usize>,
    height: impl Fn(usize) -> f64,
    end: impl Fn(usize) -> f64,
) {
    let mut columns = columns.peekable();
    let mut written = None;
    while let Some(column) = columns.next() {
        let here = format!("{:.1}", height(column));
        if written.as_ref() != Some(&here) {
            let _ = write!(path, "V{here}");
            written = Some(here.clone());
        }
        let goes_on = columns.peek().is_some_and(|next| format!("{:.1}", height(*next)) == here);
        if !goes_on {
            let _ = write!(path, "H{:.1}", end(column));
        }
    }
}

/// Deaths, and what a reader must not miss, above the band.
fn signs(
    language: Lang,
    scene: &Scene,
    crowd: &Crowd,
    place: &Place,
    middle: f64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut found: Vec<(Sign, u64, String)> = Vec::new();
    for lane in crowd.lanes(scene) {
        let grave = lane.marks.iter().filter(|mark| Sign::from(&mark.what).is_grave());
        found.extend(grave.map(|mark| (Sign::from(&mark.what), mark.at, lane.name.clone())));
        let death = lane.death().map(|death| format!("{}: {}", lane.name, words::death(death, language)));
        found.extend(death.map(|told| (Sign::Death, lane.last(), told)));
    }
    found.sort_by_key(|(sign, at, _)| (*sign, *at));
    let mut last: Option<(Sign, f64)> = None;
    for (sign, at, told) in found {
        let x = place.x(at);
        if last.is_some_and(|(before, drawn)| before == sign && x - drawn < CLOSE) {
            continue;
        }
        last = Some((sign, x));
        sign.draw(x, middle, Some(&told), out)?;
    }
    Ok(())
}
