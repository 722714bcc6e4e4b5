//! What was measured, as a table for people (which is Markdown, too) and as JSON for programs.

use common::view::padded;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::case::{Case, Measure, Wanted};
use crate::contestant::{Contestant, Sample, Unmeasured};
use crate::machine::Machine;
use crate::rounds::{Found, Rounds, Spread, Who, order};

/// The result of a run.
pub(crate) struct Results<'a> {
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    /// How long each side of a round takes about, in milliseconds.
    pub(crate) round_ms: f64,
    pub(crate) rows: Vec<(&'a Case, Rounds)>,
}

const HEAD: [&str; COLUMNS] = ["", "what", "ours", "peer", "the peer's", "ratio", "wanted", "reached"];
const COLUMNS: usize = 8;

impl Results<'_> {
    /// Whether every row was measured, both sides of it.
    pub(crate) fn is_complete(&self) -> bool {
        self.rows.iter().all(|(_, rounds)| rounds.ours.is_ok() && rounds.peer.is_ok())
    }

    /// As lines.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![self.title(), self.machine_line(), String::new()];
        if !self.machine.is_release() {
            lines.insert(0, "DEBUG BUILD: no figure below says anything about speed; use --release".to_owned());
        }
        let numbered = self.rows.iter().zip(1..);
        let cells: Vec<_> = numbered.map(|((row, rounds), number)| cells(number, row, rounds)).collect();
        let width = |column: usize| {
            let cells = cells.iter().map(|row| row[column].width());
            cells.chain([HEAD[column].width()]).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..COLUMNS).map(width).collect();
        let line = |cells: [&str; COLUMNS]| {
            let cells: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
            format!("| {} |", cells.join(" | "))
        };
        lines.push(line(HEAD));
        let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
        lines.push(format!("| {} |", rules.join(" | ")));
        lines.extend(cells.iter().map(|row| line(row.each_ref().map(String::as_str))));
        lines.push(String::new());
        lines.extend(self.notes());
        lines.join("\n")
    }

    /// As one JSON object on one line.
    pub(crate) fn json(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|(row, rounds)| row_json(row, rounds)).collect();
        json!({
            "machine": self.machine, "rounds": self.rounds, "round_ms": self.round_ms,
            "complete": self.is_complete(), "rows": rows,
        })
        .to_string()
    }

    fn title(&self) -> String {
        let Self { rounds, round_ms, .. } = self;
        let rounds = if *rounds == 1 { "1 round".to_owned() } else { format!("{rounds} interleaved rounds") };
        format!("{rounds} of about {round_ms} ms a side; median (lowest – highest)")
    }

    fn machine_line(&self) -> String {
        let Machine { cpu, cores, kernel, rustc, python, build, load, file_system } = &self.machine;
        let cores = if *cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
        format!(
            "{cpu}, {cores}, load {load} before the start; {kernel}; {build} build by {rustc}; {python}; \
             tickets on {file_system}"
        )
    }

    /// What a reader has to know of the rows: their numbers, and the note that they share.
    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<(Vec<String>, String)> = Vec::new();
        for ((row, rounds), number) in self.rows.iter().zip(1..) {
            let text = format!("{}{}", row.note, found_along(row, rounds));
            let p99 = p99(row, &rounds.ours).zip(p99(row, &rounds.peer));
            let p99 = p99.map(|(ours, peer)| format!("99 of 100 answers within {ours}, the peer's within {peer}"));
            for text in [Some(text), p99].into_iter().flatten() {
                match notes.iter_mut().find(|(_, known)| *known == text) {
                    Some((numbers, _)) => numbers.push(number.to_string()),
                    None => notes.push((vec![number.to_string()], text)),
                }
            }
        }
        if self.machine.file_system == "tmpfs" && self.rows.iter().any(|(row, _)| row.what.contains("--sync")) {
            let told = "the tickets are on tmpfs, where to sync costs nothing: set TMPDIR to a folder on a disk";
            notes.push((vec!["!".to_owned()], told.to_owned()));
        }
        notes.into_iter().map(|(numbers, text)| format!("- {}: {text}", numbers.join(", "))).collect()
    }
}

fn cells(number: usize, row: &Case, rounds: &Rounds) -> [String; COLUMNS] {
    let side = |found: &Found| match found {
        Ok(samples) => row.spread(samples).map_or_else(|| NO_FIGURE.to_owned(), |spread| row.measure.shown(spread)),
        Err(Unmeasured::Missing(why)) => why.clone(),
        Err(Unmeasured::Failed(why)) => format!("FAILED: {why}"),
    };
    let sense = if matches!(row.wanted, Wanted::AtMost(_) | Wanted::Within(_)) { "× the time" } else { "×" };
    let ratio = row.ratios(rounds).map(|spread| figure(spread, 1.0, sense));
    let reached = match row.reached(rounds) {
        Some(true) => "yes",
        Some(false) => "NO",
        None => NO_FIGURE,
    };
    [
        number.to_string(),
        row.what.to_owned(),
        side(&rounds.ours),
        row.peer.name.to_owned(),
        side(&rounds.peer),
        ratio.unwrap_or_else(|| NO_FIGURE.to_owned()),
        row.wanted.shown(),
        reached.to_owned(),
    ]
}

const NO_FIGURE: &str = "–";
const MIB: f64 = 1_048_576.0;

/// What only this run could tell: what the measuring loop itself took, how long a wait was.
fn found_along(row: &Case, rounds: &Rounds) -> String {
    if let Measure::Share = row.measure {
        let waited = Spread::of(rounds.ours.iter().flatten().map(|sample| sample.seconds));
        return waited.map_or_else(String::new, |spread| format!("; it was blocked for {:.2} s", spread.median));
    }
    let part = |sample: &Sample| sample.loop_seconds.map(|seconds| seconds / sample.count);
    let Some(spread) = Spread::of(rounds.peer.iter().flatten().filter_map(part)) else { return String::new() };
    format!("; of that the peer's loop itself takes {}, not subtracted", row.measure.shown(spread))
}

/// What 99 of 100 answers did not exceed, where a rate is measured and answers are timed.
fn p99(row: &Case, found: &Found) -> Option<String> {
    let Measure::Rate(_) = row.measure else { return None };
    Spread::of(found.iter().flatten().filter_map(|sample| sample.p99_seconds)).map(|spread| Measure::P99.shown(spread))
}

/// Median, lowest and highest, all in the same unit, of which `one` makes one.
fn figure(Spread { median, lowest, highest }: Spread, one: f64, unit: &str) -> String {
    let [median, lowest, highest] = [median, lowest, highest].map(|value| rounded(value / one));
    format!("{median} ({lowest} – {highest}) {unit}")
}

impl Wanted {
    fn shown(self) -> String {
        match self {
            Self::Faster(times) => format!("at least {} ×", rounded(times)),
            Self::AtMost(times) => format!("at most {} ×", rounded(times)),
            Self::Within(seconds) => format!("at most {} µs", rounded(seconds * 1e6)),
            Self::Below(limit) => format!("below {} %", rounded(limit)),
            Self::BelowMemory(limit) => format!("below {} MiB", rounded(limit / MIB)),
            Self::Shown => NO_FIGURE.to_owned(),
        }
    }

    fn json(self) -> Value {
        match self {
            Self::Faster(times) => json!({ "ratio": "times as fast", "at_least": times }),
            Self::AtMost(times) => json!({ "ratio": "times the time", "at_most": times }),
            Self::Within(seconds) => json!({ "ratio": "times the time", "ours_at_most": seconds }),
            Self::Below(limit) | Self::BelowMemory(limit) => json!({ "ours_below": limit }),
            Self::Shown => Value::Null,
        }
    }
}

impl Measure {
    /// Values in a unit that suits the size of their median.
    fn shown(self, spread: Spread) -> String {
        let (one, unit) = match (self, spread.median) {
            (Self::Rate(_), 1e6..) => (1e6, "M/s"),
            (Self::Rate(_), 1e3..) => (1e3, "k/s"),
            (Self::Rate(_), _) => (1.0, "/s"),
            (Self::Time | Self::P99, 1e-3..) => (1e-3, "ms"),
            (Self::Time | Self::P99, 1e-6..) => (1e-6, "µs"),
            (Self::Time | Self::P99, _) => (1e-9, "ns"),
            (Self::Memory, _) => (MIB, "MiB"),
            (Self::Share, _) => (1.0, "%"),
        };
        figure(spread, one, unit)
    }
}

/// Three digits that count: more are noise.
fn rounded(value: f64) -> String {
    let digits = match value.abs() {
        value if value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        value if value >= 0.0995 => 2,
        _ => 4,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn row_json(row: &Case, rounds: &Rounds) -> Value {
    let pairs = rounds.pairs().enumerate().map(|(round, (ours, peer))| {
        let [first, _] = order(round).map(|who| if who == Who::Ours { "ours" } else { "peer" });
        json!({ "first": first, "ours": row.measure.value(ours), "peer": row.measure.value(peer), "ratio": row.ratio(ours, peer) })
    });
    json!({
        "what": row.what,
        "unit": row.measure.unit(),
        "ours": side_json(row, &row.ours, &rounds.ours),
        "peer": side_json(row, &row.peer, &rounds.peer),
        "pairs": pairs.collect::<Vec<_>>(),
        "ratio": row.ratios(rounds),
        "wanted": row.wanted.json(),
        "reached": row.reached(rounds),
        "note": row.note,
    })
}

fn side_json(row: &Case, side: &Contestant, found: &Found) -> Value {
    match found {
        Ok(samples) => json!({ "name": side.name, "value": row.spread(samples), "rounds": samples }),
        Err(Unmeasured::Missing(why)) => json!({ "name": side.name, "missing": why }),
        Err(Unmeasured::Failed(why)) => json!({ "name": side.name, "failed": why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit_that_suits_them() {
        let shown =
            |measure: Measure, median: f64, highest| measure.shown(Spread { median, lowest: median / 2.0, highest });
        let rate = Measure::Rate("items");
        assert_eq!(shown(rate, 8_712_345.0, 1e7), "8.71 (4.36 – 10) M/s");
        assert_eq!(shown(rate, 98_449.0, 2_000_000.0), "98.4 (49.2 – 2000) k/s");
        assert_eq!(shown(rate, 512.4, 600.0), "512 (256 – 600) /s");
        assert_eq!(shown(Measure::Time, 8.1e-9, 1e-8), "8.1 (4.05 – 10) ns");
        assert_eq!(shown(Measure::Time, 171.6e-6, 0.0019), "172 (85.8 – 1900) µs");
        assert_eq!(shown(Measure::Time, 0.001_904, 0.002), "1.9 (0.95 – 2) ms");
        assert_eq!(shown(Measure::Share, 0.0031, 100.0), "0.0031 (0.0015 – 100) %");
    }

    #[test]
    fn what_is_wanted_is_said_as_it_was_asked_for() {
        assert_eq!(Wanted::Faster(60.0).shown(), "at least 60 ×");
        assert_eq!(Wanted::Faster(0.5).shown(), "at least 0.5 ×");
        assert_eq!(Wanted::AtMost(1.2).shown(), "at most 1.2 ×");
        assert_eq!(Wanted::Within(2e-6).shown(), "at most 2 µs");
        assert_eq!(Wanted::Below(1.0).shown(), "below 1 %");
    }
}
