//! What the journal of a recorded round must be, although its writers were killed and stopped in the middle of
//! writing: lines that are whole, no line of a living process lost, and a hole only where a writer died.

use std::collections::HashMap;

use common::Error;
use common::journal::{Journal, Kind};
use serde::Deserialize;

use crate::tally::Records;

/// What is judged of a line.
#[derive(Deserialize)]
struct Line {
    t: u64,
    pid: i32,
    kind: Kind,
}

/// What a process wrote.
#[derive(Debug, Default)]
struct Writer {
    begun: u64,
    ended: u64,
    /// The time of its last line.
    last: u64,
}

/// Holds the journal of a round against the deaths in it.
pub(crate) fn judge(journal: &Journal, dead: &[i32]) -> Result<Records, Error> {
    Ok(judge_lines(&journal.lines_since(0)?, journal.holes()?, dead))
}

fn judge_lines(lines: &[u8], holes: u64, dead: &[i32]) -> Records {
    let mut records = Records { holes, ..Records::default() };
    let mut writers: HashMap<i32, Writer> = HashMap::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(event) = serde_json::from_slice::<Line>(line) else {
            records.torn += 1;
            continue;
        };
        records.appended += 1;
        let writer = writers.entry(event.pid).or_default();
        records.torn += u64::from(event.t < writer.last);
        writer.last = event.t;
        match event.kind {
            Kind::Begin => writer.begun += 1,
            Kind::End => writer.ended += 1,
            _ => {}
        }
    }
    // A process that was killed may leave a span open.
    let living = writers.iter().filter(|(pid, _)| !dead.contains(pid));
    records.lost = living.map(|(_, writer)| writer.begun.abs_diff(writer.ended)).sum();
    records.holes_wrong = holes.saturating_sub(dead.len() as u64);
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str =
        r#"{"t":2,"pid":7,"tid":7,"actor":"a","kind":"begin","span":1,"doing":"hold-lock","on":"mutex 1"}"#;
    const END: &str = r#"{"t":3,"pid":7,"tid":7,"actor":"a","kind":"end","span":1}"#;

    fn judged(lines: &[&str], holes: u64, dead: &[i32]) -> (u64, u64, u64) {
        let records = judge_lines(lines.join("\n").as_bytes(), holes, dead);
        (records.lost, records.torn, records.holes_wrong)
    }

    #[test]
    fn a_span_of_a_living_process_that_has_no_end_is_a_lost_line() {
        assert_eq!(judged(&[BEGIN, END], 0, &[]), (0, 0, 0));
        assert_eq!(judged(&[BEGIN], 0, &[8]), (1, 0, 0));
        assert_eq!(judged(&[END], 0, &[8]), (1, 0, 0));
        assert_eq!(judged(&[BEGIN], 0, &[7]), (0, 0, 0));
    }

    #[test]
    fn a_torn_line_and_one_before_an_earlier_one_are_seen() {
        assert_eq!(judged(&[&BEGIN[..30], END], 0, &[7]), (0, 1, 0));
        assert_eq!(judged(&[END, BEGIN], 0, &[]), (0, 1, 0));
    }

    #[test]
    fn a_hole_needs_a_death() {
        assert_eq!(judged(&[BEGIN], 1, &[7]), (0, 0, 0));
        assert_eq!(judged(&[BEGIN], 2, &[7]), (0, 0, 1));
    }
}
