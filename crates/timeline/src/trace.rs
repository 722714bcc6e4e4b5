//! A run in Chrome's trace event format, which Perfetto and `chrome://tracing` open.
//!
//! The format: "Trace Event Format", <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.
//! A lane is a complete event as long as its actor lived, with its spans in it; what was said and
//! what happened are instants; what went from one actor to another is an arrow.

mod flows;

use std::io::{self, Write};
use std::iter;

use journal::{Doing, Lang};
use serde_json::{Value, json};

use crate::lanes::{Lane, Run, Scene, Span, State, What};
use crate::words;
use flows::Arrows;

/// Writes a run as one JSON object.
///
/// ```
/// let run = timeline::lanes::read_lines(br#"{"t": 0, "pid": 7, "tid": 7, "actor": "main", "kind": "scene", "text": "first"}"#);
/// let mut trace = Vec::new();
/// timeline::trace::write(&run, &mut trace)?;
/// assert!(trace.starts_with(br#"{"displayTimeUnit":"ms","otherData":{"#));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What `out` refuses.
pub fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let about = json!({ "section": run.section, "skipped_lines": run.skipped, "caveats": run.caveats() });
    write!(out, "{{\"displayTimeUnit\":\"ms\",\"otherData\":{about},\"traceEvents\":[")?;
    let mut before = "\n";
    let mut flows = 0;
    for scene in &run.scenes {
        let arrows = Arrows::of(scene, flows + 1);
        flows += arrows.all.len() as u64;
        let lanes = scene.lanes.iter().enumerate();
        let events = lanes.flat_map(|(place, lane)| events(run.lang, scene, lane, place, &arrows));
        // After every slice in which an arrow ends.
        for event in events.chain(arrows.all.iter().map(|arrow| arrow.finish(scene))) {
            write!(out, "{before}{event}")?;
            before = ",\n";
        }
    }
    for caveat in caveats(run) {
        write!(out, "{before}{caveat}")?;
        before = ",\n";
    }
    writeln!(out, "\n]}}")
}

/// What a reader must know of the record, as instants of the whole trace: Perfetto does not show `otherData`.
fn caveats(run: &Run) -> Vec<Value> {
    let Some((scene, main)) = run.scenes.last().and_then(|scene| Some((scene, scene.lanes.first()?))) else {
        return Vec::new();
    };
    let full_at = run.full_at.into_iter();
    let times = full_at.chain(std::iter::repeat(scene.until));
    let instant = |(caveat, at): (String, u64)| {
        let (pid, tid, ts) = (main.pid, main.tid, micros(at));
        json!({ "ph": "i", "s": "g", "name": caveat, "cat": "caveat", "pid": pid, "tid": tid, "ts": ts })
    };
    run.caveats().into_iter().zip(times).map(instant).collect()
}

/// Everything about one lane, by time: of those at one time an outer one first, and each arrow right behind the slice
/// from which it leaves.
fn events<'a>(
    language: Lang,
    scene: &'a Scene,
    lane: &'a Lane,
    place: usize,
    arrows: &'a Arrows<'a>,
) -> impl Iterator<Item = Value> {
    let named = |what: &str, key: &str, value: Value| json!({ "ph": "M", "name": what, "pid": lane.pid, "tid": lane.tid, "ts": 0, "args": { key: value } });
    let mut events = vec![named("thread_name", "name", lane.name.as_str().into())];
    if lane.pid == lane.tid {
        events.push(named("process_name", "name", lane.name.as_str().into()));
        events.push(named("process_sort_index", "sort_index", place.into()));
    }
    events.push(named("thread_sort_index", "sort_index", place.into()));

    let is_first = place == 0 && !scene.name.is_empty();
    let life = if is_first { &scene.name } else { &lane.name };
    let args = json!({ "exit": lane.exit, "scene": scene.name, "at": lane.line });
    events.push(slice(lane, life, "life", lane.born, lane.ended, &args));

    let mut timed: Vec<(u64, Vec<Value>)> = Vec::new();
    timed.extend(lane.marks.iter().map(|mark| {
        let (name, category) = match &mark.what {
            What::Said => (mark.text.as_str(), "say"),
            what => (words::marked(what, language), "mark"),
        };
        (mark.at, vec![instant(lane, name, category, mark.at, &mark.text)])
    }));
    timed.extend(arrows.leaving(place, None).map(|arrow| {
        let (name, at) = (words::sign(words::Sign::HandsOver, language), arrow.leaves(scene));
        let handover = instant(lane, name, "hand-over", at, &arrow.handover.on);
        (at, vec![handover, arrow.begin(scene)])
    }));
    timed.extend(lane.spans.iter().enumerate().map(|(index, span)| {
        let args = json!({ "on": span.on, "how": span.how, "cut": span.cut, "at": span.line });
        let slice = slice(lane, &name(language, span), category(span.doing), span.from, span.until, &args);
        let leaving = arrows.leaving(place, Some(index));
        (span.from, iter::once(slice).chain(leaving.map(|arrow| arrow.begin(scene))).collect())
    }));
    timed.extend(lane.exits.map(|exits| {
        let zombie = words::state(State::Zombie, language);
        (exits, vec![slice(lane, zombie, "zombie", exits, lane.ended, &json!({}))])
    }));
    timed.extend(
        lane.death().map(|death| {
            (lane.last(), vec![instant(lane, &words::dies(death, language), "death", lane.last(), death)])
        }),
    );
    timed.sort_by_key(|(time, _)| *time);
    events.into_iter().chain(timed.into_iter().flat_map(|(_, events)| events))
}

fn slice(lane: &Lane, name: &str, category: &str, from: u64, until: u64, args: &Value) -> Value {
    let (ts, dur) = (micros(from), micros(until.saturating_sub(from)));
    json!({ "ph": "X", "name": name, "cat": category, "pid": lane.pid, "tid": lane.tid, "ts": ts, "dur": dur, "args": args })
}

/// An instant of a thread.
fn instant(lane: &Lane, name: &str, category: &str, at: u64, text: &str) -> Value {
    let (pid, tid, ts) = (lane.pid, lane.tid, micros(at));
    json!({ "ph": "i", "s": "t", "name": name, "cat": category, "pid": pid, "tid": tid, "ts": ts, "args": { "text": text } })
}

fn name(lang: Lang, span: &Span) -> String {
    let gap = if span.on.is_empty() { "" } else { " " };
    format!("{}{gap}{}", words::doing(span.doing, lang), words::object(&span.on, lang))
}

/// Perfetto colours and filters by it.
fn category(doing: Doing) -> &'static str {
    match State::Running.then(doing) {
        State::Sleeping => "pause",
        State::Holding | State::HoldingAsleep => "hold",
        State::Working | State::WorkingAsleep => "work",
        State::Waiting | State::Joining | State::Running | State::Zombie => "wait",
    }
}

/// The format counts in microseconds, and takes fractions.
#[expect(clippy::cast_precision_loss, reason = "a run is shorter than a hundred days")]
fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1000.0
}

#[cfg(test)]
mod tests;
