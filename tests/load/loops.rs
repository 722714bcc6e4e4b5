//! The two loops: how much they send, when, and what they count.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use load::{Phase, Plan, Until};
use support::echo::{Server, upper_case};

use crate::{drive, rounds};

#[test]
fn a_closed_loop_of_rounds_sends_each_round_on_each_connection() {
    let server = Server::start_many(4, upper_case);
    let outcome = drive(&Plan { message: "你好, hello".into(), ..rounds(&server, 4, 50) });
    assert_eq!((outcome.sent, outcome.answered, outcome.latencies.len()), (200, 200, 200));
    assert_eq!((outcome.wrong, outcome.surplus, outcome.unanswered, outcome.broken), (0, 0, 0, 0));
    assert_eq!(outcome.distribution().iter().map(|bucket| bucket.count).sum::<u64>(), 200);
    assert!(outcome.throughput() > 0.0 && outcome.signal.is_none());
    server.join();
}

#[test]
fn a_closed_loop_of_a_duration_lasts_that_long_and_waits_for_the_last_answers() {
    let server = Server::start_many(2, upper_case);
    let until = Until::Elapsed(Duration::from_millis(100));
    let outcome = drive(&Plan { until, ..Plan::new(vec![server.address], 2) });
    assert!(outcome.elapsed >= Duration::from_millis(100), "{:?}", outcome.elapsed);
    assert!(outcome.answered > 0 && outcome.answered == outcome.sent, "{outcome:?}");
    server.join();
}

#[test]
fn an_open_loop_sends_as_many_messages_as_are_due_in_its_time() {
    let server = Server::start_many(3, upper_case);
    let until = Until::Elapsed(Duration::from_millis(100));
    let plan = Plan { until, rate: Some(500.0), ..Plan::new(vec![server.address], 3) };
    let outcome = drive(&plan);
    assert_eq!((outcome.answered, outcome.unsent), (50, 0));
    server.join();
}

#[test]
fn a_rate_that_the_server_cannot_reach_leaves_messages_unsent() {
    let server = Server::start_many(1, upper_case);
    let until = Until::Elapsed(Duration::from_millis(50));
    let plan = Plan { until, rate: Some(1e9), ..Plan::new(vec![server.address], 1) };
    let outcome = drive(&plan);
    assert_eq!(outcome.answered + outcome.unsent, 50_000_000);
    assert!(!outcome.kept_up(&plan));
    server.join();
}

#[test]
fn a_message_larger_than_the_buffers_of_both_sides_comes_back_whole() {
    let server = Server::start_many(2, upper_case);
    let message: Vec<u8> = (0..=u8::MAX).cycle().take(8 << 20).collect();
    let outcome = drive(&Plan { message, ..rounds(&server, 2, 2) });
    assert_eq!((outcome.answered, outcome.wrong, outcome.surplus), (4, 0, 0));
    server.join();
}

#[test]
fn all_connections_are_open_before_the_first_message_and_the_phases_come_in_order() {
    const CONNECTIONS: usize = 20;
    let all_asked = Arc::new(Barrier::new(CONNECTIONS));
    let serve = move |mut stream: TcpStream| {
        // Would wait for ever if one connection opened only after another one's answer.
        stream.read_exact(&mut [0; 5]).expect("hello");
        all_asked.wait();
        stream.write_all(b"HELLO").expect("a client that reads");
        assert_eq!(stream.read(&mut [0; 1]).expect("a half-close"), 0);
    };
    let server = Server::start_many(CONNECTIONS, serve);
    let plan = Plan { idle: Duration::from_millis(10), ..rounds(&server, CONNECTIONS, 1) };
    let mut phases = Vec::new();
    let outcome = load::drive(&plan, |progress| {
        let connected = if progress.phase == Phase::Connecting { 0 } else { progress.connected };
        if phases.last().is_none_or(|(phase, _)| *phase != progress.phase) {
            phases.push((progress.phase, connected));
        }
    });
    let outcome = outcome.expect("a server that answers");
    let expected = [
        (Phase::Connecting, 0),
        (Phase::Idle, CONNECTIONS),
        (Phase::Talking, CONNECTIONS),
        (Phase::Closing, CONNECTIONS),
    ];
    assert_eq!(phases, expected);
    assert_eq!((outcome.answered, outcome.unanswered, outcome.broken), (CONNECTIONS as u64, 0, 0));
    server.join();
}

#[test]
fn no_message_is_sent_while_the_connections_are_idle() {
    let early = Arc::new(AtomicU64::new(0));
    let of_the_server = Arc::clone(&early);
    let serve = move |mut stream: TcpStream| {
        stream.read_exact(&mut [0; 5]).expect("hello");
        of_the_server.fetch_add(1, Ordering::Relaxed);
        stream.write_all(b"HELLO").expect("a client that reads");
    };
    let server = Server::start_many(2, serve);
    let mut seen = Vec::new();
    let plan = Plan { idle: Duration::from_millis(120), ..rounds(&server, 2, 1) };
    load::drive(&plan, |progress| {
        if progress.phase == Phase::Idle {
            seen.push(early.load(Ordering::Relaxed));
        }
    })
    .expect("a server that answers");
    assert!(seen.len() >= 2 && seen.iter().all(|messages| *messages == 0), "{seen:?}");
    server.join();
}
