//! The notes' server as a listing, and without its key line.

use std::io::{ErrorKind, Write};

use support::{Signal, listing, listing_without_key_line};

use crate::{ask, client, ended_by, listening};

#[test]
fn the_listing_answers_beside_a_silent_client_and_without_its_thread_only_after_that_client_has_left() {
    let (server, port) = listening(&listing!("echo_server").arg("0"));
    let (silent, other) = (client(port), client(port));
    ask(&other, b"hello", b"HELLO");
    ask(&silent, b"at last", b"AT LAST");
    assert_eq!(printed(&ended_by(server, Signal::SIGTERM).stdout()), ["hello", "at last"]);

    let (server, port) = listening(&listing_without_key_line!("echo_server").arg("0"));
    let (silent, mut other) = (client(port), client(port));
    other.write_all(b"hello").expect("an open connection");
    ask(&silent, b"at last", b"AT LAST");
    other.set_nonblocking(true).expect("an open connection");
    assert_eq!(other.peek(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    other.set_nonblocking(false).expect("an open connection");
    drop(silent);
    ask(&other, b"", b"HELLO");
    assert_eq!(printed(&ended_by(server, Signal::SIGTERM).stdout()), ["at last", "hello"]);
}

/// What it printed of its clients.
fn printed(output: &str) -> Vec<&str> {
    output.lines().skip(1).collect()
}
