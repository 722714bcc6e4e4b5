//! `--connections`: the options of a load, its report and its progress bar.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use support::echo::{Server, upper_case};
use support::serde_json::Value;
use support::{Report, Terminal, program};

use crate::{client, said_as};

/// Asserts that every check held, and that every answer is in every figure.
#[track_caller]
fn expect_whole(report: &Report, messages: u64) {
    let figure = |name| report.figure("load", name);
    assert_eq!((figure("sent"), figure("answered")), (&messages.into(), &messages.into()));
    let rows = figure("distribution").as_array().expect("rows");
    assert_eq!(rows.iter().filter_map(|row| row[1].as_u64()).sum::<u64>(), messages, "{rows:?}");
    assert!(rows.windows(2).all(|pair| pair[0][0].as_f64() < pair[1][0].as_f64()), "{rows:?}");
    let percentiles = ["latency_p50", "latency_p90", "latency_p99", "latency_p99_9", "latency_max"];
    let percentiles = percentiles.map(|name| figure(name).as_f64().expect("a number"));
    assert!(percentiles[0] > 0.0 && percentiles.is_sorted(), "{percentiles:?}");
    let last = rows.last().and_then(|row| row[0].as_f64()).expect("a row");
    assert!(percentiles[4] <= last * 1.001, "{percentiles:?} {rows:?}");
    assert!(figure("throughput").as_f64() > Some(0.0));
}

#[test]
fn a_closed_loop_sends_as_often_as_count_says_on_each_connection_and_verifies_every_answer() {
    let server = Server::start_many(4, upper_case);
    let run = client(&server).args(["--connections", "4", "--count", "50", "--format", "json"]).run();
    let report = run.expect_held();
    assert_eq!(report.scenes(), ["load"]);
    expect_whole(&report, 200);
    assert_eq!(run.stderr(), "", "without a terminal there is no bar");
    server.join();
}

#[test]
fn a_load_lasts_as_long_as_duration_says_and_every_message_is_answered() {
    let server = Server::start_many(2, upper_case);
    let args = ["--connections", "2", "--duration", "0.2", "--speed", "1000", "--format", "json"];
    let report = client(&server).args(args).run().expect_held();
    expect_whole(&report, report.figure("load", "sent").as_u64().expect("a number"));
    assert!(report.figure("load", "lasted").as_f64() >= Some(200.0), "--speed does not change it");
    server.join();
}

#[test]
fn an_open_loop_sends_in_turn_on_every_connection() {
    let counts = Arc::new([const { AtomicU64::new(0) }; 3]);
    let next = Arc::new(AtomicU64::new(0));
    let of_the_server = Arc::clone(&counts);
    let counting = move |mut stream: TcpStream| {
        let me = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).expect("a few");
        while stream.read_exact(&mut [0; 5]).is_ok() {
            of_the_server[me].fetch_add(1, Ordering::Relaxed);
            stream.write_all(b"HELLO").expect("a client that reads");
        }
    };
    let server = Server::start_many(3, counting);
    let args = ["--connections", "3", "--count", "20", "--rate", "2000", "--format", "json"];
    let report = client(&server).args(args).run().expect_held();
    expect_whole(&report, 60);
    assert_eq!(*report.figure("load", "never_sent"), 0);
    server.join();
    assert_eq!(counts.each_ref().map(|count| count.load(Ordering::Relaxed)), [20; 3]);
}

#[test]
fn a_rate_that_is_not_reached_is_said_with_the_one_that_was_and_is_no_failure() {
    let server = Server::start_many(1, upper_case);
    let args = ["--connections", "1", "--duration", "0.05", "--rate", "1e9", "--format", "jsonl"];
    let run = client(&server).args(args).run();
    run.expect_code(0);
    let said = said_as(&run, "rate_not_reached");
    assert_eq!((said.len(), said[0]["args"]["due"].as_f64()), (1, Some(1e9)), "{said:?}");
    let report = run.report();
    let figure = |name| report.figure("load", name).as_u64().expect("a number");
    assert_eq!(figure("never_sent") + figure("answered"), 50_000_000);
    server.join();
}

#[test]
fn a_rate_that_is_reached_is_not_mentioned() {
    let server = Server::start_many(5, upper_case);
    // No more messages than connections: on no machine are too many of them late.
    let args = ["--connections", "5", "--duration", "0.5", "--rate", "10", "--format", "jsonl", "--lang", "en"];
    let run = client(&server).args(args).run();
    run.expect_code(0);
    let said: Vec<_> = run.said().into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["5 connections for 0.5 s, 5 bytes a message; an open loop of 10 a second"]);
    expect_whole(&run.report(), 5);
    server.join();
}

#[test]
fn a_thousand_connections_are_all_answered() {
    load::allow_connections(1000).expect("as many files for the server");
    let server = Server::start_many(1000, upper_case);
    let run = client(&server).args(["--connections", "1000", "--count", "3", "--format", "json"]).run();
    expect_whole(&run.expect_held(), 3000);
    server.join();
}

#[test]
fn a_load_goes_over_ipv6_too() {
    let server = Server::start_many_at("::1", 2, upper_case);
    let args = ["--host", "::1", "--connections", "2", "--count", "3", "--format", "json"];
    expect_whole(&client(&server).args(args).run().expect_held(), 6);
    server.join();
}

#[test]
fn the_journal_has_a_summary_and_no_line_of_any_connection() {
    let server = Server::start_many(100, upper_case);
    let run = client(&server).args(["--connections", "100", "--count", "2", "--format", "jsonl"]).run();
    run.expect_code(0);
    let journal = run.journal();
    assert!(journal.len() < 40, "{}", run.stdout());
    let figure = |event: &&Value| event["kind"] == "figure" && event["key"] == "distribution";
    assert_eq!(journal.iter().filter(figure).count(), 1);
    server.join();
}

#[test]
fn on_a_terminal_there_is_a_bar_and_it_is_gone_in_the_end() {
    let server = Server::start_many(2, upper_case);
    let binary = support::assert_cmd::cargo::cargo_bin!();
    let call = format!("{} --port {} --connections 2 --duration 0.3 > /dev/null", binary.display(), server.port);
    let run = support::Program::new("script").args(["-qefc", &call, "/dev/null"]).env("TERM", "xterm").run();
    run.expect_code(0).expect_text(&["2 of 2 connections, ", " answers"]);
    let printed = run.stdout();
    assert!(printed.trim_end().ends_with("\u{1b}[2K") || printed.trim_end().ends_with('\r'), "{printed:?}");
    server.join();
}

#[test]
fn every_message_is_answered_though_the_terminal_of_the_bar_was_stopped() {
    let server = Server::start_many(2, upper_case);
    let load = client(&server).args(["--connections", "2", "--count", "50", "--format", "json"]);
    let run = load.start_with_error_on(&Terminal::stopped());
    expect_whole(&run.wait_within(Duration::from_secs(40)).expect_held(), 100);
    server.join();
}

#[test]
fn a_load_speaks_chinese_too() {
    let server = Server::start_many(1, upper_case);
    let run = client(&server).args(["--connections", "1", "--count", "2", "--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["1 个连接,各 2 个回复", "闭环", "结束时发出的每条消息都有回复", "全部成立"]);
    server.join();
    program!().args(["--connections", "0", "--lang", "zh"]).run().expect_code(2);
}
