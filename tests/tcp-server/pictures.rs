//! The pictures of a server, which has no end of its own: drawn when a signal ends it.

use std::fs;
use std::io::{Read, Write};
use std::thread;

use support::{Record, Signal, Trace, open_folder, program, roxmltree};

use crate::{ask, client, ended_by, in_json_lines, started};

#[test]
fn the_server_is_drawn_with_a_lane_for_every_client_when_it_has_ended() {
    let folder = open_folder();
    let [trace, svg] = ["trace", "svg"].map(|name| folder.path().join(name));
    let program = program!().arg("--timeline").arg("--trace").arg(&trace).arg("--svg").arg(&svg);
    let (server, port) = started(&program);
    let clients = [client(port), client(port)];
    for client in &clients {
        ask(client, b"hello", b"HELLO");
    }
    let ended = ended_by(server, Signal::SIGINT);
    ended.expect_code(0).expect_text(&["── timeline serve", "held: 3 of 3"]);
    assert_eq!(ended.stderr(), "");
    for peer in clients {
        let name = format!("client {}", peer.local_addr().expect("an address").port());
        assert!(ended.stdout().lines().any(|line| line.starts_with(&format!("{name} "))), "{}", ended.stdout());
        assert!(Trace::read(&trace).names.values().any(|known| *known == name));
        let image = fs::read_to_string(&svg).expect("an image");
        let image = roxmltree::Document::parse(&image).expect("XML");
        assert!(image.descendants().any(|node| node.has_tag_name("text") && node.text() == Some(&name)));
    }
}

#[test]
fn the_journal_keeps_its_promises() {
    let (server, port) = in_json_lines(&program!());
    let clients: Vec<_> = (0..5).map(|_| client(port)).collect();
    for client in &clients {
        ask(client, b"hello", b"HELLO");
    }
    drop(clients);
    let ended = ended_by(server, Signal::SIGTERM);
    ended.expect_code(0);
    let record: Record = ended.record();
    assert_eq!(record.births(), 5);
    assert!(record.born.iter().all(|(_, exit)| exit == "returned"), "{:?}", record.born);
}

#[test]
fn a_server_that_was_told_more_than_it_can_remember_says_so_once_and_draws_the_beginning() {
    const PIECE: usize = 1 << 16;
    let folder = open_folder();
    let trace = folder.path().join("trace");
    let (server, port) = started(&program!().arg("--trace").arg(&trace));
    let mut stream = client(port);
    let (piece, mut answer) = (vec![b'x'; PIECE], vec![0; PIECE]);
    thread::scope(|scope| {
        let mut reading = stream.try_clone().expect("a socket");
        scope.spawn(move || (0..320).for_each(|_| reading.read_exact(&mut answer).expect("an answer")));
        (0..320).for_each(|_| stream.write_all(&piece).expect("a server that reads"));
    });
    let ended = ended_by(server, Signal::SIGTERM);
    ended.expect_code(0);
    assert_eq!(ended.stderr(), "tcp-server: the record of the run is full at 16384 KiB: pictures end here\n");
    let trace = Trace::read(&trace);
    assert!(trace.about["caveats"][0].as_str().is_some_and(|told| told.starts_with("the record was full at ")));
    assert!((8_000..16 << 10).contains(&trace.of("say").count()), "{}", trace.of("say").count());
}
