//! The notes' own server, in Python, against this client.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use support::program;

/// As in the notes, but for the port, which must be a free one, and for what it prints: where it is.
const SERVER: &str = "
import socket
from threading import Thread

def task(conn):
    while True:
        try:
            data = conn.recv(1024)
        except:
            break
        if not data:
            break
        conn.send(data.upper())
    conn.close()

s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(5)
print(s.getsockname()[1], flush=True)
while True:
    conn, addr = s.accept()
    p = Thread(target=task, args=(conn,), daemon=True)
    p.start()
";

/// The server's process, killed when dropped: it has no end of its own.
struct Python(Child);

impl Python {
    /// The server and its port. `None` where there is no Python.
    fn start() -> Option<(Self, String)> {
        let started = Command::new("python3").args(["-c", SERVER]).stdout(Stdio::piped()).spawn();
        let Ok(child) = started else {
            eprintln!("skipped: no python3");
            return None;
        };
        let mut server = Self(child);
        let mut port = String::new();
        BufReader::new(server.0.stdout.take()?).read_line(&mut port).expect("a line");
        Some((server, port.trim().to_owned()))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_notes_own_server_talks_to_this_client() {
    let Some((_server, port)) = Python::start() else { return };
    let run = program!().args(["--port", &port, "--count", "3", "--speed", "inf", "--format", "jsonl"]).run();
    run.expect_code(0);
    let said: Vec<_> = run.said().into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["HELLO", "HELLO", "HELLO"]);
}

#[test]
fn the_notes_own_server_stands_a_load_of_this_client() {
    let Some((_server, port)) = Python::start() else { return };
    let closed = ["--port", &port, "--connections", "50", "--count", "20", "--format", "json"];
    let report = program!().args(closed).run().expect_held();
    assert_eq!(*report.figure("load", "answered"), 1000);
    let open = ["--port", &port, "--connections", "5", "--count", "20", "--rate", "500", "--format", "json"];
    let report = program!().args(open).run().expect_held();
    assert_eq!(*report.figure("load", "answered"), 100);
}
