//! What the file has in it, and what a user is called, does no harm to a terminal: an error is one line.

use std::fs;

use crate::Tickets;

/// An escape sequence, a line break, a C1 control, text from right to left, a separator of lines.
const HARMFUL: &str = "\u{1b}[2Jboo\n\u{9b}2J\u{202e}oob\u{2028}.";

#[test]
fn a_value_of_the_file_is_one_line_however_long_and_whatever_is_in_it() {
    let long = "9".repeat(900_000);
    let broken = "{\n".repeat(400);
    for value in [&format!("\"{HARMFUL}\""), "{\n\"a\":\n5\n}", &long, &broken, "\"\u{7f}\u{85}\""] {
        let content = format!("{{\"tickets_num\": {value}}}");
        let tickets = Tickets::with(&content);
        for command in [&["query"][..], &["buy", "--user", "Ann"], &[]] {
            let run = tickets.program().args(command).run();
            run.expect_code(2).expect_harmless();
            let told = run.stderr();
            assert!(told.lines().count() == 1 && told.len() < 1200, "{told}");
        }
        assert_eq!(tickets.text(), content);
    }
}

#[test]
fn the_path_of_the_file_and_the_name_of_a_user_are_one_line_whatever_is_in_them() {
    let tickets = Tickets::none();
    let file = tickets.path().with_file_name(HARMFUL);
    let program = || support::program!().arg("--file").arg(&file);
    program().arg("query").run().expect_error(2, r"\u{1b}[2Jboo\n").expect_harmless();
    program().args(["restock", "2"]).run().expect_code(0).expect_harmless();
    let bought = program().args(["buy", "--user", HARMFUL]).run();
    bought.expect_code(0).expect_harmless().expect_text(&[r"user \u{1b}[2Jboo\n"]);
    assert_eq!(bought.stdout().lines().count(), 1);
    // The lock bears the name of the file, in the journal as well.
    program().args(["buy", "--user", HARMFUL, "--format", "jsonl"]).run().expect_code(0).expect_harmless();
    fs::write(&file, "no object").expect("our own file");
    program().arg("query").run().expect_error(2, "not a JSON object").expect_harmless();
}
