//! What `tcp-server` promises: it answers every client in upper case, byte for byte, in each of its
//! models, and ends in order.

#[path = "tcp-server/ends.rs"]
mod ends;
#[path = "tcp-server/full.rs"]
mod full;
#[path = "tcp-server/gauntlet.rs"]
mod gauntlet;
#[path = "tcp-server/hostile.rs"]
mod hostile;
#[path = "tcp-server/journal.rs"]
mod journal;
#[path = "tcp-server/limits.rs"]
mod limits;
#[path = "tcp-server/listing.rs"]
mod listing;
#[path = "tcp-server/loops.rs"]
mod loops;
#[path = "tcp-server/output.rs"]
mod output;
#[path = "tcp-server/pictures.rs"]
mod pictures;
#[path = "tcp-server/refusals.rs"]
mod refusals;
#[path = "tcp-server/streams.rs"]
mod streams;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use support::{Ended, Program, Report, Running, Signal, program};

/// The server keeps its promises in each of them.
const MODELS: [&str; 3] = ["threads", "pool", "events"];

/// Tests a promise with every model. The last line printed names the one that failed.
fn with_each_model(promise: impl Fn(&str)) {
    for model in MODELS {
        eprintln!("--model {model}");
        promise(model);
    }
}

fn of(model: &str) -> Program {
    program!().args(["--model", model])
}

/// How long a test waits for bytes that must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server on a free port, and the port.
fn started(program: &Program) -> (Running, u16) {
    listening(&program.clone().args(["--port", "0"]))
}

/// A server whose arguments are complete, and its port.
fn listening(program: &Program) -> (Running, u16) {
    let mut server = program.start();
    let line = server.line_with("listening on 127.0.0.1:");
    let digits: String = line.rsplit(':').next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    (server, digits.parse().expect("a port"))
}

/// A server that prints its journal, and its port.
fn in_json_lines(program: &Program) -> (Running, u16) {
    let mut server = program.clone().args(["--port", "0", "--format", "jsonl"]).start();
    let event: support::serde_json::Value =
        support::serde_json::from_str(&server.line_with(r#""kind":"ready""#)).expect("an event");
    let address = event["args"]["address"].as_str().and_then(|address| address.parse::<SocketAddr>().ok());
    (server, address.expect("an address").port())
}

/// A server that prints only its report, and its port.
fn with_json_report(program: &Program) -> (Running, u16) {
    let mut server = program.clone().args(["--port", "0", "--format", "json"]).start();
    let line = server.error_with("tcp-server: listening on 127.0.0.1:");
    (server, line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port"))
}

fn client(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a server that listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("an open connection");
    stream.set_write_timeout(Some(PATIENCE)).expect("an open connection");
    stream
}

/// Sends `message`, and asserts that `answer` comes back.
#[track_caller]
fn ask(mut stream: &TcpStream, message: &[u8], answer: &[u8]) {
    stream.write_all(message).expect("an open connection");
    let mut got = vec![0; answer.len()];
    stream.read_exact(&mut got).expect("an open connection");
    assert!(got == answer, "{:?} came back for {:?}", got.escape_ascii(), message.escape_ascii());
}

/// Reads to the end of the stream.
#[track_caller]
fn rest_of(mut stream: &TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("an open connection");
    rest
}

/// Reads until the server has closed the connection. A client that still sends sees a reset.
fn rest_until_gone(mut stream: &TcpStream) -> Vec<u8> {
    let (mut rest, mut buffer) = (Vec::new(), [0; 1 << 14]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return rest,
            Ok(read) => rest.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return rest,
            Err(error) => panic!("{error}"),
        }
    }
}

/// The whole seconds of a run, rounded up.
fn seconds(report: &Report) -> usize {
    report.0["elapsed_ms"].to_string().split('.').next().and_then(|ms| ms.parse::<usize>().ok()).expect("a time") / 1000
        + 1
}

fn ended_by(server: Running, signal: Signal) -> Ended {
    server.signal(signal);
    server.wait_within(PATIENCE)
}

/// Asserts that the server ended in order, after this many connections and bytes.
#[track_caller]
fn expect_moved(ended: &Ended, connections: u64, bytes: u64) {
    ended.expect_code(0);
    let report = ended.report();
    assert_eq!(report.0["held"], true, "{}", report.0);
    assert_eq!(report.scenes(), ["serve"]);
    assert_eq!(report.scene("serve")["checks"].as_array().map(Vec::len), Some(3));
    let figure = |name| report.figure("serve", name).as_u64();
    assert_eq!(figure("connections"), Some(connections));
    assert_eq!((figure("bytes_in"), figure("bytes_out")), (Some(bytes), Some(bytes)));
    assert_eq!(figure("broken_off"), Some(0));
}

#[test]
fn the_conversation_of_the_notes() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let stream = client(port);
        for _ in 0..3 {
            ask(&stream, b"hello", b"HELLO");
        }
        drop(stream);
        let ended = ended_by(server, Signal::SIGTERM);
        expect_moved(&ended, 1, 15);
        let texts: Vec<_> = ended.said().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts[..3], ["hello", "hello", "hello"]);
    });
}

#[test]
fn a_client_that_sends_single_bytes_gets_them_back_one_by_one() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let stream = client(port);
        for byte in b"one by one" {
            ask(&stream, &[*byte], &[byte.to_ascii_uppercase()]);
        }
        expect_moved(&ended_by(server, Signal::SIGTERM), 1, 10);
    });
}

#[test]
fn a_chinese_character_cut_by_two_reads_is_printed_whole() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let stream = client(port);
        // Each part is answered before the next one is sent, so each is a read of its own.
        for part in [&b"a\xe4"[..], b"\xbd", b"\xa0\xe5\xa5", b"\xbdz"] {
            ask(&stream, part, &part.to_ascii_uppercase());
        }
        let ended = ended_by(server, Signal::SIGTERM);
        let of_client: Vec<_> = ended.said().into_iter().filter(|(actor, _)| actor.starts_with("client")).collect();
        let texts: Vec<_> = of_client.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["a", "你", "好z"]);
        expect_moved(&ended, 1, 8);
    });
}

#[test]
fn a_client_that_has_said_all_still_gets_its_whole_answer() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let mut stream = client(port);
        let message = vec![b'x'; 100_000];
        stream.write_all(&message).expect("an open connection");
        stream.shutdown(Shutdown::Write).expect("an open connection");
        assert!(rest_of(&stream) == vec![b'X'; 100_000]);
        expect_moved(&ended_by(server, Signal::SIGTERM), 1, 100_000);
    });
}

#[test]
fn a_mebibyte_goes_both_ways_at_once() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let stream = client(port);
        let message: Vec<u8> = (b'a'..=b'z').cycle().take(1 << 20).collect();
        thread::scope(|scope| {
            scope.spawn(|| (&stream).write_all(&message).expect("an open connection"));
            ask(&stream, b"", &message.to_ascii_uppercase());
        });
        expect_moved(&ended_by(server, Signal::SIGTERM), 1, 1 << 20);
    });
}

#[test]
fn two_clients_are_served_at_once_and_a_silent_one_keeps_no_other_waiting() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let (silent, first, second) = (client(port), client(port), client(port));
        ask(&first, b"first", b"FIRST");
        ask(&second, b"second", b"SECOND");
        ask(&first, b"first again", b"FIRST AGAIN");
        ask(&silent, b"at last", b"AT LAST");
        let ports = [&silent, &first, &second].map(|stream| stream.local_addr().expect("an address").port());
        let ended = ended_by(server, Signal::SIGTERM);
        expect_moved(&ended, 3, 29);
        let names: Vec<_> = ended.said().into_iter().map(|(actor, _)| actor).collect();
        let expected = [ports[1], ports[2], ports[1], ports[0]].map(|port| format!("client {port}"));
        assert_eq!(names[..4], expected);
    });
}

#[test]
fn a_client_that_breaks_off_harms_no_other() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let (rude, polite) = (client(port), client(port));
        ask(&polite, b"before", b"BEFORE");
        (&rude).write_all(b"hello").expect("an open connection");
        rude.peek(&mut [0; 5]).expect("the answer");
        let name = format!("client {}", rude.local_addr().expect("an address").port());
        drop(rude); // with an unread answer: the system resets the connection
        ask(&polite, b"after", b"AFTER");
        ask(&client(port), b"new", b"NEW");

        let ended = ended_by(server, Signal::SIGTERM);
        ended.expect_error(0, &format!("tcp-server: cannot serve {name}: connection reset by peer"));
        let report = ended.report();
        assert_eq!(report.0["held"], true, "{}", report.0);
        assert_eq!(report.figure("serve", "broken_off"), 1);
        assert_eq!(report.figure("serve", "connections"), 3);
    });
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let (server, port) = started(&program!().args(["--lang", "zh"]));
    let stream = client(port);
    ask(&stream, "hello, 你好".as_bytes(), "HELLO, 你好".as_bytes());
    let name = format!("客户端 {}", stream.local_addr().expect("an address").port());
    let ended = ended_by(server, Signal::SIGINT);
    ended.expect_code(0).expect_text(&[&name, "hello, 你好", "不再接受新的客户端", "全部成立"]);
}

#[test]
fn it_speaks_english_too() {
    let (server, port) = started(&program!().args(["--lang", "en"]));
    ask(&client(port), b"hello", b"HELLO");
    ended_by(server, Signal::SIGINT).expect_code(0).expect_text(&[
        "client ",
        "hello",
        "no new clients",
        "held: 3 of 3",
    ]);
}

#[test]
fn the_json_object_is_alone_on_standard_output_and_the_port_is_told_beside_it() {
    let (server, port) = with_json_report(&program!());
    ask(&client(port), b"hello", b"HELLO");
    let ended = ended_by(server, Signal::SIGTERM);
    assert_eq!(ended.expect_held().figure("serve", "bytes_in"), 5);
    assert_eq!(ended.stderr(), format!("tcp-server: listening on 127.0.0.1:{port}\n"));
}
