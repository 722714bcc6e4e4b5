//! Every section, with one system call refused after the other: it ends by itself, with a verdict or with one line
//! and a documented code, and leaves no process behind.
//!
//! The filter is the kernel's (seccomp), so nothing gets around it, no library and no child. It holds from the
//! section's first instruction on: a call that every program needs to begin, as `openat`, cannot be refused so.
//! `REFUSED=all` tries all calls with all sections; without it each section is tried with some of them.

#[path = "refused/calls.rs"]
mod calls;

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Trial};
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use support::forking::wait_until;
use support::{Ended, Program, Signal, handles, open_folder};

use calls::CALLS;

/// The first argument of the starter.
const STARTER: &str = "--refuse";
/// The codes that a run may end with: held, not held, bad input, refused by the system, ended by SIGTERM.
const CODES: [i32; 5] = [0, 1, 2, 3, 143];
/// The section at place n is tried with every twelfth call, beginning at the nth.
const SHARE: usize = 12;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, starter, number, section @ ..] = &arguments[..]
        && starter == STARTER
    {
        return become_refused(number, section);
    }
    let trials = support::sections().into_iter().enumerate().map(|(number, section)| {
        Trial::test(section.name.clone(), move || {
            tried_with(number).for_each(|call| try_with(&section.name, call));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Refuses a system call from now on, and becomes the program that the arguments name. Returns if it cannot.
fn become_refused(number: &str, command: &[String]) -> ExitCode {
    let number = number.parse().expect("the number of a system call");
    let refuses = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let architecture = std::env::consts::ARCH.try_into().expect("an architecture with a filter");
    let filter = SeccompFilter::new(BTreeMap::from([(number, vec![])]), SeccompAction::Allow, refuses, architecture);
    let filter: BpfProgram = filter.and_then(TryInto::try_into).expect("a filter");
    apply_filter(&filter).expect("a filter that the kernel takes");
    let error = Command::new(&command[0]).args(&command[1..]).exec();
    eprintln!("cannot execute {}: {error}", command[0]);
    ExitCode::from(99)
}

/// The calls that a section is tried with.
fn tried_with(section: usize) -> impl Iterator<Item = calls::Call> {
    let all = std::env::var_os("REFUSED").is_some_and(|value| value == "all");
    let is_its = move |(number, _): &(usize, &calls::Call)| all || number % SHARE == section % SHARE;
    CALLS.iter().enumerate().filter(is_its).map(|(_, call)| *call)
}

#[track_caller]
fn try_with(section: &str, call: calls::Call) {
    let folder = open_folder();
    let starter = std::env::current_exe().expect("this program");
    let run = Program::new(starter)
        .args([
            STARTER,
            &call.number.to_string(),
            env!("CARGO_BIN_EXE_tour"),
            section,
            "--lang",
            "en",
            "--speed",
            "inf",
        ])
        .in_folder(folder.path())
        // Its tickets are those of its own folder.
        .env("CARGO_MANIFEST_DIR", "");
    let ended = match section {
        "tcp-server" => ended_by_request(&run.args(["--port", "0", "--drain-timeout", "1"])),
        // Its server is not there, and it tries again and again.
        "tcp-client" => ended_by_request(&run),
        "cpu-io" => run.args(["--tasks", "4", "--work", "10000", "--io", "1"]).env("PATH", "").run(),
        "race" => run.args(["--rounds", "2", "--threads", "8"]).run(),
        "ticket-mutex" => {
            std::fs::create_dir(folder.path().join("data")).expect("a folder");
            run.run()
        }
        _ => run.run(),
    };
    let lines: Vec<String> = ended.stderr().lines().filter(|line| !is_expected(line)).map(str::to_owned).collect();
    let about = format!("{section} without {}: {:?}\n{}", call.name, ended.code(), lines.join("\n"));
    assert!(ended.code().is_some_and(|code| CODES.contains(&code)), "{about}");
    assert!(lines.len() <= 1, "more than one line: {about}");
    assert!(ended.code() == Some(0) || !lines.is_empty() || ended.stdout().contains("not held"), "no word: {about}");
    assert!(!lines.iter().any(|line| line.contains("panicked")), "a panic: {about}");
}

/// What runs until it is asked to end.
fn ended_by_request(program: &Program) -> Ended {
    let mut run = program.start();
    // Before it has a handler, the signal would end it as any program.
    wait_until("a handler", || handles(run.pid().as_raw(), Signal::SIGTERM) || run.has_ended());
    run.let_run(std::time::Duration::from_millis(300));
    run.signal(Signal::SIGTERM);
    run.wait()
}

/// What a section says on standard error although nothing is wrong: a panic that is part of its lesson, and what a
/// server cannot do for its clients.
fn is_expected(line: &str) -> bool {
    line.contains("this panic is part of the lesson")
        || line.starts_with("tcp-server: cannot accept a client")
        || line.contains("trying again")
}
