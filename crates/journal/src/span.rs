//! Spans and marks, as lines of the journal.

use std::cell::Cell;
use std::fmt::Display;
use std::io::Write as _;
use std::sync::Arc;

use killproof::observe::{End, Location, OpenSpan};

use crate::kinds::{Doing, Mark};
use crate::line::{self, Keys};
use crate::recorder::{acquired, locked, with_me};

thread_local! {
    /// The number of the last span that this thread began.
    static SPANS: Cell<u32> = const { Cell::new(0) };
}

/// A span that ends in the name of the actor that began it, on whichever thread it ends.
#[derive(Debug)]
pub(crate) struct Open {
    doing: Doing,
    number: u32,
    who: Arc<str>,
}

impl Open {
    /// Writes the line that begins a span.
    pub(crate) fn begin(doing: Doing, on: &dyn Display, keys: Keys<'_>, at: Location) -> Option<Self> {
        begin(doing, on, keys, at).map(|(number, who)| Self { doing, number, who })
    }
}

impl OpenSpan for Open {
    fn end(&mut self, how: End) {
        if self.doing == Doing::WaitLock && how == End::Usual {
            // Before the line: its reader must not keep the lock from others.
            acquired();
        }
        end(self.number, Some(&self.who), how);
    }
}

/// Writes the line that begins a span. Returns its number, and the part of the line that says who it is.
#[inline(never)]
pub(crate) fn begin(doing: Doing, on: &dyn Display, keys: Keys<'_>, at: Location) -> Option<(u32, Arc<str>)> {
    with_me(|me| {
        let number = SPANS.get() + 1;
        SPANS.set(number);
        let who = Arc::clone(&me.who);
        if doing == Doing::HoldLock {
            // Before the line, which must not wait for its reader.
            locked();
        }
        me.write(&who, |line| {
            write!(line, r#"begin","span":{number},"doing":"{}""#, doing.name())?;
            line::about(line, on, keys, at)
        });
        (number, who)
    })
}

/// Writes the line that ends one, in the name of `who`, or of the caller.
#[inline(never)]
pub(crate) fn end(number: u32, who: Option<&str>, how: End) {
    with_me(|me| {
        let caller = Arc::clone(&me.who);
        me.write(who.unwrap_or(&caller), |line| {
            write!(line, r#"end","span":{number}"#)?;
            words(how).map_or(Ok(()), |how| write!(line, r#","how":"{how}""#))
        });
    });
}

/// Records that something happened to what has a name.
#[inline(never)]
pub(crate) fn mark(mark: Mark, on: &dyn Display, keys: Keys<'_>, at: Location) {
    with_me(|me| {
        let who = Arc::clone(&me.who);
        me.write(&who, |line| {
            write!(line, r#"mark","what":"{}""#, mark.name())?;
            line::about(line, on, keys, at)
        });
    });
}

/// What the journal calls an end that is not the usual one.
fn words(how: End) -> Option<&'static str> {
    match how {
        End::Usual => None,
        End::TimedOut => Some("timed out"),
        End::Interrupted => Some("interrupted"),
        End::Panicked => Some("panicked"),
        End::Returned => Some("returned"),
    }
}
