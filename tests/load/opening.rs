//! How connections are opened: short backlogs, servers that stop accepting, several addresses.

use std::thread;
use std::time::Duration;

use load::{Error, Plan, Until};
use support::echo::{FullListener, Server, listener_with_backlog, upper_case};

use crate::drive;

const TIMEOUT: Duration = Duration::from_millis(100);

#[test]
fn a_listener_with_a_short_backlog_gets_all_connections() {
    let listener = listener_with_backlog(0);
    let address = listener.local_addr().expect("an address");
    let server = thread::spawn(move || {
        let streams: Vec<_> = (0..40).map(|_| listener.accept().expect("a client").0).collect();
        let serving: Vec<_> = streams.into_iter().map(|stream| thread::spawn(|| upper_case(stream))).collect();
        for thread in serving {
            thread.join().expect("a client that is served");
        }
    });
    let outcome = drive(&Plan { until: Until::RoundTrips(1), ..Plan::new(vec![address], 40) });
    assert_eq!((outcome.answered, outcome.broken, outcome.refused), (40, 0, 0), "{outcome:?}");
    server.join().expect("a server that serves");
}

#[test]
fn without_a_server_there_is_no_load() {
    // Port 1 is reserved for the system: no other test listens there.
    let addresses = vec![([127, 0, 0, 1], 1).into()];
    let error = load::drive(&Plan::new(addresses.clone(), 3), |_| {}).expect_err("no server");
    assert_eq!(error.to_string(), "cannot connect to 127.0.0.1:1: connection refused");
    assert!(matches!(error, Error::Unreachable { addresses: tried, .. } if tried == addresses));
}

#[test]
fn connections_that_are_never_accepted_are_an_error_that_counts_those_that_were() {
    let full = FullListener::new();
    let plan = Plan { timeout: TIMEOUT, ..Plan::new(vec![full.address], 3) };
    let error = load::drive(&plan, |_| {}).expect_err("a full backlog");
    assert_eq!(error.to_string(), format!("cannot connect to {}: timed out", full.address));
    // Room for one connection, and no other.
    let (_first, _) = full.listener.accept().expect("the test's own client");
    let error = load::drive(&plan, |_| {}).expect_err("a full backlog");
    assert_eq!(error.to_string(), "cannot make 3 connections, only 1: the server accepts no more");
    assert!(matches!(error, Error::TooFewConnections { wanted: 3, made: 1, .. }));
}

#[test]
fn an_address_that_does_not_answer_leaves_the_next_one_its_own_time() {
    let full = FullListener::new();
    let server = Server::start_many(2, upper_case);
    let addresses = vec![full.address, server.address];
    let outcome = drive(&Plan { timeout: 10 * TIMEOUT, until: Until::RoundTrips(1), ..Plan::new(addresses, 2) });
    assert_eq!((outcome.answered, outcome.unanswered), (2, 0));
    server.join();
}
