//! A tour that is ended early leaves what was done.

use std::fs;
use std::path::Path;

use support::{Ended, Signal, open_folder};

use crate::failures::process_of;
use crate::{cells, endless, names, object, rows};

/// A tour of every section, each of which hangs and is a row after a second, that is ended while the second one runs
/// or a later one.
fn ended_early(signal: Signal, format: &str, report: &Path) -> Ended {
    let tour = endless(&names().join(",")).args(["--deadline", "1", "--format", format, "--report"]).arg(report);
    let tour = tour.start();
    assert!(process_of(tour.pid().as_raw(), &names()[1]).is_some(), "the second section begins");
    tour.signal(signal);
    tour.wait()
}

#[test]
fn a_signal_after_some_sections_leaves_their_table_and_their_report() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let folder = open_folder();
        let report = folder.path().join("tour.html");
        let run = ended_early(signal, "text", &report);
        run.expect_error(code, &format!("ended by {signal}"));
        let printed = run.stdout();
        let table = cells(&printed);
        assert!(!table.is_empty() && table[0][0] == names()[0], "{printed}");
        let verdict = format!("ended early: {} of {} sections done, 0 of them held, ", table.len(), names().len());
        assert!(printed.lines().any(|line| line.starts_with(&verdict)), "{printed}");
        assert_eq!(printed.lines().last(), Some(format!("report: {}", report.display()).as_str()));
        let page = fs::read_to_string(&report).expect("a report");
        assert!(page.ends_with("</html>\n") && page.contains(&format!("\"asked\":{}", names().len())), "a whole page");
    }
}

#[test]
fn the_json_of_a_tour_that_was_ended_has_the_sections_that_were_done_and_has_not_held() {
    let folder = open_folder();
    let run = ended_early(Signal::SIGINT, "json", &folder.path().join("tour.html"));
    let tour = object(&run.expect_code(130).stdout());
    assert_eq!((&tour["held"], &tour["asked"]), (&false.into(), &names().len().into()));
    assert_eq!(rows(&tour)[0]["section"], names()[0]);
    assert!(rows(&tour).len() < names().len(), "{tour}");
}
