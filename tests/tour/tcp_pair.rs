//! The server and the client of the notes, each a program: one of the two is killed in the middle of the talk.

use support::{Program, Running, Signal, drawn, in_rounds, program};

/// The server keeps its promises in each of them.
const MODELS: [&str; 3] = ["threads", "pool", "events"];
/// A client that goes on until it has very many answers: one that talks, and one that loads the server.
const CLIENTS: [&[&str]; 2] =
    [&["--count", "100000000", "--speed", "inf"], &["--connections", "4", "--count", "100000000", "--timeout", "0.2"]];
/// The kill comes before the server has printed this number of lines.
const LINES: u64 = 300;

/// A server that prints a line for each message, in a model that is drawn, and a client of it.
fn pair(round: u64) -> (Running, Program) {
    let model = MODELS[place(round, 0, MODELS.len())];
    let server = program!().args(["tcp-server", "--port", "0", "--model", model, "--format", "jsonl"]);
    let mut server = server.start();
    let ready: support::serde_json::Value =
        support::serde_json::from_str(&server.line_with(r#""kind":"ready""#)).expect("an event");
    let address = ready["args"]["address"].as_str().expect("an address");
    let port = address.rsplit(':').next().expect("a port");
    (server, program!().args(["tcp-client", "--port", port, "--format", "json"]))
}

/// Which of `count` is drawn for a round.
fn place(round: u64, which: u64, count: usize) -> usize {
    usize::try_from(drawn(round, which)).unwrap_or(usize::MAX) % count
}

#[test]
fn a_server_goes_on_when_its_client_is_killed_and_ends_well_when_it_is_asked_to() {
    in_rounds(24, |round| {
        let (mut server, client) = pair(round);
        let victim = client.clone().args(CLIENTS[place(round, 1, CLIENTS.len())]).start();
        server.read_lines(drawn(round, 2) % LINES);
        victim.signal(Signal::SIGKILL);
        assert_eq!(victim.wait().code(), None);
        client.args(["--count", "1"]).run().expect_held();
        server.signal(Signal::SIGTERM);
        let ended = server.wait_soon();
        assert_eq!(ended.code(), Some(0), "round {round}: {ended:?}");
        assert_eq!(ended.report().0["held"], true, "round {round}: {ended:?}");
    });
}

#[test]
fn a_client_ends_soon_when_its_server_is_killed() {
    in_rounds(24, |round| {
        let (mut server, client) = pair(round);
        let (which, line) = (place(round, 1, CLIENTS.len()), drawn(round, 2) % LINES);
        let client = client.args(CLIENTS[which]).start();
        server.read_lines(line);
        server.signal(Signal::SIGKILL);
        assert_eq!(server.wait().code(), None);
        let ended = client.wait_soon();
        // The load that had begun has messages without an answer. What had not begun, and the talk, cannot go on.
        match (which, ended.code()) {
            (1, Some(1)) => assert_eq!(ended.report().0["held"], false, "round {round}"),
            _ => drop(ended.expect_error(3, "tcp-client: cannot ")),
        }
    });
}
