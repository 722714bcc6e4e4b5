//! Spans and marks, as lines of the journal.

use std::cell::Cell;
use std::sync::Arc;

use killproof::observe::{End, Location, OpenSpan};

use crate::kinds::{Doing, Mark};
use crate::line::{self, Keys, On, push, push_number};
use crate::recorder::{Me, acquired, locked, with_me};
use crate::scaffolding;

thread_local! {
    /// The number of the last span that this thread began.
    static SPANS: Cell<u32> = const { Cell::new(0) };
}

/// A span that ends in the name of the actor that began it, on whichever thread it ends.
#[derive(Debug)]
pub(crate) struct Open {
    doing: Doing,
    number: u32,
    who: Arc<[u8]>,
}

impl Open {
    /// Writes the line that begins a span.
    pub(crate) fn begin(doing: Doing, on: On<'_>, keys: Keys<'_>, at: Location) -> Option<Self> {
        with_me(|me| Self { doing, number: begin_by(me, doing, on, keys, at), who: Arc::clone(&me.who) })
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

/// Writes the line that begins a span of the caller. Returns its number.
#[inline(never)]
pub(crate) fn begin(doing: Doing, on: On<'_>, keys: Keys<'_>, at: Location) -> Option<u32> {
    with_me(|me| begin_by(me, doing, on, keys, at))
}

fn begin_by(me: &mut Me, doing: Doing, on: On<'_>, keys: Keys<'_>, at: Location) -> u32 {
    let number = SPANS.get() + 1;
    SPANS.set(number);
    if doing == Doing::HoldLock {
        // Before the line, which must not wait for its reader.
        locked();
    }
    me.write(at, |line, place| {
        push(line, r#"begin","span":"#);
        push_number(line, number.into());
        push(line, r#","doing":""#);
        push(line, doing.name());
        line.push(b'"');
        if scaffolding::is_on() {
            push(line, r#","scaffold":true"#);
        }
        line::about(line, on, keys, place);
    });
    number
}

/// Writes the line that ends one, in the name of `who`, or of the caller.
#[inline(never)]
pub(crate) fn end(number: u32, who: Option<&[u8]>, how: End) {
    with_me(|me| {
        me.write_end(who, |line| {
            push(line, r#"end","span":"#);
            push_number(line, number.into());
            if let Some(how) = words(how) {
                push(line, r#","how":""#);
                push(line, how);
                line.push(b'"');
            }
        });
    });
}

/// Records that something happened to what has a name.
#[inline(never)]
pub(crate) fn mark(mark: Mark, on: On<'_>, keys: Keys<'_>, at: Location) {
    with_me(|me| {
        me.write(at, |line, place| {
            push(line, r#"mark","what":""#);
            push(line, mark.name());
            line.push(b'"');
            if scaffolding::is_on() {
                push(line, r#","scaffold":true"#);
            }
            line::about(line, on, keys, place);
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
