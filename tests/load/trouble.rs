//! A server that errs, breaks off, does not answer, or dies and comes back.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use load::{Error, Outcome, Plan, Until};
use support::echo::{Server, answer_one, answer_too_much, reset, stay_silent, upper_case};

use crate::{drive, rounds};

#[test]
fn one_wrong_byte_in_one_answer_of_many_is_found() {
    let answers = Arc::new(AtomicU64::new(0));
    let err_once = move |mut stream: TcpStream| {
        while stream.read_exact(&mut [0; 5]).is_ok() {
            let wrong = answers.fetch_add(1, Ordering::Relaxed) == 77;
            stream.write_all(if wrong { b"HELLo" } else { b"HELLO" }).expect("a client that reads");
        }
    };
    let server = Server::start_many(3, err_once);
    let outcome = drive(&rounds(&server, 3, 50));
    assert_eq!((outcome.answered, outcome.wrong, outcome.surplus), (150, 1, 0));
    server.join();
}

#[test]
fn bytes_behind_the_last_answer_are_counted() {
    let server = Server::start_many(2, answer_too_much);
    let outcome = drive(&rounds(&server, 2, 1));
    assert_eq!((outcome.answered, outcome.wrong, outcome.surplus), (2, 0, 8));
    server.join();
}

#[test]
fn a_connection_that_breaks_is_opened_again_and_its_message_repeated() {
    let server = Server::start([answer_one, answer_one, answer_one]);
    let outcome = drive(&rounds(&server, 1, 3));
    assert_eq!((outcome.answered, outcome.unanswered, outcome.latencies.len()), (3, 0, 3), "{outcome:?}");
    // Whether the client sees the last connection break depends on who closes first.
    assert!((2..=3).contains(&outcome.broken) && outcome.last_trouble.is_some(), "{outcome:?}");
    server.join();
}

#[test]
fn an_answer_that_does_not_come_in_time_counts_from_the_first_time_it_was_asked_for() {
    let server = Server::start([stay_silent, upper_case]);
    let timeout = Duration::from_millis(100);
    let outcome = drive(&Plan { timeout, ..rounds(&server, 1, 2) });
    assert_eq!((outcome.timed_out, outcome.answered, outcome.sent), (1, 2, 3), "{outcome:?}");
    assert!(outcome.percentile(100.0) >= timeout, "{outcome:?}");
    assert!(
        outcome.last_trouble.as_ref().is_some_and(|why| why.to_string() == "no answer within 0.1 s"),
        "{outcome:?}"
    );
    server.join();
}

#[test]
fn a_server_that_never_answers_leaves_every_message_unanswered_and_does_not_hold_up_the_load() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let timeout = Duration::from_millis(50);
    for until in [Until::Elapsed(Duration::from_millis(100)), Until::RoundTrips(1)] {
        let outcome = drive(&Plan { until, timeout, ..Plan::new(vec![address], 2) });
        assert_eq!((outcome.answered, outcome.unanswered), (0, 2), "{outcome:?}");
    }
}

#[test]
fn a_server_that_dies_under_load_and_comes_back_has_answered_everything_in_the_end() {
    // On an address of its own, so that no other test gets the port meanwhile.
    let listener = TcpListener::bind("127.0.0.4:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = thread::spawn(move || {
        // Each of the first four connections gets ten answers, and half of an eleventh.
        let mut streams: Vec<_> = (0..4).map(|_| listener.accept().expect("a client").0).collect();
        for stream in &mut streams {
            for _ in 0..10 {
                stream.read_exact(&mut [0; 5]).expect("hello");
                stream.write_all(b"HELLO").expect("a client that reads");
            }
            stream.read_exact(&mut [0; 5]).expect("hello");
            stream.write_all(b"HE").expect("a client that reads");
        }
        // The listener closes first: it would reset a client that came back before it closed.
        drop(listener);
        drop(streams);
        let listener = TcpListener::bind(address).expect("the same port");
        let streams = (0..4).map(|_| listener.accept().expect("a client").0);
        let serving: Vec<_> = streams.map(|stream| thread::spawn(|| upper_case(stream))).collect();
        for thread in serving {
            thread.join().expect("a client that is served");
        }
    });
    let outcome = drive(&Plan { until: Until::RoundTrips(50), ..Plan::new(vec![address], 4) });
    assert_eq!((outcome.answered, outcome.wrong, outcome.unanswered), (200, 0, 0), "{outcome:?}");
    assert_eq!((outcome.broken, outcome.sent), (4, 204), "each connection was lost once, with one message");
    assert_eq!(outcome.latencies.len(), 200);
    server.join().expect("a server that serves");
}

/// How long a test waits for a load that must end.
const PATIENCE: Duration = Duration::from_mins(1);

/// What comes of a plan whose server would hold up a load that takes a new connection for progress.
#[track_caller]
fn drive_in_time(plan: Plan) -> Result<Outcome, Error> {
    let (send, outcome) = mpsc::channel();
    // Sending fails if the test has given up.
    thread::spawn(move || drop(send.send(load::drive(&plan, |_| {}))));
    outcome.recv_timeout(PATIENCE).expect("an end")
}

/// Accepts every connection as long as the test runs, and serves each on a thread.
fn serve_all(listener: TcpListener, serve: fn(TcpStream)) {
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(thread::spawn(move || serve(stream)))));
}

#[test]
fn a_server_that_accepts_again_and_again_and_never_completes_an_answer_does_not_hold_up_the_load() {
    fn answer_half(mut stream: TcpStream) {
        let _ = stream.write_all(b"HELL").and_then(|()| io::copy(&mut stream, &mut io::sink()));
    }
    for serve in [answer_half, stay_silent, reset] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        serve_all(listener, serve);
        // Longer than a third of the longest pause before a reconnection: there is a new connection in every timeout.
        let timeout = Duration::from_millis(500);
        let plan = Plan { until: Until::RoundTrips(1), timeout, ..Plan::new(vec![address], 8) };
        let outcome = drive_in_time(plan).expect("a server that accepts");
        assert_eq!((outcome.answered, outcome.unanswered), (0, 8), "{outcome:?}");
        assert!(outcome.elapsed >= 3 * timeout, "three timeouts without an answer: {outcome:?}");
    }
}
