//! A program that ended, and what it printed.

use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use assert_cmd::assert::Assert;
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::record::Record;

/// A program that ended.
#[derive(Debug)]
pub struct Ended {
    output: Output,
}

impl Ended {
    pub(crate) fn new(output: Output) -> Self {
        Self { output }
    }

    /// The exit code; `None` if a signal ended it.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// The signal that ended it, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        self.output.status.signal().and_then(|number| number.try_into().ok())
    }

    /// What it printed on standard output.
    #[must_use]
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// What it printed on standard error.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// To be asked with `assert_cmd`'s own questions.
    #[must_use]
    pub fn assert(self) -> Assert {
        Assert::new(self.output)
    }

    /// Asserts that it ended with `code`.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code(), Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout(), self.stderr());
        self
    }

    /// Asserts that it ended with `code` and said why in one line that contains `message`.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn expect_error(&self, code: i32, message: &str) -> &Self {
        self.expect_code(code);
        let said = self.stderr();
        assert_eq!(said.lines().count(), 1, "one line was expected:\n{said}");
        assert!(said.contains(message), "{message:?} was expected in:\n{said}");
        self
    }

    /// Asserts that nothing in what it printed, on either stream, is an instruction for a terminal: no control but
    /// the line break, no separator of lines, and nothing that shows a line in another order.
    ///
    /// # Panics
    ///
    /// If there is such a character.
    #[track_caller]
    pub fn expect_harmless(&self) -> &Self {
        for printed in [self.stdout(), self.stderr()] {
            let harm = printed.chars().find(|letter| {
                (letter.is_control() && *letter != '\n')
                    || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            assert_eq!(harm, None, "in:\n{printed:?}");
        }
        self
    }

    /// Asserts that it printed all of `parts`.
    ///
    /// # Panics
    ///
    /// If one is missing.
    #[track_caller]
    pub fn expect_text(&self, parts: &[&str]) -> &Self {
        let printed = self.stdout();
        for part in parts {
            assert!(printed.contains(part), "{part:?} was expected in:\n{printed}\nstderr:\n{}", self.stderr());
        }
        self
    }

    /// The report: the only line of `--format json`, the last one of `--format jsonl`.
    ///
    /// # Panics
    ///
    /// If the last line is not one.
    #[track_caller]
    #[must_use]
    pub fn report(&self) -> Report {
        let printed = self.stdout();
        let last = printed.lines().last().unwrap_or_else(|| panic!("nothing printed; stderr:\n{}", self.stderr()));
        let report = Report(serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}:\n{last}")));
        assert!(report.0["held"].is_boolean(), "a report was expected:\n{last}");
        report
    }

    /// Asserts that it ended well with every check held, and printed a single JSON object; returns it.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn expect_held(&self) -> Report {
        self.expect_code(0);
        assert_eq!(self.stdout().lines().count(), 1, "one object was expected:\n{}", self.stdout());
        let report = self.report();
        assert_eq!(report.0["held"], true, "{}", report.0);
        let scenes = report.0["scenes"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(!scenes.is_empty(), "a run without scenes proves nothing");
        for scene in scenes {
            let checks = scene["checks"].as_array().map_or(0, Vec::len);
            assert!(checks > 0, "a scene without checks proves nothing: {scene}");
        }
        report
    }

    /// The journal that `--format jsonl` printed, without the report at its end.
    ///
    /// # Panics
    ///
    /// If a line is not JSON.
    #[track_caller]
    #[must_use]
    pub fn journal(&self) -> Vec<Value> {
        let printed = self.stdout();
        let lines: Vec<_> = printed.lines().collect();
        let events = &lines[..lines.len().saturating_sub(1)];
        events
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}:\n{line}")))
            .collect()
    }

    /// The same journal as spans and marks.
    ///
    /// # Panics
    ///
    /// If the journal breaks a promise: [`Record::of`].
    #[track_caller]
    #[must_use]
    pub fn record(&self) -> Record {
        Record::of(&self.journal())
    }

    /// What was said, in the order of the journal's clock: (actor, text).
    ///
    /// # Panics
    ///
    /// As [`Ended::journal`].
    #[track_caller]
    #[must_use]
    pub fn said(&self) -> Vec<(String, String)> {
        let mut says = self.journal();
        says.retain(|event| event["kind"] == "say");
        says.sort_by_key(|event| event["t"].as_u64());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        says.iter().map(|event| (text(&event["actor"]), text(&event["text"]))).collect()
    }
}

/// The JSON object at the end of a run.
#[derive(Debug)]
pub struct Report(pub Value);

impl Report {
    /// The scene of this name.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    #[must_use]
    pub fn scene(&self, name: &str) -> &Value {
        let scenes = self.0["scenes"].as_array().expect("a list of scenes");
        scenes.iter().find(|scene| scene["scene"] == name).unwrap_or_else(|| panic!("no scene {name} in {}", self.0))
    }

    /// The names of the scenes, in the order in which they were played.
    ///
    /// # Panics
    ///
    /// If there is no list of scenes.
    #[must_use]
    pub fn scenes(&self) -> Vec<String> {
        let scenes = self.0["scenes"].as_array().expect("a list of scenes");
        scenes.iter().filter_map(|scene| scene["scene"].as_str().map(str::to_owned)).collect()
    }

    /// The value of a figure.
    ///
    /// # Panics
    ///
    /// If the scene has none of this name.
    #[track_caller]
    #[must_use]
    pub fn figure(&self, scene: &str, name: &str) -> &Value {
        let figure = &self.scene(scene)["figures"][name];
        assert!(figure.is_object(), "no figure {name} in {}", self.scene(scene));
        &figure["value"]
    }
}
