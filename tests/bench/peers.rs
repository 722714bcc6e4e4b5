//! Peers that are missing, wrong or stuck.

use support::serde_json::Value;

use super::{cells, list, object, only, python, python_that, small};

#[test]
fn without_python_ours_is_measured_and_the_peer_is_said_to_be_missing() {
    let program = only(small(), &["start and join"]);
    let run = program.run();
    run.expect_error(1, "not every row was measured");
    let table = run.stdout();
    let row = cells(&table, 2);
    assert!(row[2].ends_with('s') && row[2].contains(" – "), "{row:?}");
    assert_eq!(row[3..], ["Python's Process", "python3 is missing", "–", "at least 8 ×", "–"]);
    let found = object(&program.arg("--json").run().expect_code(1).stdout());
    let row = &list(&found["rows"])[1];
    assert_eq!((&row["peer"]["missing"], &found["complete"]), (&"python3 is missing".into(), &false.into()));
    assert_eq!((&row["ratio"], &row["reached"]), (&Value::Null, &Value::Null));
    assert_eq!(list(&row["ours"]["rounds"]).len(), 1);
}

#[test]
fn without_python_the_notes_server_is_said_to_be_missing() {
    let run = only(small(), &["tcp threads, 64 connections against the notes'"]).run();
    run.expect_error(1, "not every row was measured");
    let table = run.stdout();
    let row = cells(&table, 1);
    assert!(row[2].ends_with("/s"), "{row:?}");
    assert_eq!(row[3..], ["the notes' in Python", "python3 is missing", "–", "at least 2 ×", "–"]);
}

#[test]
fn a_peer_that_does_not_do_its_part_is_told() {
    let cases = [
        ("exit 7", "FAILED: ended with code 7"),
        ("echo not json", "FAILED: no answer: \"not json\""),
        ("echo '{\"error\": \"the sum is 3 and must be 4\"}'", "FAILED: the sum is 3 and must be 4"),
        ("echo '{\"count\": 1, \"seconds\": 0}'", "FAILED: 1 in 0 s is no measurement"),
        ("echo '{\"count\": 1, \"seconds\": 1}'; exit 9", "FAILED: ended with code 9"),
        ("kill -KILL $$", "FAILED: ended with signal SIGKILL"),
    ];
    for (script, told) in cases {
        let folder = python_that(script);
        let run = only(small(), &["Python's Process"]).env("PATH", folder.path()).run();
        run.expect_error(1, "not every row").expect_text(&[told, "\n- Python 0\n"]);
    }
}

#[test]
fn a_peer_that_hangs_is_ended_with_its_children() {
    let folder = python_that("trap '' TERM; /bin/sleep 1000 & /bin/sleep 1000");
    let program = only(small().args(["--deadline", "1"]), &["Python's Process"]);
    let run = program.env("PATH", folder.path()).run();
    run.expect_error(1, "not every row").expect_text(&["FAILED: not done after 1 s, and ended"]);
}

#[test]
fn a_python_that_hangs_at_once_is_told_too() {
    let folder = python("exec /bin/sleep 1000");
    let program = only(small().args(["--deadline", "1"]), &["waitid"]);
    let run = program.env("PATH", folder.path()).run();
    run.expect_code(0).expect_text(&["\n- python3: not done after 1 s"]);
}
