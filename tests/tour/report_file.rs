//! Where the tour's report is written, and that a good one is never lost: the page itself is tested by `report.rs`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, Instant};

use support::Signal;

use crate::{endless, object, only};

#[test]
fn the_last_line_is_the_path_of_the_report_and_the_json_has_it_too() {
    let folder = support::open_folder();
    let report = folder.path().join("tour.html");
    let tour = only("ticket-mutex").args(["--lang", "en", "--report"]).arg(&report);
    let run = tour.run();
    let printed = run.expect_code(0).stdout();
    assert_eq!(printed.lines().last(), Some(format!("report: {}", report.display()).as_str()));
    let first = fs::read_to_string(&report).expect("a report");
    assert!(first.starts_with("<!doctype html>") && first.ends_with("</html>\n"), "a whole page");
    for part in
        ["the same ticket sold again", "user 8 bought ticket 5", "crates/ticket-mutex/src/store.rs", "买一张票有三步"]
    {
        assert!(first.contains(part), "{part}");
    }
    let object = object(&tour.args(["--format", "json"]).run().expect_code(0).stdout());
    assert_eq!(object["report"], report.display().to_string());
    assert_ne!(fs::read_to_string(&report).expect("a report"), first, "another tour, another report");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "and nothing beside it");
}

#[test]
fn a_path_does_no_harm_to_a_terminal_and_neither_does_a_name() {
    let harmful = "\u{1b}[2Jboo\n\u{9b}2J\u{202e}oob\u{2028}.html";
    let folder = support::open_folder();
    let report = folder.path().join(harmful);
    let tour = only("race").args(["--lang", "en", "--report"]).arg(&report);
    let run = tour.run();
    run.expect_code(0).expect_harmless().expect_text(&[r"/\u{1b}[2Jboo\n\u{9b}2J\u{202e}oob\u{2028}.html"]);
    let run = tour.args(["--format", "json"]).run();
    run.expect_code(0).expect_harmless();
    assert_eq!(object(&run.stdout())["report"], report.display().to_string(), "a program gets it as it is");
    let nowhere = only("race").arg("--report").arg(report.join("tour.html")).run();
    nowhere.expect_error(2, "cannot write").expect_harmless();
    only(harmful).run().expect_error(2, r"unknown section '\u{1b}[2Jboo\n").expect_harmless();
    support::program!().arg(harmful).run().expect_error(2, r"\u{1b}[2Jboo\n").expect_harmless();
}

#[test]
fn a_place_where_no_report_can_be_is_refused_before_anything_runs() {
    let folder = support::open_folder();
    let file = folder.path().join("file");
    fs::write(&file, "good").expect("room");
    for (place, told) in [
        (folder.path().join("missing/tour.html"), "there is no folder"),
        (folder.path().to_path_buf(), "it is a directory"),
        (file.join("tour.html"), "cannot write"),
        ("/proc/tour.html".into(), "cannot write /proc/tour.html"),
        ("/dev/full".into(), "it is not a regular file"),
    ] {
        let run = only("race").arg("--report").arg(&place).as_ordinary_user().run();
        run.expect_error(2, told);
        assert_eq!(run.stdout(), "", "nothing ran");
    }
    let run = only("race").arg("--report").arg("/tour.html").as_ordinary_user().run();
    run.expect_error(2, "no file can be made in /: permission denied");
    assert_eq!(fs::read_to_string(&file).expect("a file"), "good");
}

#[test]
fn when_the_disk_is_full_the_table_is_told_and_the_old_report_stays() {
    let script = r#"
        echo the old one > tour.html
        "$1" --only ipc-queue --speed inf --lang en --report tour.html > told; echo "code $?"
        tail -n 1 told; rm told; cat tour.html; ls -A
    "#;
    let program = support::assert_cmd::cargo::cargo_bin!();
    let Some((out, err)) = support::on_a_small_disk(script, &[program]) else { return };
    let [code, verdict, rest @ ..] = &out.lines().collect::<Vec<_>>()[..] else { panic!("{out}\n{err}") };
    assert!(*code == "code 3" && verdict.starts_with("held: 1 of 1 section, "), "{out}\n{err}");
    assert_eq!(rest, ["the old one", "tour.html"], "{err}");
    assert_eq!(err, "tour: cannot write tour.html: no space left on device\n");
}

#[test]
fn a_tour_that_is_ended_leaves_the_old_report_and_no_draft() {
    let folder = support::open_folder();
    let report = folder.path().join("tour.html");
    fs::write(&report, "the old one").expect("room");
    let mut run = endless("spawn").arg("--report").arg(&report).start();
    run.line_with("── spawn");
    run.signal(Signal::SIGTERM);
    run.wait().expect_error(143, "ended by SIGTERM");
    assert_eq!(fs::read_to_string(&report).expect("a file"), "the old one");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn open_shows_the_report_in_the_readers_browser_and_leaves_it_to_the_reader() {
    let folder = support::open_folder();
    let [report, browser, told] = ["tour.html", "browser", "told"].map(|name| folder.path().join(name));
    let script = format!("#!/bin/sh\necho \"$1\" > '{0}.new'\nmv '{0}.new' '{0}'\n", told.display());
    fs::write(&browser, script).expect("room");
    fs::set_permissions(&browser, PermissionsExt::from_mode(0o755)).expect("its own file");
    let tour = only("ipc-queue").arg("--open").arg("--report").arg(&report);
    tour.clone().env("BROWSER", format!("/nowhere/browser:{}", browser.display())).run().expect_code(0);
    let began = Instant::now();
    while !told.exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "the browser was not started");
        thread::park_timeout(Duration::from_millis(2));
    }
    assert_eq!(fs::read_to_string(&told).expect("a file").trim_end(), report.display().to_string());
    let without = tour.env("BROWSER", "/nowhere/browser").env("PATH", "").run();
    without.expect_error(2, "no browser is found; set BROWSER, or install xdg-open");
    assert_eq!(without.stdout(), "", "nothing ran");
}
