//! Arrows: what went from one lane to another, and between which two slices.
//!
//! The format gives an arrow two times, and a reader finds the slices. Perfetto takes the slice of the lane that began
//! last, even if it has ended by then; `chrome://tracing` takes the innermost one around the time. Both find a slice
//! that begins at that very time. So an arrow begins with the slice that it leaves, and ends with the slice that it
//! enters: the holding of a lock, or the work on a delivery. Where there is no such slice it has an instant to leave
//! from, or to enter.

use std::collections::HashMap;

use journal::Doing;
use serde_json::{Value, json};

use super::micros;
use crate::lanes::{Handover, Lane, Scene, Span};

/// One arrow.
pub(super) struct Arrow<'a> {
    id: u64,
    pub(super) handover: &'a Handover,
    /// The span from which it leaves.
    start: Option<usize>,
    /// The span that it enters.
    end: Option<usize>,
}

/// The arrows of a scene.
pub(super) struct Arrows<'a> {
    pub(super) all: Vec<Arrow<'a>>,
    /// Which leave a lane from this span of it, or from none.
    leaving: HashMap<(usize, Option<usize>), Vec<usize>>,
}

impl<'a> Arrows<'a> {
    /// Numbered from `first` on.
    pub(super) fn of(scene: &'a Scene, first: u64) -> Self {
        let numbered = (first..).zip(&scene.handovers);
        let all: Vec<_> = numbered.map(|(id, handover)| Arrow::new(id, handover, scene)).collect();
        let mut leaving: HashMap<_, Vec<_>> = HashMap::new();
        for (index, arrow) in all.iter().enumerate() {
            leaving.entry((arrow.handover.from, arrow.start)).or_default().push(index);
        }
        Self { all, leaving }
    }

    pub(super) fn leaving(&self, lane: usize, span: Option<usize>) -> impl Iterator<Item = &Arrow<'a>> {
        self.leaving.get(&(lane, span)).into_iter().flatten().map(|index| &self.all[*index])
    }
}

impl<'a> Arrow<'a> {
    fn new(id: u64, handover: &'a Handover, scene: &Scene) -> Self {
        let Handover { on, from, left, to, got } = handover;
        let is_hold = |span: &Span| span.on == *on && matches!(span.doing, Doing::HoldLock | Doing::Work);
        let (giver, taker) = (&scene.lanes[*from], &scene.lanes[*to]);
        let begun = giver.spans.partition_point(|span| span.from <= *left);
        // A death that is noticed late cuts a span that was over.
        let ends_there = |span: &Span| span.until == *left || span.cut && span.until > *left;
        let start = giver.spans[..begun].iter().rposition(|span| is_hold(span) && ends_there(span));
        // The work begins right behind the mark, and before the actor gets anything else.
        let marks = taker.marks.partition_point(|mark| mark.at <= *got);
        let next = taker.marks.get(marks).map_or(u64::MAX, |mark| mark.at);
        let first = taker.spans.partition_point(|span| span.from < *got);
        let mut soon = taker.spans[first..].iter().take_while(|span| span.from <= next);
        let end = soon.position(is_hold).map(|place| first + place);
        Self { id, handover, start, end }
    }

    /// When it leaves.
    pub(super) fn leaves(&self, scene: &Scene) -> u64 {
        let giver = &scene.lanes[self.handover.from];
        let left = self.start.map_or(self.handover.left, |index| giver.spans[index].from);
        left.max(giver.born).min(self.arrives(scene))
    }

    fn arrives(&self, scene: &Scene) -> u64 {
        let taker = &scene.lanes[self.handover.to];
        self.end.map_or(self.handover.got, |index| taker.spans[index].from)
    }

    pub(super) fn begin(&self, scene: &Scene) -> Value {
        self.half("s", &scene.lanes[self.handover.from], self.leaves(scene))
    }

    pub(super) fn finish(&self, scene: &Scene) -> Value {
        let mut finish = self.half("f", &scene.lanes[self.handover.to], self.arrives(scene));
        finish["bp"] = "e".into();
        finish
    }

    fn half(&self, phase: &str, lane: &Lane, at: u64) -> Value {
        let (id, on, pid, tid, ts) = (self.id, &self.handover.on, lane.pid, lane.tid, micros(at));
        json!({ "ph": phase, "id": id, "name": on, "cat": "hand-over", "pid": pid, "tid": tid, "ts": ts })
    }
}
