//! The talk when the server goes away, comes back, or does not answer.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use support::echo::{FullListener, Server, answer_one, reset, stay_silent, upper_case};
use support::{Ended, Signal, program};

use crate::{client, said_as};

#[test]
fn a_connection_that_is_lost_is_made_again_and_the_message_repeated() {
    let server = Server::start([answer_one, reset, answer_one, upper_case]);
    let args = ["--port", &server.port, "--count", "3", "--speed", "inf", "--format", "jsonl"];
    let run = program!().args(args).run();
    run.expect_code(0);
    let said: Vec<_> = run.said().into_iter().map(|(_, text)| text).collect();
    assert_eq!(said.iter().filter(|text| *text == "HELLO").count(), 3, "{said:?}");
    let lost = said_as(&run, "connection_lost");
    assert!(lost.iter().any(|event| event["args"]["number"] == 1 && event["args"]["most"] == 5), "{lost:?}");
    let report = run.report();
    let figure = |name| report.figure("talk", name).clone();
    assert_eq!((figure("answered"), figure("reconnects"), figure("sent")), (3.into(), 3.into(), 6.into()));
    server.join();
}

#[test]
fn it_gives_up_on_a_server_that_is_gone_for_good() {
    // On an address of its own, so that no other test gets the port when this server is gone.
    let server = Server::start_at("127.0.0.2", [answer_one]);
    let args = ["--host", "127.0.0.2", "--port", &server.port, "--speed", "inf", "--lang", "en"];
    let run = program!().args(args).run();
    run.expect_error(3, &format!("tcp-client: cannot reach 127.0.0.2:{} again, in 5 tries: connection ", server.port));
    run.expect_text(&["HELLO", "connection lost: ", "try 1 of 5", "try 5 of 5"]);
    run.expect_text(&["2 sent, 1 answered, 0 of them wrong; round trip "]);
    server.join();
}

#[test]
fn it_gives_up_on_a_server_that_never_answers() {
    let server = Server::start([reset, reset, reset, reset, reset, reset]);
    let run = program!().args(["--port", &server.port, "--speed", "inf"]).run();
    run.expect_error(3, "again, in 5 tries: ");
    server.join();
}

#[test]
fn the_pauses_between_the_tries_grow_and_have_jitter_from_the_seed() {
    let (pauses, again, others) =
        (pauses_of(&run_in_vain("7")), pauses_of(&run_in_vain("7")), pauses_of(&run_in_vain("8")));
    assert_eq!(pauses.len(), 5);
    for (pause, milliseconds) in pauses.iter().zip([1, 2, 4, 8, 16]) {
        let whole = milliseconds * 1_000_000;
        assert!((whole / 2..=whole).contains(pause), "{pause} of {whole}");
    }
    assert_eq!(pauses, again, "the same seed");
    assert_ne!(pauses, others, "clients that were lost together do not come back together");
}

/// A run against a server that resets each of its six connections.
fn run_in_vain(seed: &str) -> Ended {
    let server = Server::start([reset, reset, reset, reset, reset, reset]);
    let run = client(&server).args(["--seed", seed, "--speed", "1000", "--format", "jsonl"]).run();
    run.expect_code(3);
    server.join();
    run
}

/// The pauses in the journal of a run that ended without a report, in nanoseconds.
fn pauses_of(run: &Ended) -> Vec<u64> {
    let printed = run.stdout();
    let events =
        printed.lines().map(|line| support::serde_json::from_str::<support::serde_json::Value>(line).expect("JSON"));
    events.filter(|event| event["kind"] == "pause").filter_map(|event| event["ns"].as_u64()).collect()
}

#[test]
fn a_server_that_dies_and_comes_back_is_talked_to_as_before() {
    // On an address of its own, so that no other test gets the port meanwhile.
    let server = Server::start_at("127.0.0.3", [answer_one]);
    let address = server.address;
    let args = ["--host", "127.0.0.3", "--count", "3", "--speed", "3", "--lang", "en"];
    let mut client = client(&server).args(args).start();
    client.line_with("HELLO");
    server.join(); // which closes its listener
    let line = client.line_with("try 2 of 5");
    assert!(line.contains("connection refused"), "the first try failed: {line}");
    let listener = TcpListener::bind(address).expect("the same port");
    let back = thread::spawn(move || upper_case(listener.accept().expect("the client").0));
    let ended = client.wait();
    ended.expect_code(0).expect_text(&["answered             3 messages", "held: 3 of 3"]);
    back.join().expect("a server that serves");
}

#[test]
fn an_answer_that_takes_longer_than_the_timeout_counts_as_a_lost_connection() {
    let server = Server::start_many(6, stay_silent);
    let run = client(&server).args(["--timeout", "0.05", "--speed", "inf", "--lang", "en"]).run();
    run.expect_error(3, "again, in 5 tries: no answer within 0.05 s");
    run.expect_text(&["connection lost: no answer within 0.05 s; connecting again, try 5 of 5"]);
    server.join();
}

#[test]
fn a_connection_that_takes_longer_than_the_timeout_is_refused() {
    let full = FullListener::new();
    let run = program!().args(["--port", &full.address.port().to_string(), "--timeout", "0.05"]).run();
    run.expect_error(3, &format!("tcp-client: cannot connect to {}: no answer within 0.05 s", full.address));
}

#[test]
fn a_signal_ends_the_pause_before_another_try() {
    let server = Server::start([reset]);
    let mut client = program!().args(["--port", &server.port, "--speed", "0.01"]).start();
    client.line_with("try 1 of 5"); // in a pause of 100 s
    server.join();
    client.signal(Signal::SIGTERM);
    client.wait().expect_error(143, "tcp-client: ended by SIGTERM");
}

#[test]
fn a_server_that_does_not_close_in_time_is_a_check_that_fails_and_no_figure_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let answering = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the client");
        stream.read_exact(&mut [0; 5]).expect("hello");
        stream.write_all(b"HELLO").expect("a client that reads");
        stream
    });
    let run = program!().args(["--port", &port, "--count", "1", "--timeout", "0.3", "--format", "json"]).run();
    // Open until here.
    let _stream = answering.join().expect("a server that answers");
    run.expect_code(1);
    let report = run.report();
    let held: Vec<_> = report.scene("talk")["checks"].as_array().expect("checks").iter().map(|c| &c["held"]).collect();
    assert_eq!(held, [true, true, false], "{}", report.0);
    assert_eq!((report.figure("talk", "sent"), report.figure("talk", "answered")), (&1.into(), &1.into()));
    assert!(report.figure("talk", "round_trip_longest").as_f64() > Some(0.0));
    assert!(report.0["elapsed_ms"].as_f64().is_some_and(|ms| (300.0..30_000.0).contains(&ms)), "{}", report.0);
}
