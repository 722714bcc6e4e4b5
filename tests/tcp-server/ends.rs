//! The end of the server: clients are answered, held up by nobody, and left in peace.

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use support::{Signal, program};

use crate::{PATIENCE, ask, client, ended_by, expect_moved, in_json_lines, rest_of, started};

#[test]
fn it_ends_well_on_each_signal_while_a_silent_client_is_connected() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let (server, port) = in_json_lines();
        let stream = client(port);
        ask(&stream, b"hello", b"HELLO");
        let ended = ended_by(server, signal);
        assert_eq!(rest_of(&stream), b"", "the server closes the connection");
        expect_moved(&ended, 1, 5);
        assert_eq!(ended.stderr(), "");
    }
}

#[test]
fn it_ends_well_without_a_single_client() {
    let (server, _) = in_json_lines();
    expect_moved(&ended_by(server, Signal::SIGINT), 0, 0);
}

#[test]
fn what_came_before_the_signal_is_answered_even_to_clients_at_the_door() {
    let (server, port) = in_json_lines();
    // While it is stopped it cannot accept, so the system keeps the clients and what they say.
    server.signal(Signal::SIGSTOP);
    let status = format!("/proc/{}/status", server.pid());
    until(|| std::fs::read_to_string(&status).expect("our program").contains("State:\tT"));
    let streams: Vec<_> = (0..20).map(|_| client(port)).collect();
    for mut stream in &streams {
        stream.write_all(b"on the way").expect("an open connection");
    }
    until(|| waiting_bytes(port) == 200);
    server.signal(Signal::SIGTERM);
    server.signal(Signal::SIGCONT);
    let ended = server.wait();
    for stream in &streams {
        assert_eq!(rest_of(stream), b"ON THE WAY");
    }
    expect_moved(&ended, 20, 200);
}

/// Waits for something that the system does in its own time.
#[track_caller]
fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it does not happen");
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// How many bytes have come for the program at `port` and were not read, as the kernel sees it.
fn waiting_bytes(port: u16) -> u64 {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel's connections");
    let rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    // Columns: number, local address, remote address, state (01 is a connection), bytes out:in.
    let ours = rows.filter(|row| row[1].ends_with(&format!(":{port:04X}")) && row[3] == "01");
    ours.filter_map(|row| u64::from_str_radix(row[4].split(':').nth(1)?, 16).ok()).sum()
}

#[test]
fn a_client_that_does_not_read_cannot_hold_up_the_end() {
    let (server, port) = started(&program!().args(["--quiet", "--drain-timeout", "0.2"]));
    let mut stream = client(port);
    stream.set_write_timeout(Some(Duration::from_millis(300))).expect("an open connection");
    // Until the buffers of both ways are full: then the server waits in a write.
    let message = vec![b'x'; 1 << 20];
    let full = (0..1000).find_map(|_| stream.write_all(&message).err()).expect("buffers that are full some time");
    assert!(full.kind() == ErrorKind::WouldBlock, "{full}");
    let ended = ended_by(server, Signal::SIGTERM);
    assert!(matches!(ended.code(), Some(0 | 1)), "{}", ended.stderr());
    ended.expect_text(&["connections      1 clients"]);
}

#[test]
fn a_client_that_never_ceases_to_write_cannot_hold_up_the_end() {
    let (server, port) = started(&program!());
    let stream = client(port);
    ask(&stream, b"hello", b"HELLO");
    thread::scope(|scope| {
        // Both end when the server closes the connection.
        scope.spawn(|| while (&stream).write_all(&[b'x'; 1000]).is_ok() {});
        scope.spawn(|| while (&stream).read(&mut [0; 1000]).is_ok_and(|read| read > 0) {});
        // In time, or cut off: as it happens.
        let ended = ended_by(server, Signal::SIGTERM);
        assert!(matches!(ended.code(), Some(0 | 1)), "{}", ended.stderr());
    });
}

#[test]
fn its_port_is_free_again_when_it_has_ended() {
    let (server, port) = in_json_lines();
    ended_by(server, Signal::SIGTERM).expect_code(0);
    let mut server = program!().args(["--port", &port.to_string(), "--format", "jsonl"]).start();
    server.line_with(r#""kind":"ready""#);
    ask(&client(port), b"again", b"AGAIN");
    ended_by(server, Signal::SIGTERM).expect_code(0);
}

#[test]
fn it_ends_quietly_when_nobody_reads_its_output_any_more() {
    let (mut server, port) = started(&program!());
    let stream = client(port);
    server.close_output();
    // The harness notices the closed output at the first further line, and closes the pipe then.
    let mut one = &stream;
    while one.write_all(b"hello\n").is_ok() && one.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
    let ended = server.wait();
    assert_eq!((ended.code(), ended.stderr().as_str()), (Some(141), ""));
}
