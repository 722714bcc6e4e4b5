//! What a section printed: its events, its report, its complaints.

use common::journal::{Event, Kind};
use common::lang::Lang;
use common::report::{Check, Figure};
use serde_json::Value;

/// One line of a section.
#[derive(Debug, PartialEq)]
pub(crate) enum Line {
    /// Of its journal.
    Event(Event),
    /// The JSON object at its end.
    Report(Value),
    /// Anything else: what it printed on standard error, a line that a crash cut short.
    Complaint(String),
}

impl Line {
    pub(crate) fn of(line: &str) -> Self {
        let line = line.trim_end();
        if let Ok(event) = serde_json::from_str(line) {
            return Self::Event(event);
        }
        match serde_json::from_str::<Value>(line) {
            Ok(value) if value["scenes"].is_array() && value["held"].is_boolean() => Self::Report(value),
            _ => Self::Complaint(line.to_owned()),
        }
    }
}

/// What a section printed so far.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    /// Its journal, in the order in which the lines came.
    pub(crate) events: Vec<Event>,
    /// The current scene.
    pub(crate) scene: String,
    /// How many claims it made.
    pub(crate) claims: usize,
    /// How many of its claims held.
    pub(crate) held: usize,
    /// How many of its claims have no verdict: what was observed proved nothing.
    pub(crate) open: usize,
    /// The checks that did not hold, each with its scene.
    pub(crate) broken: Vec<(String, Check)>,
    pub(crate) report: Option<Value>,
    pub(crate) complaints: Vec<String>,
}

impl Capture {
    /// Takes a line; returns the event if the line is one.
    pub(crate) fn read(&mut self, line: Line) -> Option<Event> {
        match line {
            Line::Event(event) => {
                self.note(&event);
                self.events.push(event.clone());
                Some(event)
            }
            Line::Report(report) => {
                self.report = Some(report);
                None
            }
            Line::Complaint(line) => {
                if !line.is_empty() {
                    self.complaints.push(line);
                }
                None
            }
        }
    }

    /// Whether the section made a claim, and reported that every claim held that has a verdict. `None`: no report.
    pub(crate) fn reported_held(&self) -> Option<bool> {
        let held = self.report.as_ref()?["held"] == true;
        Some(held && self.claims > 0 && self.held + self.open == self.claims)
    }

    /// A figure of its report.
    pub(crate) fn figure(&self, scene: &str, name: &str) -> Option<Figure> {
        let scenes = self.report.as_ref()?["scenes"].as_array()?;
        let figure = &scenes.iter().find(|found| found["scene"] == scene)?["figures"][name];
        let unit = figure["unit"].as_str()?.to_owned();
        Some(Figure {
            name: name.to_owned(),
            words: name.to_owned(),
            value: figure["value"].clone(),
            unit: unit.clone(),
            unit_words: unit,
            is_in_table: false,
        })
    }

    /// Whether a check of the scene has no verdict: what was measured there proves nothing.
    pub(crate) fn is_open(&self, scene: &str) -> bool {
        let scenes = self.report.as_ref().and_then(|report| report["scenes"].as_array());
        let found = scenes.and_then(|scenes| scenes.iter().find(|found| found["scene"] == scene));
        let checks = found.and_then(|found| found["checks"].as_array());
        checks.is_some_and(|checks| checks.iter().any(|check| check["held"].is_null()))
    }

    /// The unit of this name, in words.
    pub(crate) fn unit_in(&self, lang: Lang, unit: &str) -> String {
        let is_it = |event: &&Event| event.data.get("unit").is_some_and(|named| named == unit);
        let words = self.events.iter().find(is_it).and_then(|event| event.data.get("unit_words")?.get(lang.code()));
        words.and_then(Value::as_str).unwrap_or(unit).to_owned()
    }

    fn note(&mut self, event: &Event) {
        let key = |key: &str| event.data.get(key).cloned().unwrap_or_default();
        let text = || event.text.clone().unwrap_or_default();
        match event.kind {
            Kind::Scene => self.scene = text(),
            Kind::Claim => self.claims += 1,
            Kind::Check if key("held") == true => self.held += 1,
            Kind::Check if key("held").is_null() => self.open += 1,
            Kind::Check => {
                let check = Check {
                    claim: text(),
                    key: event.key().map(str::to_owned),
                    expected: key("expected"),
                    observed: key("observed"),
                    held: Some(false),
                    doubt: None,
                };
                self.broken.push((self.scene.clone(), check));
            }
            Kind::Run
            | Kind::Say
            | Kind::Ready
            | Kind::Born
            | Kind::Ended
            | Kind::Pause
            | Kind::Begin
            | Kind::End
            | Kind::Mark
            | Kind::Figure => {}
        }
    }
}
