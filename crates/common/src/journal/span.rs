//! What locks, queues and gates write into the journal by themselves: spans and marks.
//!
//! A primitive takes its name in the run ([`Made`]) when it is made. One that is made while nobody
//! records has none, and never writes a line: that is all that the recorder costs then, a look at
//! the primitive's own number. So the journal's and the run's own machinery, made before the recorder
//! is on, does not record itself.

use std::cell::Cell;
use std::fmt::{self, Display, Write as _};
use std::io::Write as _;
use std::panic::Location;
use std::sync::Arc;

use super::doing::Doing;
use super::line::{self, At};
use super::recorder::{is_on, with_me};

thread_local! {
    /// The number of the last span that this thread began.
    static SPANS: Cell<u32> = const { Cell::new(0) };
}

/// What happened at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Redelivered,
    DeadLetter,
    OwnerDied,
    HandedOver,
    Exits,
    Accepted,
    Closed,
}

/// What has a number of its own in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Mutex,
    Queue,
    Gate,
    Barrier,
}

/// How many kinds of [`Thing`] there are.
pub(super) const THINGS: usize = 4;

/// The name of a lock, queue or gate in the run: `queue 2` is the second that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    thing: Thing,
    /// 0: made while nobody recorded.
    number: u32,
}

/// Something that an actor does, until this is dropped.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub(crate) struct Span(Option<Box<Open>>);

/// A span that ends on the thread where it began, by a call of [`SpanHere::end`]: as small as its
/// number, and nothing to drop, for guards that must cost nothing.
///
/// A guard that is a pointer and this travels in two registers, where one with a third field travels
/// through memory, at twice the time. So it keeps a bit for its owner, too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanHere(u32);

/// The bit of a [`SpanHere`] that is its owner's. Above it stands the number; 0: nobody records it.
const OWNERS: u32 = 1;

/// Ends where it began: in the name of the actor that began it, whoever drops it.
#[derive(Debug)]
struct Open {
    /// 0: somebody else ends it.
    number: u32,
    who: Arc<str>,
    how: Option<&'static str>,
}

impl Made {
    /// The next name of its kind, if anybody records.
    pub(crate) fn new(thing: Thing) -> Self {
        let number = || with_me(|me| me.number(thing));
        Self { thing, number: if is_on() { number().unwrap_or(0) } else { 0 } }
    }

    /// Whether anything about it may be recorded.
    #[inline]
    pub(crate) fn is_recorded(self) -> bool {
        self.number != 0
    }

    /// Begins a span, in the name of the caller.
    #[inline]
    #[track_caller]
    pub(crate) fn begin(self, doing: Doing) -> Span {
        self.begin_at(doing, Location::caller())
    }

    /// Begins a span that was asked for at another line than this is called.
    #[inline]
    pub(crate) fn begin_at(self, doing: Doing, at: At) -> Span {
        if self.is_recorded() { begin(doing, &self, &[], at) } else { Span(None) }
    }

    /// Begins a span that ends on this thread.
    #[inline]
    #[track_caller]
    pub(crate) fn begin_here(self, doing: Doing) -> SpanHere {
        if self.is_recorded() { self.begin_here_slowly(doing) } else { SpanHere(0) }
    }

    /// Far from the way of a lock that nobody records, which would else not be inlined.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn begin_here_slowly(self, doing: Doing) -> SpanHere {
        SpanHere(begun(doing, &self, &[], Location::caller()).map_or(0, |(number, _)| number << 1))
    }

    /// Records that something happened; `keys` have values as JSON writes them.
    #[inline]
    pub(crate) fn mark(self, what: What, keys: &[(&str, &dyn Display)], at: At) {
        if self.is_recorded() {
            mark(what, &self, keys, at);
        }
    }
}

/// Begins a span on what has a name; `keys` have values as JSON writes them.
pub(crate) fn begin(doing: Doing, on: &dyn Display, keys: &[(&str, &dyn Display)], at: At) -> Span {
    let open = |(number, who)| Box::new(Open { number, who, how: None });
    Span(begun(doing, on, keys, at).map(open))
}

/// Writes the line that begins a span. Returns its number, and in whose name it is written.
#[inline(never)]
fn begun(doing: Doing, on: &dyn Display, keys: &[(&str, &dyn Display)], at: At) -> Option<(u32, Arc<str>)> {
    if !is_on() {
        return None;
    }
    with_me(|me| {
        let number = SPANS.get() + 1;
        SPANS.set(number);
        let who = Arc::clone(&me.who);
        me.write(&who, |line| {
            write!(line, r#"begin","span":{number},"doing":"{}","on":"#, doing.name())?;
            text(line, on)?;
            more(line, keys, at)
        });
        (number, who)
    })
}

/// Writes the line that ends one, in the name of `who`, or of the caller.
#[inline(never)]
fn ended(number: u32, who: Option<&str>, how: Option<&str>) {
    if is_on() {
        with_me(|me| {
            let caller = Arc::clone(&me.who);
            me.write(who.unwrap_or(&caller), |line| {
                write!(line, r#"end","span":{number}"#)?;
                how.map_or(Ok(()), |how| write!(line, r#","how":"{how}""#))
            });
        });
    }
}

/// Records that something happened to what has a name; `keys` have values as JSON writes them.
#[inline(never)]
pub(crate) fn mark(what: What, on: &dyn Display, keys: &[(&str, &dyn Display)], at: At) {
    if is_on() {
        with_me(|me| {
            let who = Arc::clone(&me.who);
            me.write(&who, |line| {
                write!(line, r#"mark","what":"{}","on":"#, what.name())?;
                text(line, on)?;
                more(line, keys, at)
            });
        });
    }
}

/// Records that this process ends by itself, with this code. Who kills it leaves it no time to say so.
#[inline]
#[track_caller]
pub(crate) fn exits(code: u8) {
    mark(What::Exits, &"", &[("exit", &format_args!(r#""code {code}""#))], Location::caller());
}

impl Span {
    /// One that nobody records.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Whether nobody records it.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The same span, for whoever ends it on this thread.
    pub(crate) fn into_here(mut self) -> SpanHere {
        SpanHere(self.0.as_mut().map_or(0, |open| std::mem::take(&mut open.number) << 1))
    }

    /// How it will have ended, when it is dropped.
    #[inline]
    pub(crate) fn ends(&mut self, how: &'static str) {
        if let Some(open) = &mut self.0 {
            open.how = Some(how);
        }
    }

    /// Ends it now: before what comes next, where dropping it with its owner would be too late.
    #[inline]
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.number != 0 {
            ended(self.number, Some(&self.who), self.how);
        }
    }
}

impl SpanHere {
    /// With its owner's bit set, or not.
    #[inline]
    pub(crate) fn with(self, bit: bool) -> Self {
        Self(self.0 & !OWNERS | u32::from(bit))
    }

    /// Its owner's bit.
    #[inline]
    pub(crate) fn bit(self) -> bool {
        self.0 & OWNERS != 0
    }

    /// Whether it has to be ended.
    #[inline]
    pub(crate) fn is_recorded(self) -> bool {
        self.0 > OWNERS
    }

    /// Ends it now.
    pub(crate) fn end(self, how: Option<&'static str>) {
        if self.is_recorded() {
            ended(self.0 >> 1, None, how);
        }
    }
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Redelivered => "redelivered",
            Self::DeadLetter => "dead letter",
            Self::OwnerDied => "owner died",
            Self::HandedOver => "handed over",
            Self::Exits => "exits",
            Self::Accepted => "accepted",
            Self::Closed => "closed",
        }
    }
}

impl Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thing = match self.thing {
            Thing::Mutex => "mutex",
            Thing::Queue => "queue",
            Thing::Gate => "gate",
            Thing::Barrier => "barrier",
        };
        write!(f, "{thing} {}", self.number)
    }
}

fn text(line: &mut Vec<u8>, text: &dyn Display) -> std::io::Result<()> {
    line.push(b'"');
    write!(Escaped(line), "{text}").map_err(std::io::Error::other)?;
    line.push(b'"');
    Ok(())
}

fn more(line: &mut Vec<u8>, keys: &[(&str, &dyn Display)], at: At) -> std::io::Result<()> {
    keys.iter().try_for_each(|(key, value)| write!(line, r#","{key}":{value}"#))?;
    let Some((path, number)) = line::of(at) else { return Ok(()) };
    // A path of our own: nothing in it needs to be escaped.
    write!(line, r#","at":"{path}:{number}""#)
}

/// The inside of a JSON string.
struct Escaped<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                0..0x20 => write!(self.0, "\\u{byte:04x}").map_err(|_| fmt::Error)?,
                _ => self.0.push(byte),
            }
        }
        Ok(())
    }
}
