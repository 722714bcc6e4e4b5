//! What a client sends, and what a user names, does no harm to a terminal or to a reader of the journal.

use std::net::Shutdown;

use support::{Signal, program};

use crate::{ask, client, ended_by, expect_moved, in_json_lines, of, rest_of, started, with_each_model};

#[test]
fn bytes_that_are_no_text_are_shown_as_such_and_come_back_as_they_were() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let stream = client(port);
        ask(&stream, b"a\xff\x80z", b"A\xff\x80Z");
        let all: Vec<u8> = (0..=u8::MAX).collect();
        ask(&stream, &all, &all.to_ascii_uppercase());
        ask(&stream, b"still here \xe4\xbd", b"STILL HERE \xe4\xbd");
        stream.shutdown(Shutdown::Write).expect("an open connection");
        assert_eq!(rest_of(&stream), b"");
        let ended = ended_by(server, Signal::SIGTERM);
        let texts: Vec<_> = ended.said().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts[0], "a\u{fffd}\u{fffd}z");
        assert!(texts.contains(&"still here ".to_owned()), "{texts:?}");
        assert!(texts.contains(&"\u{fffd}".to_owned()), "the character that never came whole: {texts:?}");
        expect_moved(&ended, 1, 4 + 256 + 13);
    });
}

/// Escape sequences in seven and in eight bits, DEL, a line break, separators, text from right to left.
const HARMFUL: &str = "\u{1b}[2Jboo\r\u{9b}2J\u{7f}\n\u{2028}\u{85}\u{202e}oob\u{2066}.";

#[test]
fn what_a_client_sends_cannot_move_the_cursor_of_the_terminal() {
    with_each_model(|model| {
        let (server, port) = started(&of(model));
        ask(&client(port), HARMFUL.as_bytes(), HARMFUL.to_ascii_uppercase().as_bytes());
        let ended = ended_by(server, Signal::SIGTERM);
        ended.expect_code(0).expect_harmless();
        ended.expect_text(&[r"\u{1b}[2Jboo\r\u{9b}2J\u{7f}\n\u{2028}\u{85}\u{202e}oob\u{2066}."]);
    });
}

#[test]
fn a_program_that_reads_the_journal_gets_what_a_client_sent_and_a_terminal_does_not() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        ask(&client(port), HARMFUL.as_bytes(), HARMFUL.to_ascii_uppercase().as_bytes());
        let ended = ended_by(server, Signal::SIGTERM);
        ended.expect_code(0).expect_harmless();
        assert_eq!(ended.said()[0].1, HARMFUL);
    });
}

#[test]
fn what_a_user_names_is_one_line_of_an_error_however_long_and_whatever_is_in_it() {
    for harmful in [HARMFUL.to_owned(), HARMFUL.repeat(3000)] {
        for option in
            ["--host", "--model", "--scene", "--port", "--idle-timeout", "--lang", "--speed", "--format", "--seed"]
        {
            let run = program!().args([option, &harmful]).run();
            run.expect_error(2, option.trim_start_matches('-').trim_end_matches("-timeout")).expect_harmless();
            assert!(run.stderr().len() < 1200, "{}", run.stderr());
            assert!(run.stderr().contains(r"\u{1b}[2Jboo\r"), "{}", run.stderr());
        }
        for path in ["--svg", "--trace"] {
            let run = program!().arg(path).arg(format!("/no/such{}/x", harmful.replace('/', ""))).run();
            run.expect_error(2, "cannot write /no/such").expect_harmless();
            assert!(run.stderr().len() < 1200, "{}", run.stderr());
        }
        let run = program!().arg(&harmful).run();
        run.expect_error(2, "unexpected argument").expect_harmless();
    }
}

#[test]
fn a_program_that_was_called_by_a_harmful_name_does_not_print_it() {
    let run = support::Program::new("bash")
        .args(["-c", r#"exec -a "$1" "$0" --help"#])
        .arg(support::assert_cmd::cargo::cargo_bin!())
        .arg(HARMFUL)
        .run();
    run.expect_code(0).expect_harmless().expect_text(&["Usage: tcp-server [OPTIONS]"]);
}
