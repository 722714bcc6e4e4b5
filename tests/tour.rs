//! What `tour` promises: every section a row, whatever becomes of it, and every section by its name.

#[path = "tour/blocking.rs"]
mod blocking;
#[path = "tour/chinese.rs"]
mod chinese;
#[path = "tour/chinese_errors.rs"]
mod chinese_errors;
#[path = "tour/early.rs"]
mod early;
#[path = "tour/export.rs"]
mod export;
#[path = "tour/failures.rs"]
mod failures;
#[path = "tour/on_a_terminal.rs"]
mod on_a_terminal;
#[path = "tour/predictions.rs"]
mod predictions;
#[path = "tour/read_aloud.rs"]
mod read_aloud;
#[path = "tour/report_file.rs"]
mod report_file;
#[path = "tour/stopped.rs"]
mod stopped;
#[path = "tour/tcp_pair.rs"]
mod tcp_pair;
#[path = "tour/widths.rs"]
mod widths;

use support::serde_json::{self, Value};
use support::{Program, program};

/// The sections in the notes' order.
fn names() -> Vec<String> {
    support::sections().into_iter().map(|section| section.name).collect()
}

/// A tour of some sections without delays.
fn only(sections: &str) -> Program {
    program!().args(["--speed", "inf", "--only", sections])
}

/// A tour of some sections with delays that no test waits for.
fn endless(sections: &str) -> Program {
    program!().args(["--speed", "0.01", "--lang", "en", "--only", sections])
}

fn object(printed: &str) -> Value {
    assert_eq!(printed.lines().count(), 1, "one object was expected:\n{printed}");
    serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}:\n{printed}"))
}

/// The rows of the JSON.
fn rows(tour: &Value) -> &[Value] {
    tour["sections"].as_array().unwrap_or_else(|| panic!("a list of sections was expected: {tour}"))
}

/// The rows of the table, each as its cells.
fn cells(printed: &str) -> Vec<Vec<&str>> {
    let rows = printed.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn every_section_is_a_row_in_the_notes_order_and_holds() {
    // Without a Python, which takes its time: cpu-io says so, and goes on.
    let run = program!().args(["--speed", "inf", "--lang", "en"]).env("PATH", "").run();
    run.expect_code(0);
    let printed = run.stdout();
    let rows = cells(&printed);
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), names(), "{printed}");
    let mut seconds = 0.0;
    for (row, section) in rows.iter().zip(support::sections()) {
        let [_, lesson, held, measured, time] = row[..] else { panic!("{row:?}") };
        let (held, made) = held.split_once(" of ").unwrap_or_else(|| panic!("{row:?}"));
        // A machine that is busy with something else gives no verdict on a speed.
        let (made, open) = made.split_once(", ").unwrap_or((made, "0 without a verdict"));
        let open = open.strip_suffix(" without a verdict").unwrap_or_else(|| panic!("{row:?}"));
        let [held, made, open] = [held, made, open].map(|number| number.parse::<u32>().expect("a number"));
        assert!(held > 0 && held + open == made, "{row:?}");
        assert!(!lesson.is_empty() && measured.contains(|letter: char| letter.is_ascii_digit()), "{row:?}");
        assert_eq!(measured.split("; ").count(), section.figures, "{row:?}");
        let time = time.strip_suffix(" s").and_then(|time| time.parse::<f64>().ok());
        seconds += time.unwrap_or_else(|| panic!("{row:?}"));
    }
    // One section alone may be done sooner than a table can tell.
    assert!(seconds > 0.0, "{printed}");
    let [.., verdict, report] = printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert!(verdict.starts_with(&format!("held: {0} of {0} sections, ", names().len())), "{printed}");
    assert!(report.starts_with("report: ") && report.ends_with("data/tour.html"), "{printed}");
    let began = printed.lines().filter_map(|line| line.strip_prefix("── "));
    assert_eq!(began.collect::<Vec<_>>(), names());
}

#[test]
fn the_rows_of_the_table_end_below_each_other_in_both_languages() {
    for lang in ["en", "zh"] {
        let run = only("ipc-queue,daemon").args(["--lang", lang]).run();
        let printed = run.expect_code(0).stdout();
        let table: Vec<_> = printed.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(table.len(), 4);
        for line in &table {
            // A Chinese character takes two columns, and three bytes.
            let columns: usize = line.chars().map(|letter| if letter.len_utf8() == 3 { 2 } else { 1 }).sum();
            let dashes = line.matches('–').count();
            assert_eq!(columns - dashes, table[1].len(), "{printed}");
        }
    }
}

#[test]
fn the_json_is_one_object_with_every_sections_whole_report() {
    let run = only("daemon,ticket-mutex").args(["--format", "json", "--seed", "7", "--lang", "en"]).run();
    let tour = object(&run.expect_code(0).stdout());
    assert_eq!((&tour["held"], &tour["seed"], &tour["speed"]), (&true.into(), &7.into(), &"inf".into()));
    assert!(tour["elapsed_ms"].as_f64() > Some(0.0));
    let [daemon, tickets] = rows(&tour) else { panic!("{tour}") };
    assert_eq!((&daemon["section"], &tickets["section"]), (&"daemon".into(), &"ticket-mutex".into()));
    for row in [daemon, tickets] {
        assert_eq!((&row["held"], &row["outcome"], &row["error"]), (&true.into(), &"held".into(), &Value::Null));
        assert_eq!((&row["report"]["section"], &row["report"]["seed"]), (&row["section"], &7.into()));
        let scenes = row["report"]["scenes"].as_array().expect("scenes");
        let checks: usize = scenes.iter().filter_map(|scene| scene["checks"].as_array().map(Vec::len)).sum();
        assert_eq!((&row["claims"]["made"], &row["claims"]["held"]), (&checks.into(), &checks.into()));
        for figure in row["figures"].as_array().expect("figures") {
            let scene = scenes.iter().find(|scene| scene["scene"] == figure["scene"]).expect("a scene of the report");
            assert_eq!(scene["figures"][figure["name"].as_str().expect("a name")]["value"], figure["value"]);
        }
    }
    let sold = &tickets["figures"][0];
    assert_eq!((&sold["name"], &sold["value"], &sold["unit"]), (&"sold".into(), &5.into(), &"tickets".into()));
}

#[test]
fn it_speaks_the_language_of_its_sections() {
    let run = only("ticket-mutex").args(["--lang", "zh"]).run();
    run.expect_code(0).expect_text(&["章节", "有锁,就没有一张票会卖两次", "剩余 0", "全部成立:1 节中 1 节成立"]);
    let tour = object(&only("ticket-mutex").args(["--lang", "zh", "--format", "json"]).run().expect_code(0).stdout());
    let check = &rows(&tour)[0]["report"]["scenes"][0]["checks"][0];
    assert!(check["claim"].as_str().is_some_and(|claim| claim.contains("票")), "{check}");
}

#[test]
fn sections_are_left_out_and_picked_in_the_notes_order_and_server_and_client_go_together() {
    let visited = |arguments: &[&str]| {
        let run = program!().args(["--speed", "inf", "--format", "json"]).args(arguments).run();
        let tour = object(&run.expect_code(0).stdout());
        rows(&tour).iter().filter_map(|row| row["section"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(visited(&["--only", "ipc-queue", "--only", "daemon"]), ["daemon", "ipc-queue"]);
    assert_eq!(visited(&["--only", "ipc-queue,race,daemon", "--skip", "race"]), ["daemon", "ipc-queue"]);
    assert_eq!(visited(&["--only", "tcp-client"]), ["tcp-server", "tcp-client"]);
    assert_eq!(visited(&["--only", "tcp-server,daemon", "--skip", "tcp-client"]), ["daemon"]);
}

#[test]
fn unknown_names_are_refused_before_anything_runs() {
    for (arguments, told) in [
        (&["--only", "nope"][..], "unknown section 'nope'; the sections are spawn, zombie, "),
        (&["--skip", "race,nope"], "unknown section 'nope'"),
        (&["nope", "--threads", "5"], "unknown section 'nope'"),
        (&["--speed", "inf", "race"], "a section's name comes first: tour race"),
        (&["--only", "race", "--skip", "race"], "--skip leaves out every section that --only asks for"),
        (&["--speed", "0"], "a speed is a number from 0.01 up"),
        (&["--seed", "-1"], "--seed"),
        (&["--deadline", "0"], "--deadline"),
        (&["--format", "jsonl"], "--format"),
        (&["--fast"], "--fast"),
    ] {
        let run = program!().args(arguments).run();
        run.expect_error(2, told);
        assert_eq!(run.stdout(), "");
    }
}

#[test]
fn a_section_by_name_is_its_own_program() {
    let report = program!()
        .args(["race", "--threads", "40", "--rounds", "9", "--speed", "inf", "--format", "json"])
        .run()
        .expect_held();
    assert_eq!(report.scenes(), ["mutex", "unlocked", "unlocked-slow", "atomic"]);
    assert_eq!(report.figure("unlocked-slow", "left_when_forced"), 39);
    let run = program!().args(["race", "--speed", "inf", "--scene", "atomic", "--seed", "7", "--lang", "en"]).run();
    assert!(run.expect_code(0).stdout().starts_with("race seed 7, speed inf\n── atomic\n"), "{}", run.stdout());
    let help = program!().args(["race", "--help"]).run();
    help.expect_code(0).expect_text(&["180 threads, one counter", "Usage: race [OPTIONS]"]);
}

#[test]
fn a_section_by_name_fails_as_its_own_program_does() {
    let scene = program!().args(["race", "--scene", "nope"]).run();
    scene.expect_error(2, "race: unknown scene 'nope'");
    program!().args(["tcp-client", "--port", "0"]).run().expect_error(2, "tcp-client: ");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    program!().args(["tcp-server", "--port", &port]).run().expect_error(3, "tcp-server: cannot listen on");
    program!().args(["race", "--speed", "inf"]).expect_quiet_without_reader();
}

#[test]
fn a_section_by_name_ends_on_a_signal_as_its_own_program_does() {
    program!().args(["spawn", "--speed", "0.01", "--lang", "en"]).expect_clean_ends("── function");
}

#[test]
fn a_signal_ends_it_and_its_section() {
    endless("spawn").expect_clean_ends("── spawn");
}

#[test]
fn a_signal_ends_server_and_client() {
    endless("tcp-client").expect_clean_ends("── tcp-client");
}

#[test]
fn a_closed_output_is_no_failure() {
    only("daemon").expect_quiet_without_reader();
    only("daemon").args(["--format", "json"]).expect_quiet_without_reader();
}

#[test]
fn the_help_names_its_options_with_examples() {
    let help = program!().arg("--help").run();
    help.expect_code(0).expect_text(&[
        "Each section runs",
        "Examples:",
        "--only",
        "--skip",
        "--deadline",
        "--report",
        "--open",
        "tour race",
    ]);
}
