//! The result of a tour: a Markdown table for people, JSON for programs.

use std::path::Path;
use std::time::Duration;

use common::cli::Speed;
use common::foreign;
use common::lang::Lang;
use common::report::Figure;
use common::table::{Column, fitted};
use common::timeline::numbers::{readable, unit_of};
use common::words::Text;
use serde_json::{Value, json};

use crate::capture::Capture;
use crate::sections::{Section, TableFigure};
use crate::status::{RunResult, Status};
use crate::words;

/// The result of a tour.
pub(crate) struct Table {
    pub(crate) lang: Lang,
    pub(crate) seed: u64,
    pub(crate) speed: Speed,
    pub(crate) elapsed: Duration,
    /// How many sections the tour was to have.
    pub(crate) asked: usize,
    /// Those that were done.
    pub(crate) rows: Vec<(&'static Section, RunResult)>,
}

impl Table {
    /// Whether every section held.
    pub(crate) fn held(&self) -> bool {
        self.held_count() == self.asked
    }

    /// As lines, the last of which say where the export and the report are. `room`: the columns of the terminal, if there is one.
    pub(crate) fn text(&self, report: Option<&Path>, export: Option<&Path>, room: Option<usize>) -> String {
        let words = [words::section(), words::lesson(), words::claims_held(), words::measured(), words::time()];
        let words = words.map(|text| text.in_lang(self.lang));
        let [section, lesson, claims, measured, time] = words.each_ref().map(String::as_str);
        let head = [
            Column::Left(section),
            Column::Spare(lesson),
            Column::Left(claims),
            Column::Left(measured),
            Column::Right(time),
        ];
        let cells: Vec<_> = self.rows.iter().map(|(section, result)| self.cells(section, result)).collect();
        let mut lines = fitted(head, &cells, room);
        lines.extend(self.rows.iter().flat_map(|(section, result)| self.troubles(section, result)));
        lines.push(self.verdict().in_lang(self.lang));
        let shown = |path: &Path| foreign::value(&path.display().to_string());
        lines.extend(export.map(|export| words::export(shown(export)).in_lang(self.lang)));
        lines.extend(report.map(|report| words::report(shown(report)).in_lang(self.lang)));
        lines.join("\n")
    }

    /// As one JSON object on one line.
    pub(crate) fn json(&self, report: Option<&Path>, export: Option<&Path>) -> String {
        let rows: Vec<_> = self.rows.iter().map(|(section, result)| self.row_json(section, result)).collect();
        json!({
            "seed": self.seed, "speed": self.speed.to_string(), "lang": self.lang, "held": self.held(),
            "asked": self.asked, "elapsed_ms": milliseconds(self.elapsed), "sections": rows,
            "report": report.map(|report| report.display().to_string()),
            "export": export.map(|export| export.display().to_string()),
        })
        .to_string()
    }

    pub(crate) fn verdict(&self) -> Text {
        let (held, all, seconds) = (self.held_count(), self.asked, self.elapsed.as_secs_f64());
        let done = self.rows.len();
        if done < all {
            return words::ended_early(done, all, held, seconds);
        }
        if self.held() { words::all_held(held, all, seconds) } else { words::not_all_held(held, all, seconds) }
    }

    fn held_count(&self) -> usize {
        self.rows.iter().filter(|(_, result)| result.status == Status::Held).count()
    }

    fn cells(&self, section: &Section, result: &RunResult) -> [String; 5] {
        [
            section.name.to_owned(),
            section.lesson.of(self.lang).to_owned(),
            verdict_of(self.lang, result),
            self.measured(section, result),
            words::seconds(result.elapsed.as_secs_f64()).in_lang(self.lang),
        ]
    }

    pub(crate) fn measured(&self, section: &Section, result: &RunResult) -> String {
        let told = figures(section, result).map(|(row, figure)| {
            let unit = result.capture.unit_in(self.lang, &figure.unit);
            let unit = unit_of(&figure.value, &unit);
            let told = format!("{} {} {unit}", row.label.of(self.lang), readable(&figure.value));
            if result.capture.is_open(row.scene) { words::without_verdict(told).in_lang(self.lang) } else { told }
        });
        let told = told.reduce(|first, next| words::figures(first, next).in_lang(self.lang));
        told.unwrap_or_else(|| "–".to_owned())
    }

    /// A line for each claim that did not hold, and one for the section's own complaint.
    fn troubles(&self, section: &Section, result: &RunResult) -> Vec<String> {
        let name = section.name;
        let broken = result.capture.broken.iter().map(|(scene, check)| {
            let (expected, observed) = (readable(&check.expected), readable(&check.observed));
            format!("✗ {}", words::broken(name, scene, &check.claim, expected, observed).in_lang(self.lang))
        });
        let complaint = result.complaint();
        let complaint = complaint.map(|why| format!("✗ {name}: {}", why.trim_start_matches(&format!("{name}: "))));
        broken.chain(complaint).map(|line| foreign::line(&line)).collect()
    }

    fn row_json(&self, section: &Section, result: &RunResult) -> Value {
        let figures = figures(section, result).map(|(row, figure)| {
            json!({ "scene": row.scene, "name": figure.name, "value": figure.value, "unit": figure.unit })
        });
        let signal = match &result.status {
            Status::Crashed(signal) => Some(signal.as_str()),
            Status::Stopped(signal) => Some(signal.as_str()),
            _ => None,
        };
        json!({
            "section": section.name,
            "lesson": section.lesson.of(self.lang),
            "held": result.status == Status::Held,
            "outcome": result.status.name(),
            "signal": signal,
            "claims": { "made": result.capture.claims, "held": result.capture.held, "open": result.capture.open },
            "figures": figures.collect::<Vec<_>>(),
            "elapsed_ms": milliseconds(result.elapsed),
            "error": result.complaint(),
            "report": result.capture.report,
        })
    }
}

/// The figures of a section's row, as far as the section reported them.
pub(crate) fn figures<'a>(
    section: &'a Section,
    result: &'a RunResult,
) -> impl Iterator<Item = (&'a TableFigure, Figure)> {
    section.figures.iter().filter_map(|row| Some((row, result.capture.figure(row.scene, row.name)?)))
}

/// `4 of 4`, and before it what went wrong.
pub(crate) fn verdict_of(lang: Lang, result: &RunResult) -> String {
    let &Capture { held, claims, open, .. } = &result.capture;
    let claims = if open == 0 { words::claims(held, claims) } else { words::claims_and_open(held, claims, open) };
    let claims = claims.in_lang(lang);
    match words::trouble(&result.status) {
        Some(trouble) => words::trouble_and_claims(trouble, claims).in_lang(lang),
        None => claims,
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Line;
    use crate::sections::SECTIONS;

    #[test]
    fn what_a_section_told_is_one_line_whatever_is_in_it() {
        let mut capture = Capture::default();
        let check = r#"{"t":2,"pid":1,"tid":1,"actor":"main","kind":"check","text":"it is\n5","expected":"\u001b[2J","observed":"\u202e4","held":false}"#;
        for line in [check, "x: \u{9b}2J\u{2028}no\tmemory"] {
            capture.read(Line::of(line));
        }
        let result = RunResult { status: Status::Failed(3), capture, elapsed: Duration::ZERO };
        let (lang, speed, elapsed) = (Lang::En, Speed::INFINITE, Duration::ZERO);
        let table = Table { lang, seed: 1, speed, elapsed, asked: 1, rows: vec![(&SECTIONS[0], result)] };
        let printed = table.text(None, None, None);
        assert!(!printed.lines().any(|line| line.chars().any(foreign::is_control)), "{printed:?}");
        assert_eq!(printed.lines().count(), 3 + 2 + 1, "the table, the troubles, the verdict: {printed:?}");
        assert!(printed.contains(r"\u{1b}[2J") && printed.contains(r"\u{9b}2J\u{2028}no\tmemory"), "{printed:?}");
    }

    #[test]
    fn a_figure_that_proves_nothing_is_no_result() {
        let section = SECTIONS.iter().find(|section| section.name == "cpu-io").expect("a section");
        let figure = json!({ "value": 4.59, "unit": "times" });
        let scenes: Vec<_> = [("cpu", Value::Null), ("io", true.into())]
            .map(|(scene, held)| {
                let measured = section.figures.iter().filter(|row| row.scene == scene).map(|row| row.name.to_owned());
                let measured: serde_json::Map<_, _> = measured.map(|name| (name, figure.clone())).collect();
                json!({ "scene": scene, "checks": [{ "held": true }, { "held": held }], "figures": measured })
            })
            .into();
        let mut capture = Capture::default();
        capture.read(Line::of(&json!({ "scenes": scenes, "held": true }).to_string()));
        let result = RunResult { status: Status::Held, capture, elapsed: Duration::ZERO };
        let (speed, elapsed) = (Speed::INFINITE, Duration::ZERO);
        let told =
            |lang| Table { lang, seed: 1, speed, elapsed, asked: 1, rows: Vec::new() }.measured(section, &result);
        assert_eq!(told(Lang::En), "threads: computing 4.59 times (no verdict); waiting 4.59 times");
        assert_eq!(told(Lang::Zh), "多线程:计算 4.59 times(没有结论);等待 4.59 times");
    }

    #[test]
    fn of_one_thing_the_row_has_the_unit_of_one() {
        let section = SECTIONS.iter().find(|section| section.name == "prod-cons").expect("a section");
        let figures: Vec<_> = section.figures.iter().map(|row| (row.scene, row.name)).collect();
        for (value, unit) in [(1, "dish"), (2, "dishes")] {
            let scene = |scene: &str| {
                let of_scene = figures.iter().filter(|(found, _)| *found == scene);
                let measured =
                    of_scene.map(|(_, name)| ((*name).to_owned(), json!({ "value": value, "unit": "dishes" })));
                json!({ "scene": scene, "figures": measured.collect::<serde_json::Map<_, _>>() })
            };
            let scenes: Vec<_> = figures.iter().map(|(name, _)| scene(name)).collect();
            let mut capture = Capture::default();
            capture.read(Line::of(&json!({ "scenes": scenes, "held": true }).to_string()));
            let result = RunResult { status: Status::Held, capture, elapsed: Duration::ZERO };
            let (lang, speed, elapsed) = (Lang::En, Speed::INFINITE, Duration::ZERO);
            let table = Table { lang, seed: 1, speed, elapsed, asked: 1, rows: Vec::new() };
            let told = table.measured(section, &result);
            let counts: Vec<_> = told.split("; ").collect();
            let ends = format!(" {value} {unit}");
            assert!(counts.len() == figures.len() && counts.iter().all(|count| count.ends_with(&ends)), "{told}");
        }
    }
}
