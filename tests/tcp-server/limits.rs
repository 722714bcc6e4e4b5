//! More clients than the server has room for, and silent clients.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use support::{Ended, Running, Signal, program};

use crate::full::{resident, until};
use crate::{
    ask, client, ended_by, expect_moved, in_json_lines, of, rest_of, seconds, with_each_model, with_json_report,
};

#[test]
fn it_goes_on_when_the_system_has_no_room_for_one_more_client() {
    with_each_model(|model| {
        // The server can open fewer files than there are clients: it accepts some when others have left.
        let (mut server, port) = with_json_report(&of(model).limit("nofile", 32));
        let clients: Vec<_> = (0..50).map(|_| client(port)).collect();
        let expected = "tcp-server: cannot accept a client: too many open files; trying again";
        server.error_with(expected);
        for mut stream in &clients {
            stream.write_all(b"hello").expect("an open connection");
        }
        // The server accepts in the order of the backlog; each client that leaves makes room for another.
        for stream in clients {
            ask(&stream, b"", b"HELLO");
        }
        ask(&client(port), b"room again", b"ROOM AGAIN");
        let ended = ended_by(server, Signal::SIGTERM);
        let report = ended.expect_held();
        assert_eq!(report.figure("serve", "connections"), 51);
        let (said, seconds) = (ended.stderr(), seconds(&report));
        let about_files = said.lines().filter(|line| line.starts_with(expected)).count();
        assert!(about_files <= 1 + seconds, "at most once a second, in {seconds} s: {said}");
    });
}

#[test]
fn it_goes_on_when_the_system_has_no_thread_for_one_more_client() {
    let program = program!().as_ordinary_user();
    let (mut server, port) = with_json_report(&program);
    let first = client(port);
    ask(&first, b"first", b"FIRST");
    server.limit("nproc", 1);
    let second = client(port);
    assert_eq!(rest_of(&second), b"", "the connection is closed");
    server.error_with("resource temporarily unavailable; client ");
    ask(&first, b"still here", b"STILL HERE");
    let report = ended_by(server, Signal::SIGTERM).expect_held();
    assert_eq!(report.figure("serve", "turned_away"), 1);
    assert_eq!(report.figure("serve", "connections"), 1);
}

/// Three clients of a server that serves two at once; the third is answered when the first has left.
/// Returns the server's end and the clients' names.
fn a_third_waits_until_the_first_leaves(server: Running, port: u16) -> (Ended, [String; 3]) {
    let (first, second, third) = (client(port), client(port), client(port));
    (&third).write_all(b"third").expect("an open connection");
    ask(&first, b"first", b"FIRST");
    ask(&second, b"second", b"SECOND");
    let names = [&first, &second, &third].map(name);
    drop(first);
    ask(&third, b"", b"THIRD");
    drop((second, third));
    let ended = ended_by(server, Signal::SIGTERM);
    expect_moved(&ended, 3, 16);
    (ended, names)
}

#[test]
fn further_clients_wait_outside_until_others_leave() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model).args(["--max-connections", "2"]));
        let (ended, names) = a_third_waits_until_the_first_leaves(server, port);
        assert_eq!(ended.report().figure("serve", "at_once"), 2);
        // The order of the journal: the first client left before the third was accepted.
        let marks: Vec<_> = ended.record().marks;
        let place = |what: &str, on: &str| marks.iter().position(|mark| mark["what"] == what && mark["on"] == on);
        assert!(place("closed", &names[0]) < place("accepted", &names[2]), "{marks:?}");
        assert!(place("accepted", &names[1]) < place("closed", &names[0]), "{marks:?}");
    });
}

#[test]
fn with_as_many_clients_as_workers_the_next_one_is_connected_and_waits() {
    let (server, port) = in_json_lines(&of("pool").args(["--workers", "2"]));
    let (ended, names) = a_third_waits_until_the_first_leaves(server, port);
    assert_eq!(ended.report().figure("serve", "at_once"), 3);
    let record = ended.record();
    let span = |name: &str| record.doing("connection").find(|span| span.on == name).expect("a span");
    assert!(span(&names[0]).to <= span(&names[2]).from, "{:?}", record.spans);
    assert_eq!(span(&names[0]).actor, span(&names[2]).actor, "the worker that was free");
}

#[test]
fn a_silent_client_is_closed_after_the_timeout() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).args(["--quiet", "--idle-timeout", "0.2"]));
        let (silent, deaf, mute) = (client(port), client(port), client(port));
        ask(&silent, b"hello", b"HELLO");
        // A client that does not read is idle, as is one that does not write.
        deaf.set_nonblocking(true).expect("an open connection");
        until(|| (&deaf).write(&[b'x'; 1 << 14]).is_err_and(|error| error.kind() != ErrorKind::WouldBlock));
        assert_eq!(rest_of(&silent), b"", "the connection is closed");
        assert_eq!(rest_of(&mute), b"", "the connection is closed");
        let report = ended_by(server, Signal::SIGTERM).expect_held();
        assert_eq!(report.figure("serve", "closed_as_idle"), 3);
    });
}

#[test]
fn a_client_that_talks_stays_however_often_the_timeout_passes() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).args(["--quiet", "--idle-timeout", "1"]));
        let talker = client(port);
        // The server closes each silent client after another timeout.
        let mut asked = 0;
        for _ in 0..3 {
            let mut silent = client(port);
            silent.set_nonblocking(true).expect("an open connection");
            until(|| {
                ask(&talker, b"still here", b"STILL HERE");
                asked += 1;
                matches!(silent.read(&mut [0]), Ok(0))
            });
        }
        ask(&talker, b"and after", b"AND AFTER");
        drop(talker);
        let ended = ended_by(server, Signal::SIGTERM);
        let report = ended.expect_held();
        assert_eq!(report.figure("serve", "closed_as_idle"), 3);
        assert_eq!(report.figure("serve", "bytes_in"), 10 * asked + 9);
    });
}

/// The name that the server gives a client.
fn name(stream: &TcpStream) -> String {
    format!("client {}", stream.local_addr().expect("an address").port())
}

/// The number of clients that are connected at once, and the memory that the server may use, in KiB.
const CROWD: usize = 10_000;
const MOST_MEMORY: u64 = 64 << 10;

#[test]
fn a_crowd_that_was_silent_is_answered_by_events_in_little_memory() {
    let room = CROWD as u64 + 500;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    assert!(room <= hard, "this test needs {room} open files, and the limit is {hard}");
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(room), hard).expect("room for a crowd");
    let (server, port) = with_json_report(&of("events").arg("--quiet"));
    let crowd: Vec<_> = (0..CROWD).map(|_| TcpStream::connect(("127.0.0.1", port)).expect("a server")).collect();
    greeted(&crowd, &server);
    drop(crowd);
    let report = ended_by(server, Signal::SIGTERM).expect_held();
    assert_eq!(report.figure("serve", "at_once"), CROWD);
}

/// Sends hello on all connections before it reads the first answer.
fn greeted(crowd: &[TcpStream], server: &Running) {
    for mut stream in crowd {
        stream.write_all(b"hello").expect("an open connection");
    }
    for mut stream in crowd {
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!(&answer, b"HELLO");
    }
    let memory = resident(server.pid());
    assert!(memory < MOST_MEMORY, "{memory} KiB for {} clients", crowd.len());
}
