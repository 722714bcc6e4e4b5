//! A scene's claims as a table: what must happen, and how it is held against what did.
//!
//! The act of a scene returns what it observed, and the journal has the rest. The table says for each claim
//! its words, what it expects, and where in the two the answer is. So the act has nothing in it but the
//! lesson. [`Stage::play`](crate::stage::Stage::play) makes the claims, plays the act and checks.

use journal::{Event, Kind};
use killproof::observe::Location;
use serde_json::Value;

use crate::report::Expect;
use crate::words::Text;

/// A table of claims about an act that returns `O`.
///
/// ```
/// use common::claims::Claims;
/// use common::report::Is;
///
/// common::words! {
///     fn ends_well() { en: "the child ends with code 0", zh: "子进程以代码 0 结束" }
///     fn speaks_first() { en: "main speaks before the child is done", zh: "主进程先说话" }
///     fn main_speaks() { en: "main process", zh: "主进程" }
///     fn task_done(name) { en: "{name}: task done", zh: "{name}任务执行完毕" }
/// }
///
/// /// Of an act that returns the child's end.
/// fn claims() -> Claims<String> {
///     Claims::<String>::new()
///         .claim(ends_well(), Is("code 0"), |exit, _| exit.clone())
///         .claim(speaks_first(), Is(true), |_, record| record.said_before(&main_speaks(), &task_done("speech")))
/// }
/// # let _ = claims();
/// ```
pub struct Claims<O> {
    pub(crate) rows: Vec<Row<O>>,
}

/// Reads the answer to a claim out of what the act returned, and out of the record.
type Observe<O> = Box<dyn Fn(&O, &Record) -> Value>;

pub(crate) struct Row<O> {
    pub(crate) text: Text,
    pub(crate) expect: Expect,
    pub(crate) observe: Observe<O>,
    /// The line of the table.
    pub(crate) at: Location,
}

impl<O> Default for Claims<O> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<O> Claims<O> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a claim: `observe` reads the answer out of what the act returned, and out of the record.
    #[must_use]
    #[track_caller]
    pub fn claim<V: Into<Value>>(
        mut self,
        text: impl Into<Text>,
        expect: Expect,
        observe: impl Fn(&O, &Record) -> V + 'static,
    ) -> Self {
        let observe = Box::new(move |observed: &O, record: &Record| observe(observed, record).into());
        self.rows.push(Row { text: text.into(), expect, observe, at: std::panic::Location::caller() });
        self
    }

    /// Adds a claim if `condition` holds.
    #[must_use]
    #[track_caller]
    pub fn claim_if<V: Into<Value>>(
        mut self,
        condition: bool,
        text: impl Into<Text>,
        expect: Expect,
        observe: impl Fn(&O, &Record) -> V + 'static,
    ) -> Self {
        let row = Row {
            text: text.into(),
            expect,
            observe: Box::new(move |observed: &O, record: &Record| observe(observed, record).into()),
            at: std::panic::Location::caller(),
        };
        self.rows.extend(condition.then_some(row));
        self
    }
}

/// What the journal has about one scene, in the order in which it was written.
#[derive(Clone, Debug)]
pub struct Record {
    events: Vec<Event>,
}

impl Record {
    pub(crate) fn new(events: Vec<Event>) -> Self {
        Self { events }
    }

    /// All events of the scene.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every time that this was said: the same entry of the table of words, with the same arguments.
    pub fn said<'a>(&'a self, text: &Text) -> impl DoubleEndedIterator<Item = &'a Event> {
        let (key, args) = (text.key(), text.args());
        let has_args = move |event: &Event| args.iter().all(|(name, value)| event.arg(name) == Some(value));
        self.spoken().filter(move |event| event.key() == key && has_args(event))
    }

    /// Every time that something was said under this key of the table of words, with any arguments.
    pub fn said_as<'a>(&'a self, key: &'a str) -> impl DoubleEndedIterator<Item = &'a Event> {
        self.spoken().filter(move |event| event.key() == Some(key))
    }

    fn spoken(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(|event| event.kind == Kind::Say)
    }

    /// Whether the first was said before the second, for the first time each.
    #[must_use]
    pub fn said_before(&self, first: &Text, second: &Text) -> bool {
        let when = |text| self.said(text).map(|event| event.t).min();
        when(first).zip(when(second)).is_some_and(|(first, second)| first < second)
    }
}
