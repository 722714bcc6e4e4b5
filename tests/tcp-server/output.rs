//! The reader of the server's output: no client waits for it, and neither does the end of the server.

use std::io::{BufRead, BufReader, PipeReader, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Instant;

use support::assert_cmd::cargo::cargo_bin;
use support::{Program, Running, Signal};

use crate::{PATIENCE, ask, client, of, with_each_model};

/// What a client says: a line of the log is longer than that.
const MESSAGE: [u8; 1000] = [b'x'; 1000];
/// The messages whose lines are more than a pipe takes (64 KiB), and more than the server keeps besides (4 MiB).
const FILLING: usize = 100;
const OVERFLOWING: usize = 6000;

/// A server on a free port, the port, and its output: it is read until the server listens.
fn started(server: &Program) -> (Running, u16, BufReader<PipeReader>) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    started_with(server, reader, writer.into())
}

/// The same with any kind of output.
fn started_with<R: Read>(server: &Program, reader: R, writer: Stdio) -> (Running, u16, BufReader<R>) {
    let server = server.clone().args(["--port", "0"]).start_with_output(writer);
    let mut output = BufReader::new(reader);
    let mut line = String::new();
    while !line.contains("listening on 127.0.0.1:") {
        line.clear();
        assert!(output.read_line(&mut line).expect("a text") > 0, "the server listens");
    }
    let digits = line.split("127.0.0.1:").last().unwrap_or_default().split(|letter: char| !letter.is_ascii_digit());
    (server, digits.into_iter().next().and_then(|port| port.parse().ok()).expect("a port"), output)
}

fn ask_often(port: u16, times: usize) {
    let (talker, answer) = (client(port), MESSAGE.to_ascii_uppercase());
    (0..times).for_each(|_| ask(&talker, &MESSAGE, &answer));
}

#[test]
fn while_its_output_is_not_read_clients_are_answered_and_the_first_signal_ends_it_in_time() {
    with_each_model(|model| {
        for format in ["text", "jsonl"] {
            let (server, port, _unread) = started(&of(model).args(["--format", format, "--drain-timeout", "0.5"]));
            let silent = client(port);
            ask_often(port, FILLING);
            ask(&silent, b"hello", b"HELLO");
            let began = Instant::now();
            server.signal(Signal::SIGTERM);
            server.wait().expect_error(143, "tcp-server: ended by SIGTERM");
            // A second at least, which the reader always has, and far less than a minute on any machine.
            assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
        }
    });
}

#[test]
fn lines_that_are_dropped_are_counted_and_all_others_are_whole_and_the_report_is_among_them() {
    with_each_model(|model| {
        let server = of(model).args(["--drain-timeout", "60", "--lang", "en"]);
        let (mut server, port, mut output) = started(&server);
        ask_often(port, OVERFLOWING);
        server.error_with("tcp-server: standard output is not read fast enough: lines dropped so far: ");
        server.signal(Signal::SIGTERM);
        let mut printed = String::new();
        output.read_to_string(&mut printed).expect("whole characters");
        server.wait().expect_code(0);
        let is_said =
            |line: &&str| line.ends_with(&format!(" {}", "x".repeat(1000))) || line.contains("no new clients");
        let said = printed.lines().filter(is_said).count();
        let dropped = printed.lines().find_map(|line| line.strip_prefix("  · lines dropped")).expect("a figure");
        let dropped: usize = dropped.trim().trim_end_matches(" lines").parse().expect("a number");
        assert!(dropped > 0 && said > 4000, "{said} and {dropped}");
        // Each message, and the line that says that no more clients come.
        assert_eq!(said + dropped, OVERFLOWING + 1);
        assert!(printed.lines().last().is_some_and(|line| line.starts_with("held: 3 of 3 checks")), "{printed}");
    });
}

#[test]
fn a_reader_that_goes_away_is_seen_at_the_next_line_though_no_client_says_another() {
    with_each_model(|model| {
        // A pipe would stay open as long as a child that another test is just starting has a copy of its end.
        let (reader, writer) = UnixStream::pair().expect("a socket pair");
        let (server, port, output) = started_with(&of(model), reader, OwnedFd::from(writer).into());
        let talker = client(port);
        ask(&talker, b"hello", b"HELLO");
        output.get_ref().shutdown(Shutdown::Both).expect("an open socket");
        ask(&talker, b"hello", b"HELLO");
        let ended = server.wait();
        assert_eq!((ended.code(), ended.stderr().as_str()), (Some(141), ""));
    });
}

#[test]
fn while_its_errors_are_not_read_either_clients_are_answered() {
    with_each_model(|model| {
        // Both streams are the pipe.
        let program = Program::new("bash").args(["-c", r#"exec "$0" "$@" 2>&1"#]).arg(cargo_bin!());
        let (server, port, mut output) = started(&program.args(["--model", model, "--drain-timeout", "60"]));
        let silent = client(port);
        ask_often(port, FILLING);
        // A client that breaks off is trouble, which the server logs.
        for _ in 0..3 {
            let mut rude = client(port);
            rude.write_all(b"hello").expect("an open connection");
            rude.peek(&mut [0; 5]).expect("the answer");
            drop(rude);
            ask(&silent, b"hello", b"HELLO");
        }
        ask_often(port, FILLING);
        server.signal(Signal::SIGTERM);
        let mut printed = String::new();
        output.read_to_string(&mut printed).expect("whole characters");
        server.wait().expect_code(0);
        assert!(printed.contains("tcp-server: cannot serve client "), "{printed}");
    });
}

#[test]
fn the_first_signal_ends_it_in_time_while_neither_stream_is_read() {
    with_each_model(|model| {
        let program = Program::new("bash").args(["-c", r#"exec "$0" "$@" 2>&1"#]).arg(cargo_bin!());
        let server = program.args(["--model", model, "--drain-timeout", "0.5", "--idle-timeout", "30"]);
        let (server, port, _unread) = started(&server);
        ask_often(port, FILLING);
        let mut rude = client(port);
        rude.write_all(b"hello").expect("an open connection");
        rude.peek(&mut [0; 5]).expect("the answer");
        drop(rude);
        ask_often(port, FILLING);
        server.signal(Signal::SIGTERM);
        assert_eq!(server.wait().code(), Some(143));
    });
}
