//! A load in trouble: the server errs, breaks off or does not answer, or a signal comes. What the report
//! says then.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use support::echo::{FullListener, Server, answer_one, answer_too_much, stay_silent, upper_case};
use support::{Signal, program};

use crate::{client, said_as};

#[test]
fn one_wrong_byte_in_one_answer_of_many_is_a_check_that_fails() {
    let answers = Arc::new(AtomicU64::new(0));
    let err_once = move |mut stream: TcpStream| {
        while stream.read_exact(&mut [0; 5]).is_ok() {
            let wrong = answers.fetch_add(1, Ordering::Relaxed) == 77;
            stream.write_all(if wrong { b"HELLo" } else { b"HELLO" }).expect("a client that reads");
        }
    };
    let server = Server::start_many(3, err_once);
    let run = client(&server).args(["--connections", "3", "--count", "50", "--format", "json"]).run();
    run.expect_code(1);
    let checks = run.report().scene("load")["checks"].clone();
    assert_eq!((&checks[0]["observed"], &checks[0]["held"]), (&1.into(), &false.into()), "{checks}");
    assert_eq!((&checks[1]["held"], &checks[2]["held"]), (&true.into(), &true.into()), "{checks}");
    server.join();
}

#[test]
fn bytes_behind_the_last_answer_are_a_check_that_fails() {
    let server = Server::start_many(2, answer_too_much);
    let run = client(&server).args(["--connections", "2", "--count", "1", "--format", "json"]).run();
    run.expect_code(1);
    let checks = run.report().scene("load")["checks"].clone();
    assert_eq!((&checks[2]["observed"], &checks[2]["held"]), (&8.into(), &false.into()), "{checks}");
    assert_eq!(checks[0]["held"], true);
    server.join();
}

#[test]
fn a_connection_that_breaks_is_said_and_counted_and_no_message_is_lost() {
    let server = Server::start([answer_one, answer_one, answer_one]);
    let run = client(&server).args(["--connections", "1", "--count", "3", "--format", "jsonl", "--lang", "en"]).run();
    run.expect_code(0);
    let report = run.report();
    let figure = |name| report.figure("load", name).as_u64();
    assert_eq!(figure("answered"), Some(3));
    assert!(figure("connections_lost") >= Some(2) && figure("connections_lost") <= Some(3), "{}", report.0);
    let said = said_as(&run, "trouble");
    assert_eq!((said.len(), said[0]["args"]["lost"].as_u64()), (1, figure("connections_lost")), "{said:?}");
    server.join();
}

#[test]
fn an_answer_that_does_not_come_in_time_is_given_up_and_asked_for_again() {
    let server = Server::start([stay_silent, upper_case]);
    let args = ["--connections", "1", "--count", "2", "--timeout", "0.2", "--format", "jsonl", "--lang", "en"];
    let run = client(&server).args(args).run();
    run.expect_code(0);
    let report = run.report();
    let figure = |name| report.figure("load", name).as_u64();
    assert_eq!((figure("answers_given_up"), figure("answered"), figure("sent")), (Some(1), Some(2), Some(3)));
    assert!(report.figure("load", "latency_max").as_f64() >= Some(200_000.0), "it counts from the first time");
    let said = said_as(&run, "trouble");
    assert_eq!((said.len(), &said[0]["args"]["last"]), (1, &"no answer within 0.2 s".into()), "{said:?}");
    server.join();
}

#[test]
fn a_server_that_never_answers_fails_the_run_and_does_not_hold_it_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    for until in [["--duration", "0.1"], ["--count", "1"]] {
        let args = ["--port", &port, "--connections", "2", "--timeout", "0.05", "--format", "json"];
        let run = program!().args(args).args(until).run();
        run.expect_code(1);
        let checks = run.report().scene("load")["checks"].clone();
        assert_eq!((&checks[1]["observed"], &checks[1]["held"]), (&2.into(), &false.into()), "{checks}");
        assert_eq!(*run.report().figure("load", "answered"), 0);
    }
}

#[test]
fn a_signal_ends_a_load_with_the_report_so_far_and_the_code_of_the_signal() {
    for (signal, code, format) in
        [(Signal::SIGINT, 130, "text"), (Signal::SIGTERM, 143, "json"), (Signal::SIGINT, 130, "jsonl")]
    {
        let (asks, asked) = mpsc::channel();
        let serve = move |mut stream: TcpStream| {
            while stream.read_exact(&mut [0; 5]).is_ok() {
                let _ = asks.send(());
                if stream.write_all(b"HELLO").is_err() {
                    break; // after a signal the client does not wait for the last answer
                }
            }
        };
        let server = Server::start_many(2, serve);
        let args = ["--connections", "2", "--duration", "1000", "--format", format, "--lang", "en"];
        let client = client(&server).args(args).start();
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
    let full = FullListener::new();
    let args = ["--port", &full.address.port().to_string(), "--connections", "1", "--timeout", "1000"];
    let mut client = program!().args(args).start();
    client.line_with("1 connection for 10 s");
    client.signal(Signal::SIGINT);
    client.wait().expect_error(130, "tcp-client: ended by SIGINT");
}

/// A server that accepts every connection, says so, and answers no message. Its threads end with the test.
fn accept_in_silence() -> (String, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let (accepts, accepted) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = accepts.send(()); // fails if the test does not ask
            thread::spawn(|| stay_silent(stream));
        }
    });
    (port, accepted)
}

#[test]
fn a_server_that_accepts_again_and_again_and_never_answers_fails_a_load_with_a_count_in_time() {
    let (port, _accepted) = accept_in_silence();
    let args = ["--port", &port, "--connections", "8", "--count", "1", "--timeout", "0.5", "--format", "json"];
    let run = program!().args(args).run();
    run.expect_code(1);
    let report = run.report();
    assert_eq!(report.scene("load")["checks"][1]["observed"], 8, "messages without an answer: {}", report.0);
    assert!(report.figure("load", "lasted").as_f64() >= Some(1500.0), "three timeouts: {}", report.0);
}

#[test]
fn a_load_that_lacks_descriptors_for_its_lost_connections_ends_with_its_report() {
    let (port, accepted) = accept_in_silence();
    let args = ["--port", &port, "--connections", "4", "--count", "1", "--timeout", "2", "--format", "json"];
    let client = program!().args(args).start();
    (0..4).for_each(|_| accepted.recv().expect("a connection"));
    client.limit("nofile", 3);
    let run = client.wait();
    run.expect_code(1);
    let report = run.report();
    assert!(report.figure("load", "tries_refused").as_u64() > Some(0), "{}", report.0);
    assert_eq!(report.scene("load")["checks"][1]["observed"], 4, "messages without an answer: {}", report.0);
}
