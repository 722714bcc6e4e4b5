//! Every case, in the order of the table.
//!
//! Fairness comes before a good figure: both contestants do the same, through the same capacity, and
//! begin when all their processes are ready. What arrives is counted or summed up, and a wrong sum is
//! an error.

mod blocked;
mod joinable;
mod journal;
mod mutex;
mod pool;
mod process;
mod queue;
mod tcp;
mod tickets;

use crate::case::Case;

/// How many items a queue holds, ours and the peer's.
const CAPACITY: usize = 1024;

pub(crate) fn all() -> Vec<Case> {
    let primitives = [process::cases(), mutex::cases(), queue::cases(), joinable::cases(), pool::cases()];
    let groups = primitives.into_iter().chain([tickets::cases(), blocked::cases(), journal::cases(), tcp::cases()]);
    groups.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Note;

    #[test]
    fn a_shared_note_is_about_the_rows_that_it_says() {
        for case in all() {
            let Note::Shared { rows, .. } = case.note else { continue };
            let name = case.name();
            let mut rest = name.as_str();
            for part in rows.split('…') {
                let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{name} is none of {rows}"));
                rest = after;
            }
        }
    }
}
