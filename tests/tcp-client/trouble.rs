//! A load on a server that errs, breaks off, stays silent, dies, or on a client that is told to end.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use load::{Plan, Until};
use support::Signal;

use crate::{Server, answer_one, upper_case};

#[test]
fn one_wrong_byte_in_one_answer_of_many_is_found() {
    let answers = Arc::new(AtomicU64::new(0));
    let err_once = move |mut stream: TcpStream| {
        while stream.read_exact(&mut [0; 5]).is_ok() {
            let wrong = answers.fetch_add(1, Ordering::Relaxed) == 77;
            stream.write_all(if wrong { b"HELLo" } else { b"HELLO" }).expect("a client that reads");
        }
    };
    let server = Server::crowd(3, err_once);
    let run = server.client().args(["--connections", "3", "--count", "50", "--format", "json"]).run();
    run.expect_code(1);
    let checks = run.report().scene("load")["checks"].clone();
    assert_eq!((&checks[0]["observed"], &checks[0]["held"]), (&1.into(), &false.into()), "{checks}");
    assert_eq!((&checks[1]["held"], &checks[2]["held"]), (&true.into(), &true.into()), "{checks}");
    server.join();
}

#[test]
fn a_byte_too_many_is_found_even_behind_the_last_answer() {
    let one_more = |mut stream: TcpStream| {
        stream.read_exact(&mut [0; 5]).expect("hello");
        stream.write_all(b"HELLO").expect("a client that reads");
        assert_eq!(stream.read(&mut [0; 1]).expect("a half-close"), 0, "nothing comes but the end");
        stream.write_all(b"AND?").expect("a client that waits");
    };
    let server = Server::crowd(2, one_more);
    let run = server.client().args(["--connections", "2", "--count", "1", "--format", "json"]).run();
    run.expect_code(1);
    let checks = run.report().scene("load")["checks"].clone();
    assert_eq!((&checks[2]["observed"], &checks[2]["held"]), (&8.into(), &false.into()), "{checks}");
    assert_eq!(checks[0]["held"], true);
    server.join();
}

#[test]
fn a_connection_that_breaks_is_counted_and_made_again_and_no_message_is_lost() {
    let server = Server::start([answer_one, answer_one, answer_one]);
    let run = server.client().args(["--connections", "1", "--count", "3", "--format", "jsonl", "--lang", "en"]).run();
    run.expect_code(0);
    let report = run.report();
    let figure = |name| report.figure("load", name).as_u64();
    assert_eq!(figure("answered"), Some(3));
    assert!(figure("connections lost") >= Some(2) && figure("connections lost") <= Some(3), "{}", report.0);
    let said = run.said();
    assert!(
        said.iter().any(|(_, text)| text.contains("connections lost: ") && text.contains("the last one: ")),
        "{said:?}"
    );
    server.join();
}

#[test]
fn a_server_that_dies_under_load_and_comes_back_has_answered_everything_in_the_end() {
    // At an address of its own, so that no other test gets the port meanwhile.
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
        // The door is closed first: who comes back too early would be lost at it a second time.
        drop(listener);
        drop(streams);
        let listener = TcpListener::bind(address).expect("the same port");
        let serving: Vec<_> =
            (0..4).map(|_| listener.accept().expect("a client").0).map(|s| thread::spawn(|| upper_case(s))).collect();
        join_all(serving);
    });
    let plan = Plan { until: Until::RoundTrips(50), ..Plan::new(vec![address], 4) };
    let outcome = load::drive(&plan, |_| {}).expect("a server that comes back");
    assert_eq!((outcome.answered, outcome.wrong, outcome.unanswered), (200, 0, 0), "{outcome:?}");
    assert_eq!((outcome.broken, outcome.sent), (4, 204), "each connection was lost once, with one message");
    assert_eq!(outcome.latencies.len(), 200);
    server.join().expect("a server that serves");
}

fn join_all(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("a client that is served");
    }
}

/// Reads for ever, and says nothing.
fn silent(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

#[test]
fn an_answer_that_does_not_come_in_time_is_given_up_and_asked_for_again() {
    let server = Server::start([silent, upper_case]);
    let args = ["--connections", "1", "--count", "2", "--timeout", "0.2", "--format", "jsonl", "--lang", "en"];
    let run = server.client().args(args).run();
    run.expect_code(0);
    let report = run.report();
    let figure = |name| report.figure("load", name).as_u64();
    assert_eq!((figure("answers given up"), figure("answered"), figure("sent")), (Some(1), Some(2), Some(3)));
    assert!(report.figure("load", "latency, max").as_f64() >= Some(200_000.0), "it counts from when it was first sent");
    let said = run.said();
    assert!(said.iter().any(|(_, text)| text.ends_with("the last one: no answer within 0.2 s")), "{said:?}");
    server.join();
}

#[test]
fn a_server_that_never_answers_fails_the_run_and_does_not_hold_it_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    for until in [["--duration", "0.1"], ["--count", "1"]] {
        let args = ["--port", &port, "--connections", "2", "--timeout", "0.05", "--format", "json"];
        let run = support::program!().args(args).args(until).run();
        run.expect_code(1);
        let checks = run.report().scene("load")["checks"].clone();
        assert_eq!((&checks[1]["observed"], &checks[1]["held"]), (&2.into(), &false.into()), "{checks}");
        assert_eq!(*run.report().figure("load", "answered"), 0);
    }
}

#[test]
fn a_listener_with_a_short_line_of_clients_gets_them_all() {
    let listener = crate::listener_with_backlog(0);
    let address = listener.local_addr().expect("an address");
    let server = thread::spawn(move || {
        let streams: Vec<_> = (0..40).map(|_| listener.accept().expect("a client").0).collect();
        let serving: Vec<_> = streams.into_iter().map(|stream| thread::spawn(|| upper_case(stream))).collect();
        join_all(serving);
    });
    let plan = Plan { until: Until::RoundTrips(1), ..Plan::new(vec![address], 40) };
    let outcome = load::drive(&plan, |_| {}).expect("a server that answers");
    assert_eq!((outcome.answered, outcome.broken, outcome.refused), (40, 0, 0), "{outcome:?}");
    server.join().expect("a server that serves");
}

#[test]
fn a_signal_gives_what_was_measured_so_far_and_its_own_code() {
    for (signal, code, format) in
        [(Signal::SIGINT, 130, "text"), (Signal::SIGTERM, 143, "json"), (Signal::SIGINT, 130, "jsonl")]
    {
        let (tell, asked) = mpsc::channel();
        let telling = move |mut stream: TcpStream| {
            while stream.read_exact(&mut [0; 5]).is_ok() {
                let _ = tell.send(());
                if stream.write_all(b"HELLO").is_err() {
                    break; // a client that was told to end does not wait for the last answer
                }
            }
        };
        let server = Server::crowd(2, telling);
        let args = ["--connections", "2", "--duration", "1000", "--format", format, "--lang", "en"];
        let client = server.client().args(args).start();
        (0..50).for_each(|_| asked.recv().expect("a message"));
        client.signal(signal);
        let ended = client.wait();
        ended.expect_error(code, "tcp-client: ended by SIG");
        if format == "text" {
            ended.expect_text(&["throughput", "latency, p99.9", "distribution", "held: 3 of 3"]);
        } else {
            let report = ended.report();
            assert_eq!(report.0["held"], true, "{}", report.0);
            assert!(report.figure("load", "answered").as_u64() >= Some(48), "{}", report.0);
        }
        server.join();
    }
}

#[test]
fn a_signal_while_connecting_ends_the_run_too() {
    let (full, port) = crate::full_listener();
    let mut client = support::program!().args(["--port", &port, "--connections", "1", "--timeout", "1000"]).start();
    client.line_with("1 connections for 10 s");
    client.signal(Signal::SIGINT);
    client.wait().expect_error(130, "tcp-client: ended by SIGINT");
    drop(full);
}

#[test]
fn connections_that_never_come_about_are_refused_with_how_many_did() {
    let (full, port) = crate::full_listener();
    let address = format!("127.0.0.1:{port}").parse().expect("an address");
    let timeout = load::TIMEOUT / 100;
    let error = load::drive(&Plan { timeout, ..Plan::new(vec![address], 3) }, |_| {}).expect_err("nobody accepts");
    assert_eq!((error.code(), error.to_string()), (3, format!("cannot connect to {address}: timed out")));
    // Room for one more: it comes about, and no other.
    let (first, _) = full.0.accept().expect("the test's own client");
    let error = load::drive(&Plan { timeout, ..Plan::new(vec![address], 3) }, |_| {}).expect_err("nobody accepts");
    assert_eq!(error.to_string(), "cannot make 3 connections, only 1: the server accepts no more");
    first.shutdown(Shutdown::Both).expect("a socket");
}

#[test]
fn an_address_that_does_not_answer_leaves_the_next_one_its_own_time() {
    let (_full, port) = crate::full_listener();
    let server = Server::crowd(2, upper_case);
    let addresses = [&port, &server.port].map(|port| format!("127.0.0.1:{port}").parse().expect("an address"));
    let timeout = load::TIMEOUT / 10;
    let plan = Plan { timeout, until: Until::RoundTrips(1), ..Plan::new(addresses.to_vec(), 2) };
    let outcome = load::drive(&plan, |_| {}).expect("a server that answers");
    assert_eq!((outcome.answered, outcome.unanswered), (2, 0));
    server.join();
}
