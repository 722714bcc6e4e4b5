//! One lane: its life as a line, its spans as bars on it, its marks above them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{CLOSE, Place, text};
use journal::{Lang, Mark};

use crate::lanes::axis::readable;
use crate::lanes::{Lane, Span, State, What};
use crate::words;

/// The name of a state in the style sheet.
pub(super) fn class(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Sleeping => "sleeping",
        State::Waiting => "waiting",
        State::Joining => "joining",
        State::Holding => "holding",
        State::HoldingAsleep => "holding-asleep",
        State::Working => "working",
        State::WorkingAsleep => "working-asleep",
        State::Zombie => "zombie",
    }
}

/// How high a bar is: the more others depend on it, the higher.
fn height(state: State) -> f64 {
    match state {
        State::Running | State::Zombie => 2.0,
        State::Sleeping | State::Joining => 6.0,
        State::Waiting => 10.0,
        State::Working | State::WorkingAsleep => 14.0,
        State::Holding | State::HoldingAsleep => 18.0,
    }
}

/// What is shorter is drawn as wide as this: a reader looks for a held lock and for work, however short they are.
fn least_width(state: State) -> f64 {
    match state {
        State::Holding | State::HoldingAsleep | State::Working | State::WorkingAsleep => 2.0,
        State::Running | State::Sleeping | State::Waiting | State::Joining | State::Zombie => CLOSE,
    }
}

pub(super) fn bar(
    state: State,
    from: f64,
    until: f64,
    middle: f64,
    told: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (class, height) = (class(state), height(state));
    let (top, width) = (middle - height / 2.0, (until - from).max(least_width(state)));
    write!(out, r#"<rect class="{class}" x="{from:.1}" y="{top:.1}" width="{width:.1}" height="{height:.0}""#)?;
    match told {
        Some(told) => writeln!(out, "><title>{}</title></rect>", text(told)),
        None => writeln!(out, "/>"),
    }
}

pub(super) fn draw(language: Lang, lane: &Lane, place: &Place, middle: f64, out: &mut dyn Write) -> io::Result<()> {
    let (born, last, ended) = (place.x(lane.born), place.x(lane.last()), place.x(lane.ended));
    let life = format!("{} (pid {})", lane.name, lane.pid);
    bar(State::Running, born, last, middle, Some(&life), out)?;
    if ended - last >= CLOSE {
        bar(State::Zombie, last, ended, middle, Some(words::state(State::Zombie, language)), out)?;
    }
    spans(language, lane, place, middle, out)?;
    marks(language, lane, place, middle, out)?;
    writeln!(out, r#"<path class="born" d="M{born:.1} {:.1}V{:.1}"/>"#, middle - 6.0, middle + 6.0)?;
    if let Some(death) = lane.death().map(|death| words::death(death, language)) {
        Sign::Death.draw(last, middle, Some(&death), out)?;
        let is_late = last > place.left + place.width * 0.85;
        let (x, anchor) = if is_late { (last - 9.0, "end") } else { (last + 9.0, "start") };
        let y = middle + 4.0;
        writeln!(out, r#"<text class="dead" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#, text(&death))?;
    } else if lane.exit.is_some() {
        writeln!(out, r#"<path class="born" d="M{last:.1} {:.1}V{:.1}"/>"#, middle - 6.0, middle + 6.0)?;
    }
    Ok(())
}

fn spans(language: Lang, lane: &Lane, place: &Place, middle: f64, out: &mut dyn Write) -> io::Result<()> {
    let mut last_narrow = f64::NEG_INFINITY;
    for span in &lane.spans {
        let (from, until) = (place.x(span.from), place.x(span.until));
        if until - from < CLOSE {
            if from - last_narrow < CLOSE {
                continue; // drawn already, as far as an eye can tell
            }
            last_narrow = from;
        }
        bar(span.state, from, until, middle, Some(&in_words(language, lane, span)), out)?;
    }
    Ok(())
}

fn marks(language: Lang, lane: &Lane, place: &Place, middle: f64, out: &mut dyn Write) -> io::Result<()> {
    let mut last = BTreeMap::new();
    for mark in lane.marks.iter().filter(|mark| !is_arrow(&mark.what)) {
        let (x, sign) = (place.x(mark.at), Sign::from(&mark.what));
        // An actor says at once what it has read.
        if last.insert(sign, x).is_some_and(|last| x - last < CLOSE) {
            continue;
        }
        match sign {
            Sign::Said => Sign::Said.draw(x, middle, Some(&mark.text), out)?,
            sign => {
                let told = format!("{} {}", words::marked(&mark.what, language), words::object(&mark.text, language));
                sign.draw(x, middle, Some(&told), out)?;
            }
        }
    }
    Ok(())
}

/// A hand-over is an arrow between two lanes, and no sign in either.
fn is_arrow(what: &What) -> bool {
    *what == What::Marked(Mark::HandedOver)
}

/// What stands in a lane at an instant, and what its sign means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Said,
    /// A number was read from a file.
    Read,
    /// A number was written to one.
    Write,
    /// Something went from one actor to another.
    Handover,
    Redelivered,
    DeadLetter,
    OwnerDied,
    /// Anything else that the journal marks.
    Other,
    Death,
}

impl From<&What> for Sign {
    fn from(what: &What) -> Self {
        match what {
            What::Said => Self::Said,
            What::Marked(Mark::Redelivered) => Self::Redelivered,
            What::Marked(Mark::DeadLetter) => Self::DeadLetter,
            What::Marked(Mark::OwnerDied) => Self::OwnerDied,
            What::Marked(Mark::Read) => Self::Read,
            What::Marked(Mark::Write) => Self::Write,
            What::Marked(
                Mark::HandedOver | Mark::Exits | Mark::Accepted | Mark::Closed | Mark::Scaffold | Mark::RecordFull,
            )
            | What::Unknown(_) => Self::Other,
        }
    }
}

impl Sign {
    /// The signs in a lane.
    pub(super) fn of(lane: &Lane) -> impl Iterator<Item = Self> {
        let marks = lane.marks.iter().map(|mark| &mark.what).filter(|what| !is_arrow(what)).map(Self::from);
        marks.chain(lane.death().map(|_| Self::Death))
    }

    /// Whether it is drawn of a crowd, too.
    pub(super) fn is_grave(self) -> bool {
        matches!(self, Self::Redelivered | Self::DeadLetter | Self::OwnerDied | Self::Death)
    }

    pub(super) fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Said => words::sign(words::Sign::Says, lang),
            Self::Read => words::mark(Mark::Read, lang),
            Self::Write => words::mark(Mark::Write, lang),
            Self::Handover => words::sign(words::Sign::HandsOver, lang),
            Self::Redelivered => words::mark(Mark::Redelivered, lang),
            Self::DeadLetter => words::mark(Mark::DeadLetter, lang),
            Self::OwnerDied => words::mark(Mark::OwnerDied, lang),
            Self::Other => words::sign(words::Sign::Mark, lang),
            Self::Death => words::sign(words::Sign::Dies, lang),
        }
    }

    pub(super) fn draw(self, x: f64, middle: f64, told: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
        let told = told.map(|told| format!("<title>{}</title>", text(told))).unwrap_or_default();
        let (left, right, top, bottom) = (x - 5.0, x + 5.0, middle - 5.0, middle + 5.0);
        let path = match self {
            Self::Said => {
                return writeln!(out, r#"<circle class="said" cx="{x:.1}" cy="{middle:.1}" r="3">{told}</circle>"#);
            }
            Self::Read => format!("M{left:.1} {top:.1}H{right:.1}L{x:.1} {bottom:.1}z"),
            Self::Write => format!("M{left:.1} {bottom:.1}H{right:.1}L{x:.1} {top:.1}z"),
            Self::Handover => format!("M{left:.1} {bottom:.1}L{right:.1} {top:.1}"),
            Self::Death => {
                format!("M{left:.1} {top:.1}L{right:.1} {bottom:.1}M{right:.1} {top:.1}L{left:.1} {bottom:.1}")
            }
            Self::DeadLetter => format!("M{left:.1} {top:.1}H{right:.1}V{bottom:.1}H{left:.1}z"),
            Self::OwnerDied => format!("M{x:.1} {top:.1}L{right:.1} {bottom:.1}H{left:.1}z"),
            Self::Redelivered | Self::Other => format!("M{x:.1} {:.1}l6 6l-6 6l-6 -6z", middle - 6.0),
        };
        let class = match self {
            Self::Handover => r#"handover" marker-end="url(#tip)"#,
            Self::Death => "dies",
            Self::Read | Self::Write | Self::Other => "mark other",
            _ => "mark",
        };
        writeln!(out, r#"<path class="{class}" d="{path}">{told}</path>"#)
    }
}

fn in_words(language: Lang, lane: &Lane, span: &Span) -> String {
    let (name, doing, on) = (&lane.name, words::doing(span.doing, language), words::object(&span.on, language));
    let (from, length) = (readable(span.from, language), readable(span.until - span.from, language));
    let gap = if on.is_empty() { "" } else { " " };
    let how = span.how.as_deref().map(|how| format!(", {}", words::how(how, language))).unwrap_or_default();
    let cut = match (span.cut, language) {
        (false, _) => "",
        (true, Lang::En) => ", cut by its death",
        (true, Lang::Zh) => ",因死亡中断",
    };
    format!("{name} {doing}{gap}{on}: {from} + {length}{how}{cut}")
}
