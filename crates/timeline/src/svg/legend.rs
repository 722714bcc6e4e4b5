//! What is drawn, with its words: every state, then every sign, in as many rows as they need.

use std::collections::BTreeSet;
use std::io::{self, Write};

use journal::Lang;
use unicode_width::UnicodeWidthStr;

use super::lane::{self, Sign};
use super::{LANE, LETTER, MARGIN, Panel, WIDTH, as_float};
use crate::lanes::{Handover, Row, State};
use crate::words;

/// Between an entry and the next one.
const GAP: f64 = 16.0;

/// Where each entry of a picture's legend is.
pub(super) struct Legend {
    lang: Lang,
    /// An entry, the left end of its sign, and its row.
    entries: Vec<(Entry, f64, usize)>,
}

#[derive(Clone, Copy)]
enum Entry {
    State(State),
    Sign(Sign),
}

impl Entry {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::State(state) => words::state(state, lang),
            Self::Sign(sign) => sign.words(lang),
        }
    }

    /// From its left end to its words.
    fn indent(self) -> f64 {
        match self {
            Self::State(_) => 28.0,
            Self::Sign(_) => 20.0,
        }
    }
}

impl Legend {
    /// The legend of what these panels show.
    pub(super) fn of(panels: &[Panel<'_>], lang: Lang) -> Self {
        let (mut states, mut signs, mut arrows) = ([false; State::ALL.len()], BTreeSet::new(), false);
        for panel in panels {
            for (row, ..) in &panel.rows {
                match row {
                    Row::Lane(index) => {
                        let drawn = &panel.scene.lanes[*index];
                        drawn.states().iter().for_each(|(_, state)| states[*state as usize] = true);
                        signs.extend(Sign::of(drawn));
                    }
                    Row::Crowd(crowd) => {
                        states.iter_mut().zip(crowd.peaks).for_each(|(drawn, peak)| *drawn |= peak > 0);
                        signs.extend(crowd.lanes(panel.scene).flat_map(Sign::of).filter(|sign| sign.is_grave()));
                    }
                }
            }
            let middles = panel.middles();
            let is_drawn =
                |handover: &Handover| [handover.from, handover.to].iter().all(|lane| middles[*lane].is_some());
            arrows |= panel.scene.handovers.iter().any(is_drawn);
        }
        let states = State::ALL.into_iter().filter(|state| states[*state as usize]).map(Entry::State);
        let signs = signs.into_iter().chain(arrows.then_some(Sign::Handover)).map(Entry::Sign);
        let (mut x, mut row) = (MARGIN, 0);
        let placed = states.chain(signs).map(|entry| {
            let width = entry.indent() + as_float(entry.words(lang).width()) * LETTER;
            if x + width > WIDTH - MARGIN && x > MARGIN {
                (x, row) = (MARGIN, row + 1);
            }
            let place = (entry, x, row);
            x += width + GAP;
            place
        });
        Self { lang, entries: placed.collect() }
    }

    /// How much room it takes below its first row.
    pub(super) fn height_below_first(&self) -> f64 {
        self.entries.last().map_or(0.0, |(_, _, row)| as_float(*row) * LANE)
    }

    /// Draws it, with the middle of its first row at `middle`.
    pub(super) fn draw(&self, middle: f64, out: &mut dyn Write) -> io::Result<()> {
        for (entry, x, row) in &self.entries {
            let middle = middle + as_float(*row) * LANE;
            match entry {
                Entry::State(state) => lane::bar(*state, *x, x + 22.0, middle, None, out)?,
                Entry::Sign(sign) => sign.draw(x + 8.0, middle, None, out)?,
            }
            let (words, left) = (entry.words(self.lang), x + entry.indent());
            writeln!(out, r#"<text x="{left:.1}" y="{:.1}">{words}</text>"#, middle + 4.0)?;
        }
        Ok(())
    }
}
