//! The report as a folder: whole, complete in itself, or not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use support::{Signal, open_folder, roxmltree};

use crate::{endless, object, only};

/// What the attribute of this name says, wherever it is.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begins = format!(" {attribute}=\"");
    page.split(begins.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("our own folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn it_has_a_page_for_each_section_and_a_picture_for_each_scene_and_needs_no_network() {
    let folder = open_folder();
    let (pages, report) = (folder.path().join("pages"), folder.path().join("tour.html"));
    for (lang, seed) in [("en", "tour seed 1,"), ("zh", "tour 种子 1,")] {
        let tour =
            only("race,ticket-mutex").args(["--lang", lang, "--export"]).arg(&pages).arg("--report").arg(&report);
        let printed = tour.run().expect_code(0).stdout();
        assert!(printed.contains(&pages.display().to_string()) && printed.contains(seed), "{printed}");
        let wanted = ["index.html", "pictures", "race.html", "report.html", "ticket-mutex.html"].map(str::to_owned);
        assert_eq!(names(&pages), wanted.into());
        for page in ["index.html", "race.html", "ticket-mutex.html"] {
            let text = fs::read_to_string(pages.join(page)).expect("a page");
            assert!(text.starts_with("<!doctype html>") && text.ends_with("</html>\n"), "{page} is whole");
            assert!(!text.contains("<script") && !text.contains("@import") && !text.contains("url("), "{page}");
            for to in values(&text, "href").into_iter().chain(values(&text, "src")).filter(|to| *to != "data:,") {
                assert!(pages.join(to).is_file(), "{page} leads to {to}");
            }
        }
        let race = fs::read_to_string(pages.join("race.html")).expect("a page");
        let scenes = ["mutex", "unlocked", "unlocked-slow", "atomic"];
        assert_eq!(values(&race, "src"), scenes.map(|scene| format!("pictures/race-{scene}.svg")));
        assert!(race.contains("<mark>    let _held = MUTEX.lock();"), "the key line of the listing is marked");
        for picture in names(&pages.join("pictures")) {
            let image = fs::read_to_string(pages.join("pictures").join(&picture)).expect("a picture");
            roxmltree::Document::parse(&image).unwrap_or_else(|error| panic!("{picture}: {error}"));
        }
        fs::remove_dir_all(&pages).expect("our own folder");
    }
}

#[test]
fn a_place_where_no_new_folder_can_be_is_refused_before_anything_runs() {
    let folder = open_folder();
    let [file, full, missing] = ["file", "full", "missing/pages"].map(|name| folder.path().join(name));
    fs::write(&file, "good").expect("room");
    fs::create_dir_all(full.join("inner")).expect("room");
    for (place, told) in [
        (file.clone(), "it is no folder"),
        (full, "it is not empty; name a new folder"),
        (missing, "there is no folder"),
        ("/proc/pages".into(), "no folder can be made in /proc"),
        ("/pages".into(), "no folder can be made in /: permission denied"),
    ] {
        let run = only("race").arg("--export").arg(&place).as_ordinary_user().run();
        run.expect_error(2, told);
        assert_eq!(run.stdout(), "", "nothing ran");
    }
    assert_eq!(fs::read_to_string(&file).expect("still there"), "good");
}

#[test]
fn when_the_disk_is_full_the_table_is_printed_and_no_half_folder_is_left() {
    let script = r#"
        "$1" --only ipc-queue --speed inf --lang en --export pages --report /dev/null/none > told; echo "code $?"
        "$1" --only ipc-queue --speed inf --lang en --export pages --report "$2/tour.html" > "$2/told"; echo "code $?"
        cat "$2/told" | tail -n 2; rm told; ls -A
    "#;
    let (program, other) = (support::assert_cmd::cargo::cargo_bin!(), open_folder());
    let Some((out, err)) = support::on_a_small_disk(script, &[program, other.path()]) else { return };
    let [refused, code, verdict, report, rest @ ..] = &out.lines().collect::<Vec<_>>()[..] else {
        panic!("{out}\n{err}")
    };
    assert_eq!((*refused, *code), ("code 2", "code 3"), "{out}\n{err}");
    assert!(verdict.starts_with("held: 1 of 1 section, ") && report.starts_with("report: "), "{out}\n{err}");
    assert!(rest.is_empty(), "nothing is left: {rest:?}");
    assert!(err.ends_with("tour: cannot write pages: no space left on device\n"), "{err}");
}

#[test]
fn a_tour_that_is_ended_or_killed_leaves_no_folder() {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let folder = open_folder();
        let tour = endless("spawn").arg("--export").arg(folder.path().join("pages"));
        let mut run = tour.arg("--report").arg(folder.path().join("tour.html")).start();
        run.line_with("── spawn");
        run.signal(signal);
        let _ = run.wait();
        assert_eq!(names(folder.path()), BTreeSet::new());
    }
}

#[test]
fn the_json_names_the_folder() {
    let folder = open_folder();
    let (pages, report) = (folder.path().join("pages"), folder.path().join("tour.html"));
    let tour = only("ipc-queue").args(["--format", "json", "--export"]).arg(&pages).arg("--report").arg(&report);
    let tour = object(&tour.run().expect_code(0).stdout());
    assert_eq!((&tour["export"], &tour["seed"]), (&pages.display().to_string().into(), &1.into()));
}
