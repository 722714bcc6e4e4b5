//! A sale ends when one of its buyers is killed, and when its reader leaves.

use support::{Program, expect_end_after_cuts, expect_end_after_kills};

use crate::Tickets;

/// Makes programs with a file each.
fn sale(arguments: &'static [&str]) -> impl Fn() -> (Program, Tickets) {
    move || {
        let tickets = Tickets::none();
        (tickets.program().args(arguments), tickets)
    }
}

#[test]
fn it_ends_soon_when_any_of_its_processes_is_killed() {
    expect_end_after_kills(24, sale(&["--format", "jsonl", "--speed", "20"]));
    expect_end_after_kills(24, sale(&["--lock", "none", "--format", "jsonl", "--speed", "20"]));
}

#[test]
fn it_ends_soon_and_quietly_at_whichever_line_its_reader_leaves() {
    expect_end_after_cuts(24, sale(&["--speed", "20"]));
    expect_end_after_cuts(24, sale(&["--lock", "none", "--speed", "20"]));
}
