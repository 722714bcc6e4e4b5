//! On a terminal that was stopped, as Ctrl-S stops it: no work waits for it, and a request to end is not kept waiting.

use std::time::Duration;

use support::{Signal, Terminal, program};

use crate::on_a_terminal::screen;
use crate::{endless, only};

/// How long the end of a run may take on a busy machine; a test that fails has waited so long.
const SOON: Duration = Duration::from_secs(40);

#[test]
fn a_section_is_played_to_its_end_though_the_terminal_of_its_bar_was_stopped() {
    let terminal = Terminal::stopped();
    let ended = only("ticket-mutex").args(["--lang", "en"]).start_with_error_on(&terminal).wait_within(SOON);
    ended.expect_code(0).expect_text(&["held: 1 of 1 "]);
    terminal.go_on();
    assert_eq!(terminal.shown(), "", "a bar that is gone");
}

#[test]
fn a_request_to_end_ends_a_tour_whose_bar_can_neither_be_drawn_nor_erased() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let terminal = Terminal::new();
        let run = endless("zombie").start_with_error_on(&terminal);
        terminal.wait_until_shown("timeline zombie");
        terminal.stop();
        run.signal(signal);
        run.wait_within(SOON).expect_code(code);
    }
}

#[test]
fn a_bar_that_was_stopped_is_erased_as_soon_as_the_terminal_goes_on() {
    let terminal = Terminal::new();
    let tour = program!().args(["--lang", "en", "--speed", "50", "--only", "ticket-mutex,daemon"]);
    let run = tour.start_on(&terminal);
    terminal.wait_until_shown("timeline locked");
    terminal.stop();
    run.wait_until_it_waits();
    terminal.go_on();
    run.wait_within(SOON).expect_code(0);
    let end = screen(&terminal.shown());
    let [seed, head, rule, rows @ .., verdict, report] = &end[..] else { panic!("{end:#?}") };
    assert!(seed.starts_with("tour seed ") && head.contains("section ") && rule.contains("---"), "{end:#?}");
    let is_of_the_table = |row: &&String| ["daemon ", "ticket-mutex ", "  "].iter().any(|begin| row.starts_with(begin));
    assert_eq!(rows.iter().find(|row| !is_of_the_table(row)), None, "{end:#?}");
    assert!(verdict.starts_with("held: 2 of 2 ") && report.starts_with("report: "), "{end:#?}");
}

#[test]
fn a_request_to_end_ends_a_help_and_a_wrong_option_that_the_terminal_does_not_take() {
    for arguments in [["--help"], ["--no-such-option"]] {
        let terminal = Terminal::stopped();
        let run = program!().args(arguments).start_on(&terminal);
        run.wait_until_it_waits();
        run.signal(Signal::SIGTERM);
        // It has begun nothing, so it catches no signals.
        assert_eq!(run.wait_within(SOON).signal(), Some(Signal::SIGTERM), "{arguments:?}");
    }
}
