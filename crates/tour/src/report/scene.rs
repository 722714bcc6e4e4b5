//! A scene's picture as numbers, so that the browser only has to draw it.
//!
//! Lists of numbers are flat, because they may be long: all numbers of an item, then those of the next
//! one; [`layout`] names them. Times are in nanoseconds since the scene began; `since` is the time since
//! the item before.

use common::timeline::lanes::{Crowd, Handover, Lane, Mark, Scene, Span, State};
use serde_json::{Value, json};

use super::interner::Interner;
use super::texts::Texts;
use super::{facts, legend};

/// What the numbers of an item mean, one after the other. Texts, states and kinds are numbers of their lists.
pub(super) fn layout() -> Value {
    json!({ "spans": SPAN, "marks": MARK, "states": CHANGE, "handovers": HANDOVER })
}

const SPAN: [&str; 9] = ["doing", "on", "since", "length", "depth", "state", "cut", "how", "at"];
const MARK: [&str; 4] = ["kind", "text", "since", "at"];
const CHANGE: [&str; 2] = ["since", "state"];
const HANDOVER: [&str; 5] = ["on", "from", "left", "to", "got"];

/// Makes pictures of the scenes of one run, with the same list of texts.
pub(super) struct Pictures<'a> {
    translations: &'a Texts,
    texts: Interner,
}

impl<'a> Pictures<'a> {
    pub(super) fn new(translations: &'a Texts) -> Self {
        Self { translations, texts: Interner::new() }
    }

    /// The list that the numbers of texts name.
    pub(super) fn texts(self) -> Vec<Value> {
        self.texts.list()
    }

    /// The lanes of a scene, those that are crowds, and what went from one to another.
    pub(super) fn of(&mut self, scene: &Scene) -> Value {
        let uncontended = facts::uncontended(scene);
        let is_alone = |lock: &str| uncontended.contains(lock);
        let lanes: Vec<_> = scene.lanes.iter().map(|lane| self.lane(lane, scene.from, is_alone)).collect();
        let handovers = scene.handovers.iter().flat_map(|handover| self.handover(handover, scene.from));
        let handovers: Vec<_> = handovers.collect();
        let crowds = scene.crowds().into_iter();
        let crowds: Vec<_> = crowds
            .map(|Crowd { name, lanes, peak, .. }| json!({ "name": name, "lanes": lanes, "peak": peak }))
            .collect();
        json!({ "length": scene.until - scene.from, "lanes": lanes, "crowds": crowds, "handovers": handovers })
    }

    fn lane(&mut self, lane: &Lane, from: u64, is_alone: impl Fn(&str) -> bool) -> Value {
        let mut since = since(from);
        let spans = lane.spans.iter();
        let spans: Vec<_> = spans.flat_map(|span| self.span(span, since(span.from), &is_alone)).collect();
        let mut since = self::since(from);
        let marks: Vec<_> = lane.marks.iter().flat_map(|mark| self.mark(mark, since(mark.at), lane)).collect();
        let after = |time: u64| time.saturating_sub(from);
        let killed = lane.exit.as_ref().is_some_and(|exit| exit.starts_with("signal "));
        json!({
            "name": lane.name, "pid": lane.pid, "tid": lane.tid,
            "exit": lane.exit, "death": lane.death(), "killed": killed,
            "born": after(lane.born), "ended": after(lane.ended),
            "spans": spans, "marks": marks, "states": states(lane, from, is_alone),
        })
    }

    /// `depth`: in how many others. `cut`: whether a death cut it. `how`: its end. `at`: the line that began it.
    fn span(&mut self, span: &Span, since: u64, is_alone: impl Fn(&str) -> bool) -> [Value; SPAN.len()] {
        [
            json!(legend::doing(span.doing)),
            json!(self.texts.number(span.on.as_str())),
            json!(since),
            json!(span.until.saturating_sub(span.from)),
            json!(span.depth),
            json!(legend::state_in(span, is_alone)),
            json!(u8::from(span.cut)),
            json!(self.texts.number(span.how.as_deref().unwrap_or_default())),
            json!(self.texts.number(span.line.as_deref().unwrap_or_default())),
        ]
    }

    /// `at`: the line that made it.
    fn mark(&mut self, mark: &Mark, since: u64, lane: &Lane) -> [Value; MARK.len()] {
        [
            json!(legend::mark(&mark.what)),
            json!(self.texts.number(self.translations.of_mark(lane, mark))),
            json!(since),
            json!(self.texts.number(mark.line.as_deref().unwrap_or_default())),
        ]
    }

    fn handover(&mut self, handover: &Handover, from: u64) -> [Value; HANDOVER.len()] {
        let after = |time: u64| json!(time.saturating_sub(from));
        let Handover { on, from, left, to, got } = handover;
        [json!(self.texts.number(on.as_str())), json!(from), after(*left), json!(to), after(*got)]
    }
}

/// From when, which state.
fn states(lane: &Lane, from: u64, is_alone: impl Fn(&str) -> bool) -> Vec<u64> {
    let mut since = since(from);
    let running = legend::state(State::Running);
    let changes = lane.innermost().into_iter();
    let changes = changes.map(|(time, span)| (time, span.map_or(running, |span| legend::state_in(span, &is_alone))));
    let zombie = lane.exits.map(|time| (time, legend::state(State::Zombie)));
    let change = |(time, state)| -> [u64; CHANGE.len()] { [since(time), state as u64] };
    changes.chain(zombie).flat_map(change).collect()
}

/// Returns the time since the call before.
fn since(mut before: u64) -> impl FnMut(u64) -> u64 {
    move |time| {
        let since = time.saturating_sub(before);
        before = time;
        since
    }
}
