//! A scene's picture as numbers, so that the browser only has to draw it.
//!
//! Lists of numbers are flat, because there may be many thousands: as many numbers for each item as
//! its function says, one item after the other. Times are in nanoseconds since the scene began; of
//! spans and marks, since the one before.

use std::collections::HashMap;

use common::journal::Doing;
use common::journal::Event;
use common::lang::Lang;
use common::timeline::lanes::{Lane, Scene, Span, State, What};
use common::timeline::words;
use serde_json::{Value, json};

use super::interner::Words;

/// What events know and lanes do not: the line of code that made them, and a text in the other
/// language. By process, thread and time.
pub(super) struct Margin(HashMap<(i32, i32, u64), (String, String)>);

impl Margin {
    pub(super) fn of(events: &[Event]) -> Self {
        let text =
            |event: &Event, key: &str| event.data.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let known = events.iter().filter(|event| event.data.contains_key("at") || event.data.contains_key("other"));
        let told = |event: &Event| ((event.pid, event.tid, event.t), (text(event, "at"), text(event, "other")));
        Self(known.map(told).collect())
    }

    /// Where in the code, and in the other language.
    fn at(&self, lane: &Lane, t: u64) -> (&str, &str) {
        let found = self.0.get(&(lane.pid, lane.tid, t));
        found.map_or(("", ""), |(at, other)| (at, other))
    }
}

/// The lanes of a scene, and what went from one to another.
pub(super) fn lanes(scene: &Scene, margin: &Margin, words: &mut Words) -> Value {
    let lanes: Vec<_> = scene.lanes.iter().map(|lane| self::lane(lane, scene.from, margin, words)).collect();
    let since = |time: u64| json!(time.saturating_sub(scene.from));
    let handovers = scene.handovers.iter().flat_map(|handover| {
        let (from, to) = (json!(handover.from), json!(handover.to));
        [json!(words.number(&handover.on)), from, since(handover.left), to, since(handover.got)]
    });
    let handovers: Vec<_> = handovers.collect();
    json!({ "length": scene.until - scene.from, "lanes": lanes, "handovers": handovers })
}

fn lane(lane: &Lane, from: u64, margin: &Margin, words: &mut Words) -> Value {
    let (mut spans, mut before) = (Vec::new(), from);
    for span in &lane.spans {
        spans.extend(self::span(span, lane, before, margin, words));
        before = span.from;
    }
    let (mut marks, mut before) = (Vec::new(), from);
    for mark in &lane.marks {
        let (at, other) = margin.at(lane, mark.at);
        let (what, text) = (json!(words.number(what(&mark.what))), json!(words.number(&mark.text)));
        let (at, other) = (json!(words.number(at)), json!(words.number(other)));
        marks.extend([what, text, json!(mark.at.saturating_sub(before)), at, other]);
        before = mark.at;
    }
    json!({
        "name": lane.name, "pid": lane.pid, "tid": lane.tid, "exit": lane.exit, "death": lane.death(),
        "born": lane.born.saturating_sub(from), "ended": lane.ended.saturating_sub(from), "exits": lane.exits.map(|time| time.saturating_sub(from)),
        "spans": spans, "marks": marks,
    })
}

/// What, on what, when, how long, in how many others, how it looks, whether a death cut it, how it
/// ended, and where in the code it began.
fn span(span: &Span, lane: &Lane, before: u64, margin: &Margin, words: &mut Words) -> [Value; 9] {
    let (at, _) = margin.at(lane, span.from);
    [
        json!(words.number(&doing(span.doing))),
        json!(words.number(&span.on)),
        json!(span.from.saturating_sub(before)),
        json!(span.until.saturating_sub(span.from)),
        json!(span.depth),
        json!(state(span.state)),
        json!(u8::from(span.cut)),
        json!(words.number(span.how.as_deref().unwrap_or_default())),
        json!(words.number(at)),
    ]
}

/// In both languages, with a bar between.
fn doing(doing: Doing) -> String {
    format!("{}|{}", words::doing(doing, Lang::En), words::doing(doing, Lang::Zh))
}

/// Its place in the legend.
fn state(state: State) -> usize {
    State::ALL.iter().position(|found| *found == state).unwrap_or(0)
}

fn what(what: &What) -> &str {
    what.name()
}
