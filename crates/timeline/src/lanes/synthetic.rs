//! Journals that no run wrote, for tests of everything that reads one.

use std::fmt::Write;

use serde_json::{Value, json};

/// A journal in the making. Times are in milliseconds.
pub(crate) struct Script(String);

impl Script {
    /// The beginning of a run with one scene; main is process 1.
    pub(crate) fn new(lang: &str) -> Self {
        let main = if lang == "zh" { "主进程" } else { "main" };
        let run = json!({ "section": "ticket-mutex", "seed": 7, "speed": "10", "lang": lang, "version": 3 });
        Self(String::new()).line(0, 1, "main", "run", run).line(0, 1, main, "scene", json!({ "text": "locked" }))
    }

    pub(crate) fn line(mut self, millis: u64, pid: i32, actor: &str, kind: &str, keys: Value) -> Self {
        let mut event = json!({ "t": millis * 1_000_000, "pid": pid, "tid": pid, "actor": actor, "kind": kind });
        if let (Value::Object(event), Value::Object(keys)) = (&mut event, keys) {
            event.extend(keys);
        }
        writeln!(self.0, "{event}").expect("a string");
        self
    }

    pub(crate) fn born(self, millis: u64, pid: i32, name: &str) -> Self {
        let keys = json!({ "child": name, "child_pid": pid, "child_tid": pid, "parent": 1 });
        self.line(millis, 1, "main", "born", keys)
    }

    pub(crate) fn ended(self, millis: u64, pid: i32, exit: &str) -> Self {
        let keys = json!({ "child": "", "child_pid": pid, "child_tid": pid, "exit": exit });
        self.line(millis, 1, "main", "ended", keys)
    }

    pub(crate) fn begin(self, millis: u64, pid: i32, span: u64, doing: &str, on: &str) -> Self {
        self.line(millis, pid, "", "begin", json!({ "span": span, "doing": doing, "on": on }))
    }

    pub(crate) fn end(self, millis: u64, pid: i32, span: u64) -> Self {
        self.line(millis, pid, "", "end", json!({ "span": span }))
    }

    pub(crate) fn pause(self, millis: u64, pid: i32, length: u64) -> Self {
        self.line(millis, pid, "", "pause", json!({ "ns": length * 1_000_000 }))
    }

    pub(crate) fn mark(self, millis: u64, pid: i32, what: &str, from_pid: i32) -> Self {
        self.line(millis, pid, "", "mark", json!({ "what": what, "on": "queue 1", "from_pid": from_pid }))
    }

    pub(crate) fn say(self, millis: u64, pid: i32, text: &str) -> Self {
        self.line(millis, pid, "", "say", json!({ "text": text }))
    }

    /// A line that is no event.
    pub(crate) fn torn(mut self) -> Self {
        self.0.push_str("{\"t\": 5, \"pid\n");
        self
    }

    pub(crate) fn read(&self) -> super::Run {
        super::read_lines(self.0.as_bytes())
    }
}

/// Everything that a picture can show, in the given language: two buyers and a lock, an eater that
/// is killed with a dish in hand, and who gets the dish then.
pub(crate) fn everything(lang: &str) -> super::Run {
    let (one, two, first, second) =
        if lang == "zh" { ("用户1", "用户2", "八戒", "悟空") } else { ("user 1", "user 2", "piggy", "monkey") };
    let lock = "tickets.json.lock";
    Script::new(lang)
        .born(20, 11, one)
        .born(30, 12, two)
        .born(40, 13, first)
        .born(50, 14, second)
        .begin(100, 11, 1, "hold-lock", lock)
        .begin(100, 12, 1, "wait-lock", lock)
        .begin(100, 13, 1, "work", "queue 1")
        .begin(100, 14, 1, "wait-get", "queue 1")
        .pause(200, 11, 300)
        .pause(200, 13, 600)
        .say(600, 11, "bought")
        .end(600, 11, 1)
        .end(600, 12, 1)
        .begin(600, 12, 2, "hold-lock", lock)
        .ended(500, 13, "signal SIGKILL")
        .end(510, 14, 1)
        .mark(510, 14, "redelivered", 13)
        .begin(510, 14, 2, "work", "queue 1")
        .say(700, 11, "done")
        .mark(720, 12, "owner died", 0)
        .ended(800, 11, "code 0")
        .end(850, 12, 2)
        .end(850, 14, 2)
        .ended(900, 12, "code 0")
        .ended(950, 14, "code 7")
        .say(1000, 1, "the end")
        .read()
}
