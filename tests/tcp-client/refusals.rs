//! Refusals: one line, before anything happens.

use std::fs;

use support::echo::{Server, upper_case};
use support::{Program, open_folder, program};

#[test]
fn a_port_without_a_server_is_refused_with_advice() {
    // Port 1 is reserved for the system: no other test listens there.
    let run = program!().args(["--port", "1"]).run();
    run.expect_error(3, "tcp-client: cannot connect to 127.0.0.1:1: connection refused; start tcp-server there first");
}

#[test]
fn bad_options_are_refused_before_anything_happens() {
    let cases: [(&[&str], &str); 21] = [
        (&["--count", "0"], "it is a number from 1 up"),
        (&["--count=-1"], "--count"),
        (&["--message", ""], "the message is empty"),
        (&["--port", "0"], "--port"),
        (&["--port", "70000"], "--port"),
        (&["--host", "no-such-host.invalid"], "cannot find host no-such-host.invalid: "),
        (&["--host", ""], "cannot find host"),
        (&["--scene", "nope"], "the scenes are talk, load"),
        (&["--timeout", "0"], "it is a number of seconds above 0"),
        (&["--timeout", "inf"], "it is a number of seconds above 0"),
        (&["--connections", "0"], "0 connections are no load; it is a number from 1 up"),
        (&["--connections=-1"], "--connections"),
        (&["--connections", "1", "--message", ""], "the message is empty"),
        (&["--connections", "1", "--count", "0"], "it is a number from 1 up"),
        (&["--connections", "1", "--duration", "0"], "it is a number of seconds above 0"),
        (&["--connections", "1", "--rate", "0"], "a rate is a number of messages a second above 0"),
        (&["--connections", "1", "--rate", "nan"], "a rate is a number of messages a second above 0"),
        (&["--connections", "1", "--count", "1", "--duration", "1"], "leave out one of them"),
        (&["--rate", "5"], "--rate is for a load; say with --connections on how many at once"),
        (&["--duration", "5"], "--duration is for a load"),
        (&["--scene", "load"], "the scene load needs --connections"),
    ];
    for (arguments, message) in cases {
        let run = program!().args(arguments).run();
        run.expect_error(2, message);
        assert_eq!(run.stdout(), "", "{arguments:?}");
    }
}

#[test]
fn a_load_on_a_port_without_a_server_is_refused_with_the_same_advice() {
    let run = program!().args(["--port", "1", "--connections", "5"]).run();
    run.expect_error(3, "tcp-client: cannot connect to 127.0.0.1:1: connection refused; start tcp-server there first");
}

#[test]
fn more_connections_than_files_may_be_open_are_refused_before_the_run() {
    let run = program!().args(["--port", "1", "--connections", "100"]).limit("nofile", 100).run();
    run.expect_error(2, "100 connections are more than the limit of 100 open files allows, which is 68; `ulimit -n`");
    assert_eq!(run.stdout(), "");
}

#[test]
fn a_limit_of_open_files_that_may_be_raised_is_raised() {
    let server = Server::start_many(100, upper_case);
    let (limited, program) = (Program::new("prlimit"), support::assert_cmd::cargo::cargo_bin!());
    let load = limited.args(["--nofile=40:4096", "--"]).arg(program).args(["--port", &server.port]);
    let report = load.args(["--connections", "100", "--count", "1", "--format", "json"]).run().expect_held();
    assert_eq!(*report.figure("load", "answered"), 100);
    server.join();
}

#[test]
fn a_file_that_is_no_message_is_refused() {
    let folder = open_folder();
    let empty = folder.path().join("empty");
    fs::write(&empty, "").expect("a new file");
    let missing = folder.path().join("missing");
    let cases = [
        (empty.as_path(), "the message is empty"),
        (&missing, "missing: no such file or directory"),
        (folder.path(), ": is a directory"),
        ("/dev/zero".as_ref(), "cannot send /dev/zero: a message has at most 64 MiB"),
    ];
    for (file, message) in cases {
        for load in [&[][..], &["--connections", "1"]] {
            let run = program!().arg("--message-file").arg(file).args(load).run();
            run.expect_error(2, message);
            assert_eq!(run.stdout(), "", "{}", file.display());
        }
    }
    let both = program!().args(["--message", "hello", "--message-file", "/dev/zero"]).run();
    both.expect_error(2, "cannot be used with");
}
