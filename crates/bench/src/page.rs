//! What was measured as a page of Markdown, which people can read on a terminal, too.

use common::table::{Column, escaped, markdown};

use crate::case::{Case, Measure, Note};
use crate::machine::Machine;
use crate::results::Results;
use crate::rounds::{Rounds, Samples};
use crate::sample::{Sample, Unmeasured};
use crate::spread::Spread;
use crate::units::NONE;

/// The whole page, without the line feed at its end.
pub(crate) fn page(results: &Results) -> String {
    let mut lines = vec!["# What it costs".to_owned(), String::new()];
    if !results.machine.is_release() {
        lines.push("**DEBUG BUILD: no figure below says anything about speed; use --release.**".to_owned());
        lines.push(String::new());
    }
    lines.extend([method(results), String::new()]);
    lines.extend(machine(&results.machine));
    lines.push(String::new());
    lines.extend(figures(results));
    let slowest = slowest_answers(results);
    if !slowest.is_empty() {
        let told = "99 of 100 answers took at most this long:".to_owned();
        lines.extend([String::new(), "## The slowest answers".to_owned(), String::new(), told, String::new()]);
        lines.extend(slowest);
    }
    lines.extend([String::new(), "## Notes".to_owned(), String::new()]);
    lines.extend(notes(results));
    lines.join("\n")
}

fn method(Results { rounds, round_ms, .. }: &Results) -> String {
    let rounds = if *rounds == 1 { "1 round".to_owned() } else { format!("{rounds} interleaved rounds") };
    format!(
        "{rounds} of about {round_ms} ms for each of the two; each figure is a median (lowest – highest). \
         [How it is measured, and how to read it](README.md)."
    )
}

fn machine(machine: &Machine) -> Vec<String> {
    let Machine { cpu, cores, kernel, rustc, python, build, load, file_system } = machine;
    let cores = if *cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
    let facts = [
        format!("{cpu}, {cores}, load {load} before the start"),
        kernel.clone(),
        format!("{build} build by {rustc}"),
        python.clone(),
        format!("tickets on {file_system}"),
    ];
    facts.iter().map(|fact| format!("- {}", escaped(fact))).collect()
}

/// The table: a row for each case.
fn figures(results: &Results) -> Vec<String> {
    let head = ["", "what", "ours", "peer", "the peer's", "ratio", "wanted", "reached"].map(Column::Left);
    let rows = results.cases.iter().zip(1..).map(|((case, rounds), number)| {
        let figure = |samples: &Samples| match samples {
            Ok(samples) => case.spread(samples).map_or_else(none, |spread| case.measure.shown(spread)),
            Err(Unmeasured::Missing(why)) => why.clone(),
            Err(Unmeasured::Failed(why)) => format!("FAILED: {why}"),
        };
        let reached = case.reached(rounds).map_or(NONE, |reached| if reached { "yes" } else { "NO" });
        [
            number.to_string(),
            case.what.to_owned(),
            figure(&rounds.ours),
            case.peer.name.to_owned(),
            figure(&rounds.peer),
            case.ratios(rounds).map_or_else(none, |spread| case.wanted.ratio_shown(spread)),
            case.wanted.shown(),
            reached.to_owned(),
        ]
    });
    markdown(head, &rows.collect::<Vec<_>>())
}

/// For the cases that count answers and time each of them.
fn slowest_answers(results: &Results) -> Vec<String> {
    let p99 = |samples: &Samples| {
        let seconds = samples.iter().flatten().filter_map(|sample| sample.p99_seconds);
        Spread::of(seconds).map(|spread| Measure::P99.shown(spread))
    };
    let rows = results.cases.iter().zip(1..).filter_map(|((case, rounds), number)| {
        let Measure::Rate(_) = case.measure else { return None };
        let (ours, peer) = p99(&rounds.ours).zip(p99(&rounds.peer))?;
        Some([number.to_string(), case.what.to_owned(), ours, case.peer.name.to_owned(), peer])
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Vec::new();
    }
    markdown(["", "what", "ours", "peer", "the peer's"].map(Column::Left), &rows)
}

/// What a reader has to know of the rows, under their names.
fn notes(results: &Results) -> Vec<String> {
    let mut notes = Vec::new();
    for (case, rounds) in &results.cases {
        let note = case.note_as_item() + &measured_with(case, rounds);
        if !notes.contains(&note) {
            notes.push(note);
        }
        if case.needs_disk && results.machine.file_system == "tmpfs" {
            let warning = "the tickets are on tmpfs, where to sync costs nothing: set TMPDIR to a folder on a disk";
            notes.push(format!("- **{}**: {warning}", escaped(&case.name())));
        }
    }
    notes
}

/// What only this run could know: how long a wait was, what the measuring loop itself took.
fn measured_with(case: &Case, rounds: &Rounds) -> String {
    if let Measure::Share = case.measure {
        let waited = Spread::of(rounds.ours.iter().flatten().map(|sample| sample.seconds));
        return waited.map_or_else(String::new, |spread| format!("; the wait was {:.2} s", spread.median));
    }
    let part = |sample: &Sample| sample.loop_seconds.map(|seconds| seconds / sample.count);
    let Some(spread) = Spread::of(rounds.peer.iter().flatten().filter_map(part)) else { return String::new() };
    format!("; the peer's loop itself takes {} of its time, not subtracted", case.measure.shown(spread))
}

fn none() -> String {
    NONE.to_owned()
}

impl Case {
    /// Its note as an item of a list, under the names of the rows that it is about.
    fn note_as_item(&self) -> String {
        let (rows, text) = match self.note {
            Note::Own(text) => (self.name(), text),
            Note::Shared { rows, text } => (rows.to_owned(), text),
        };
        format!("- **{}**: {}", escaped(&rows), escaped(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn the_readme_says_what_each_row_compares() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let readme = words(include_str!("../README.md"));
        let (_, readme) = readme.split_once("## What each row compares").expect("its section");
        let (readme, _) = readme.split_once("## ").expect("the next section");
        let notes: Vec<_> = cases::all().iter().map(Case::note_as_item).collect();
        for note in &notes {
            assert!(readme.contains(&words(note)), "README.md lacks: {note}");
        }
        let known = readme.matches("- **").count();
        let distinct = notes.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(known, distinct, "README.md has notes of rows that are no more");
    }
}
