//! The notes' client as a listing: with the listing of the notes' server, and without its key line.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use support::echo::{Server, answer_one};
use support::{Program, Signal, listing, listing_without_key_line};

#[test]
fn the_listings_of_client_and_server_talk_to_each_other() {
    let mut server = listing_of_the_server().arg("0").start();
    let line = server.line_with("listening on ");
    let address = line.rsplit(' ').next().expect("an address").trim();
    let run = listing!("hello").args([address, "3"]).run();
    assert_eq!(run.expect_code(0).stdout(), "HELLO\nHELLO\nHELLO\n");
    server.signal(Signal::SIGTERM);
    let ended = server.wait();
    assert_eq!(ended.stdout(), format!("listening on {address}\nhello\nhello\nhello\n"));
    assert_eq!(ended.signal(), Some(Signal::SIGTERM), "it has no end of its own");
}

fn listing_of_the_server() -> Program {
    let section = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("tcp-server");
    support::listing::program(section.to_str().expect("a path"), env!("CARGO_TARGET_TMPDIR"), "echo_server")
}

#[test]
fn the_listing_reads_a_whole_answer_and_without_its_key_line_the_piece_that_came() {
    let server = Server::start([answer_one]); // byte by byte
    let run = listing!("hello").args([&server.address.to_string(), "1"]).run();
    assert_eq!(run.expect_code(0).stdout(), "HELLO\n");
    server.join();

    let server = Server::start([keep_half_an_answer_until_the_next_message]);
    let run = listing_without_key_line!("hello").args([&server.address.to_string(), "2"]).run();
    assert_eq!(run.expect_code(0).stdout(), "HEL\0\0\nLO\0\0\0\n");
    server.join();
}

fn keep_half_an_answer_until_the_next_message(mut stream: TcpStream) {
    for half in ["HEL", "LO"] {
        stream.read_exact(&mut [0; 5]).expect("hello");
        stream.write_all(half.as_bytes()).expect("a client that reads");
    }
}

#[test]
fn the_listing_ends_when_the_server_goes() {
    let server = Server::start([answer_one]);
    let run = listing!("hello").arg(server.address.to_string()).run();
    assert_eq!(run.expect_code(1).stdout(), "HELLO\n");
    server.join();
}
