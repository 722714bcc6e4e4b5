//! What the journal says about clients: accepted, served by which thread, closed.

use support::Signal;

use crate::{ask, client, ended_by, in_json_lines, of, with_each_model};

#[test]
fn every_client_is_accepted_and_closed_with_what_it_moved() {
    with_each_model(|model| {
        let (server, port) = in_json_lines(&of(model));
        let (first, second) = (client(port), client(port));
        ask(&first, b"hello", b"HELLO");
        ask(&second, b"you", b"YOU");
        let names = [&first, &second].map(|stream| format!("client {}", stream.local_addr().expect("one").port()));
        drop(first);
        let ended = ended_by(server, Signal::SIGTERM);
        let record = ended.record();
        for (name, bytes) in names.iter().zip([5, 3]) {
            let accepted: Vec<_> = record.marked("accepted").filter(|mark| mark["on"] == **name).collect();
            let closed: Vec<_> = record.marked("closed").filter(|mark| mark["on"] == **name).collect();
            assert_eq!((accepted.len(), closed.len()), (1, 1), "{name}");
            assert_eq!((&closed[0]["received"], &closed[0]["sent"]), (&bytes.into(), &bytes.into()));
            assert!(accepted[0]["t"].as_u64() <= closed[0]["t"].as_u64());
        }
    });
}

#[test]
fn a_thread_serves_its_client_in_a_span_and_a_loop_has_none() {
    let served_by = |model: &str| {
        let (server, port) =
            in_json_lines(&of(model).args(if model == "threads" { vec![] } else { vec!["--workers", "1"] }));
        let stream = client(port);
        ask(&stream, b"hello", b"HELLO");
        let name = format!("client {}", stream.local_addr().expect("an address").port());
        drop(stream);
        let record = ended_by(server, Signal::SIGTERM).record();
        let spans: Vec<_> = record.doing("connection").map(|span| (span.actor.clone(), span.on.clone())).collect();
        let closer = record.marked("closed").next().map(|mark| mark["actor"].as_str().unwrap_or_default().to_owned());
        (spans, closer.expect("a closed connection"), name)
    };
    let (spans, closer, name) = served_by("threads");
    assert_eq!((spans, &closer), (vec![(name.clone(), name.clone())], &name));
    let (spans, closer, name) = served_by("pool");
    assert_eq!((spans, closer.as_str()), (vec![("worker 1".to_owned(), name)], "worker 1"));
    let (spans, closer, _) = served_by("events");
    assert_eq!((spans, closer.as_str()), (vec![], "loop 1"));
}
