//! A scene's claims as a table: what must happen, and how it is held against what did.
//!
//! The act of a scene returns what it observed, and the journal has the rest. The table says for each claim
//! its words, what it expects, and where in the two the answer is. So the act has nothing in it but the
//! lesson. [`Stage::play`](crate::stage::Stage::play) makes the claims, plays the act and checks.

use journal::{Event, Kind};
use killproof::observe::Location;
use killproof::procfs;
use serde_json::Value;

use crate::error::Error;
use crate::lang::Lang;
use crate::report::{Expect, Is, Observed};
use crate::words::Text;

crate::words! {
    pub(crate) fn nothing_is_left() { en: "no child and no zombie is left", zh: "没有留下任何子进程或僵尸进程" }
}

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

/// Reads the answer to a claim out of what the act returned, and out of the record, and why it proves nothing, if it
/// does not.
type Observe<O> = Box<dyn Fn(&O, &Record) -> Result<(Observed, Option<Text>), Error>>;

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
    pub fn claim<V: Into<Observed>>(
        mut self,
        text: impl Into<Text>,
        expect: Expect,
        observe: impl Fn(&O, &Record) -> V + 'static,
    ) -> Self {
        let observe = move |observed: &O, record: &Record| Ok((observe(observed, record).into(), None));
        self.rows.push(Row::new(text.into(), expect, observe));
        self
    }

    /// Adds a claim about a measurement, which may prove nothing: where `doubt` returns a reason, the check has no
    /// verdict. It has not held then, and has not failed.
    ///
    /// ```
    /// use common::claims::Claims;
    /// use common::report::Expect;
    ///
    /// common::words! {
    ///     fn is_faster() { en: "it is faster: times", zh: "它更快:倍" }
    ///     fn was_busy() { en: "this machine was busy", zh: "这台机器很忙" }
    /// }
    ///
    /// /// Of an act that returns a speed-up, and which part of the wall time was CPU time.
    /// fn claims() -> Claims<(f64, f64)> {
    ///     let doubt = |(_, part): &(f64, f64), _: &_| (*part < 0.8).then(was_busy);
    ///     Claims::<(f64, f64)>::new().claim_of_measurement(is_faster(), Expect::Above(1.0), doubt, |(times, _), _| *times)
    /// }
    /// # let _ = claims();
    /// ```
    #[must_use]
    #[track_caller]
    pub fn claim_of_measurement<V: Into<Observed>>(
        mut self,
        text: impl Into<Text>,
        expect: Expect,
        doubt: impl Fn(&O, &Record) -> Option<Text> + 'static,
        observe: impl Fn(&O, &Record) -> V + 'static,
    ) -> Self {
        let observe =
            move |observed: &O, record: &Record| Ok((observe(observed, record).into(), doubt(observed, record)));
        self.rows.push(Row::new(text.into(), expect, observe));
        self
    }

    /// Adds a claim if `condition` holds.
    #[must_use]
    #[track_caller]
    pub fn claim_if<V: Into<Observed>>(
        self,
        condition: bool,
        text: impl Into<Text>,
        expect: Expect,
        observe: impl Fn(&O, &Record) -> V + 'static,
    ) -> Self {
        if condition { self.claim(text, expect, observe) } else { self }
    }

    /// Adds the claim that no child and no zombie of this process is left after the act, as `/proc` has it.
    #[must_use]
    #[track_caller]
    pub fn claim_nothing_left(mut self) -> Self {
        self.rows.push(Row::new(nothing_is_left(), Is(0), |_, _| Ok((procfs::children()?.len().into(), None))));
        self
    }
}

impl<O> Row<O> {
    #[track_caller]
    fn new(
        text: Text,
        expect: Expect,
        observe: impl Fn(&O, &Record) -> Result<(Observed, Option<Text>), Error> + 'static,
    ) -> Self {
        Self { text, expect, observe: Box::new(observe), at: std::panic::Location::caller() }
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
        let is_it = same_entry(text);
        self.spoken().filter(move |event| is_it(event))
    }

    /// Every time that something was said under this key of the table of words, with any arguments.
    pub fn said_as<'a>(&'a self, key: &'a str) -> impl DoubleEndedIterator<Item = &'a Event> {
        self.spoken().filter(move |event| event.key() == Some(key))
    }

    fn spoken(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.of(Kind::Say)
    }

    fn of(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(move |event| event.kind == kind)
    }

    /// Whether the first was said before the second, for the first time each.
    #[must_use]
    pub fn said_before(&self, first: &Text, second: &Text) -> bool {
        let when = |text| self.said(text).map(|event| event.t).min();
        when(first).zip(when(second)).is_some_and(|(first, second)| first < second)
    }

    /// The birth of every process and thread of this name.
    pub fn born<'a>(&'a self, name: &Text) -> impl DoubleEndedIterator<Item = &'a Event> {
        let is_it = same_entry(name);
        // A name that is in no table of words is the same in every language.
        let name = name.key().is_none().then(|| name.in_lang(Lang::default()));
        let is_named = move |event: &Event| {
            name.as_ref().is_none_or(|name| event.data.get("child") == Some(&name.as_str().into()))
        };
        self.of(Kind::Born).filter(move |event| is_it(event) && is_named(event))
    }

    /// The end of every process and thread of this name, as the process that reaped it wrote it down:
    /// [`Event::exit`] says how it ended.
    pub fn ended<'a>(&'a self, name: &Text) -> impl DoubleEndedIterator<Item = &'a Event> {
        let child = |event: &Event| ["child_pid", "child_tid"].map(|key| event.data.get(key).and_then(Value::as_i64));
        let born: Vec<_> = self.born(name).map(child).collect();
        self.of(Kind::Ended).filter(move |event| born.contains(&child(event)))
    }
}

/// Whether an event has the same entry of the table of words, with the same arguments.
fn same_entry(text: &Text) -> impl Fn(&Event) -> bool + use<> {
    let (key, args) = (text.key(), text.args());
    move |event| event.key() == key && args.iter().all(|(name, value)| event.arg(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    crate::words! {
        fn king() { en: "King Zhou", zh: "纣王" }
        fn user(number) { en: "user {number}", zh: "用户{number}" }
    }

    fn record() -> Record {
        let event = |kind: &str, child: i32, more: Value| {
            let mut event = json!({ "t": 1, "pid": 1, "tid": 1, "actor": "main", "kind": kind });
            let fields = event.as_object_mut().expect("an object");
            fields.extend(json!({ "child_pid": child, "child_tid": child }).as_object().expect("an object").clone());
            fields.extend(more.as_object().expect("an object").clone());
            serde_json::from_value(event).expect("an event")
        };
        Record::new(vec![
            event("born", 2, json!({ "child": "King Zhou", "key": "king" })),
            event("born", 3, json!({ "child": "user 3", "key": "user", "args": { "number": 3 } })),
            event("born", 4, json!({ "child": "a user's own" })),
            event("ended", 3, json!({ "child": "user 3", "exit": "code 3" })),
            event("ended", 4, json!({ "child": "a user's own", "exit": "code 4" })),
            event("ended", 2, json!({ "child": "King Zhou", "exit": "signal SIGKILL" })),
        ])
    }

    #[test]
    fn an_end_is_found_by_the_name_of_the_birth() {
        let record = record();
        let ends = |name: &Text| record.ended(name).filter_map(Event::exit).collect::<Vec<_>>();
        assert_eq!(ends(&king()), ["signal SIGKILL"]);
        assert_eq!(ends(&user(3)), ["code 3"]);
        assert_eq!(ends(&Text::from("a user's own")), ["code 4"]);
        assert_eq!((ends(&user(4)), ends(&Text::from("King Zhou"))), (vec![], vec![]));
    }
}
