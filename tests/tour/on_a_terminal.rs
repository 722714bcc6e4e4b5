//! The tour on a terminal: the lanes of what runs now, which leave nothing behind.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::kill;
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use support::{Ended, Program, Running, Signal, open_folder};

const ROWS: usize = 30;
/// Wide enough for the table.
const COLUMNS: usize = 160;
/// How long a test waits for what must be shown.
const PATIENCE: Duration = Duration::from_mins(1);

/// The tour with these arguments, on a terminal of its own; what it shows there is printed, byte by byte.
fn on_a_terminal(arguments: &str) -> Program {
    logged_on_a_terminal(arguments, Path::new("/dev/null"))
}

/// The same; what is shown is in this file at once.
fn logged_on_a_terminal(arguments: &str, log: &Path) -> Program {
    let script = Program::new("script").args(["-qefc", &tour_with(arguments)]).arg(log);
    script.env("TERM", "xterm").env("SHELL", "/bin/sh")
}

/// The command of a shell on that terminal.
fn tour_with(arguments: &str) -> String {
    let tour = support::assert_cmd::cargo::cargo_bin!().display();
    format!("stty rows {ROWS} cols {COLUMNS}; exec '{tour}' --lang en {arguments}")
}

/// What a terminal shows at the end of all this, line by line, if it has room for all lines.
pub(crate) fn screen(shown: &str) -> Vec<String> {
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
    assert!(seed.starts_with("tour seed ") && head.contains("section ") && rule.contains("---"), "{end:#?}");
    // A cell that is long is several lines.
    for name in ["daemon ", "ticket-mutex "] {
        let of_it = rows.iter().filter(|row| row.trim_start_matches("| ").starts_with(name));
        assert_eq!(of_it.count(), 1, "{end:#?}");
    }
    assert!(rows.len() <= 4, "{end:#?}");
    assert!(verdict.starts_with("held: 2 of 2 ") && report.starts_with("report: "), "{end:#?}");
}

#[test]
fn ctrl_c_leaves_no_lanes_behind() {
    let folder = open_folder();
    let log = folder.path().join("log");
    let script = logged_on_a_terminal("--speed 1 --only ticket-mutex", &log).start();
    wait_until_shown("timeline locked", &log);
    let ended = interrupted(script);
    let end = screen(&ended.stdout());
    let [seed, rows @ .., said] = &end[..] else { panic!("{end:#?}") };
    assert!(seed.starts_with("tour seed ") && said == "tour: ended by SIGINT", "{end:#?}");
    assert!(rows.iter().all(|row| row.starts_with("| ")), "{end:#?}");
}

#[test]
fn a_typed_ctrl_c_leaves_the_table_and_no_lanes() {
    let folder = open_folder();
    let [log, report, keys] = ["log", "tour.html", "keys"].map(|name| folder.path().join(name));
    // Each section hangs, and is a row after a second.
    let tour = format!("{} --deadline 1 --report '{}'", tour_with("--speed 0.01"), report.display());
    mkfifo(&keys, Mode::S_IRWXU).expect("a pipe with a name");
    let script = Program::new("sh").args(["-c", r#"exec script -qefc "$1" "$2" < "$3""#, "sh", &tour]);
    let script = script.arg(&log).arg(&keys).env("TERM", "xterm").env("SHELL", "/bin/sh").start();
    let mut keys = fs::OpenOptions::new().write(true).open(&keys).expect("a reader");
    wait_until_shown("timeline zombie", &log);
    keys.write_all(b"\x03").expect("a reader");
    let ended = script.wait();
    ended.expect_code(130);
    let end = screen(&ended.stdout());
    let [seed, rows @ .., verdict, place, said] = &end[..] else { panic!("{end:#?}") };
    assert!(seed.starts_with("tour seed ") && said == "tour: ended by SIGINT", "{end:#?}");
    assert!(verdict.starts_with("ended early: ") && place.starts_with("report: "), "{end:#?}");
    let is_left = |row: &&String| !(row.is_empty() || row.starts_with("| ") || *row == "^C");
    assert_eq!(rows.iter().find(is_left), None, "{end:#?}");
}

#[test]
fn what_happens_right_before_a_long_pause_is_shown_in_it() {
    let folder = open_folder();
    let log = folder.path().join("log");
    // Both are born within the time that the first picture stays; the next event is minutes away.
    let script = logged_on_a_terminal("--speed 0.01 --only daemon", &log).start();
    wait_until_shown("King Zhou ", &log);
    wait_until_shown("Daji ", &log);
    interrupted(script);
}

/// Waits for a part of what is shown. A screen of lanes ends with no line feed.
fn wait_until_shown(part: &str, log: &Path) {
    let began = Instant::now();
    let shown = || fs::read(log).map(|shown| String::from_utf8_lossy(&shown).into_owned()).unwrap_or_default();
    while !shown().contains(part) {
        assert!(began.elapsed() < PATIENCE, "{part} is not shown: {:?}", shown());
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// Sends the tour what Ctrl-C sends, and asserts that it ends of it.
fn interrupted(script: Running) -> Ended {
    kill(only_child(script.pid()), Signal::SIGINT).expect("the tour runs");
    let ended = script.wait();
    ended.expect_code(130);
    ended
}

fn only_child(parent: Pid) -> Pid {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).expect("a running program");
    Pid::from_raw(children.trim().parse().expect("one child"))
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
