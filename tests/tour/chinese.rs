//! A Chinese run says nothing in English but names: of commands, options, scenes and signals, and of what stands in code.

use support::chinese::expect_no_english;
use support::{Ended, Program, Running, Signal, program, tempfile};

/// The names of the sections and of a section's scenes and commands, as the user types them, word by word.
pub(crate) fn typed(printed: &str) -> Vec<String> {
    let scenes = printed.lines().filter_map(|line| line.strip_prefix("── ")).map(str::to_owned);
    let names = super::names().into_iter().chain(scenes);
    names.flat_map(|name| name.split(['-', ' ', ':']).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The texts of an image: what is drawn, and what is said of it.
fn texts_of_image(image: &str) -> String {
    let image = support::roxmltree::Document::parse(image).expect("XML");
    let elements = image.descendants().filter(|node| node.is_element() && !node.has_tag_name("style"));
    let texts: Vec<_> = elements.filter_map(|node| node.text()).collect();
    texts.join("\n")
}

/// The names of all that a trace shows.
fn texts_of_trace(trace: &str) -> String {
    let trace: support::serde_json::Value = support::serde_json::from_str(trace).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    let shown = events.iter().map(|event| if event["ph"] == "M" { &event["args"]["name"] } else { &event["name"] });
    let shown: Vec<_> = shown.filter_map(support::serde_json::Value::as_str).collect();
    shown.join("\n")
}

/// A section's own program in Chinese.
fn section(name: &str) -> Program {
    program!().args([name, "--lang", "zh"]).env("COLUMNS", "100")
}

/// The options that keep a run short.
fn short(name: &str) -> &'static [&'static str] {
    match name {
        "cpu-io" => &["--tasks", "3", "--work", "1000", "--io", "2"],
        "race" => &["--threads", "9", "--rounds", "5"],
        _ => &[],
    }
}

fn expect_no_english_of_a_run(name: &str, run: &Ended, folder: &std::path::Path) {
    let printed = run.stdout();
    let names = typed(&printed);
    expect_no_english(name, &printed, &names);
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).expect("a picture");
    expect_no_english(&format!("the image of {name}"), &texts_of_image(&read("run.svg")), &names);
    expect_no_english(&format!("the trace of {name}"), &texts_of_trace(&read("run.trace")), &names);
}

fn pictures(program: Program, folder: &std::path::Path) -> Program {
    program.args(["--timeline", "--svg", "run.svg", "--trace", "run.trace"]).in_folder(folder)
}

#[test]
fn no_section_speaks_english_in_a_chinese_run() {
    for name in super::names().into_iter().filter(|name| !name.starts_with("tcp-")) {
        let folder = tempfile::tempdir().expect("a folder");
        let run = pictures(section(&name).args(["--speed", "inf"]).args(short(&name)), folder.path()).run();
        run.expect_code(0);
        expect_no_english_of_a_run(&name, &run, folder.path());
    }
}

#[test]
fn nor_do_server_and_client() {
    let (ours, theirs) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut server: Running = pictures(section("tcp-server").args(["--port", "0"]), ours.path()).start();
    let listening = server.line_with("listening on ");
    let port = listening.rsplit(':').next().expect("a port").trim().to_owned();
    for load in [&["--count", "2", "--speed", "inf"][..], &["--connections", "2", "--count", "3"]] {
        let client = pictures(section("tcp-client").args(["--port", &port]).args(load), theirs.path()).run();
        client.expect_code(0);
        expect_no_english_of_a_run("tcp-client", &client, theirs.path());
    }
    server.signal(Signal::SIGTERM);
    let server = server.wait();
    server.expect_code(0);
    expect_no_english_of_a_run("tcp-server", &server, ours.path());
}

/// The names of scenes, commands and values are at the beginning of their lines.
fn first_words(help: &str) -> Vec<String> {
    let first = |line: &str| Some(line.trim_start().trim_start_matches("- ").split([' ', ':']).next()?.to_owned());
    let words = help.lines().filter(|line| line.starts_with("  ")).filter_map(first);
    words.flat_map(|name| name.split('-').map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn nor_does_any_help() {
    for form in ["--help", "-h"] {
        for name in super::names().into_iter().chain([String::new()]) {
            let program =
                if name.is_empty() { program!().args(["--lang", "zh"]).env("COLUMNS", "100") } else { section(&name) };
            let help = program.arg(form).run().expect_code(0).stdout();
            let mut names = typed("");
            // -h lists no scenes, and names one nevertheless.
            let whole = program!().args((!name.is_empty()).then_some(&name)).args(["--lang", "zh", "--help"]).run();
            names.extend(first_words(&help).into_iter().chain(first_words(&whole.expect_code(0).stdout())));
            names.extend(["BROWSER", "pages"].map(str::to_owned));
            // -h names the values of an option in its line.
            let values = help.split("[可选值:").skip(1).filter_map(|rest| Some(rest.split_once(']')?.0));
            names.extend(values.flat_map(|values| values.split([',', ' ', '\n'])).map(str::to_owned));
            expect_no_english(&format!("{name} {form}"), &help, &names);
            let wide = help.lines().filter(|line| unicode_width::UnicodeWidthStr::width(*line) > 100);
            assert_eq!(wide.collect::<Vec<_>>(), [""; 0], "{name} {form}");
        }
    }
}

#[test]
fn a_help_has_as_many_paragraphs_in_each_language() {
    for name in super::names().iter().map(Some).chain([None]) {
        let paragraphs = |lang: &str| {
            let help = program!().args(name).args(["--lang", lang, "--help"]).run();
            help.expect_code(0).stdout().split("\n\n").count()
        };
        assert_eq!(paragraphs("en"), paragraphs("zh"), "{name:?}");
    }
}

#[test]
fn the_table_of_a_tour_is_chinese() {
    let tour = program!().args(["--lang", "zh", "--speed", "inf", "--only", "spawn,daemon,prod-cons,ticket-mutex"]);
    let folder = tempfile::tempdir().expect("a folder");
    let tour = tour.arg("--report").arg(folder.path().join("t.html")).run();
    let printed = tour.expect_code(0).stdout().replace(&folder.path().display().to_string(), "");
    expect_no_english("tour", &printed, &typed(""));
}
