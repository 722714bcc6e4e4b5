//! How a primitive reports: its number, its spans, its marks.

use std::mem::ManuallyDrop;
use std::num::NonZeroU32;

use super::installed::{ask, finish, tell_of_the_end};
use super::{End, Location, Mark, Object, ObjectKind, Observer, OpenSpan, SpanKind, Stamp};
use crate::error::Error;

/// The number of an object, if an observer gave it one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectId {
    kind: ObjectKind,
    number: Option<NonZeroU32>,
}

impl ObjectId {
    pub(crate) fn new(kind: ObjectKind) -> Self {
        Self { kind, number: ask(|observer| observer.made(kind)).flatten() }
    }

    #[inline]
    pub(crate) fn is_observed(self) -> bool {
        self.number.is_some()
    }

    /// Begins a span of the caller.
    #[inline]
    pub(crate) fn begin(self, kind: SpanKind, at: Location) -> Span {
        self.number.map_or(Span(None), |number| begin(kind, Object::Numbered(self.kind, number), at))
    }

    /// Begins a span that ends on this thread.
    #[inline]
    #[track_caller]
    pub(crate) fn begin_here(self, kind: SpanKind) -> SpanHere {
        self.number.map_or(SpanHere(0), |number| begin_here(kind, Object::Numbered(self.kind, number)))
    }

    #[inline]
    pub(crate) fn mark(self, mark: Mark, at: Location) {
        if let Some(number) = self.number {
            report(mark, Object::Numbered(self.kind, number), at);
        }
    }
}

/// Begins a span on an object that has no number of its own.
#[cold]
pub(crate) fn begin(kind: SpanKind, on: Object<'_>, at: Location) -> Span {
    let span = ask(|observer| observer.begin(kind, on, at)).flatten();
    Span(span.map(|span| Box::new(Open { span: Some(span), how: End::Usual, holds: kind == SpanKind::HoldLock })))
}

/// Out of line, so that the path of a lock that is not observed is inlined.
#[cold]
#[inline(never)]
#[track_caller]
fn begin_here(kind: SpanKind, on: Object<'_>) -> SpanHere {
    let at = std::panic::Location::caller();
    let span = ask(|observer| observer.begin_here(kind, on, at)).flatten();
    SpanHere(span.map_or(0, |span| span.get() << 1))
}

#[cold]
#[inline(never)]
fn report(mark: Mark, on: Object<'_>, at: Location) {
    ask(|observer| observer.mark(mark, on, at));
}

/// Reports that this process ends by itself. False if the observer panicked.
#[inline]
#[track_caller]
pub(crate) fn exits(code: u8) -> bool {
    let at = std::panic::Location::caller();
    tell_of_the_end(|observer| observer.mark(Mark::Exits { code }, Object::Process, at))
}

#[cold]
pub(crate) fn stamp() -> Stamp {
    ask(Observer::stamp).unwrap_or_default()
}

/// What the caller does, until this is dropped.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub(crate) struct Span(Option<Box<Open>>);

#[derive(Debug)]
struct Open {
    /// Until it ends.
    span: Option<Box<dyn OpenSpan>>,
    how: End,
    holds: bool,
}

impl Span {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Sets how it ends when it is dropped.
    #[inline]
    pub(crate) fn ends(&mut self, how: End) {
        if let Some(open) = &mut self.0 {
            open.how = how;
        }
    }

    /// Sets how it ends when it is dropped: as a wait with this result did. `Ok(false)`: its deadline came first.
    pub(crate) fn ends_as(&mut self, waited: &Result<bool, Error>) {
        match waited {
            Ok(true) => {}
            Ok(false) => self.ends(End::TimedOut),
            Err(_) => self.ends(End::Interrupted),
        }
    }

    /// Leaves it without an end: it is the copy of another process's span.
    #[cold]
    pub(crate) fn forget(&mut self) {
        let _ = ManuallyDrop::new(self.0.take());
    }

    /// Ends it now, where dropping it with its owner would be too late. True if the caller must report as
    /// soon as the lock that it held is free: [`released`].
    #[inline]
    pub(crate) fn end(&mut self) -> bool {
        self.0.take().is_some_and(|open| open.holds)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(mut span) = self.span.take() {
            finish(|_| span.end(self.how));
            finish(|_| drop(span));
        }
    }
}

/// A span that ends on the thread where it began, by a call of [`SpanHere::end`], with a bit for its
/// owner's use.
///
/// A lock's guard that is a pointer and this is returned in two registers; with a third field it would be
/// returned through memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanHere(u32);

/// The owner's bit of a [`SpanHere`]. The span's number is above it; 0: not observed.
const OWNERS: u32 = 1;

impl SpanHere {
    /// With this owner's bit.
    #[inline]
    pub(crate) fn with(self, bit: bool) -> Self {
        Self(self.0 & !OWNERS | u32::from(bit))
    }

    #[inline]
    pub(crate) fn bit(self) -> bool {
        self.0 & OWNERS != 0
    }

    /// Whether it has to be ended.
    #[inline]
    pub(crate) fn is_observed(self) -> bool {
        self.0 > OWNERS
    }

    #[cold]
    pub(crate) fn end(self, how: End) {
        if let Some(span) = NonZeroU32::new(self.0 >> 1) {
            finish(|observer| observer.end_here(span, how));
        }
    }
}

/// A [`SpanHere`] of a lock that is held. Dropped, it ends: before the lock's own guard is dropped,
/// if it is declared before that.
#[derive(Debug)]
pub(crate) struct HoldSpan(SpanHere);

impl HoldSpan {
    pub(crate) fn new(span: SpanHere) -> Self {
        Self(span)
    }

    /// The span goes on, in another guard.
    pub(crate) fn into_here(mut self) -> SpanHere {
        std::mem::replace(&mut self.0, SpanHere(0))
    }
}

impl Drop for HoldSpan {
    fn drop(&mut self) {
        if self.0.is_observed() {
            self.0.end(End::Usual);
        }
    }
}

/// A [`SpanHere`] of a lock that is held. Dropped, it reports that the lock is free: declared after the
/// lock's own guard, it is dropped after that.
#[derive(Debug)]
pub(crate) struct FreedSpan(SpanHere);

impl FreedSpan {
    #[inline]
    pub(crate) fn new(span: SpanHere) -> Self {
        Self(span)
    }

    #[inline]
    pub(crate) fn span(&self) -> SpanHere {
        self.0
    }

    /// Dropped, it reports nothing: the lock stays held, in another guard or by another process.
    pub(crate) fn disarm(&mut self) {
        self.0 = SpanHere(0);
    }
}

impl Drop for FreedSpan {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_observed() {
            released();
        }
    }
}

/// The lock whose holding was observed is free.
#[cold]
pub(crate) fn released() {
    finish(Observer::released);
}
