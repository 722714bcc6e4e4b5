//! A trace, read as strictly as any program that opens one.
//!
//! The format: "Trace Event Format", <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Process and thread.
type Track = (i64, i64);

/// A trace that is as its format says.
#[derive(Debug)]
pub struct Trace {
    /// What it says of itself: `otherData`.
    pub about: Value,
    /// All events, as they stand in it.
    pub events: Vec<Value>,
    /// The names of the tracks.
    pub names: HashMap<Track, String>,
}

impl Trace {
    /// Reads a file.
    ///
    /// # Panics
    ///
    /// If it is not as the format says: [`Trace::parse`].
    #[track_caller]
    #[must_use]
    pub fn read(path: impl AsRef<Path>) -> Self {
        Self::parse(&fs::read(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display())))
    }

    /// Reads the text of a trace.
    ///
    /// # Panics
    ///
    /// If it is not as the format says: every event has what its phase needs; the slices of a track
    /// lie in each other or apart; an arrow has two ends, each in a slice, the later one later; every track has one name.
    #[track_caller]
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let whole: Value = serde_json::from_slice(text).unwrap_or_else(|error| panic!("{error}"));
        assert!(["ms", "ns"].contains(&whole["displayTimeUnit"].as_str().unwrap_or_default()), "{whole}");
        let events = whole["traceEvents"].as_array().expect("a list of events").clone();
        let (mut names, mut slices, mut arrows) = (HashMap::new(), HashMap::new(), HashMap::new());
        for event in &events {
            let track = (integer(event, "pid"), integer(event, "tid"));
            assert!(!text_of(&event["name"], event).is_empty() || event["cat"] == "say", "{event}");
            let at = nanos(event, "ts");
            match text_of(&event["ph"], event) {
                "M" => metadata(event, track, &mut names),
                "X" => slices.entry(track).or_insert_with(Vec::new).push((at, at + nanos(event, "dur"))),
                "i" => assert!(["g", "p", "t"].contains(&text_of(&event["s"], event)), "{event}"),
                phase @ ("s" | "f") => {
                    let key = (event["id"].to_string(), event["cat"].to_string(), event["name"].to_string());
                    let ends: &mut Vec<_> = arrows.entry(key).or_default();
                    ends.push((phase.to_owned(), track, at));
                    assert!(phase == "s" || event["bp"] == "e", "its end lies in the slice around it: {event}");
                }
                other => panic!("{other} is no phase of ours: {event}"),
            }
        }
        for (track, slices) in &mut slices {
            assert!(names.contains_key(track), "a track without a name: {track:?}");
            nest(slices);
        }
        for (key, ends) in &arrows {
            let [(first, from, left), (second, to, got)] = &ends[..] else { panic!("{key:?} has two ends: {ends:?}") };
            assert_eq!((first.as_str(), second.as_str()), ("s", "f"), "{key:?}");
            assert!(left <= got, "{key:?} goes back in time: {ends:?}");
            for (track, at) in [(from, left), (to, got)] {
                let is_around = |(begin, end): &(u64, u64)| begin <= at && at <= end;
                assert!(slices.get(track).is_some_and(|slices| slices.iter().any(is_around)), "{key:?}: {ends:?}");
            }
        }
        Self { about: whole["otherData"].clone(), events, names }
    }

    /// The events of one category.
    pub fn of<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["cat"] == category)
    }

    /// How often something went from one to another through this lock or queue.
    #[must_use]
    pub fn arrows(&self, on: &str) -> usize {
        self.events.iter().filter(|event| event["ph"] == "s" && event["name"] == on).count()
    }
}

#[track_caller]
fn metadata(event: &Value, track: Track, names: &mut HashMap<Track, String>) {
    match text_of(&event["name"], event) {
        "thread_name" => {
            let name = text_of(&event["args"]["name"], event).to_owned();
            let before = names.insert(track, name.clone());
            assert!(before.is_none_or(|before| before == name), "another name for one track: {event}");
        }
        "process_name" => assert!(!text_of(&event["args"]["name"], event).is_empty(), "{event}"),
        "thread_sort_index" | "process_sort_index" => drop(integer(&event["args"], "sort_index")),
        other => panic!("{other} is no metadata: {event}"),
    }
}

/// Slices of one track, outer ones first.
#[track_caller]
fn nest(slices: &mut [(u64, u64)]) {
    slices.sort_by_key(|(begin, end)| (*begin, u64::MAX - end));
    let mut open: Vec<(u64, u64)> = Vec::new();
    for slice in slices {
        while open.pop_if(|outer| outer.1 <= slice.0).is_some() {}
        if let Some(outer) = open.last() {
            assert!(slice.1 <= outer.1, "{slice:?} sticks out of {outer:?}");
        }
        open.push(*slice);
    }
}

#[track_caller]
fn text_of<'a>(value: &'a Value, event: &Value) -> &'a str {
    value.as_str().unwrap_or_else(|| panic!("a text was expected: {event}"))
}

#[track_caller]
fn integer(event: &Value, key: &str) -> i64 {
    event[key].as_i64().unwrap_or_else(|| panic!("{key} is a number: {event}"))
}

/// The format counts in microseconds, and takes fractions.
#[track_caller]
fn nanos(event: &Value, key: &str) -> u64 {
    let micros = event[key].as_f64().unwrap_or_else(|| panic!("{key} is a number: {event}"));
    assert!((0.0..1e12).contains(&micros), "{key} is a time: {event}");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "just looked at")]
    let nanos = (micros * 1000.0).round() as u64;
    nanos
}
