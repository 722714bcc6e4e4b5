//! Coordinated omission: an open loop counts every message that was due during a stall.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use load::{Outcome, Plan};
use support::echo::Server;

use crate::{drive, rounds};

/// On the first connection the server stands still at this message ...
const STALLS_AT: usize = 10;
/// ... until this one has come on the second. In an open loop of 2000 a second on two connections it
/// is due 200 ms after the beginning, and cannot come before.
const GOES_ON_AT: usize = 201;
const MESSAGES: u64 = 300;

/// A load on a server that stands still once.
fn outcome_of_a_stall(rate: Option<f64>) -> Outcome {
    let (go_on, stalled) = mpsc::channel();
    let stalled = Arc::new(Mutex::new(stalled));
    let arrivals = Arc::new(AtomicUsize::new(0));
    let serve = move |mut stream: TcpStream| {
        let is_first = arrivals.fetch_add(1, Ordering::Relaxed) == 0;
        let mut message = 0;
        while stream.read_exact(&mut [0; 5]).is_ok() {
            message += 1;
            if is_first && message == STALLS_AT {
                stalled.lock().expect("no panic").recv().expect("the second connection");
                stream.set_nonblocking(true).expect("a socket");
                let more = stream.peek(&mut [0; 1]).expect_err("one message at a time is under way");
                assert_eq!(more.kind(), ErrorKind::WouldBlock);
                stream.set_nonblocking(false).expect("a socket");
            }
            if !is_first && message == GOES_ON_AT {
                go_on.send(()).expect("the first connection");
            }
            stream.write_all(b"HELLO").expect("a client that reads");
        }
    };
    let server = Server::start_many(2, serve);
    let outcome = drive(&Plan { rate, ..rounds(&server, 2, MESSAGES) });
    server.join();
    assert_eq!((outcome.answered, outcome.wrong, outcome.unanswered, outcome.unsent), (2 * MESSAGES, 0, 0, 0));
    outcome
}

#[test]
fn an_open_loop_counts_every_message_of_a_stall_with_its_whole_delay() {
    let latencies = outcome_of_a_stall(Some(2000.0)).latencies;
    // Message i of the first connection was due after i ms, and none from the tenth on was answered
    // before 200 ms had passed: 191 of them waited, the tenth for 190 ms, the next for 189, and so on.
    let waited = |millis: u64| latencies.count_between(millis * 1_000_000, u64::MAX);
    for millis in [20, 50, 100, 150, 180] {
        let least = 190 - millis;
        assert!(waited(millis) >= least, "{} of at least {least} waited for {millis} ms", waited(millis));
    }
    // So the stall shows far below the p99.
    assert!(latencies.value_at_percentile(90.0) >= 100_000_000, "{}", latencies.value_at_percentile(90.0));
}

#[test]
fn a_closed_loop_counts_a_stall_once() {
    // The server itself asserts that no message comes during the stall: it is one answer of 600, and so
    // beyond the p99.
    let outcome = outcome_of_a_stall(None);
    assert!(outcome.percentile(99.0) <= outcome.percentile(100.0));
    assert_eq!(outcome.sent, 2 * MESSAGES);
}
