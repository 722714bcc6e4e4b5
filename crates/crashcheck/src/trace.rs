//! The steps of an execution as data: who did what, at which line of the source, and what it saw of others.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location as Line;
use std::path::{Path, PathBuf};

use crate::event::{Access, Event, LockOutcome, What};
use crate::execution::MAIN;

/// A step of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which actor made it: 1 for the first of the model, 0 for what sets up and checks, `main`.
    pub actor: usize,
    /// The actor's name.
    pub name: String,
    /// What it did: `store a3 := 7 Release`. An atomic is `a` and a number, a mutex is `l` and a number.
    pub what: String,
    /// Whether something happened in it that the source does not show.
    pub oddity: Option<Oddity>,
    /// The step whose store it read, whose unlock or death freed the mutex that it locked, or whose death it saw: its
    /// index. `None`: no step's, as where it read an initial value.
    pub saw: Option<usize>,
    /// The newest store of its atomic, which an old value is not of: that step's index.
    pub missed: Option<usize>,
    /// The step of an actor that was interrupted, whose load is out of date since this store: its index.
    pub outdates: Option<usize>,
    /// The file and the line of the source: `queue/tail.rs:73`. Empty where an actor ends or panics, or time passes.
    pub place: String,
    /// That line. Empty if the file is not where it was compiled.
    pub source: String,
}

/// What a step has that its line of source does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// It read an old value, or put a store before others, or a death showed its stores in another order.
    Stale,
    /// The actor was killed.
    Death,
    /// A wait ended by itself, or a store was seen ahead.
    Early,
}

pub(crate) fn steps(names: &[String], events: &[Event]) -> Vec<Step> {
    let has_panicked = |at: usize| {
        let before = events[..at].iter().rfind(|event| event.actor == events[at].actor);
        before.is_some_and(|event| event.what == What::Panics)
    };
    let is_told = |at: &usize| match events[*at].what {
        What::Initial(_) => false,
        What::Ends => !has_panicked(*at),
        _ => true,
    };
    let told: Vec<usize> = (0..events.len()).filter(is_told).collect();
    let step_of = |event: usize| told.binary_search(&event).ok();
    let mut sources = Sources::default();
    let step = |at: usize| {
        let event = &events[at];
        // An actor that ends is still at the line of its last step.
        let is_on_a_line = !matches!(event.what, What::Ends | What::Panics | What::TimePasses);
        let (place, source) = if is_on_a_line { sources.at(event.line) } else { Default::default() };
        Step {
            actor: event.actor,
            name: names[event.actor].clone(),
            what: event.what.to_string(),
            oddity: oddity(event),
            saw: seen(events, at).and_then(step_of),
            missed: missed(events, at).and_then(step_of),
            outdates: outdated(events, at).and_then(step_of),
            place,
            source,
        }
    };
    told.iter().copied().map(step).collect()
}

fn oddity(event: &Event) -> Option<Oddity> {
    let is_stale = |access: &Access| {
        access.read.is_some_and(|read| read.age > 0) || access.written.is_some_and(|written| written.skipped > 0)
    };
    match &event.what {
        What::Access(access) if is_stale(access) => Some(Oddity::Stale),
        What::TakenBack { .. } => Some(Oddity::Stale),
        What::Dies => Some(Oddity::Death),
        What::Woken { .. } | What::Promises { .. } => Some(Oddity::Early),
        _ => None,
    }
}

/// The event that an event got to see.
fn seen(events: &[Event], at: usize) -> Option<usize> {
    match &events[at].what {
        What::Access(Access { location, read: Some(read), .. }) => {
            let is_it = |event: &Event| {
                let access = event.access().filter(|access| access.location == *location);
                access.and_then(|access| access.written).is_some_and(|written| written.place == read.place)
            };
            // A store that was seen ahead comes later.
            events.iter().position(is_it)
        }
        What::Lock { lock, how: LockOutcome::Taken | LockOutcome::OwnerDied } => freed(&events[..at], *lock),
        What::Blocked { lock } => events[..at].iter().rposition(|event| takes(event, *lock)),
        What::LooksAfter { actor, is_alive: false } => {
            let is_over = |event: &Event| event.actor == *actor && matches!(event.what, What::Dies | What::Ends);
            events[..at].iter().rposition(is_over)
        }
        _ => None,
    }
}

/// The event that freed a mutex last: the last owner's unlock, or its death.
fn freed(before: &[Event], lock: usize) -> Option<usize> {
    let taken = before.iter().rposition(|event| takes(event, lock))?;
    let owner = before[taken].actor;
    let frees =
        |event: &Event| event.actor == owner && (event.what == What::Dies || event.what == What::Unlock { lock });
    before[taken..].iter().position(frees).map(|later| taken + later)
}

fn takes(event: &Event, lock: usize) -> bool {
    match event.what {
        What::Lock { lock: taken, how } => taken == lock && matches!(how, LockOutcome::Taken | LockOutcome::OwnerDied),
        _ => false,
    }
}

/// The newest store that a load of an old value did not see.
fn missed(events: &[Event], at: usize) -> Option<usize> {
    let access = events[at].access()?;
    access.read.filter(|read| read.age > 0)?;
    let stores = events[..at].iter().enumerate().filter_map(|(index, event)| {
        let other = event.access().filter(|other| other.location == access.location)?;
        Some((other.written?.place, index))
    });
    stores.max().map(|(_, index)| index)
}

/// The last load of what a store changes, by another actor that goes on later and was interrupted since.
fn outdated(events: &[Event], at: usize) -> Option<usize> {
    let event = &events[at];
    let location = event.access().filter(|access| access.written.is_some())?.location;
    let is_of_it = |event: &Event| event.access().is_some_and(|access| access.location == location);
    // A load before an earlier store is out of date since then.
    let since =
        events[..at].iter().rposition(|other| is_of_it(other) && other.access().is_some_and(|it| it.written.is_some()));
    let goes_on = |actor: usize| events[at..].iter().any(|later| later.actor == actor && later.what != What::Ends);
    let is_last_run = |index: usize| {
        let actor = events[index].actor;
        let last = events[..at].iter().rposition(|other| other.actor == actor);
        last.is_some_and(|last| events[index..=last].iter().all(|other| other.actor == actor))
    };
    let from = since.map_or(0, |since| since + 1);
    let found = (from..at).rev().find(|index| is_of_it(&events[*index]) && events[*index].actor != event.actor)?;
    let actor = events[found].actor;
    (actor != MAIN && event.actor != MAIN && goes_on(actor) && is_last_run(found)).then_some(found)
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

/// The source files that were read.
#[derive(Default)]
struct Sources(HashMap<&'static str, Vec<String>>);

impl Sources {
    fn at(&mut self, line: &'static Line<'static>) -> (String, String) {
        let file = line.file();
        let lines = self.0.entry(file).or_insert_with(|| read(file));
        let source = lines.get(line.line() as usize - 1).map_or("", |line| line.trim());
        // A file is known by its last two names.
        let begin = file.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
        (format!("{}:{}", &file[begin..], line.line()), source.to_owned())
    }
}

/// The lines of a file. The compiler names it from the workspace's folder, and a test runs in its package's.
fn read(file: &str) -> Vec<String> {
    let here = std::env::current_dir().unwrap_or_default();
    let places: Vec<PathBuf> = here.ancestors().map(|folder| folder.join(Path::new(file))).collect();
    let found = places.iter().find_map(|path| fs::read_to_string(path).ok());
    found.unwrap_or_default().lines().map(str::to_owned).collect()
}
