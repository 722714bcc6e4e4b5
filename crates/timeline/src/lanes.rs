//! A run's journal as lanes: who ran, waited, held, slept and died, and when.
//!
//! This is the one reading of the journal that all pictures share: the timeline in the terminal,
//! the trace for Perfetto, the SVG. It is pure: it knows the journal's lines and nothing else, so
//! the record of a run that was killed can be read as well as that of one that ended.

pub(crate) mod axis;
mod crowds;
mod lesson;
mod reader;
mod state;

use std::cmp::Reverse;

use journal::{Doing, Event, Lang};

pub use crowds::{CROWD, Crowd, Levels, Row};
pub use state::State;

/// Something that an actor did for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// What.
    pub doing: Doing,
    /// On which lock, queue, gate; empty for a pause.
    pub on: String,
    /// When it began, in nanoseconds since the run began, as all times here.
    pub from: u64,
    /// When it ended.
    pub until: u64,
    /// In how many other spans of the same lane it lies.
    pub depth: usize,
    /// How its actor looks in it, where no deeper span lies.
    pub state: State,
    /// Ended by the death of its actor.
    pub cut: bool,
    /// How it ended, if not as usual: `timed out`.
    pub how: Option<String>,
    /// The line of a section's code that began it, if one did: `crates/race/src/lib.rs:123`.
    pub line: Option<String>,
}

/// What happened at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The actor said something.
    Said,
    /// What the journal marks.
    Marked(journal::Mark),
    /// What a later version of the journal marks, under its name there.
    Unknown(String),
}

impl What {
    /// The one that the journal calls so.
    #[must_use]
    pub fn named(name: &str) -> Self {
        journal::Mark::named(name).map_or_else(|| Self::Unknown(name.to_owned()), Self::Marked)
    }

    /// Whether a lesson is full of it, so that a reader may miss one.
    fn is_ordinary(&self) -> bool {
        matches!(self, Self::Said | Self::Marked(journal::Mark::Read | journal::Mark::Write))
    }

    /// As the journal names it; `says` for what was said.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Said => "says",
            Self::Marked(mark) => mark.name(),
            Self::Unknown(name) => name,
        }
    }
}

/// An instant in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: u64,
    /// What.
    pub what: What,
    /// What was said, or on what it happened.
    pub text: String,
    /// The line of a section's code that made it, if one did: `crates/race/src/lib.rs:123`.
    pub line: Option<String>,
}

/// One process or thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its name, in the run's language.
    pub name: String,
    /// Its process.
    pub pid: i32,
    /// Its thread.
    pub tid: i32,
    /// When it was born. An actor that was there before the scene (`main`) begins with the scene.
    pub born: u64,
    /// When it said that it ends, if it is a process and ended by itself.
    pub exits: Option<u64>,
    /// When it was reaped; the end of the scene or of the record if it lives on.
    pub ended: u64,
    /// How it ended: `code 0`, `signal SIGKILL`, `returned`, `unknown`. `None` if it lives on.
    pub exit: Option<String>,
    /// The line of a section's code that started it, if one did: `crates/race/src/lib.rs:123`.
    pub line: Option<String>,
    /// Its spans, by their beginning; an outer one before those in it.
    pub spans: Vec<Span>,
    /// Its marks, by time.
    pub marks: Vec<Mark>,
}

impl Lane {
    /// When it did its last: from then on it is a zombie, if it is not reaped at once.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.exits.unwrap_or(self.ended)
    }

    /// How it died, if it did not end well: `SIGKILL`, `code 7`.
    #[must_use]
    pub fn death(&self) -> Option<&str> {
        let exit = self.exit.as_deref()?;
        match exit {
            "code 0" | "returned" | "unknown" => None,
            _ => Some(exit.strip_prefix("signal ").unwrap_or(exit)),
        }
    }

    /// Whether something happened to it that a reader must not miss.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        self.death().is_some() || self.marks.iter().any(|mark| !mark.what.is_ordinary())
    }

    /// Its states one after the other: from when, and which. The first is at its birth.
    #[must_use]
    pub fn states(&self) -> Vec<(u64, State)> {
        let innermost = self.innermost().into_iter();
        let states = innermost.map(|(time, span)| (time, span.map_or(State::Running, |span| span.state)));
        states.chain(self.exits.map(|time| (time, State::Zombie))).collect()
    }

    /// The innermost of its spans, from when, and `None` outside of all. The first is at its birth.
    #[must_use]
    pub fn innermost(&self) -> Vec<(u64, Option<&Span>)> {
        let mut found = vec![(self.born, None)];
        let mut open: Vec<&Span> = Vec::new();
        for span in &self.spans {
            close(&mut open, &mut found, span.from);
            found.push((span.from, Some(span)));
            open.push(span);
        }
        close(&mut open, &mut found, u64::MAX);
        found
    }
}

/// Ends the open spans that are over by now.
fn close<'a>(open: &mut Vec<&'a Span>, found: &mut Vec<(u64, Option<&'a Span>)>, now: u64) {
    while let Some(ended) = open.pop_if(|span| span.until <= now) {
        found.push((ended.until, open.last().copied()));
    }
}

/// Something went from one actor to another: a lock from its last holder to the next one, a delivery
/// from the producer, or the consumer that returned it, to the consumer that works on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Which lock, which queue.
    pub on: String,
    /// The lane that it left: an index of [`Scene::lanes`].
    pub from: usize,
    /// When it was let go.
    pub left: u64,
    /// The lane that got it.
    pub to: usize,
    /// When it was got.
    pub got: u64,
}

/// Figures of one measure, to be compared with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What was measured: `wall time`.
    pub measure: String,
    /// In which unit.
    pub unit: String,
    /// Of what, and how much, in the order in which it was measured.
    pub bars: Vec<(String, f64)>,
}

/// One scene of a run, or all of a run that has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Its name; empty if the run has no scenes.
    pub name: String,
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub until: u64,
    /// Who took part, by birth.
    pub lanes: Vec<Lane>,
    /// What went from one to another, by time.
    pub handovers: Vec<Handover>,
    /// The figures that it compares.
    pub charts: Vec<Chart>,
}

impl Scene {
    /// At most `most` lanes, for a picture that has no room for all: the first, those in which
    /// something notable happened, then the others, all by birth. And how many are left out.
    #[must_use]
    pub fn most_telling(&self, most: usize) -> (Vec<usize>, usize) {
        self.most_telling_of((0..self.lanes.len()).collect(), most)
    }

    fn most_telling_of(&self, mut chosen: Vec<usize>, most: usize) -> (Vec<usize>, usize) {
        let all = chosen.len();
        let has_less_to_tell = |lane: &usize| *lane > 0 && !self.lanes[*lane].is_notable();
        chosen.sort_by_key(has_less_to_tell);
        chosen.truncate(most);
        chosen.sort_unstable();
        let hidden = all - chosen.len();
        (chosen, hidden)
    }

    /// At most `most` lanes, for a picture of a scene that still goes on: the first, those that live, those that have
    /// ended. Of each, those in which something notable happened come first, and then the latest. Of a crowd that
    /// `most` has no room for, `ended` at most of those that have ended: they change no more.
    #[must_use]
    pub(crate) fn current(&self, most: usize, ended: usize) -> Vec<usize> {
        let mut chosen: Vec<usize> = (0..self.lanes.len()).collect();
        let is_over = |index: usize| index > 0 && self.lanes[index].exit.is_some();
        chosen.sort_by_key(|index| {
            let lane = &self.lanes[*index];
            let latest = if lane.exit.is_some() { lane.ended } else { lane.born };
            (*index > 0, is_over(*index), !lane.is_notable(), Reverse(latest))
        });
        if chosen.len() > most {
            let live = chosen.iter().filter(|index| !is_over(**index)).count();
            chosen.truncate(most.min(live + ended));
        }
        chosen.sort_unstable();
        chosen
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which section ran; empty if the journal does not say.
    pub section: String,
    /// The language in which its actors have their names.
    pub lang: Lang,
    /// Its scenes, one after the other.
    pub scenes: Vec<Scene>,
    /// How many lines were passed over: no JSON, of a later version, or about no actor.
    pub skipped: usize,
    /// When the record was full: what came later is not in it.
    pub full_at: Option<u64>,
    /// How many events are missing, because their writers were killed while they wrote them. The lines do not
    /// say so: the reader of the record itself does.
    pub holes: u64,
}

impl Run {
    /// What a reader of any picture must know of the record: that lines could not be used, that it is not whole.
    #[must_use]
    pub fn caveats(&self) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(when) = self.full_at {
            let when = axis::readable(when, self.lang);
            told.push(match self.lang {
                Lang::En => format!("the record was full at {when}; what came later is not shown"),
                Lang::Zh => format!("记录在 {when} 写满;之后的事情没有画出"),
            });
        }
        if self.holes > 0 {
            told.push(match self.lang {
                Lang::En => format!("events missing because a kill cut them short: {}", self.holes),
                Lang::Zh => format!("因进程被杀而没有写完的事件: {} 个", self.holes),
            });
        }
        if self.skipped > 0 {
            told.push(match self.lang {
                Lang::En if self.skipped == 1 => "1 line of the journal could not be used".to_owned(),
                Lang::En => format!("{} lines of the journal could not be used", self.skipped),
                Lang::Zh => format!("日志中有 {} 行无法使用", self.skipped),
            });
        }
        told
    }
}

/// Reads a journal as it stands in a file: JSON, a line each. A line that is none is passed over
/// and counted.
///
/// ```
/// let journal = br#"{"t": 0, "pid": 7, "tid": 7, "actor": "main", "kind": "scene", "text": "first"}
/// {"t": 10, "pid": 7, "tid": 7, "actor": "main", "kind": "pause", "ns": 50}
/// {"t": 90, "pid": 7, "tid": 7, "actor": "main", "kind": "say", "text": "go"}
/// {"t": 95, "pid": 7, "ti"#;
/// let run = timeline::lanes::read_lines(journal);
/// let main = &run.scenes[0].lanes[0];
/// assert_eq!((main.spans[0].from, main.spans[0].until, run.skipped), (10, 60, 1));
/// ```
#[must_use]
pub fn read_lines(journal: &[u8]) -> Run {
    lines(journal, read)
}

/// The same without what serves the demonstration alone: [`read_lesson`].
#[must_use]
pub fn read_lesson_lines(journal: &[u8]) -> Run {
    lines(journal, read_lesson)
}

fn lines(journal: &[u8], read: fn(Vec<Event>) -> Run) -> Run {
    let mut torn = 0;
    let mut events = Vec::new();
    for line in journal.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        match serde_json::from_slice(line) {
            Ok(event) => events.push(event),
            Err(_) => torn += 1,
        }
    }
    let mut run = read(events);
    run.skipped += torn;
    run
}

/// Reads a journal's events, in any order.
#[must_use]
pub fn read(mut events: Vec<Event>) -> Run {
    // Several processes append, and a later writer may have read the clock earlier.
    events.sort_by_key(|event| event.t);
    reader::read(&events)
}

/// The same without what serves the demonstration alone: events that force an order, queues that carry results. An actor
/// that waits there is held back, by nothing that has a name.
#[must_use]
pub fn read_lesson(mut events: Vec<Event>) -> Run {
    events.sort_by_key(|event| event.t);
    reader::read(&lesson::of(events))
}

#[cfg(test)]
pub(crate) mod synthetic;
