//! What `load` promises: every message is sent when it is due, every answer compared and counted, whatever
//! the server does.

#[path = "load/loops.rs"]
mod loops;
#[path = "load/omission.rs"]
mod omission;
#[path = "load/opening.rs"]
mod opening;
#[path = "load/trouble.rs"]
mod trouble;

use load::{Error, Outcome, Plan, Until};
use support::echo::Server;

/// A closed loop of this many messages on each connection.
fn rounds(server: &Server, connections: usize, rounds: u64) -> Plan {
    Plan { until: Until::RoundTrips(rounds), ..Plan::new(vec![server.address], connections) }
}

/// Drives a load to its end.
#[track_caller]
fn drive(plan: &Plan) -> Outcome {
    load::drive(plan, |_| {}).expect("a server that answers")
}

#[test]
fn a_plan_that_is_none_is_refused_before_anything_happens() {
    let mut has_begun = false;
    let error = load::drive(&Plan::new(vec![], 1), |_| has_begun = true).expect_err("no address");
    assert!(matches!(error, Error::Plan(load::PlanError::NoAddress)), "{error}");
    assert!(!has_begun);
}

#[test]
fn more_connections_than_open_files_are_refused() {
    let error = load::allow_connections(usize::MAX).expect_err("no system allows so many");
    let Error::TooManyConnections { connections, limit, most } = error else { panic!("{error}") };
    assert!(connections == usize::MAX && 0 < most && most < limit, "{most} of {limit}");
}

#[test]
fn an_error_that_counts_has_the_words_for_one() {
    let errors = |connections: usize| {
        let cause = || "refused".into();
        let too_many = Error::TooManyConnections { connections, limit: 40, most: 8 };
        let too_few = Error::TooFewConnections { wanted: connections, made: 0, cause: cause() };
        [too_many.to_string(), too_few.to_string()]
    };
    let [too_many, too_few] = errors(1);
    assert!(too_many.starts_with("1 connection is more than the limit of 40 open files allows, "), "{too_many}");
    assert_eq!(too_few, "cannot make 1 connection, only 0: refused");
    let [too_many, too_few] = errors(2);
    assert!(too_many.starts_with("2 connections are more than the limit of 40 open files allows, "), "{too_many}");
    assert_eq!(too_few, "cannot make 2 connections, only 0: refused");
}
