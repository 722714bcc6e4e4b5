//! What a server sends after the last answer: all of it is counted, and its end is waited for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};

use support::echo::{Server, answer_too_much};
use support::{Ended, program};

/// Answers one `hello` and waits for the half-close.
fn answer_and_wait(stream: &mut TcpStream) {
    stream.read_exact(&mut [0; 5]).expect("hello");
    stream.write_all(b"HELLO").expect("a client that reads");
    assert_eq!(stream.read(&mut [0; 1]).expect("a half-close"), 0, "the client sends nothing more");
}

/// Talks for one answer. Returns what was observed of the bytes after it, and of the end of the connection.
fn observed(server: &Server, timeout: &str) -> (Ended, [(support::serde_json::Value, bool); 2]) {
    let args = ["--port", &server.port, "--count", "1", "--timeout", timeout, "--format", "json"];
    let run = program!().args(args).run();
    let checks = run.report().scene("talk")["checks"].clone();
    let check = |key: &str| {
        let checks = checks.as_array().expect("a list");
        let check = checks.iter().find(|check| check["key"] == key).expect("its check");
        (check["observed"].clone(), check["held"] == true)
    };
    let observed = [check("nothing_after_the_last"), check("closed_in_time")];
    (run, observed)
}

#[test]
fn bytes_after_the_last_answer_are_a_check_that_fails() {
    let server = Server::start([answer_too_much]);
    let (run, [surplus, closed]) = observed(&server, "60");
    run.expect_code(1);
    assert_eq!((surplus, closed), ((4.into(), false), (true.into(), true)));
    server.join();
}

#[test]
fn all_bytes_after_the_last_answer_are_counted_however_many_reads_they_take() {
    let server = Server::start([|mut stream| {
        answer_and_wait(&mut stream);
        (0..20).for_each(|_| stream.write_all(&[b'x'; 999]).expect("a client that waits"));
    }]);
    let (run, [surplus, closed]) = observed(&server, "60");
    run.expect_code(1);
    assert_eq!((surplus, closed), ((19_980.into(), false), (true.into(), true)));
    server.join();
}

#[test]
fn a_server_that_sends_a_little_and_never_closes_fails_both_checks() {
    let measured = Arc::new(Barrier::new(2));
    let until_then = Arc::clone(&measured);
    let server = Server::start_many(1, move |mut stream| {
        answer_and_wait(&mut stream);
        stream.write_all(b"AND?").expect("a client that waits");
        until_then.wait();
    });
    let (run, [surplus, closed]) = observed(&server, "0.5");
    run.expect_code(1);
    measured.wait();
    assert_eq!((surplus, closed), ((4.into(), false), (false.into(), false)));
    server.join();
}

#[test]
fn a_server_that_never_stops_sending_is_counted_until_the_timeout() {
    let server = Server::start([|mut stream| {
        answer_and_wait(&mut stream);
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    }]);
    let (run, [surplus, closed]) = observed(&server, "0.5");
    run.expect_code(1);
    assert!(surplus.0.as_u64() > Some(4096), "{surplus:?}");
    assert_eq!(closed, (false.into(), false));
    server.join();
}
