//! The table at the width of the terminal.

use support::Program;
use unicode_width::UnicodeWidthStr;

use crate::{cells, only};

const WIDTHS: [usize; 5] = [40, 60, 80, 100, 140];

/// A tour on a terminal with this number of columns, of which standard error is no part.
fn on_a_terminal(columns: usize, lang: &str) -> Program {
    let tour = support::assert_cmd::cargo::cargo_bin!().display();
    let arguments = format!("--lang {lang} --speed inf --only ipc-queue,daemon,ticket-mutex");
    let command = format!("stty rows 24 cols {columns}; exec '{tour}' {arguments} 2> /dev/null");
    Program::new("script").args(["-qefc", &command, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh")
}

/// The lines after the last section, but for the path of the report, which is not broken.
fn table(printed: &str) -> Vec<String> {
    let lines: Vec<_> = printed.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let last = lines.iter().rposition(|line| line.starts_with("   ticket-mutex")).expect("a last section");
    lines[last + 1..lines.len() - 1].to_vec()
}

#[test]
fn the_table_fits_every_terminal_and_has_every_section_and_verdict() {
    for lang in ["en", "zh"] {
        for columns in WIDTHS {
            let shown = on_a_terminal(columns, lang).run().expect_code(0).stdout();
            let table = table(&shown);
            let widest = table.iter().map(|line| line.width()).max();
            assert!(widest <= Some(columns), "{columns}, {lang}: {table:#?}");
            for part in ["daemon", "ticket-mutex", "ipc-queue", " 5 ", "3 "] {
                assert!(table.iter().any(|line| line.contains(part)), "{part}, {columns}, {lang}: {table:#?}");
            }
            let is_row = |line: &String| line.trim_start_matches("| ").starts_with("daemon ");
            assert_eq!(table.iter().any(is_row), columns >= 60, "{columns}, {lang}: {table:#?}");
        }
    }
}

#[test]
fn a_file_gets_the_whole_table_as_markdown() {
    let printed = only("daemon").args(["--lang", "en"]).run().expect_code(0).stdout();
    assert_eq!(cells(&printed).len(), 1, "{printed}");
    let told = only("daemon").args(["--lang", "en"]).env("COLUMNS", "60").run().expect_code(0).stdout();
    assert_eq!(cells(&told).len(), 0, "the reader asks for 60 columns: {told}");
}
