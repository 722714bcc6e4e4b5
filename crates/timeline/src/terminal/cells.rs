//! One lane as a row of cells, each a piece of time.

use std::ops::RangeInclusive;

use anstyle::Style;

use super::glyphs::Glyph;
use crate::lanes::{Lane, State};

/// One column of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Before the birth, after the end.
    Empty,
    Drawn(Glyph),
    /// A letter of how an actor died.
    Letter(char),
}

impl Cell {
    pub(super) fn glyph(self) -> Option<Glyph> {
        match self {
            Self::Drawn(glyph) => Some(glyph),
            Self::Empty | Self::Letter(_) => None,
        }
    }

    pub(super) fn letter(self, ascii: bool) -> char {
        match self {
            Self::Empty => ' ',
            Self::Drawn(glyph) => glyph.letter(ascii),
            Self::Letter(letter) => letter,
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Empty => Style::new(),
            Self::Drawn(glyph) => glyph.style(),
            Self::Letter(_) => Glyph::Death.style(),
        }
    }
}

/// In which of `columns` a time lies.
pub(super) fn column(time: u64, scene: &RangeInclusive<u64>, columns: usize) -> usize {
    let (from, until) = (*scene.start(), *scene.end());
    let length = u128::from((until - from).max(1));
    let since = u128::from(time.clamp(from, until) - from);
    usize::try_from(since * columns as u128 / length).unwrap_or(columns).min(columns - 1)
}

/// A lane from the beginning of its scene to its end. A cell shows the state that takes most of its
/// time; a mark is drawn over it, because it is what a reader looks for.
pub(super) fn row(
    lane: &Lane,
    got: impl Iterator<Item = u64>,
    scene: RangeInclusive<u64>,
    columns: usize,
) -> Vec<Cell> {
    let mut row = states(lane, &scene, columns);
    let mut marks: Vec<(Glyph, u64)> = lane.marks.iter().map(|mark| (Glyph::of(&mark.what), mark.at)).collect();
    marks.push((Glyph::Birth, lane.born));
    marks.extend(got.map(|time| (Glyph::Handover, time)));
    let end = if lane.death().is_some() { Glyph::Death } else { Glyph::End };
    marks.extend((lane.exit.is_some() || lane.exits.is_some()).then(|| (end, lane.last())));
    for glyph in Glyph::all() {
        for (_, time) in marks.iter().filter(|(mark, _)| *mark == glyph) {
            let cell = &mut row[column(*time, &scene, columns)];
            // What an actor does tells more than that it speaks.
            let is_free = matches!(cell, Cell::Empty | Cell::Drawn(Glyph::State(State::Running | State::Sleeping)));
            if glyph != Glyph::Said || is_free {
                *cell = Cell::Drawn(glyph);
            }
        }
    }
    row
}

fn states(lane: &Lane, scene: &RangeInclusive<u64>, columns: usize) -> Vec<Cell> {
    let mut shares = vec![[0_u64; State::ALL.len()]; columns];
    let begins = |column: usize| {
        let length = u128::from((scene.end() - scene.start()).max(1));
        scene.start() + u64::try_from(length * column as u128 / columns as u128).unwrap_or(u64::MAX)
    };
    let states = lane.states();
    let ends = states.iter().skip(1).map(|(time, _)| *time).chain([lane.ended]);
    for ((from, state), until) in states.iter().zip(ends) {
        let (first, last) = (column(*from, scene, columns), column(until, scene, columns));
        for (place, share) in shares.iter_mut().enumerate().take(last + 1).skip(first) {
            share[*state as usize] += until.min(begins(place + 1)).saturating_sub((*from).max(begins(place)));
        }
    }
    shares.iter().map(most).collect()
}

/// The state with the largest share of a cell. Of equal ones the later, which is the rarer.
fn most(shares: &[u64; State::ALL.len()]) -> Cell {
    let largest = State::ALL.into_iter().max_by_key(|state| shares[*state as usize]);
    match largest {
        Some(state) if shares[state as usize] > 0 => Cell::Drawn(Glyph::State(state)),
        _ => Cell::Empty,
    }
}

/// Writes how an actor died behind the last sign of the row. `false` if there is no room.
pub(super) fn label_end(row: &mut [Cell], label: &str) -> bool {
    let free = row.iter().rposition(|cell| *cell != Cell::Empty).map_or(0, |last| last + 1);
    let room = &mut row[free..];
    if !label.is_ascii() || room.len() <= label.len() {
        return false;
    }
    for (cell, letter) in room.iter_mut().skip(1).zip(label.chars()) {
        *cell = Cell::Letter(letter);
    }
    true
}
