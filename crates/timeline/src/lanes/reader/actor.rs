//! An actor whose lane may still grow.

use serde_json::Value;

use crate::lanes::{Lane, Span, State};
use journal::{Doing, Event};

/// A lane that may still grow.
pub(super) struct Actor {
    pub(super) lane: Lane,
    pub(super) birth: Birth,
    /// The spans that it is in, the innermost last: the number by which their end names them (a
    /// pause has none, and ends by itself), and their place in the lane.
    open: Vec<(Option<u64>, usize)>,
    /// Spans that were in one that has ended: their number, their place, and since when.
    orphaned: Vec<(u64, usize, u64)>,
    /// In which scenes something was heard of it.
    pub(super) scenes: Vec<usize>,
    /// As what it said that it ends.
    own_exit: Option<String>,
}

/// How the journal knows that an actor was born.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Birth {
    Recorded,
    /// By its first event: it was there before, or was started without the journal.
    Implicit,
}

impl Actor {
    pub(super) fn new(lane: Lane, birth: Birth, scene: usize) -> Self {
        let (open, orphaned) = (Vec::new(), Vec::new());
        Self { lane, birth, open, orphaned, scenes: vec![scene], own_exit: None }
    }

    /// Begins a span at an event.
    pub(super) fn begin(&mut self, doing: Doing, on: String, event: &Event, number: Option<u64>) -> &mut Span {
        let outer = self.open.last().map_or(State::Running, |(_, place)| self.lane.spans[*place].state);
        let (depth, state) = (self.open.len(), outer.then(doing));
        let (place, from, line) = (self.lane.spans.len(), event.t, line(event));
        self.open.push((number, place));
        self.lane.spans.push(Span { doing, on, from, until: u64::MAX, depth, state, cut: false, how: None, line });
        &mut self.lane.spans[place]
    }

    /// Ends a span. Those in it end with it: their own end may be missing from the record.
    pub(super) fn end(&mut self, number: u64, now: u64, how: Option<&str>) -> Option<()> {
        let Some(place) = self.open.iter().rposition(|(open, _)| *open == Some(number)) else {
            return self.end_orphaned(number, now);
        };
        self.lane.spans[self.open[place].1].how = how.map(str::to_owned);
        for (number, place) in self.open.drain(place..) {
            self.lane.spans[place].until = now;
            self.orphaned.extend(number.map(|number| (number, place, now)));
        }
        Some(())
    }

    /// Ends a span that outlived the one around it, of two locks the first one let go of. Spans nest
    /// in every picture, so the rest of it is a span of its own, unless others lie across.
    fn end_orphaned(&mut self, number: u64, now: u64) -> Option<()> {
        let (_, place, since) = self.orphaned.iter().copied().find(|(orphaned, ..)| *orphaned == number)?;
        if !self.open.is_empty() || self.lane.spans.last()?.from >= since {
            return None;
        }
        let rest = Span { from: since, until: now, depth: 0, ..self.lane.spans[place].clone() };
        self.lane.spans.push(rest);
        Some(())
    }

    /// Ends the pause that it may be in.
    pub(super) fn wake(&mut self, now: u64) {
        if let Some((_, place)) = self.open.pop_if(|(number, _)| number.is_none()) {
            let span = &mut self.lane.spans[place];
            span.until = span.until.min(now);
        }
    }

    pub(super) fn die(&mut self, now: u64, exit: &str) {
        self.lane.exit = Some(exit.to_owned());
        self.lane.ended = now;
        for (_, place) in self.open.drain(..) {
            let span = &mut self.lane.spans[place];
            // A pause may have been over before.
            span.cut = span.until > now;
            span.until = span.until.min(now);
        }
    }

    /// It says that it ends.
    pub(super) fn exits(&mut self, event: &Event) {
        self.lane.exits = Some(event.t);
        self.own_exit = event.data.get("exit").and_then(Value::as_str).map(str::to_owned);
    }

    /// Of a process that was started without the journal no line says that it was reaped.
    pub(super) fn end_unseen(&mut self) {
        let is_unseen = self.birth == Birth::Implicit && self.lane.exit.is_none();
        if let Some(exits) = self.lane.exits.filter(|_| is_unseen) {
            let exit = self.own_exit.take().unwrap_or_else(|| "unknown".to_owned());
            self.die(exits, &exit);
        }
    }

    /// The record ends before it does.
    pub(super) fn outlive(&mut self, last: u64) {
        if self.lane.exit.is_none() {
            self.lane.ended = last;
        }
        for (_, place) in self.open.drain(..) {
            let span = &mut self.lane.spans[place];
            span.until = span.until.min(last);
        }
    }

    pub(super) fn heard_in(&mut self, scene: usize) {
        if self.scenes.last() != Some(&scene) {
            self.scenes.push(scene);
        }
    }
}

pub(super) fn line(event: &Event) -> Option<String> {
    event.data.get("at").and_then(Value::as_str).map(str::to_owned)
}
