//! The rows of the TCP servers.

use support::serde_json::Value;

use super::{cells, list, object, only, small};

#[test]
fn one_client_asks_the_servers_and_the_slowest_answers_have_a_table() {
    let program = only(small(), &["tcp events, 64 connections against tokio", "tcp pool, 1 connection against tokio"]);
    let found = object(&program.clone().arg("--json").run().expect_code(0).stdout());
    for row in list(&found["rows"]) {
        assert_eq!(row["unit"], "answers/s");
        for side in ["ours", "peer"] {
            let sample = &list(&row[side]["rounds"])[0];
            let (count, p99) = (sample["count"].as_f64().unwrap(), sample["p99_seconds"].as_f64().unwrap());
            assert!(count > 0.0 && p99 > 0.0, "{row}");
            assert!(sample["seconds"].as_f64() >= Some(0.005), "{row}");
        }
    }
    assert_eq!(list(&found["rows"])[0]["wanted"], Value::Null);
    let run = program.run();
    run.expect_code(0).expect_text(&["at least 1 ×"]);
    let page = run.stdout();
    let (_, slowest) = page.split_once("## The slowest answers\n\n99 of 100 ").expect("a second table");
    for (number, what) in [(1, "tcp pool, 1 connection"), (2, "tcp events, 64 connections")] {
        let row = cells(slowest, number);
        assert_eq!((row[1], row[3]), (what, "tokio"));
        assert!([row[2], row[4]].iter().all(|time| time.ends_with('s') && time.contains(" – ")), "{row:?}");
    }
}

#[test]
fn what_a_server_takes_is_told_in_bytes_and_held_against_what_is_wanted() {
    let run = only(small().args(["--soak", "1", "--json"]), &["tcp events, soak", "tcp threads, memory"]).run();
    let found = object(&run.expect_code(0).stdout());
    let [memory, soak] = list(&found["rows"]) else { panic!("{found}") };
    // A program, and 5,000 threads that have a kilobyte each at the very least.
    assert!(memory["ours"]["value"]["median"].as_f64() > Some(5e6), "{memory}");
    assert_eq!((&memory["unit"], &memory["reached"]), (&"bytes".into(), &Value::Null));
    assert!(soak["ours"]["rounds"][0]["seconds"].as_f64() >= Some(1.0), "{soak}");
    assert_eq!(soak["wanted"]["ours_below"].as_f64(), Some(1_048_576.0));
}
