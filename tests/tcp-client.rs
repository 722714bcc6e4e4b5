//! What `tcp-client` promises: it asks, reads the whole answer, and says so when it cannot.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use support::{Signal, program};
use tcp_client::exchange::exchange;

/// A server of one test, in a thread: how it treats each of its connections, in order.
struct Server {
    port: String,
    thread: JoinHandle<()>,
}

impl Server {
    fn start<const N: usize>(treat: [fn(TcpStream); N]) -> Self {
        Self::start_at("127.0.0.1", treat)
    }

    fn start_at<const N: usize>(host: &str, treat: [fn(TcpStream); N]) -> Self {
        let listener = TcpListener::bind((host, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port().to_string();
        let serve = move || {
            for treat in treat {
                treat(listener.accept().expect("a client").0);
            }
        };
        Self { port, thread: thread::spawn(serve) }
    }

    /// Waits until it has treated all its connections.
    fn join(self) {
        self.thread.join().expect("a server that serves");
    }
}

/// The notes' server: 1024 bytes at a time, and back in upper case, until the client goes.
fn upper_case(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        buffer[..read].make_ascii_uppercase();
        if stream.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
}

/// Answers one `hello`, byte by byte, and closes.
fn answer_one(mut stream: TcpStream) {
    stream.set_nodelay(true).expect("a socket");
    stream.read_exact(&mut [0; 5]).expect("hello");
    for byte in b"HELLO" {
        stream.write_all(&[*byte]).expect("a client that reads");
    }
}

/// Reads a bit of a `hello`, and closes with the rest unread: the client sees a reset.
fn reset(mut stream: TcpStream) {
    stream.peek(&mut [0; 5]).expect("hello");
    stream.read_exact(&mut [0; 1]).expect("a byte");
}

#[test]
fn the_conversation_of_the_notes() {
    let server = Server::start([upper_case]);
    let run = program!().args(["--port", &server.port, "--count", "3", "--speed", "inf", "--format", "jsonl"]).run();
    run.expect_code(0);
    let said: Vec<_> = run.said().into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["HELLO", "HELLO", "HELLO"]);
    server.join();
}

#[test]
fn every_check_holds_and_the_figures_tell_how_the_talk_went() {
    let server = Server::start([upper_case]);
    let run = program!().args(["--port", &server.port, "--count", "500", "--speed", "inf", "--format", "json"]).run();
    let report = run.expect_held();
    assert_eq!(report.scenes(), ["talk"]);
    let figure = |name| report.figure("talk", name).clone();
    assert_eq!((figure("sent"), figure("answered"), figure("reconnects")), (500.into(), 500.into(), 0.into()));
    let (median, longest) = (figure("round trip, median").as_f64(), figure("round trip, longest").as_f64());
    assert!(median > Some(0.0) && median <= longest, "{median:?} {longest:?}");
    server.join();
}

#[test]
fn it_pauses_between_messages_and_not_after_the_last() {
    let server = Server::start([upper_case]);
    let args = ["--port", &server.port, "--count", "3", "--speed", "100", "--format", "jsonl"];
    let run = program!().args(args).run();
    run.expect_code(0);
    let journal = run.journal();
    let pauses: Vec<_> =
        journal.iter().filter(|event| event["kind"] == "pause").map(|event| event["ns"].as_u64()).collect();
    assert_eq!(pauses, [Some(20_000_000), Some(20_000_000)]);
    assert!(run.report().0["elapsed_ms"].as_f64() >= Some(40.0));
    server.join();
}

#[test]
fn only_ascii_letters_of_a_message_become_upper_case() {
    let server = Server::start([upper_case]);
    let message = "你好, Grüße an naïve 😀";
    let args = ["--port", &server.port, "--count", "1", "--message", message, "--format", "jsonl"];
    let run = program!().args(args).run();
    run.expect_code(0);
    assert_eq!(run.said()[0].1, "你好, GRüßE AN NAïVE 😀");
    server.join();
}

#[test]
fn an_answer_may_come_in_many_pieces() {
    let server = Server::start([answer_one]);
    let run = program!().args(["--port", &server.port, "--count", "1", "--format", "json"]).run();
    run.expect_held();
    server.join();
}

#[test]
fn a_message_larger_than_all_buffers_between_the_two_does_not_block_them() {
    // More than the system keeps for both ways together: who only writes, waits for ever here.
    let message: Vec<u8> = (b'a'..=b'z').cycle().take(48 << 20).collect();
    let server = Server::start([upper_case]);
    let stream = TcpStream::connect(("127.0.0.1", server.port.parse().expect("a port"))).expect("the server");
    stream.set_nonblocking(true).expect("a socket");
    let answer = exchange(&stream, &message).expect("no signal").expect("a connection that stays");
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
    run.expect_code(0).expect_text(&[&message.to_ascii_uppercase(), "held: 2 of 2"]);
    server.join();
}

#[test]
fn a_connection_that_is_lost_is_made_again_and_the_message_repeated() {
    let server = Server::start([answer_one, reset, answer_one, upper_case]);
    let args = ["--port", &server.port, "--count", "3", "--speed", "inf", "--format", "jsonl"];
    let run = program!().args(args).run();
    run.expect_code(0);
    let said: Vec<_> = run.said().into_iter().map(|(_, text)| text).collect();
    assert_eq!(said.iter().filter(|text| *text == "HELLO").count(), 3, "{said:?}");
    assert!(said.iter().any(|text| text.contains("connection lost: ") && text.contains("try 1 of 5")), "{said:?}");
    let report = run.report();
    let figure = |name| report.figure("talk", name).clone();
    assert_eq!((figure("answered"), figure("reconnects"), figure("sent")), (3.into(), 3.into(), 6.into()));
    server.join();
}

#[test]
fn it_gives_up_on_a_server_that_is_gone_for_good() {
    // At an address of its own, so that no other test gets the port when this server has gone.
    let server = Server::start_at("127.0.0.2", [answer_one]);
    let args = ["--host", "127.0.0.2", "--port", &server.port, "--speed", "inf", "--lang", "en"];
    let run = program!().args(args).run();
    run.expect_error(3, &format!("tcp-client: cannot reach 127.0.0.2:{} again, in 5 tries: connection ", server.port));
    run.expect_text(&["HELLO", "connection lost: ", "try 1 of 5", "try 5 of 5"]);
    server.join();
}

#[test]
fn it_gives_up_on_a_server_that_never_answers_anybody() {
    let server = Server::start([reset, reset, reset, reset, reset, reset]);
    let run = program!().args(["--port", &server.port, "--speed", "inf"]).run();
    run.expect_error(3, "again, in 5 tries: ");
    server.join();
}

#[test]
fn the_pauses_between_the_tries_grow() {
    let server = Server::start([reset, reset, reset, reset, reset, reset]);
    let run = program!().args(["--port", &server.port, "--speed", "1000", "--format", "jsonl"]).run();
    run.expect_code(3);
    let printed = run.stdout();
    for milliseconds in [1, 2, 4, 8, 16] {
        assert!(printed.contains(&format!(r#""ns":{milliseconds}000000}}"#)), "{printed}");
    }
    server.join();
}

#[test]
fn a_wrong_answer_is_a_check_that_fails() {
    fn same_case(mut stream: TcpStream) {
        let mut buffer = [0; 5];
        while stream.read_exact(&mut buffer).and_then(|()| stream.write_all(&buffer)).is_ok() {}
    }
    let server = Server::start([same_case]);
    let args = ["--port", &server.port, "--count", "2", "--speed", "inf", "--format", "jsonl"];
    let run = program!().args(args).run();
    run.expect_code(1);
    let checks = run.report().scene("talk")["checks"].clone();
    assert_eq!((&checks[0]["observed"], &checks[0]["held"]), (&2.into(), &false.into()));
    assert_eq!(checks[1]["held"], true);
    server.join();
}

#[test]
fn an_answer_too_many_is_a_check_that_fails() {
    fn one_more(mut stream: TcpStream) {
        stream.read_exact(&mut [0; 5]).expect("hello");
        stream.write_all(b"HELLO").expect("a client that reads");
        let goodbye = stream.read(&mut [0; 1]).expect("a half-close");
        assert_eq!(goodbye, 0, "nothing comes but the end");
        stream.write_all(b"AND?").expect("a client that waits");
    }
    let server = Server::start([one_more]);
    let run = program!().args(["--port", &server.port, "--count", "1", "--format", "jsonl"]).run();
    run.expect_code(1);
    let checks = run.report().scene("talk")["checks"].clone();
    assert_eq!((&checks[1]["observed"], &checks[1]["held"]), (&4.into(), &false.into()));
    server.join();
}

#[test]
fn a_signal_ends_an_endless_talk_with_a_last_line_and_its_code() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let server = Server::start([upper_case]);
        let mut client = program!().args(["--port", &server.port, "--speed", "0.01"]).start();
        client.line_with("HELLO");
        client.signal(signal); // in a pause of 200 s, which is longer than any test may take
        let ended = client.wait();
        ended.expect_error(code, "tcp-client: ended by SIG").expect_text(&["1 sent, 1 answered, 0 of them wrong"]);
        server.join();
    }
}

#[test]
fn a_signal_ends_the_wait_for_an_answer_that_never_comes() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let client = program!().args(["--port", &port]).start();
    let (mut stream, _) = listener.accept().expect("the client");
    stream.read_exact(&mut [0; 5]).expect("hello");
    client.signal(Signal::SIGINT);
    client.wait().expect_error(130, "tcp-client: ended by SIGINT");
}

#[test]
fn a_signal_ends_the_pause_before_another_try() {
    let server = Server::start([reset]);
    let mut client = program!().args(["--port", &server.port, "--speed", "0.01"]).start();
    client.line_with("try 1 of 5"); // in a pause of 100 s
    server.join();
    client.signal(Signal::SIGTERM);
    client.wait().expect_error(143, "tcp-client: ended by SIGTERM");
}

#[test]
fn it_speaks_the_words_of_the_notes() {
    let server = Server::start([answer_one, upper_case]);
    let args = ["--port", &server.port, "--count", "2", "--speed", "inf", "--lang", "zh"];
    let run = program!().args(args).run();
    run.expect_code(0).expect_text(&["主进程", "HELLO", "连接断开", "第 1 次", "每个回复都是发出的内容", "全部成立"]);
    server.join();
}

#[test]
fn nobody_listening_is_refused_with_advice() {
    // Port 1 is the system's: no other test listens there.
    let run = program!().args(["--port", "1"]).run();
    run.expect_error(3, "tcp-client: cannot connect to 127.0.0.1:1: connection refused; start tcp-server there first");
}

#[test]
fn bad_options_are_refused_before_anything_happens() {
    let cases: [(&[&str], &str); 8] = [
        (&["--count", "0"], "it is a number from 1 up"),
        (&["--count=-1"], "--count"),
        (&["--message", ""], "the message is empty"),
        (&["--port", "0"], "--port"),
        (&["--port", "70000"], "--port"),
        (&["--host", "no-such-host.invalid"], "cannot find host no-such-host.invalid: "),
        (&["--host", ""], "cannot find host"),
        (&["--scene", "nope"], "the scenes are talk"),
    ];
    for (arguments, message) in cases {
        let run = program!().args(arguments).run();
        run.expect_error(2, message);
        assert_eq!(run.stdout(), "", "{arguments:?}");
    }
}

#[test]
fn the_help_teaches_the_lesson_with_examples() {
    program!().arg("--help").run().expect_code(0).expect_text(&["Scenes:", "Examples:", "reads while it still writes"]);
}

#[test]
fn a_run_without_an_end_has_no_picture() {
    for arguments in [&["--timeline"][..], &["--trace", "new"], &["--svg", "new"]] {
        let run = program!().args(["--count", "1"]).args(arguments).run();
        run.expect_error(2, "draws a run that has ended, and tcp-client has no end of its own");
    }
}
