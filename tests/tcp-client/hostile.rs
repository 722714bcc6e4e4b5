//! What a server answers, and what a user names, does no harm to a terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use support::echo::{Server, upper_case};
use support::program;

use crate::client;

/// An escape sequence, a line break, a C1 control, text from right to left, a separator of lines.
const HARMFUL: &str = "\u{1b}[2JBOO\n\u{9b}2J\u{202e}OOB\u{2028}.";

#[test]
fn an_answer_cannot_move_the_cursor_and_a_reader_of_the_journal_gets_it_as_it_came() {
    for format in ["text", "jsonl"] {
        let server = Server::start([upper_case]);
        let run = client(&server).args(["--count", "1", "--message", HARMFUL, "--format", format]).run();
        run.expect_code(0).expect_harmless();
        if format == "jsonl" {
            assert_eq!(run.said()[0].1, HARMFUL);
        } else {
            run.expect_text(&[r"\u{1b}[2JBOO\n\u{9b}2J\u{202e}OOB\u{2028}."]);
        }
        server.join();
    }
}

#[test]
fn what_a_user_names_is_one_line_of_an_error_however_long_and_whatever_is_in_it() {
    for harmful in [HARMFUL.to_owned(), HARMFUL.repeat(3000)] {
        for option in ["--host", "--message-file", "--port", "--count", "--timeout", "--connections", "--rate"] {
            let run = program!().args([option, &harmful]).run();
            run.expect_error(2, r"\u{1b}[2JBOO\n").expect_harmless();
            assert!(run.stderr().len() < 1200, "{}", run.stderr());
        }
    }
}

#[test]
fn a_name_that_is_no_text_is_one_line_of_an_error_too() {
    let no_text = OsStr::from_bytes(b"no/\xff\xfe\x1b[2J");
    let run = |option: &str| program!().arg(option).arg(no_text).run();
    run("--message-file").expect_error(2, "no/\u{fffd}\u{fffd}\\u{1b}[2J: no such file").expect_harmless();
    run("--trace").expect_error(2, "there is no folder no").expect_harmless();
    run("--host").expect_error(2, "an argument is no valid UTF-8").expect_harmless();
}
