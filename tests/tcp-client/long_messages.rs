//! Messages that do not fit into the buffers between client and server.

use std::fs;
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;

use support::echo::{Server, upper_case};
use support::tempfile::TempDir;
use support::{open_folder, program};

use crate::client;
use tcp_client::exchange::exchange;

#[test]
fn a_message_larger_than_all_buffers_between_the_two_does_not_block_them() {
    // More than the buffers of both directions hold: a client that only wrote would wait here for ever.
    let message: Vec<u8> = (b'a'..=b'z').cycle().take(48 << 20).collect();
    let server = Server::start([upper_case]);
    let stream = TcpStream::connect(server.address).expect("the server");
    stream.set_nonblocking(true).expect("a socket");
    let answer = exchange(&stream, &message, None).expect("no signal").expect("a connection that stays");
    assert!(answer == message.to_ascii_uppercase());
    stream.shutdown(Shutdown::Write).expect("a socket");
    server.join();
}

#[test]
fn a_long_message_of_the_command_line_comes_back_whole() {
    let server = Server::start([upper_case]);
    let message = "你好, hello. ".repeat(7000);
    let args = ["--port", &server.port, "--count", "3", "--speed", "inf", "--message", &message, "--lang", "en"];
    let run = program!().args(args).run();
    run.expect_code(0).expect_text(&[&message.to_ascii_uppercase(), "held: 3 of 3"]);
    server.join();
}

/// A file of 10 MiB.
fn ten_mebibytes() -> (TempDir, PathBuf) {
    let folder = open_folder();
    let path = folder.path().join("message");
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(10 << 20).collect();
    fs::write(&path, bytes).expect("a new file");
    (folder, path)
}

#[test]
fn ten_mebibytes_of_any_bytes_come_back_whole() {
    let (_folder, path) = ten_mebibytes();
    let server = Server::start([upper_case]);
    let talk = client(&server).args(["--count", "2", "--speed", "inf", "--format", "json"]);
    let report = talk.arg("--message-file").arg(path).run().expect_held();
    assert_eq!(*report.figure("talk", "answered"), 2);
    server.join();
}

#[test]
fn ten_mebibytes_come_back_whole_on_several_connections_at_once() {
    let (_folder, path) = ten_mebibytes();
    let server = Server::start_many(3, upper_case);
    let load = client(&server).args(["--connections", "3", "--count", "2", "--format", "json"]);
    let report = load.arg("--message-file").arg(path).run().expect_held();
    assert_eq!((report.figure("load", "answered"), report.figure("load", "sent")), (&6.into(), &6.into()));
    server.join();
}
