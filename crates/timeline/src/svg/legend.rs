//! What is drawn, with its words: every state, then every sign, in as many rows as they need.

use std::collections::BTreeSet;
use std::io::{self, Write};

use journal::Lang;
use unicode_width::UnicodeWidthStr;

use super::lane::{self, Sign};
use super::{LANE, LETTER, MARGIN, WIDTH, as_float};
use crate::lanes::{Lane, Run, State};
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
    /// The legend of what a run's picture shows.
    pub(super) fn of(run: &Run) -> Self {
        let lanes = || run.scenes.iter().filter(|scene| scene.charts.is_empty()).flat_map(|scene| &scene.lanes);
        let is_drawn = |state: &State| lanes().flat_map(Lane::states).any(|(_, drawn)| drawn == *state);
        let signs: BTreeSet<_> = lanes().flat_map(Sign::of).collect();
        let arrows = run.scenes.iter().any(|scene| scene.charts.is_empty() && !scene.handovers.is_empty());
        let states = State::ALL.into_iter().filter(is_drawn).map(Entry::State);
        let signs = signs.into_iter().chain(arrows.then_some(Sign::Handover)).map(Entry::Sign);
        let (mut x, mut row) = (MARGIN, 0);
        let placed = states.chain(signs).map(|entry| {
            let width = entry.indent() + as_float(entry.words(run.lang).width()) * LETTER;
            if x + width > WIDTH - MARGIN && x > MARGIN {
                (x, row) = (MARGIN, row + 1);
            }
            let place = (entry, x, row);
            x += width + GAP;
            place
        });
        Self { lang: run.lang, entries: placed.collect() }
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
