//! How a section is run where the system is hostile: short, in a folder of its own, and watched until its end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::tracer;
use support::{Ended, Program, Signal, echo, open_folder, tempfile::TempDir};

/// How long a run may take: much longer than it does on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);
/// The longest that a client of a server waits for an answer, which a hostile system may never let come.
const PATIENCE: Duration = Duration::from_secs(2);

/// The tracer's exit code of a program that SIGABRT ended.
const ABORTED: i32 = tracer::SIGNALLED + Signal::SIGABRT as i32;

/// In the folder of a run: the root of its files, if it has one of its own.
pub(crate) const ROOT: &str = "root";

/// A section, and what its runs have in common.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// Its options.
    options: Vec<&'static str>,
}

/// A run that has ended, in a folder that had nothing in it but a folder `data`.
pub(crate) struct Run {
    pub(crate) ended: Ended,
    pub(crate) folder: TempDir,
}

impl Section {
    pub(crate) fn new(name: &str) -> Self {
        let own: &[&str] = match name {
            "race" => &["--rounds", "2", "--threads", "8"],
            "cpu-io" => &["--tasks", "4", "--work", "10000", "--io", "1"],
            "tcp-server" => &["--port", "0", "--drain-timeout", "1", "--idle-timeout", "10"],
            "tcp-client" => &["--count", "3", "--timeout", "2"],
            _ => &[],
        };
        let options = [&["--lang", "en", "--speed", "inf"], own].concat();
        Self { name: name.to_owned(), options }
    }

    /// Runs it to its end, begun by `starter`, which the name of its program and its arguments are added to.
    #[track_caller]
    pub(crate) fn run(&self, starter: &[String]) -> Run {
        let folder = open_folder();
        fs::create_dir(folder.path().join("data")).expect("a folder");
        let command: Vec<_> =
            starter.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_tour"), &self.name]).collect();
        let program = Program::new(command[0])
            .args(&command[1..])
            .args(&self.options)
            .in_folder(folder.path())
            // Python is not what is tried.
            .env("PATH", "")
            .env("RUST_BACKTRACE", "0")
            .env("TMPDIR", folder.path());
        let ended = match self.name.as_str() {
            "tcp-server" => served(&program),
            "tcp-client" => answered(program),
            _ => program.start().wait_within(DEADLINE),
        };
        Run { ended, folder }
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
        let is_aborted = code == Some(ABORTED) || self.ended.signal() == Some(Signal::SIGABRT);
        if is_aborted && self.ended.stderr().lines().any(is_said_by_rust_itself) {
            return None;
        }
        let wrong = match code {
            _ if lines.iter().any(|line| line.contains("panicked")) => "a panic",
            Some(0 | 1 | 2 | 3 | 143) if lines.len() > 1 => "more than one line",
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
        left.retain(|name| ![ROOT, "data", "data/tickets.json"].contains(&name.as_str()));
        if !left.is_empty() {
            return Some(format!("it left {}", left.join(", ")));
        }
        let tickets = fs::read_to_string(self.folder.path().join("data/tickets.json")).ok()?;
        let tickets: Result<support::serde_json::Value, _> = support::serde_json::from_str(&tickets);
        tickets.is_err().then(|| "the tickets' file is not whole".to_owned())
    }
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
