//! How a section is run where the system is hostile: short, in a folder of its own, and watched until its end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::tracer;
use support::{Ended, Program, Signal, echo, open_folder, serde_json, tempfile::TempDir};

/// How long a run may take: much longer than it does on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);
/// The longest that a client of a server waits for an answer, which a hostile system may never let come.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tracer's exit code of a program that SIGABRT ended.
const ABORTED: i32 = tracer::SIGNALLED + Signal::SIGABRT as i32;

type IsWhole = fn(&str) -> bool;

/// The files that a run may leave in its folder, each of them whole.
const MAY_STAY: &[(&str, IsWhole)] = &[
    ("data/tickets.json", is_json),
    ("trace.json", is_json),
    ("picture.svg", |text| text.trim_end().ends_with("</svg>")),
    ("report.html", |text| text.trim_end().ends_with("</html>")),
];

/// The folder that a run may leave, and pages that each one has.
const EXPORT: &str = "pages";
const OF_EXPORT: [&str; 2] = ["index.html", "report.html"];
/// How the name of the folder begins in which an export is made.
const DRAFT: &str = ".pages.new-";

/// In the folder of a run: the root of its files, if it has one of its own.
pub(crate) const ROOT: &str = "root";

/// A section or the tour, and what its runs have in common.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Its name, and what is not usual.
    pub(crate) title: String,
    /// The first argument of the tour's program; empty: the tour itself.
    name: String,
    options: Vec<&'static str>,
    /// How many places of one call are tried with one error, spread over all that it has in a run.
    pub(crate) places: usize,
}

/// What an operation costs is measured for more than a second, in which no call is made.
const ATOMIC: &[&str] = &["--scene", "atomic"];
/// How many places of a call are tried of a run that lasts so long..
const FEW_PLACES: usize = 6;
/// ..and of one that does not.
const PLACES: usize = 60;

/// Runs that are not a section's usual one.
const VARIANTS: &[(&str, &[&str])] = &[
    ("", &["--only", "zombie,ticket-mutex", "--report", "report.html", "--export", "pages"]),
    ("zombie", &["--timeline", "--svg", "picture.svg", "--trace", "trace.json"]),
    ("ticket-mutex", &["--lock", "none", "--format", "jsonl"]),
    ("race", ATOMIC),
    ("tcp-server", &["--model", "pool", "--workers", "2"]),
    ("tcp-server", &["--model", "events", "--workers", "2"]),
    ("tcp-client", &["--connections", "2"]),
];

/// A run that has ended, in a folder that had nothing in it but a folder `data`.
pub(crate) struct Run {
    pub(crate) ended: Ended,
    is_tour: bool,
    pub(crate) folder: TempDir,
    /// The system let no folder be removed any more.
    pub(crate) removes_nothing: bool,
}

impl Section {
    /// Every section of the notes, and the variants.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let usual = support::sections().into_iter().map(|section| Self::new(&section.name, &[]));
        usual.chain(VARIANTS.iter().map(|(name, more)| Self::new(name, more)))
    }

    fn new(name: &str, more: &[&'static str]) -> Self {
        let own: &[&str] = match name {
            "race" if more.is_empty() => &[
                "--rounds",
                "2",
                "--threads",
                "8",
                "--scene",
                "mutex",
                "--scene",
                "unlocked",
                "--scene",
                "unlocked-slow",
            ],
            "race" => &["--threads", "8"],
            "cpu-io" => &["--tasks", "4", "--work", "10000", "--io", "1"],
            "tcp-server" => &["--port", "0", "--drain-timeout", "1", "--idle-timeout", "10"],
            "tcp-client" => &["--count", "3", "--timeout", "2"],
            _ => &[],
        };
        let first = if name.is_empty() { "tour" } else { name };
        let title = [&[first], more].concat().join(" ");
        let options = [&["--lang", "en", "--speed", "inf"], own, more].concat();
        let places = if more == ATOMIC { FEW_PLACES } else { PLACES };
        Self { title, name: name.to_owned(), options, places }
    }

    /// The tour of one section, with an export.
    pub(crate) fn with_an_export() -> Self {
        Self::new("", &["--only", "spawn", "--report", "report.html", "--export", EXPORT])
    }

    /// Runs it to its end, begun by `starter`, which the name of its program and its arguments are added to.
    #[track_caller]
    pub(crate) fn run(&self, starter: &[String]) -> Run {
        let folder = open_folder();
        fs::create_dir(folder.path().join("data")).expect("a folder");
        let command = starter.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_tour"), &self.name]);
        let command: Vec<_> = command.filter(|part| !part.is_empty()).collect();
        let program = Program::new(command[0])
            .args(&command[1..])
            .args(&self.options)
            .in_folder(folder.path())
            // Python is not what is tried.
            .env("PATH", "")
            .env("RUST_BACKTRACE", "0")
            .env("TMPDIR", folder.path())
            // Its tickets are those of its own folder.
            .env("CARGO_MANIFEST_DIR", "");
        let ended = match self.name.as_str() {
            "tcp-server" => served(&program),
            "tcp-client" => answered(program),
            _ => program.start().wait_within(DEADLINE),
        };
        Run { ended, folder, is_tour: self.name.is_empty(), removes_nothing: false }
    }
}

/// A server that has a client, and is asked to end.
fn served(program: &Program) -> Ended {
    let mut run = program.start();
    if let Some(line) = run.line_with_or_end("listening on ") {
        let address = line.rsplit(' ').next().unwrap_or_default();
        if let Ok(mut client) = TcpStream::connect(address) {
            client.set_read_timeout(Some(PATIENCE)).expect("a socket");
            // What the client gets is for the server's other tests.
            let _ = client.write_all(b"hello").and_then(|()| client.read(&mut [0; 5]));
        }
        run.signal_group(Signal::SIGTERM);
    }
    run.wait_within(DEADLINE)
}

/// A client that has a server: a new connection for each of its tries.
fn answered(program: Program) -> Ended {
    let server = echo::Server::serve_until_end(echo::upper_case);
    let ended = program.args(["--port", &server.port]).start().wait_within(DEADLINE);
    server.end();
    ended
}

impl Run {
    /// What is wrong with the end of the run. `None` if it ended as every run must: with a documented code, at most
    /// one line on standard error, and that one where the code is not 0; and it left its folder as a run may.
    pub(crate) fn fault(&self) -> Option<String> {
        let lines: Vec<String> =
            self.ended.stderr().lines().filter(|line| !is_expected(line)).map(str::to_owned).collect();
        let code = self.ended.code();
        let is_said = code == Some(0) || !lines.is_empty() || self.ended.stdout().contains("not held");
        // 1: that of a child that Rust aborted.
        let is_aborted = matches!(code, Some(ABORTED | 1 | 3)) || self.ended.signal() == Some(Signal::SIGABRT);
        if is_aborted && self.ended.stderr().lines().any(is_said_by_rust_itself) {
            return None;
        }
        let is_not_loaded = |line: &String| line.contains("error while loading shared libraries");
        let wrong = match code {
            _ if lines.iter().any(|line| line.contains("panicked")) => "a panic",
            // The loader's own code: not one line of the program has run.
            Some(127) if lines.iter().all(is_not_loaded) && !lines.is_empty() => "",
            // The tour has one for each of its two sections, and one of its own.
            Some(0 | 1 | 2 | 3 | 143) if lines.len() > if self.is_tour { 3 } else { 1 } => "more than one line",
            Some(0 | 1 | 2 | 3 | 143) if !is_said => "no word",
            Some(141) if lines.is_empty() => "",
            Some(0 | 1 | 2 | 3 | 143) => "",
            _ => "an end that is not documented",
        };
        let wrong = if wrong.is_empty() { self.what_is_left()? } else { wrong.to_owned() };
        let some: Vec<String> = lines.iter().take(4).map(|line| line.chars().take(200).collect()).collect();
        Some(format!("{wrong}: code {code:?}\n    {}", some.join("\n    ")))
    }

    /// What the run left in its folder and should not have.
    fn what_is_left(&self) -> Option<String> {
        let mut left = entries(self.folder.path());
        left.extend(entries(&self.folder.path().join("data")).into_iter().map(|name| format!("data/{name}")));
        let is_whole = |(name, _): &&(&str, IsWhole)| left.iter().any(|left| left == name);
        let broken = MAY_STAY.iter().filter(is_whole).find(|(name, is_whole)| {
            let text = fs::read_to_string(self.folder.path().join(name));
            !text.is_ok_and(|text| is_whole(&text))
        });
        if let Some((name, _)) = broken {
            return Some(format!("{name} is not whole"));
        }
        let export = self.folder.path().join(EXPORT);
        let is_page = |name: &str| fs::read_to_string(export.join(name)).is_ok_and(|text| text.ends_with("</html>\n"));
        let mut pages = entries(&export);
        pages.retain(|name| Path::new(name).extension().is_some_and(|kind| kind == "html"));
        let pages: Vec<_> = OF_EXPORT.into_iter().chain(pages.iter().map(String::as_str)).collect();
        if export.exists() && !pages.into_iter().all(is_page) {
            return Some(format!("{EXPORT} is not whole"));
        }
        left.retain(|name| {
            let may_stay = self.removes_nothing && name.starts_with(DRAFT);
            ![ROOT, "data", EXPORT].contains(&name.as_str()) && MAY_STAY.iter().all(|(may, _)| name != may) && !may_stay
        });
        (!left.is_empty()).then(|| format!("it left {}", left.join(", ")))
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn entries(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Where there is no memory for a small allocation, or for the signal stack of a thread that has its stack already,
/// the standard library aborts the process, and no program can do anything about it: the README of `common` says so.
fn is_said_by_rust_itself(line: &str) -> bool {
    line.starts_with("memory allocation of ")
        || line.starts_with("failed to allocate an alternative stack")
        || line.starts_with("failed to set up alternative stack guard page")
}

/// What a section says on standard error although nothing is wrong: a panic that is part of its lesson, and what a
/// server cannot do for its clients, or a client cannot get from its server.
fn is_expected(line: &str) -> bool {
    line.contains("this panic is part of the lesson")
        || line.starts_with("tcp-server: cannot accept a client")
        || line.contains("trying again")
}
