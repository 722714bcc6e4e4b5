//! A stream knows no messages: whatever the sizes of writes and reads, and however slow the client, the
//! answer is the upper case of what came, complete and in order.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt::Linger};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use support::Signal;

use crate::full::{fill, resident};
use crate::{
    ask, client, ended_by, expect_moved, in_json_lines, of, rest_of, seconds, with_each_model, with_json_report,
};

/// The number of random streams for each model, and of the threads that send them.
pub(crate) const STREAMS: u64 = 2000;
const SENDERS: u64 = 4;

#[test]
fn two_thousand_random_streams_come_back_in_upper_case() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).arg("--quiet"));
        let bytes = random_streams(port);
        expect_moved(&ended_by(server, Signal::SIGTERM), STREAMS, bytes);
    });
}

/// Sends [`STREAMS`] random streams, several at once, and asserts that each comes back in upper case.
/// Returns the number of their bytes.
pub(crate) fn random_streams(port: u16) -> u64 {
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("SEED={seed} repeats this");
    let send_all = |sender| {
        let streams = (sender..STREAMS).step_by(4);
        streams.map(|number| random_stream(port, seed.wrapping_add(number))).sum::<u64>()
    };
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|sender| scope.spawn(move || send_all(sender))).collect();
        senders.into_iter().map(|sender| sender.join().expect("every answer is right")).sum()
    })
}

/// Sends random bytes in random pieces, and asserts that their upper case comes back. Returns their number.
fn random_stream(port: u16, seed: u64) -> u64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    // Many short streams, and some that are longer than a read of the server.
    let length = random.random_range(0..=4_usize).pow(6).min(5000) + random.random_range(0..10_usize);
    let mut message = vec![0; length];
    random.fill_bytes(&mut message);
    let stream = client(port);
    let mut rest = &message[..];
    while !rest.is_empty() {
        let piece = random.random_range(1..=rest.len().min(1500));
        (&stream).write_all(&rest[..piece]).expect("an open connection");
        rest = &rest[piece..];
    }
    stream.shutdown(Shutdown::Write).expect("an open connection");
    let upper: Vec<u8> = message.iter().map(u8::to_ascii_uppercase).collect();
    assert!(rest_of(&stream) == upper, "another answer for the stream of seed {seed}");
    length as u64
}

/// Letters that depend on their place, so that a part that comes back too early, too late or twice is found.
pub(crate) fn letters(count: usize) -> Vec<u8> {
    (0..count).map(|place| b'a' + u8::try_from(place * 7 % 251 % 26).expect("a letter")).collect()
}

#[test]
fn ten_mebibytes_come_back_after_both_ways_were_full() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).arg("--quiet"));
        let stream = client(port);
        let message = letters(10 << 20);
        let sent = fill(&stream, &message);
        thread::scope(|scope| {
            scope.spawn(|| (&stream).write_all(&message[sent..]).expect("an open connection"));
            ask(&stream, b"", &message.to_ascii_uppercase());
        });
        drop(stream);
        expect_moved(&ended_by(server, Signal::SIGTERM), 1, 10 << 20);
    });
}

#[test]
fn a_client_that_does_not_read_is_slowed_down_and_keeps_no_other_waiting() {
    with_each_model(|model| {
        let program = of(model).arg("--quiet");
        // One loop, which both clients share.
        let program = if model == "events" { program.args(["--workers", "1"]) } else { program };
        let (server, port) = with_json_report(&program);
        let (slow, quick) = (client(port), client(port));
        ask(&quick, b"before", b"BEFORE");
        let before = resident(server.pid());
        let message = letters(24 << 20);
        let sent = fill(&slow, &message);
        assert!(sent < message.len(), "all of it was taken, and is kept somewhere");
        ask(&quick, b"after", b"AFTER");
        let grown = resident(server.pid()).saturating_sub(before);
        assert!(grown < 2048, "the server keeps {grown} KiB of {sent} bytes");
        // The slow client still gets the answer to all that it sent.
        ask(&slow, b"", &message[..sent].to_ascii_uppercase());
        drop((slow, quick));
        expect_moved(&ended_by(server, Signal::SIGTERM), 2, sent as u64 + 11);
    });
}

#[test]
fn a_client_that_writes_slowly_keeps_no_other_waiting() {
    with_each_model(|model| {
        let program = of(model);
        let program = if model == "events" { program.args(["--workers", "1"]) } else { program };
        let (server, port) = in_json_lines(&program);
        let (slow, quick) = (client(port), client(port));
        for byte in "你好, slow".bytes() {
            ask(&slow, &[byte], &[byte.to_ascii_uppercase()]);
            ask(&quick, b"quick", b"QUICK");
        }
        let bytes = "你好, slow".len() as u64 * 6;
        expect_moved(&ended_by(server, Signal::SIGTERM), 2, bytes);
    });
}

#[test]
fn a_half_close_is_answered_in_full_and_said() {
    with_each_model(|model| {
        let (mut server, port) = with_json_report(&of(model).arg("--quiet"));
        let stream = client(port);
        let message = letters(24 << 20);
        let sent = fill(&stream, &message);
        stream.shutdown(Shutdown::Write).expect("an open connection");
        assert!(rest_of(&stream) == message[..sent].to_ascii_uppercase());
        // Whether the server logs it depends on whether it saw the end of the stream before the answer was out.
        let (small, name) = (client(port), "tcp-server: client");
        (&small).write_all(b"one more").expect("an open connection");
        small.shutdown(Shutdown::Write).expect("an open connection");
        assert_eq!(rest_of(&small), b"ONE MORE");
        server.let_run(std::time::Duration::ZERO);
        let ended = ended_by(server, Signal::SIGTERM);
        expect_moved(&ended, 2, sent as u64 + 8);
        let said = ended.stderr();
        let lines = said.lines().skip(1);
        for line in lines {
            assert!(line.starts_with(name) && line.contains("has closed its side, and waits for "), "{said}");
        }
    });
}

#[test]
fn a_reset_in_the_middle_of_an_answer_harms_no_other() {
    with_each_model(|model| {
        let (mut server, port) = with_json_report(&of(model).arg("--quiet"));
        let (rude, polite) = (client(port), client(port));
        ask(&polite, b"before", b"BEFORE");
        fill(&rude, &letters(24 << 20));
        let name = format!("client {}", rude.local_addr().expect("an address").port());
        reset(rude);
        server.error_with(&format!("tcp-server: cannot serve {name}: "));
        ask(&polite, b"after", b"AFTER");
        let ended = ended_by(server, Signal::SIGTERM);
        let report = ended.expect_held();
        assert_eq!(report.figure("serve", "broken_off"), 1);
        assert_eq!(report.figure("serve", "connections"), 2);
    });
}

/// Ends a connection as a crash does: the other side sees a reset, and bytes on their way are lost.
pub(crate) fn reset(stream: TcpStream) {
    setsockopt(&stream, Linger, &linger { l_onoff: 1, l_linger: 0 }).expect("an open connection");
    drop(stream);
}

#[test]
fn many_resets_are_few_lines() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).arg("--quiet"));
        for _ in 0..200 {
            let stream = client(port);
            ask(&stream, b"hello", b"HELLO");
            reset(stream);
        }
        let last = client(port);
        ask(&last, b"still here", b"STILL HERE");
        drop(last);
        let ended = ended_by(server, Signal::SIGTERM);
        let report = ended.expect_held();
        assert_eq!(report.figure("serve", "connections"), 201);
        assert_eq!(report.figure("serve", "broken_off"), 200);
        let (said, seconds) = (ended.stderr(), seconds(&report));
        let lines: Vec<_> = said.lines().filter(|line| line.contains("connection reset by peer")).collect();
        assert!(!lines.is_empty() && lines.len() <= 1 + seconds, "{seconds} s: {said}");
        let words: Vec<_> = said.split_whitespace().collect();
        let counts = words.windows(2).filter(|pair| pair[1] == "more");
        let kept_back: usize = counts.map(|pair| pair[0].parse::<usize>().expect("a number")).sum();
        assert_eq!(lines.len() + kept_back, 200, "every reset is a line, or counted in one: {said}");
    });
}

/// The notes' client, with three messages and no pause between them.
const CLIENT: &str = "
import socket
c = socket.socket()
c.connect(('127.0.0.1', PORT))
for _ in range(3):
    c.send(b'hello')
    data = c.recv(1024)
    print(data.decode('utf-8'))
";

#[test]
fn the_notes_own_client_talks_to_it() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        the_notes_own_client_talks(port);
        let ended = ended_by(server, Signal::SIGTERM);
        expect_moved(&ended, 1, 15);
        assert_eq!(ended.said().iter().filter(|(_, text)| text == "hello").count(), 3);
    });
}

pub(crate) fn the_notes_own_client_talks(port: u16) {
    let code = CLIENT.replace("PORT", &port.to_string());
    let python = Command::new("python3").args(["-c", &code]).stderr(Stdio::inherit()).output().expect("python3");
    assert_eq!(String::from_utf8_lossy(&python.stdout), "HELLO\nHELLO\nHELLO\n");
}

#[test]
fn what_is_not_printed_is_answered_all_the_same() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model).arg("--quiet"));
        let stream = client(port);
        ask(&stream, "secret 你".as_bytes(), "SECRET 你".as_bytes());
        ask(&stream, b"\xe4", b"\xe4");
        stream.shutdown(Shutdown::Write).expect("an open connection");
        assert_eq!((&stream).read(&mut [0]).map_err(|error: std::io::Error| error.kind()), Ok::<_, ErrorKind>(0));
        let ended = ended_by(server, Signal::SIGTERM);
        expect_moved(&ended, 1, 11);
        assert!(!ended.stdout().contains("secret") && !ended.stdout().contains('\u{fffd}'), "{}", ended.stdout());
    });
}

#[test]
fn clients_come_over_ipv6_too() {
    with_each_model(|model| {
        let mut server = of(model).args(["--host", "::1", "--port", "0", "--quiet", "--format", "json"]).start();
        let line = server.error_with("tcp-server: listening on [::1]:");
        let port: u16 = line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let stream = TcpStream::connect(("::1", port)).expect("a server that listens");
        ask(&stream, b"hello", b"HELLO");
        drop(stream);
        expect_moved(&ended_by(server, Signal::SIGTERM), 1, 5);
    });
}
