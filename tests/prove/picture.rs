//! The execution that breaks a promise, as an image.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use crashcheck::{Oddity, Row, Step, Violation};
use timeline::sequence::{self, Sequence, Sign};

/// Draws what a scenario found to a file.
pub(crate) fn draw(path: &str, scenario: &str, violation: &Violation) -> io::Result<()> {
    sequence::write(&sequence(scenario, violation), &mut File::create(path)?)
}

fn sequence(scenario: &str, violation: &Violation) -> Sequence {
    let steps = &violation.steps;
    let actors: BTreeSet<usize> = steps.iter().map(|step| step.actor).collect();
    let actors: Vec<usize> = actors.into_iter().collect();
    let name = |actor: &usize| steps.iter().find(|step| step.actor == *actor).map_or("", |step| &step.name).to_owned();
    let column = |actor: usize| actors.iter().position(|other| *other == actor).unwrap_or(0);
    let rows = violation.rows();
    let is_at = |row: &Row, step: usize| match *row {
        Row::Step(index) => index == step,
        Row::Folded { first, count, .. } => (first..first + count).contains(&step),
    };
    let row_of = |step: usize| rows.iter().position(|row| is_at(row, step));
    let drawn = rows.iter().map(|row| match *row {
        Row::Folded { actor, first, count } => sequence::Row {
            name: String::new(),
            actor: column(actor),
            text: format!("… {count} steps"),
            sign: Sign::Folded,
            saw: None,
            missed: None,
            outdates: None,
            source: steps[first].place.clone(),
        },
        Row::Step(index) => {
            let step = &steps[index];
            let of_another = |other: &usize| steps[*other].actor != step.actor && steps[*other].actor != 0;
            sequence::Row {
                name: (index + 1).to_string(),
                actor: column(step.actor),
                text: step.what.clone(),
                sign: sign(step),
                saw: step.saw.filter(of_another).and_then(row_of),
                missed: step.missed.filter(of_another).and_then(row_of),
                outdates: step.outdates.and_then(row_of),
                source: format!("{}  {}", step.place, step.source).trim().to_owned(),
            }
        }
    });
    let title = format!("{scenario}: {}", violation.failure).replace('\n', " ");
    Sequence { title, actors: actors.iter().map(name).collect(), rows: drawn.collect() }
}

fn sign(step: &Step) -> Sign {
    match step.oddity {
        None => Sign::Plain,
        Some(Oddity::Stale | Oddity::Early) => Sign::Odd,
        Some(Oddity::Death) => Sign::Death,
    }
}
