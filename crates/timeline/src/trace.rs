//! A run in Chrome's trace event format, which Perfetto and `chrome://tracing` open.
//!
//! The format: "Trace Event Format", <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.
//! A lane is a complete event as long as its actor lived, with its spans in it; what was said and
//! what happened are instants; what went from one actor to another is an arrow.

use std::io::{self, Write};

use journal::{Doing, Lang};
use serde_json::{Value, json};

use crate::lanes::{Lane, Run, Scene, Span, State, What};
use crate::words;

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
    let mut flow = 0;
    for scene in &run.scenes {
        for (place, lane) in scene.lanes.iter().enumerate() {
            for event in events(run.lang, scene, lane, place) {
                write!(out, "{before}{event}")?;
                before = ",\n";
            }
        }
        for handover in &scene.handovers {
            flow += 1;
            let (from, to) = (&scene.lanes[handover.from], &scene.lanes[handover.to]);
            // An arrow begins in the slice around its time, and at its end a slice is over.
            let left = handover.left.saturating_sub(1).max(from.born);
            let start = arrow("s", flow, &handover.on, from, left);
            let mut finish = arrow("f", flow, &handover.on, to, handover.got);
            finish["bp"] = "e".into();
            write!(out, "{before}{start},\n{finish}")?;
        }
    }
    writeln!(out, "\n]}}")
}

/// Everything about one lane.
fn events(language: Lang, scene: &Scene, lane: &Lane, place: usize) -> impl Iterator<Item = Value> {
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
    events.extend(
        lane.exits
            .map(|exits| slice(lane, words::state(State::Zombie, language), "zombie", exits, lane.ended, &json!({}))),
    );
    events.extend(lane.spans.iter().map(|span| {
        let args = json!({ "on": span.on, "how": span.how, "cut": span.cut, "at": span.line });
        slice(lane, &name(language, span), category(span.doing), span.from, span.until, &args)
    }));
    events.extend(lane.marks.iter().map(|mark| {
        let (name, category) = match &mark.what {
            What::Said => (mark.text.as_str(), "say"),
            what => (what.name(), "mark"),
        };
        instant(lane, name, category, mark.at, &mark.text)
    }));
    events.extend(lane.death().map(|death| instant(lane, &format!("dies: {death}"), "death", lane.last(), death)));
    events.into_iter()
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

fn arrow(phase: &str, id: u64, on: &str, lane: &Lane, at: u64) -> Value {
    let (pid, tid, ts) = (lane.pid, lane.tid, micros(at));
    json!({ "ph": phase, "id": id, "name": on, "cat": "hand-over", "pid": pid, "tid": tid, "ts": ts })
}

fn name(lang: Lang, span: &Span) -> String {
    let gap = if span.on.is_empty() { "" } else { " " };
    format!("{}{gap}{}", words::doing(span.doing, lang), span.on)
}

/// Perfetto colours and filters by it.
fn category(doing: Doing) -> &'static str {
    match doing {
        Doing::Pause => "pause",
        Doing::HoldLock => "hold",
        Doing::Work | Doing::Connection => "work",
        Doing::WaitLock
        | Doing::WaitPut
        | Doing::WaitGet
        | Doing::WaitJoin
        | Doing::WaitEvent
        | Doing::WaitBarrier
        | Doing::WaitChild
        | Doing::WaitThread
        | Doing::WaitIo
        | Doing::WaitDisk => "wait",
    }
}

/// The format counts in microseconds, and takes fractions.
#[expect(clippy::cast_precision_loss, reason = "a run is shorter than a hundred days")]
fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1000.0
}

#[cfg(test)]
mod tests;
