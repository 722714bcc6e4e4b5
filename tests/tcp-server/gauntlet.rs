//! Everything that clients do to a server, on one server, one thing after the other: it stays up, and its
//! counts are right.

use std::io::Write;
use std::net::Shutdown;
use std::thread;

use support::{Program, Signal};

use crate::full::fill;
use crate::streams::{STREAMS, letters, random_streams, reset, the_notes_own_client_talks};
use crate::{ask, client, of, rest_of, rest_until_gone, with_json_report};

#[test]
fn a_thread_per_connection_stays_up_through_it_all() {
    runs_the_gauntlet(&of("threads"));
}

#[test]
fn a_pool_stays_up_through_it_all() {
    runs_the_gauntlet(&of("pool"));
}

#[test]
fn events_stay_up_through_it_all() {
    runs_the_gauntlet(&of("events"));
}

/// The number of clients that connect at once, and the limit of the server.
const CROWD: usize = 40;
const ALLOWED: usize = 30;

fn runs_the_gauntlet(program: &Program) {
    let allowed = ALLOWED.to_string();
    let options = ["--quiet", "--drain-timeout", "60", "--max-connections", &allowed];
    let (mut server, port) = with_json_report(&program.clone().args(options));
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).expect("its files").count();
    let (mut clients, mut bytes) = (0, 0);
    let mut came = |new: u64, moved: usize| {
        clients += new;
        bytes += moved as u64;
    };

    // One byte after the other; a character in two pieces.
    let stream = client(port);
    for byte in "one by one, 你好".bytes() {
        ask(&stream, &[byte], &[byte.to_ascii_uppercase()]);
    }
    came(1, "one by one, 你好".len());
    drop(stream);

    // Full buffers in both directions; then the rest of the message, and a half-close.
    let (stream, message) = (client(port), letters(10 << 20));
    let sent = fill(&stream, &message);
    thread::scope(|scope| {
        scope.spawn(|| {
            (&stream).write_all(&message[sent..]).expect("an open connection");
            stream.shutdown(Shutdown::Write).expect("an open connection");
        });
        assert!(rest_of(&stream) == message.to_ascii_uppercase());
    });
    came(1, message.len());

    // Writes of random sizes, and the client of the notes.
    came(STREAMS, random_streams(port).try_into().expect("no more than memory"));
    the_notes_own_client_talks(port);
    came(1, 15);

    // Resets: after an answer, and in the middle of one.
    let mut broken = 0;
    for _ in 0..20 {
        let stream = client(port);
        ask(&stream, b"hello", b"HELLO");
        reset(stream);
        came(1, 5);
        broken += 1;
    }
    let rude = client(port);
    let rudely_sent = fill(&rude, &message) as u64;
    reset(rude);
    came(1, 0);
    broken += 1;

    // More clients than are allowed, and some that leave.
    let mut crowd: Vec<_> = (0..CROWD).map(|_| client(port)).collect();
    for stream in &crowd[..ALLOWED] {
        ask(stream, b"full", b"FULL");
    }
    let waiting = crowd.split_off(ALLOWED);
    for mut stream in &waiting {
        stream.write_all(b"outside").expect("a connection that waits");
    }
    drop(crowd);
    for stream in waiting {
        ask(&stream, b"", b"OUTSIDE");
    }
    came(CROWD as u64, 4 * ALLOWED + 7 * (CROWD - ALLOWED));

    // More clients than the server may open files, and some that leave: then there is room again.
    server.limit("nofile", files as u64 + 20);
    let crowd: Vec<_> = (0..CROWD).map(|_| client(port)).collect();
    server.error_with("tcp-server: cannot accept a client: too many open files; trying again");
    for mut stream in &crowd {
        stream.write_all(b"let me in").expect("an open connection");
    }
    for stream in crowd {
        ask(&stream, b"", b"LET ME IN");
    }
    came(CROWD as u64, 9 * CROWD);

    // The end, with a silent client, and with one that has not read its answer yet.
    let (silent, deaf, rest) = (client(port), client(port), letters(24 << 20));
    ask(&silent, b"hello", b"HELLO");
    let sent = fill(&deaf, &rest);
    assert!(sent < rest.len());
    server.signal(Signal::SIGTERM);
    assert_eq!(rest_of(&silent), b"");
    let answer = rest_until_gone(&deaf);
    assert!(answer == rest[..answer.len()].to_ascii_uppercase(), "the answer to what had come");
    came(2, 5 + answer.len());

    let ended = server.wait();
    let report = ended.expect_held();
    let figure = |name| report.figure("serve", name).as_u64();
    assert_eq!((figure("connections"), figure("broken_off")), (Some(clients), Some(broken)));
    // The server receives part of what is sent before a reset, and sends part of the answer.
    let (received, sent) = (figure("bytes_in").unwrap_or(0), figure("bytes_out").unwrap_or(0));
    assert!((bytes..=bytes + rudely_sent).contains(&received), "{bytes} + {rudely_sent}: {received}");
    assert!((bytes..=received).contains(&sent), "{bytes}, {received}: {sent}");
    assert_eq!((figure("at_once"), figure("turned_away")), (Some(ALLOWED as u64), Some(0)));
}
