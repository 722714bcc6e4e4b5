//! What `tcp-client` promises: it asks, reads the whole answer, and says so when it cannot.

#[path = "tcp-client/hostile.rs"]
mod hostile;
#[path = "tcp-client/listing.rs"]
mod listing;
#[path = "tcp-client/load.rs"]
mod load;
#[path = "tcp-client/long_messages.rs"]
mod long_messages;
#[path = "tcp-client/notes.rs"]
mod notes;
#[path = "tcp-client/plot.rs"]
mod plot;
#[path = "tcp-client/recovery.rs"]
mod recovery;
#[path = "tcp-client/refusals.rs"]
mod refusals;
#[path = "tcp-client/surplus.rs"]
mod surplus;
#[path = "tcp-client/trouble.rs"]
mod trouble;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use support::echo::{Server, answer_one, upper_case};
use support::serde_json::Value;
use support::{Ended, Program, Signal, Trace, open_folder, program};

/// The client, about to talk to a server.
fn client(server: &Server) -> Program {
    program!().args(["--port", &server.port])
}

/// What was said under this key of the table of words.
fn said_as(run: &Ended, key: &str) -> Vec<Value> {
    let said = |event: &Value| event["kind"] == "say" && event["key"] == key;
    run.journal().into_iter().filter(said).collect()
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
    let (median, longest) = (figure("round_trip_median").as_f64(), figure("round_trip_longest").as_f64());
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
fn a_talk_goes_over_ipv6_too() {
    let server = Server::start_at("::1", [upper_case]);
    client(&server).args(["--host", "::1", "--count", "2", "--speed", "inf", "--format", "json"]).run().expect_held();
    server.join();
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
fn the_help_teaches_the_lesson_with_examples() {
    let help = program!().arg("--help").run();
    help.expect_code(0).expect_text(&["Scenes:", "Examples:", "connects again and repeats the message"]);
    help.expect_text(&["closed loop", "open loop", "coordinated omission", "--rate 20000"]);
}

#[test]
fn a_conversation_is_drawn_when_it_has_ended_by_itself_or_by_a_signal() {
    let folder = open_folder();
    let [trace, svg] = ["trace", "svg"].map(|name| folder.path().join(name));
    let drawing = |arguments: &[&str]| {
        let program = program!().arg("--timeline").arg("--trace").arg(&trace).arg("--svg").arg(&svg).args(arguments);
        let server = Server::start([upper_case]);
        let mut run = program.args(["--port", &server.port]).start();
        run.line_with("HELLO");
        if arguments.is_empty() {
            run.signal(Signal::SIGINT);
        }
        let ended = run.wait();
        server.join();
        let told = Trace::read(&trace).of("say").any(|said| said["name"] == "HELLO");
        assert!(told && ended.stdout().contains("── timeline "), "{}", ended.stdout());
        assert!(fs::read_to_string(&svg).is_ok_and(|image| image.ends_with("</svg>\n")));
        for file in [&trace, &svg] {
            fs::remove_file(file).expect("our own file");
        }
        ended
    };
    drawing(&["--count", "2", "--speed", "inf"]).expect_code(0);
    drawing(&[]).expect_error(130, "ended by SIGINT");
    assert_eq!(fs::read_dir(folder.path()).expect("our own folder").count(), 0);
}

#[test]
fn the_journal_keeps_its_promises() {
    let server = Server::start([upper_case]);
    let record = program!().args(["--port", &server.port, "--count", "3", "--speed", "100"]).record();
    server.join();
    assert_eq!(record.births(), 0);
}
