//! The pictures of a run: what they say of a real one, and when they are refused.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use support::serde_json::Value;
use support::{Ended, Program, Trace, open_folder, program, roxmltree};

use crate::Tickets;

fn quick(tickets: &Tickets) -> Program {
    tickets.program().args(["--speed", "inf"])
}

/// The lines of the timeline, with its title and its legend.
fn timeline(run: &Ended) -> Vec<String> {
    let printed = run.stdout();
    let lines = printed.lines().skip_while(|line| !line.contains("timeline"));
    lines.take_while(|line| !line.starts_with("held:")).map(str::to_owned).collect()
}

#[test]
fn the_timeline_has_a_lane_for_every_buyer_and_comes_before_the_verdict() {
    let tickets = Tickets::none();
    let run = tickets.program().args(["--speed", "100", "--timeline"]).env("COLUMNS", "60").run();
    let lines = timeline(run.expect_code(0));
    let names: Vec<_> = (1..=8).map(|number| format!("user {number}")).collect();
    for name in ["main"].into_iter().chain(names.iter().map(String::as_str)) {
        assert_eq!(lines.iter().filter(|line| line.starts_with(&format!("{name} "))).count(), 1, "{lines:#?}");
    }
    assert!(lines.iter().all(|line| line.chars().count() <= 60), "{lines:#?}");
    assert!(run.stdout().lines().last().is_some_and(|line| line.starts_with("held:")));
}

#[test]
fn a_dumb_terminal_gets_a_timeline_of_ascii() {
    let tickets = Tickets::none();
    let run = quick(&tickets).args(["--timeline"]).env("TERM", "dumb").run();
    let lines = timeline(run.expect_code(0));
    assert!(lines.len() > 9 && lines.iter().all(|line| line.is_ascii() && !line.contains('\u{1b}')), "{lines:#?}");
}

#[test]
fn the_trace_of_a_real_run_is_as_its_format_says() {
    let tickets = Tickets::none();
    let path = tickets.folder.path().join("trace.json");
    tickets.program().args(["--speed", "100"]).arg("--trace").arg(&path).run().expect_code(0);
    let trace = Trace::read(&path);
    assert_eq!(trace.names.len(), 9, "{:?}", trace.names);
    // Eight buyers hold the lock one by one.
    assert_eq!(trace.arrows("tickets.json"), 7);
    assert_eq!(trace.of("say").count(), 16, "eight queries and eight answers");
    assert_eq!(trace.of("life").filter(|life| life["args"]["exit"] == "code 0").count(), 8);
    let at = |event: &Value| event["args"]["at"].as_str().unwrap_or_default().to_owned();
    let by_the_section = trace.of("hold").filter(|hold| at(hold).starts_with("crates/ticket-mutex/src/"));
    assert!(by_the_section.count() >= 8, "{:?}", trace.events);
}

#[test]
fn the_image_is_written_too_and_nothing_else_is_left() {
    let tickets = Tickets::none();
    let path = tickets.folder.path().join("run.svg");
    fs::write(&path, "an older one").expect("our own folder");
    quick(&tickets).arg("--svg").arg(&path).args(["--format", "json"]).run().expect_held();
    let image = fs::read_to_string(&path).expect("an image");
    let image = roxmltree::Document::parse(&image).expect("XML");
    let told: Vec<_> = image.root_element().children().filter(roxmltree::Node::is_element).take(2).collect();
    assert_eq!([told[0].tag_name().name(), told[1].tag_name().name()], ["title", "desc"]);
    assert!(image.descendants().any(|text| text.has_tag_name("text") && text.text() == Some("user 8")));
    let files: Vec<_> = tickets.everything().into_iter().map(|(path, _)| path).collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

#[test]
fn a_link_stays_a_link_to_the_new_file() {
    let tickets = Tickets::none();
    let (path, link) = (tickets.folder.path().join("real"), tickets.folder.path().join("link"));
    fs::write(&path, "").expect("our own folder");
    symlink(&path, &link).expect("our own folder");
    quick(&tickets).arg("--trace").arg(&link).run().expect_code(0);
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert!(!Trace::read(&path).events.is_empty());
}

#[test]
fn a_link_to_no_file_yet_becomes_a_link_to_the_new_file() {
    let tickets = Tickets::none();
    let folder = tickets.folder.path();
    fs::create_dir(folder.join("elsewhere")).expect("our own folder");
    for option in ["--trace", "--svg"] {
        let link = folder.join(format!("link{option}"));
        symlink(format!("elsewhere/new{option}"), &link).expect("our own folder");
        quick(&tickets).arg(option).arg(&link).run().expect_code(0);
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink(), "{option}");
        assert!(fs::metadata(folder.join(format!("elsewhere/new{option}"))).expect("a file").len() > 0, "{option}");
    }
    // By two names, and before it is there, it is one file.
    symlink("elsewhere/both", folder.join("one")).expect("our own folder");
    let both = quick(&tickets).arg("--trace").arg(folder.join("one")).arg("--svg").arg(folder.join("elsewhere/both"));
    refused(&tickets, &both, "--trace and --svg name the same file");
}

#[test]
fn an_image_has_the_owner_and_the_rights_of_the_older_one() {
    let tickets = Tickets::none();
    let path = tickets.folder.path().join("image");
    fs::write(&path, "older").expect("our own folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("our own file");
    // Root may give it away. Any other user has it already.
    let owner = if fs::metadata("/proc/self").expect("/proc").uid() == 0 { Some(65534) } else { None };
    chown(&path, owner, owner).expect("our own file");
    let before = fs::metadata(&path).expect("our own file");
    quick(&tickets).arg("--svg").arg(&path).run().expect_code(0);
    let after = fs::metadata(&path).expect("the image");
    assert!(after.len() > before.len());
    assert_eq!((after.uid(), after.gid(), after.mode()), (before.uid(), before.gid(), before.mode()));
    // Here a new file would belong to another user, who then decides over it.
    if owner.is_some() {
        chown(&path, Some(0), Some(0)).expect("our own file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("our own file");
        let program = quick(&tickets).arg("--svg").arg(&path).as_ordinary_user();
        refused(&tickets, &program, "a new file cannot have its owner and its rights: operation not permitted");
    }
}

/// Asserts that `program` is refused before the run: one line, code 2, and nothing has changed.
#[track_caller]
fn refused(tickets: &Tickets, program: &Program, message: &str) {
    let before = tickets.everything();
    let run = program.run();
    run.expect_error(2, message);
    assert_eq!(run.stdout(), "");
    assert_eq!(tickets.everything(), before);
}

#[test]
fn a_file_that_cannot_be_is_refused_before_the_run() {
    // A pipe must not lie where the test reads every file.
    let (tickets, folder) = (Tickets::none(), open_folder());
    let folder = folder.path();
    Command::new("mkfifo").arg(folder.join("pipe")).status().expect("mkfifo");
    fs::write(folder.join("file"), "").expect("our own folder");
    let cases = [
        ("no/such", "there is no folder"),
        ("", "it is a directory"),
        ("pipe", "it is not a regular file"),
        ("new/", "it names no file"),
        ("file/new", "not a directory"),
        ("dangling", "there is no folder"),
        ("circle", "too many levels of symbolic links"),
    ];
    symlink("no/such", folder.join("dangling")).expect("our own folder");
    symlink("circle", folder.join("circle")).expect("our own folder");
    for option in ["--trace", "--svg"] {
        for (name, message) in cases {
            refused(&tickets, &quick(&tickets).arg(option).arg(folder.join(name)), message);
        }
        refused(&tickets, &quick(&tickets).args([option, ""]), "a value is required");
        refused(
            &tickets,
            &quick(&tickets).args([option, "/dev/null"]),
            "cannot write /dev/null: it is not a regular file",
        );
    }
}

#[test]
fn a_folder_or_a_file_that_may_not_be_written_to_is_refused_before_the_run() {
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own");
    let (tickets, closed) = (Tickets::none(), open_folder());
    let program = |path: &Path| quick(&tickets).arg("--svg").arg(path).as_ordinary_user();
    let file = closed.path().join("file");
    fs::write(&file, "precious").expect("our own folder");
    set(&file, 0o444);
    refused(&tickets, &program(&file), "it may not be written to");
    set(closed.path(), 0o555);
    refused(&tickets, &program(&closed.path().join("new")), "permission denied");
    set(closed.path(), 0o777);
    assert_eq!(fs::read_to_string(&file).expect("still there"), "precious");
}

#[test]
fn a_folder_that_only_looks_as_if_it_could_be_written_to_is_refused_before_the_run() {
    let tickets = Tickets::none();
    refused(&tickets, &quick(&tickets).args(["--trace", "/proc/new"]), "no file can be made in /proc: ");
}

#[test]
fn a_picture_that_may_not_grow_is_an_error_and_the_older_file_stays() {
    let tickets = Tickets::none();
    let file = tickets.folder.path().join("image");
    fs::write(&file, "older").expect("our own folder");
    // Twice the journal of a command, and a fraction of its image.
    let program = quick(&tickets).arg("--svg").arg(&file).args(["restock", "5"]).limit("fsize", 3_000);
    let run = program.run();
    run.expect_error(3, "image: file too large");
    assert_eq!(fs::read_to_string(&file).expect("still there"), "older");
    assert!(tickets.everything().iter().all(|(path, _)| !path.to_string_lossy().contains(".image.")));
    // Where not even the journal finds room, the run cannot be.
    let run = quick(&tickets).args(["--format", "json"]).limit("fsize", 2_000).run();
    run.expect_error(3, "file too large");
}

#[test]
fn options_that_do_not_go_together_say_so() {
    let tickets = Tickets::none();
    let file = tickets.folder.path().join("one");
    let both = quick(&tickets).arg("--trace").arg(&file).arg("--svg").arg(&file);
    refused(&tickets, &both, "--trace and --svg name the same file");
    for format in ["json", "jsonl"] {
        let program = quick(&tickets).args(["--timeline", "--format", format]);
        refused(&tickets, &program, "--timeline is text, and --format asks for JSON");
    }
    refused(&tickets, &quick(&tickets).args(["--timeline", "query"]), "a command plays none");
}

#[test]
fn a_full_disk_is_said_and_the_older_file_stays() {
    let tickets = Tickets::none();
    let program = support::assert_cmd::cargo::cargo_bin!();
    let script = r#"
        echo older > trace; head -c 1000000 /dev/zero > filling 2>/dev/null
        "$1" --file "$2" --speed inf --trace trace >/dev/null; echo "code $?"
        cat trace; ls -A
    "#;
    let Some((out, err)) = support::on_a_small_disk(script, &[program, &tickets.path()]) else { return };
    assert_eq!(out, "code 3\nolder\nfilling\ntrace\n", "{err}");
    assert_eq!(err, "ticket-mutex: cannot write trace: no space left on device\n");
}

#[test]
fn the_help_names_the_pictures_among_the_options_of_every_section() {
    let help = program!().arg("--help").run().stdout();
    let common = help.split("Options of every section").nth(1).expect("the heading");
    for option in ["--scene", "--timeline", "--trace <FILE>", "--svg <FILE>"] {
        assert!(common.contains(option), "{option} in:\n{help}");
    }
    assert_eq!(help.matches("Options of every section").count(), 1, "{help}");
}
