//! The steps of an execution for a reader: a lane for each actor, and the line of the source.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::event::{Event, What};

/// How wide a lane is at most, in characters.
const WIDEST: usize = 44;

/// A step of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The actor's name.
    pub actor: String,
    /// What it did: `a3 := 7 Release`.
    pub what: String,
    /// The line of the source, `src/queue.rs:73`.
    pub line: String,
    /// It saw an old value, or was put before others.
    pub is_stale: bool,
}

pub(crate) fn steps(names: &[String], events: &[Event]) -> Vec<Step> {
    let is_told = |event: &&Event| !matches!(event.what, What::Initial(_));
    events.iter().filter(is_told).map(|event| step(names, event)).collect()
}

fn step(names: &[String], event: &Event) -> Step {
    let is_stale = event.access().is_some_and(|access| {
        access.read.is_some_and(|read| read.age > 0) || access.written.is_some_and(|written| written.skipped > 0)
    });
    let file = event.line.file();
    // A file is known by its last two names.
    let begin = file.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
    Step {
        actor: names[event.actor].clone(),
        what: event.what.to_string(),
        line: format!("{}:{}", &file[begin..], event.line.line()),
        is_stale: is_stale || matches!(event.what, What::TakenBack { .. }),
    }
}

/// What the program did, so that a schedule of another program is known: who did what at which line.
pub(crate) fn fingerprint(names: &[String], events: &[Event]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for event in events {
        names[event.actor].hash(&mut hasher);
        event.what.to_string().hash(&mut hasher);
        (event.line.file(), event.line.line(), event.line.column()).hash(&mut hasher);
    }
    hasher.finish()
}

pub(crate) fn write_lanes(f: &mut fmt::Formatter<'_>, steps: &[Step]) -> fmt::Result {
    let mut lanes: Vec<&str> = Vec::new();
    for step in steps {
        if !lanes.contains(&step.actor.as_str()) {
            lanes.push(&step.actor);
        }
    }
    let width = |lane: &&str| {
        let own = steps.iter().filter(|step| step.actor == **lane).map(|step| step.what.chars().count());
        own.chain([lane.chars().count()]).max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = lanes.iter().map(width).collect();
    let row = |f: &mut fmt::Formatter<'_>, mark: char, cells: &dyn Fn(usize) -> String, end: &str| {
        write!(f, "{mark} ")?;
        for (lane, width) in widths.iter().enumerate() {
            write!(f, "{:width$}  ", cells(lane))?;
        }
        writeln!(f, "{end}")
    };
    row(f, ' ', &|lane| lanes[lane].to_owned(), "")?;
    for step in steps {
        let cells = |lane: usize| if lanes[lane] == step.actor { step.what.clone() } else { String::new() };
        row(f, if step.is_stale { '!' } else { ' ' }, &cells, &step.line)?;
    }
    Ok(())
}
