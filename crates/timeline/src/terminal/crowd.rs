//! A crowd: for each state a row that is as high at each moment as there are lanes in that state.

use super::glyphs::Glyph;
use super::{cut, ellipsis, painted};
use crate::lanes::{Crowd, Scene, State};
use crate::look::Look;
use crate::text::{padded, shortened};
use crate::words;
use journal::Lang;

/// An eighth of a row, two eighths, and so on.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same without them: ninths.
const NINTHS: [char; 9] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// Draws a crowd below a line that says how many it is of. All of its rows have one scale: the highest sign is all lanes
/// of the fullest moment.
pub(super) fn draw(
    language: Lang,
    scene: &Scene,
    crowd: &Crowd,
    (name_columns, columns): (usize, usize),
    look: Look,
    used: &mut Vec<Glyph>,
) -> Vec<String> {
    let (name, most) = (words::crowd(crowd, language), words::at_once(crowd.peak, language));
    let name = if look.ascii { name.replace('×', "x") } else { name };
    let comma = match language {
        Lang::En => ", ",
        Lang::Zh => ",",
    };
    let mut lines = vec![cut(&format!("{name}{comma}{most}"), look)];
    let levels = crowd.levels(scene, columns);
    for state in State::ALL.into_iter().filter(|state| crowd.peaks[*state as usize] > 0) {
        let glyph = Glyph::State(state);
        let label = format!("  {} ≤{}", glyph.letter(look.ascii), crowd.peaks[state as usize]);
        let label = if look.ascii { label.replace('≤', "<=") } else { label };
        let label = padded(&shortened(&label, name_columns, ellipsis(look)), name_columns);
        let row: String = levels.iter().map(|level| sign(level[state as usize], crowd.peak, look)).collect();
        lines.push(format!("{label} {}", painted(look, glyph.style(), &row)).trim_end().to_owned());
        used.push(glyph);
    }
    lines
}

/// What is not nothing shows.
#[expect(clippy::cast_precision_loss, reason = "how many lanes a run has")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the number of signs")]
fn sign(level: f64, peak: usize, look: Look) -> char {
    let signs = if look.ascii { &NINTHS[..] } else { &EIGHTHS[..] };
    // What is left of sums that should be 0.
    if level < 1e-6 {
        return ' ';
    }
    let place = (level / peak.max(1) as f64 * signs.len() as f64).round() as usize;
    signs[place.clamp(1, signs.len()) - 1]
}
