//! The steps of an execution as text: a line each, a column for each actor.

use std::collections::BTreeSet;
use std::fmt;

use crate::plural::plural;
use crate::trace::{Oddity, Step};

/// How wide a lane is at most, in characters.
const WIDEST: usize = 44;
/// An execution of this length is shown whole.
const SHORT: usize = 40;
/// The last steps of an execution are shown each, this number of them: most failures are there.
const LAST: usize = 8;
/// Of the check, which mostly looks at all that there is, fewer.
const LAST_OF_THE_CHECK: usize = 2;
/// A shorter run of steps is not folded.
const RUN: usize = 4;

/// A row of a picture of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A step, by its index.
    Step(usize),
    /// Steps of one actor, one after the other, which no other actor took note of.
    Folded {
        /// The actor.
        actor: usize,
        /// The index of the first one.
        first: usize,
        /// How many they are.
        count: usize,
    },
}

/// The rows of a picture: every step of a short execution, and of a long one those that another actor took note of, that
/// took note of another or outdate what it read, the oddities, and the last ones.
pub(crate) fn rows(steps: &[Step]) -> Vec<Row> {
    let told = if steps.len() <= SHORT { (0..steps.len()).collect() } else { notable(steps) };
    let mut rows = Vec::new();
    let mut at = 0;
    while at < steps.len() {
        let actor = steps[at].actor;
        let is_folded = |index: &usize| steps[*index].actor == actor && !told.contains(index);
        let count = (at..steps.len()).take_while(is_folded).count();
        if count >= RUN {
            rows.push(Row::Folded { actor, first: at, count });
            at += count;
        } else {
            rows.push(Row::Step(at));
            at += 1;
        }
    }
    rows
}

fn notable(steps: &[Step]) -> BTreeSet<usize> {
    let of_actors = (0..steps.len()).rev().filter(|index| steps[*index].actor != 0);
    let mut told: BTreeSet<usize> = of_actors.take(LAST).collect();
    // The check saw what it says in its last steps.
    told.extend(steps.len().saturating_sub(LAST_OF_THE_CHECK)..steps.len());
    for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.actor != 0) {
        let others = [step.saw, step.missed, step.outdates].into_iter().flatten();
        let others = others.filter(|other| is_of_another(step, &steps[*other]));
        let others: Vec<usize> = others.collect();
        if step.oddity.is_some() || !others.is_empty() {
            told.insert(index);
            told.extend(others);
        }
    }
    let actors: BTreeSet<usize> = steps.iter().map(|step| step.actor).filter(|actor| *actor != 0).collect();
    told.extend(actors.into_iter().filter_map(|actor| steps.iter().rposition(|step| step.actor == actor)));
    told
}

/// The set-up is no news to an actor.
fn is_of_another(step: &Step, other: &Step) -> bool {
    other.actor != 0 && other.actor != step.actor
}

/// What a step did, and which steps of others it saw. Steps are counted from 1.
fn cell(steps: &[Step], step: &Step) -> String {
    let saw = step.saw.filter(|other| is_of_another(step, &steps[*other])).map(|other| format!(" ← {}", other + 1));
    let outdates = step.outdates.map(|other| format!(" ↛ {}", other + 1)).unwrap_or_default();
    let missed = step.missed.map(|other| format!(", not {}", other + 1));
    let missed = missed.map(|missed| if saw.is_some() { missed } else { missed.replacen(',', " ←", 1) });
    format!("{}{}{}{outdates}", step.what, saw.unwrap_or_default(), missed.unwrap_or_default())
}

pub(crate) fn write(f: &mut fmt::Formatter<'_>, steps: &[Step], rows: &[Row]) -> fmt::Result {
    let mut lanes: Vec<usize> = steps.iter().map(|step| step.actor).collect();
    lanes.sort_unstable();
    lanes.dedup();
    let name = |lane: usize| steps.iter().find(|step| step.actor == lane).map_or("", |step| step.name.as_str());
    let texts: Vec<(usize, String)> = rows.iter().map(|row| text(steps, *row)).collect();
    let width = |lane: &usize| {
        let own = texts.iter().filter(|(actor, _)| actor == lane).map(|(_, text)| text.chars().count());
        own.chain([name(*lane).chars().count()]).max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = lanes.iter().map(width).collect();
    let place = |row: &Row| match row {
        Row::Step(index) | Row::Folded { first: index, .. } => steps[*index].place.as_str(),
    };
    let places = rows.iter().map(|row| place(row).chars().count()).max().unwrap_or(0);
    let heads: Vec<String> = lanes.iter().zip(&widths).map(|(lane, width)| format!("{:width$}", name(*lane))).collect();
    writeln!(f, "        {}", heads.join("  ").trim_end())?;
    for (row, (actor, text)) in rows.iter().zip(&texts) {
        let (number, mark, source) = match row {
            Row::Step(index) => {
                let step = &steps[*index];
                let mark = match step.oddity {
                    Some(Oddity::Stale) => '!',
                    Some(Oddity::Death) => '✗',
                    Some(Oddity::Early) => '~',
                    None => ' ',
                };
                ((index + 1).to_string(), mark, step.source.as_str())
            }
            Row::Folded { .. } => (String::new(), ' ', "…"),
        };
        let cells = lanes.iter().zip(&widths).map(|(lane, width)| {
            let text = if lane == actor { text.as_str() } else { "" };
            format!("{text:width$}")
        });
        let cells: Vec<String> = cells.collect();
        let line = format!("{number:>5} {mark} {}  {:places$}  {source}", cells.join("  "), place(row));
        writeln!(f, "{}", line.trim_end())?;
    }
    legend(f, steps, rows)
}

fn text(steps: &[Step], row: Row) -> (usize, String) {
    match row {
        Row::Step(index) => (steps[index].actor, cell(steps, &steps[index])),
        Row::Folded { actor, count, .. } => (actor, format!("… {count} {}", plural(count, "step", "steps"))),
    }
}

/// What the signs mean that there are.
fn legend(f: &mut fmt::Formatter<'_>, steps: &[Step], rows: &[Row]) -> fmt::Result {
    let shown = rows.iter().filter_map(|row| match row {
        Row::Step(index) => Some(&steps[*index]),
        Row::Folded { .. } => None,
    });
    let shown: Vec<&Step> = shown.collect();
    let has = |oddity| shown.iter().any(|step| step.oddity == Some(oddity));
    let refers = |step: &&Step| step.saw.is_some_and(|other| is_of_another(step, &steps[other]));
    if shown.iter().any(|step| step.missed.is_some()) {
        writeln!(f, "← 3, not 7: it saw what step 3 did, although step 7 had changed that")?;
    } else if shown.iter().any(refers) {
        writeln!(f, "← 3: it saw what step 3 did")?;
    }
    if shown.iter().any(|step| step.outdates.is_some()) {
        writeln!(f, "↛ 3: what step 3 had read is out of date, and its actor goes on with it")?;
    }
    if has(Oddity::Stale) {
        writeln!(f, "!: a weakly ordered machine showed an old value, or stores in another order")?;
    }
    if has(Oddity::Early) {
        writeln!(f, "~: a wait ended by itself, or a store was seen ahead")?;
    }
    Ok(())
}
