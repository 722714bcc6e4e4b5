//! The distribution in the terminal: no wider than it, and in characters that it has.

use support::echo::{Server, upper_case};
use support::{Ended, Program};

use crate::client;

fn run(look: impl Fn(Program) -> Program) -> Ended {
    let server = Server::start_many(2, upper_case);
    let load = client(&server).args(["--connections", "2", "--count", "100", "--lang", "en"]);
    let ended = look(load).run();
    ended.expect_code(0);
    server.join();
    ended
}

/// The rows of the plot.
fn rows(ended: &Ended) -> Vec<String> {
    let printed = ended.stdout();
    let rows = printed.lines().skip_while(|line| !line.contains("distribution")).skip(1);
    rows.take_while(|line| line.starts_with("    ")).map(str::to_owned).collect()
}

#[test]
fn it_has_bars_counts_and_shares_without_a_colour_where_they_are_not_asked_for() {
    let ended = run(|load| load.env("COLUMNS", "80").env("NO_COLOR", "1"));
    let rows = rows(&ended);
    assert!(!rows.is_empty() && rows.iter().all(|row| row.starts_with("    ≤ ") && row.ends_with(" %")), "{rows:#?}");
    assert!(rows.last().is_some_and(|row| row.ends_with(" 100 %")), "{rows:#?}");
    assert!(rows.iter().any(|row| row.contains('█')) && !ended.stdout().contains('\u{1b}'), "{rows:#?}");
}

#[test]
fn it_is_as_narrow_as_the_terminal() {
    for columns in [30, 40, 60] {
        let rows = rows(&run(|load| load.env("COLUMNS", columns.to_string())));
        assert!(!rows.is_empty() && rows.iter().all(|row| row.chars().count() <= columns), "{rows:#?}");
    }
}

#[test]
fn a_dumb_terminal_gets_ascii() {
    let rows = rows(&run(|load| load.env("TERM", "dumb")));
    assert!(!rows.is_empty() && rows.iter().all(|row| row.is_ascii() && row.starts_with("    <= ")), "{rows:#?}");
}
