//! The tour on a terminal: the lanes of what runs now, which leave nothing behind.

use support::Program;

const ROWS: usize = 30;
/// Wide enough for the table.
const COLUMNS: usize = 160;

/// The tour with these arguments, on a terminal of its own; what it shows there is printed, byte by byte.
fn on_a_terminal(arguments: &str) -> Program {
    let tour = support::assert_cmd::cargo::cargo_bin!().display();
    let command = format!("stty rows {ROWS} cols {COLUMNS}; exec '{tour}' --lang en {arguments}");
    Program::new("script").args(["-qec", &command, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh")
}

/// What a terminal shows at the end of all this, line by line, if it has room for all lines.
fn screen(shown: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut letters = shown.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{1b}' => {
                let rest = letters.as_str();
                let end = rest.find(|letter: char| letter.is_ascii_alphabetic()).expect("a whole sequence");
                let (number, what) = (&rest[1..end], &rest[end..=end]);
                letters = rest[end + 1..].chars();
                let count = number.parse().unwrap_or(1);
                match what {
                    "A" => row -= count,
                    "B" => row += count,
                    "K" if number == "2" => lines[row].clear(),
                    "K" if number.is_empty() => lines[row].truncate(column),
                    "m" => {}
                    _ => panic!("not of this terminal: {number}{what}"),
                }
            }
            _ => {
                if column == COLUMNS {
                    (row, column) = (row + 1, 0);
                    lines.resize(lines.len().max(row + 1), Vec::new());
                }
                let line: &mut Vec<char> = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), Vec::new());
    }
    let mut lines: Vec<_> = lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned()).collect();
    while lines.pop_if(|line| line.is_empty()).is_some() {}
    lines
}

#[test]
fn the_lanes_of_what_runs_stand_below_the_bar_and_leave_nothing_behind() {
    let run = on_a_terminal("--speed 20 --only ticket-mutex,daemon").run();
    let shown = run.expect_code(0).stdout();
    for part in ["timeline locked", "timeline unlocked", "user 8 ", "timeline daemon", "1/2 ticket-mutex"] {
        assert!(shown.contains(part), "{part} was never shown: {shown:?}");
    }
    let end = screen(&shown);
    let [seed, head, rule, rows @ .., verdict, report] = &end[..] else { panic!("{end:#?}") };
    assert!(seed.starts_with("tour seed ") && head.starts_with("| section ") && rule.starts_with("| ---"), "{end:#?}");
    assert!(rows.len() == 2 && rows.iter().all(|row| row.starts_with("| ")), "{end:#?}");
    assert!(verdict.starts_with("held: 2 of 2 ") && report.starts_with("report: "), "{end:#?}");
}

#[test]
fn without_colours_the_lanes_have_none() {
    let coloured = "\u{1b}[33m░";
    let tour = on_a_terminal("--speed 20 --only ticket-mutex");
    assert!(tour.run().expect_code(0).stdout().contains(coloured));
    let shown = tour.env("NO_COLOR", "1").run().expect_code(0).stdout();
    assert!(shown.contains("timeline locked") && !shown.contains("m░"), "{shown:?}");
}

#[test]
fn a_terminal_that_only_knows_letters_and_one_that_is_none_get_lines() {
    let dumb = on_a_terminal("--speed inf --only daemon").env("TERM", "dumb").run().expect_code(0).stdout();
    let none = super::only("daemon").args(["--lang", "en"]).run();
    for shown in [dumb, none.expect_code(0).stdout() + &none.stderr()] {
        assert!(shown.contains("── daemon") && shown.contains("   daemon: "), "{shown:?}");
        assert!(!shown.contains("timeline") && !shown.contains('\u{1b}'), "{shown:?}");
    }
}
