//! What the tour found out: as a table for people (which is Markdown, too) and as JSON for programs.

use std::path::Path;
use std::time::Duration;

use common::cli::Speed;
use common::lang::Lang;
use common::text;
use common::timeline::numbers::readable;
use common::timeline::text::padded;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::sections::Section;
use crate::status::{Outcome, Ran};

/// The result of a tour.
pub(crate) struct Table {
    pub(crate) lang: Lang,
    pub(crate) seed: u64,
    pub(crate) speed: Speed,
    pub(crate) elapsed: Duration,
    pub(crate) rows: Vec<(&'static Section, Ran)>,
}

const COLUMNS: usize = 5;
const HEAD_EN: [&str; COLUMNS] = ["section", "lesson", "claims held", "measured", "time"];
const HEAD_ZH: [&str; COLUMNS] = ["章节", "要点", "成立的断言", "测得", "用时"];

impl Table {
    /// Whether every section held.
    pub(crate) fn held(&self) -> bool {
        self.rows.iter().all(|(_, ran)| ran.outcome == Outcome::Held)
    }

    /// As lines, the last of which says where the report is.
    pub(crate) fn text(&self, report: Option<&Path>) -> String {
        let head = pick(self.lang, [HEAD_EN, HEAD_ZH]);
        let cells: Vec<_> = self.rows.iter().map(|(section, ran)| self.cells(section, ran)).collect();
        let width = |column: usize| {
            let cells = cells.iter().map(|row| row[column].width());
            cells.chain([head[column].width()]).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..COLUMNS).map(width).collect();
        let line = |cells: [&str; COLUMNS]| {
            let cells: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
        let mut lines = vec![line(head), format!("| {} |", rules.join(" | "))];
        lines.extend(cells.iter().map(|row| line(row.each_ref().map(String::as_str))));
        lines.extend(self.rows.iter().flat_map(|(section, ran)| self.troubles(section, ran)));
        lines.push(self.verdict());
        lines.extend(report.map(|report| {
            let report = report.display();
            text!(self, "report: {report}", "报告:{report}")
        }));
        lines.join("\n")
    }

    /// As one JSON object on one line.
    pub(crate) fn json(&self, report: Option<&Path>) -> String {
        let rows: Vec<_> = self.rows.iter().map(|(section, ran)| self.row_json(section, ran)).collect();
        json!({
            "seed": self.seed, "speed": self.speed.to_string(), "lang": self.lang, "held": self.held(),
            "elapsed_ms": milliseconds(self.elapsed), "sections": rows,
            "report": report.map(|report| report.display().to_string()),
        })
        .to_string()
    }

    fn cells(&self, section: &Section, ran: &Ran) -> [String; COLUMNS] {
        let seconds = ran.elapsed.as_secs_f64();
        [
            section.name.to_owned(),
            pick(self.lang, section.lesson).to_owned(),
            verdict_of(self.lang, ran),
            self.measured(section, ran),
            text!(self, "{seconds:.2} s", "{seconds:.2} 秒"),
        ]
    }

    fn measured(&self, section: &Section, ran: &Ran) -> String {
        let shown = section.figures.iter().filter_map(|shown| {
            let figure = ran.transcript.figure(shown.scene, shown.name)?;
            Some(format!("{} {} {}", pick(self.lang, shown.label), readable(&figure.value), figure.unit))
        });
        let shown: Vec<_> = shown.collect();
        if shown.is_empty() { "–".to_owned() } else { shown.join("; ") }
    }

    /// What did not hold and why, for whoever has to find out.
    fn troubles(&self, section: &Section, ran: &Ran) -> Vec<String> {
        let name = section.name;
        let broken = ran.transcript.broken.iter().map(|(scene, check)| {
            let (claim, expected, observed) = (&check.claim, readable(&check.expected), readable(&check.observed));
            text!(
                self,
                "✗ {name}, {scene}: {claim} (expected {expected}, observed {observed})",
                "✗ {name},{scene}:{claim}(预期 {expected},观察到 {observed})"
            )
        });
        let complaint =
            ran.complaint().map(|why| format!("✗ {name}: {}", why.trim_start_matches(&format!("{name}: "))));
        broken.chain(complaint).collect()
    }

    fn verdict(&self) -> String {
        let all = self.rows.len();
        let held = self.rows.iter().filter(|(_, ran)| ran.outcome == Outcome::Held).count();
        let seconds = self.elapsed.as_secs_f64();
        if self.held() {
            text!(
                self,
                "held: {held} of {all} sections, {seconds:.2} s",
                "全部成立:{all} 节中 {held} 节成立,{seconds:.2} 秒"
            )
        } else {
            text!(
                self,
                "not held: {held} of {all} sections, {seconds:.2} s",
                "不成立:{all} 节中只有 {held} 节成立,{seconds:.2} 秒"
            )
        }
    }

    fn row_json(&self, section: &Section, ran: &Ran) -> Value {
        let figures = section.figures.iter().filter_map(|shown| {
            let figure = ran.transcript.figure(shown.scene, shown.name)?;
            Some(json!({ "scene": shown.scene, "name": figure.name, "value": figure.value, "unit": figure.unit }))
        });
        let signal = match &ran.outcome {
            Outcome::Crashed(signal) | Outcome::Stopped(signal) => Some(signal.as_str()),
            _ => None,
        };
        json!({
            "section": section.name,
            "lesson": pick(self.lang, section.lesson),
            "held": ran.outcome == Outcome::Held,
            "outcome": ran.outcome.word(),
            "signal": signal,
            "claims": { "made": ran.transcript.claims, "held": ran.transcript.held },
            "figures": figures.collect::<Vec<_>>(),
            "elapsed_ms": milliseconds(ran.elapsed),
            "error": ran.complaint(),
            "report": ran.transcript.report,
        })
    }

    fn lang(&self) -> Lang {
        self.lang
    }
}

/// `4 of 4`, and before it what went wrong.
pub(crate) fn verdict_of(lang: Lang, ran: &Ran) -> String {
    let (held, made) = (ran.transcript.held, ran.transcript.claims);
    let claims = pick(lang, [format!("{held} of {made}"), format!("{made} 条中 {held} 条")]);
    match ran.outcome.trouble() {
        Some(trouble) => format!("{}, {claims}", pick(lang, trouble)),
        None => claims,
    }
}

pub(crate) fn pick<T>(lang: Lang, [en, zh]: [T; 2]) -> T {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}
