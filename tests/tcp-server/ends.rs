//! The end of the server: it answers what has come, and no client holds it up.

use std::io::{Read, Write};
use std::sync::Barrier;
use std::thread;

use support::{Signal, program};

use crate::full::{fill, until, waiting_bytes};
use crate::{
    ask, client, ended_by, expect_moved, in_json_lines, of, rest_of, rest_until_gone, started, with_each_model,
    with_json_report,
};

#[test]
fn it_ends_well_on_each_signal_while_a_silent_client_is_connected() {
    with_each_model(|model| {
        for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
            let (server, port) = in_json_lines(&of(model));
            let stream = client(port);
            ask(&stream, b"hello", b"HELLO");
            let ended = ended_by(server, signal);
            assert_eq!(rest_of(&stream), b"", "the server closes the connection");
            expect_moved(&ended, 1, 5);
            assert_eq!(ended.stderr(), "");
        }
    });
}

#[test]
fn it_ends_well_without_a_single_client() {
    let (server, _) = in_json_lines(&program!());
    expect_moved(&ended_by(server, Signal::SIGINT), 0, 0);
}

#[test]
fn what_came_before_the_signal_is_answered_even_to_clients_in_the_backlog() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        // A stopped server cannot accept, so the kernel keeps the clients and what they send.
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
    });
}

#[test]
fn a_client_that_does_not_read_cannot_hold_up_the_end() {
    with_each_model(|model| {
        let (server, port) = started(&of(model).args(["--quiet", "--drain-timeout", "0.2"]));
        let stream = client(port);
        let message = vec![b'x'; 24 << 20];
        assert!(fill(&stream, &message) < message.len());
        let ended = ended_by(server, Signal::SIGTERM);
        ended
            .expect_code(1)
            .expect_text(&["connections       1 client", "each gets its whole answer in time: expected 0, observed 1"]);
    });
}

#[test]
fn an_answer_that_is_on_its_way_arrives_before_the_end() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).args(["--quiet", "--drain-timeout", "60"]));
        let streams: Vec<_> = (0..5).map(|_| client(port)).collect();
        let message = vec![b'x'; 24 << 20];
        let sent: Vec<_> = streams.iter().map(|stream| fill(stream, &message)).collect();
        server.signal(Signal::SIGTERM);
        let answers: Vec<_> = streams.iter().map(|stream| rest_until_gone(stream).len()).collect();
        // Some of what a client sent may have arrived after the server shut its side for reading.
        assert!(answers.iter().zip(&sent).all(|(answer, sent)| *answer > 0 && answer <= sent), "{answers:?} {sent:?}");
        expect_moved(&server.wait(), 5, answers.iter().sum::<usize>() as u64);
    });
}

#[test]
fn a_second_signal_ends_it_at_once() {
    with_each_model(|model| {
        let (mut server, port) = started(&of(model).args(["--quiet", "--drain-timeout", "1000"]));
        let stream = client(port);
        fill(&stream, &vec![b'x'; 24 << 20]);
        server.signal(Signal::SIGTERM);
        server.line_with("no new clients");
        server.signal(Signal::SIGTERM);
        let ended = server.wait();
        assert_eq!(ended.signal(), Some(Signal::SIGTERM), "{}", ended.stderr());
    });
}

#[test]
fn a_client_that_never_ceases_to_write_cannot_hold_up_the_end() {
    with_each_model(|model| {
        let (server, port) = started(&of(model));
        let stream = client(port);
        ask(&stream, b"hello", b"HELLO");
        thread::scope(|scope| {
            // Both threads end when the server closes the connection.
            scope.spawn(|| while (&stream).write_all(&[b'x'; 1000]).is_ok() {});
            scope.spawn(|| while (&stream).read(&mut [0; 1000]).is_ok_and(|read| read > 0) {});
            // The server answers what had come, and not what comes during the shutdown.
            ended_by(server, Signal::SIGTERM).expect_code(0);
        });
    });
}

/// The number of clients that ask again as soon as they have their answer.
const ASKERS: usize = 32;

#[test]
fn clients_that_ask_again_and_again_do_not_hold_up_the_end() {
    with_each_model(|model| {
        let (server, port) = with_json_report(&of(model).arg("--quiet"));
        let all_talk = Barrier::new(ASKERS + 1);
        let (ended, answers): (_, Vec<_>) = thread::scope(|scope| {
            let asker = || {
                let (mut stream, mut answer, mut answers) = (client(port), [0; 5], 0);
                ask(&stream, b"first", b"FIRST");
                all_talk.wait();
                // Until the server is gone.
                while stream.write_all(b"hello").is_ok() && stream.read_exact(&mut answer).is_ok() {
                    assert_eq!(&answer, b"HELLO");
                    answers += 1;
                }
                answers
            };
            let clients: Vec<_> = (0..ASKERS).map(|_| scope.spawn(asker)).collect();
            all_talk.wait();
            let ended = ended_by(server, Signal::SIGTERM);
            (ended, clients.into_iter().map(|client| client.join().expect("every answer is right")).collect())
        });
        // Every answer is complete and in time, and no answer belongs to a message that did not come.
        let answered = 5 * (ASKERS + answers.iter().sum::<usize>()) as u64;
        expect_moved(&ended, ASKERS as u64, answered);
    });
}

#[test]
fn its_port_is_free_again_when_it_has_ended() {
    let (server, port) = in_json_lines(&program!());
    ended_by(server, Signal::SIGTERM).expect_code(0);
    let mut server = program!().args(["--port", &port.to_string(), "--format", "jsonl"]).start();
    server.line_with(r#""kind":"ready""#);
    ask(&client(port), b"again", b"AGAIN");
    ended_by(server, Signal::SIGTERM).expect_code(0);
}

#[test]
fn it_ends_quietly_when_its_output_has_no_reader_any_more() {
    let (mut server, port) = started(&program!());
    let stream = client(port);
    server.close_output();
    // The harness closes the pipe when it reads the next line.
    let mut one = &stream;
    while one.write_all(b"hello\n").is_ok() && one.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
    let ended = server.wait();
    assert_eq!((ended.code(), ended.stderr().as_str()), (Some(141), ""));
}
