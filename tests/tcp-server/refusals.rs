//! Refusals: one line, the exit code of its kind, before anything happens.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use support::{Signal, program};

use crate::{MODELS, ask, client, ended_by, of, with_each_model};

#[test]
fn a_port_in_use_is_refused_with_advice() {
    let other = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = other.local_addr().expect("an address").port().to_string();
    let run = program!().args(["--port", &port]).run();
    run.expect_error(3, &format!("tcp-server: cannot listen on 127.0.0.1:{port}: address already in use"));
    run.expect_error(3, "--port 0 takes a free one");
}

#[test]
fn a_port_of_the_system_is_refused_to_an_ordinary_user() {
    let least = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    let run = program!().args(["--port", "1"]).as_ordinary_user();
    if least.trim().parse::<u16>().is_ok_and(|least| least <= 1) {
        // On this machine every user may listen on every port.
        let mut server = run.start();
        server.line_with("listening on 127.0.0.1:1");
        ended_by(server, Signal::SIGTERM).expect_code(0);
    } else {
        run.run().expect_error(3, "cannot listen on 127.0.0.1:1: permission denied; ports from 1024 up");
    }
}

#[test]
fn an_address_that_cannot_be_is_refused() {
    for port in ["70000", "-1", "http", ""] {
        program!().args([&format!("--port={port}")]).run().expect_error(2, "--port");
    }
    let run = program!().args(["--host", "no-such-host.invalid"]).run();
    run.expect_error(2, "tcp-server: cannot find host no-such-host.invalid: ");
    // An address of the range that is reserved for documentation (RFC 5737): no machine has it.
    let run = program!().args(["--host", "192.0.2.1", "--port", "0"]).run();
    run.expect_error(3, "cannot listen on 192.0.2.1:0: cannot assign requested address");
}

#[test]
fn an_unknown_scene_is_refused_and_the_known_one_is_named() {
    program!().args(["--scene", "nope"]).run().expect_error(2, "the scenes are serve");
}

#[test]
fn a_number_that_cannot_be_is_refused() {
    for wrong in [
        "--max-connections=0",
        "--max-connections=-1",
        "--max-connections=5000000000",
        "--workers=0",
        "--workers=-1",
        "--workers=10001",
        "--idle-timeout=-1",
        "--idle-timeout=0",
        "--idle-timeout=1e300",
        "--idle-timeout=soon",
        "--drain-timeout=-0.5",
        "--drain-timeout=inf",
        "--model=fibers",
    ] {
        let option = wrong.split('=').next().unwrap_or_default();
        let run = program!().args(["--model=pool", wrong, "--port=0"]).run();
        if option == "--model" {
            run.expect_error(2, "--model");
        } else {
            run.expect_error(2, option);
        }
        assert_eq!(run.stdout(), "", "{wrong}");
    }
}

#[test]
fn a_number_of_threads_is_for_models_that_have_one() {
    let run = program!().args(["--workers", "2", "--port", "0"]).run();
    run.expect_error(2, "tcp-server: --workers is for --model pool and events");
}

#[test]
fn more_clients_than_the_system_has_descriptors_for_are_refused_before_the_first_one() {
    for model in MODELS {
        let run =
            program!().args(["--model", model, "--max-connections", "1000", "--port", "0"]).limit("nofile", 256).run();
        run.expect_error(3, "tcp-server: cannot serve 1000 clients at once: the limit of open files is 256");
        assert_eq!(run.stdout().lines().count(), 2, "it did not listen: {}", run.stdout());
    }
}

#[test]
fn more_clients_than_the_system_has_threads_for_are_refused_before_the_first_one() {
    let run = program!().args(["--max-connections", "1000000", "--port", "0"]).run();
    run.expect_error(3, "tcp-server: cannot start 1000000 threads: ");
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&[
        "Scenes:",
        "Examples:",
        "A stream knows no messages",
        "8005",
        "--model <MODEL>",
        "Who waits for whom",
        "client N+1 is connected, and waits",
        "A fixed number of threads",
        "--max-connections <N>",
        "wait in the kernel's backlog",
    ]);
}

#[test]
fn with_any_limit_of_open_files_it_serves_a_client_or_refuses_before_it_listens() {
    with_each_model(|model| {
        let workers: &[&str] = if model == "threads" { &[] } else { &["--workers", "2"] };
        let server = of(model).args(["--port", "0"]).args(workers);
        let mut least = None;
        // From what the loader of the program needs to more than the server needs.
        for limit in 5..30 {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            let server = server.clone().limit("nofile", limit).start_with_output(writer.into());
            let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
            let Some(line) = lines.find(|line| line.starts_with("listening on ")) else {
                assert_eq!(least, None, "with a lower limit it served");
                let refused = server.wait();
                refused.expect_error(3, "too many open files");
                continue;
            };
            least = least.or(Some(limit));
            let client = client(line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port"));
            ask(&client, b"hello", b"HELLO");
            drop(client);
            let ended = ended_by(server, Signal::SIGTERM);
            ended.expect_code(0);
            assert_eq!(ended.stderr(), "", "it never lacked a descriptor");
        }
        assert!(least.is_some_and(|least| least > 5), "{least:?}");
    });
}
