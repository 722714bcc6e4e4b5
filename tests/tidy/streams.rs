//! Only the stage's view writes to standard output, and only `common::error` to standard error.

use super::bans::{Banned, Breach, breaches};
use super::finding::{Finding, assert_none, places};
use super::folder::Folder;

/// What reaches a standard stream.
const STREAMS: [(Banned, &str); 21] = [
    (Banned::Macro("print"), IN_VIEW),
    (Banned::Macro("println"), IN_VIEW),
    (Banned::Macro("eprint"), IN_ERROR),
    (Banned::Macro("eprintln"), IN_ERROR),
    (Banned::Macro("dbg"), IN_ERROR),
    (Banned::Outside("std::io::stdout"), IN_VIEW),
    (Banned::Outside("std::io::stderr"), IN_ERROR),
    (Banned::Outside("anstream::stdout"), IN_VIEW),
    (Banned::Outside("anstream::stderr"), IN_ERROR),
    (Banned::Outside("console::Term::stdout"), IN_VIEW),
    (Banned::Outside("console::Term::stderr"), IN_ERROR),
    (Banned::Outside("libc::STDOUT_FILENO"), IN_VIEW),
    (Banned::Outside("libc::STDERR_FILENO"), IN_ERROR),
    (Banned::Outside("nix::libc::STDOUT_FILENO"), IN_VIEW),
    (Banned::Outside("nix::libc::STDERR_FILENO"), IN_ERROR),
    (Banned::Outside("indicatif::MultiProgress::new"), A_BAR),
    (Banned::Outside("indicatif::ProgressBar::new"), A_BAR),
    (Banned::Outside("indicatif::ProgressDrawTarget::stdout"), A_BAR),
    (Banned::Outside("indicatif::ProgressDrawTarget::stderr"), A_BAR),
    (Banned::Outside("indicatif::ProgressDrawTarget::term"), A_BAR),
    // clap's own help.
    (Banned::Method("print"), IN_VIEW),
];

const IN_VIEW: &str = "write through common::view, which alone writes to standard output";
const IN_ERROR: &str = "return an error, or call common::error, which alone writes to standard error";
const A_BAR: &str = "show progress through common, which knows when a terminal watches";

/// A file that may name a stream, and why.
#[derive(Clone, Copy)]
struct Exception {
    path: &'static str,
    written: &'static str,
    reason: &'static str,
}

const EXCEPTIONS: [Exception; 5] = [
    Exception { path: "crates/common/src/view.rs", written: "io::stdout", reason: "the one writer of standard output" },
    Exception { path: "crates/common/src/error.rs", written: "io::stderr", reason: "the one writer of standard error" },
    Exception { path: "crates/common/src/cli.rs", written: "print", reason: "clap colours its help as it prints it" },
    Exception { path: "crates/common/src/terminal.rs", written: "io::stdout", reason: "asks how wide it is" },
    Exception { path: "crates/common/src/terminal.rs", written: "io::stderr", reason: "asks how wide it is" },
];

#[test]
fn two_places_write_to_the_standard_streams() {
    assert_none(writers(&Folder::of_the_workspace(), &EXCEPTIONS));
}

fn writers(folder: &Folder, exceptions: &[Exception]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_used = vec![false; exceptions.len()];
    for root in folder.roots().iter().filter(|root| root.starts_with("crates/")) {
        match breaches(folder, root, &|_| true, &STREAMS) {
            Err(error) => findings.push(error),
            Ok(breaches) => {
                for breach in breaches.iter().filter(|breach| !is_harmless(breach)) {
                    let is_excepted =
                        |exception: &Exception| exception.path == breach.path && exception.written == breach.written;
                    match exceptions.iter().position(is_excepted) {
                        Some(exception) => is_used[exception] = true,
                        None => findings.push(Finding::new(
                            &breach.path,
                            breach.line,
                            format!("`{}`: {}", breach.written, breach.instead),
                        )),
                    }
                }
            }
        }
    }
    let unused = exceptions.iter().zip(is_used).filter(|(_, is_used)| !is_used);
    findings.extend(unused.map(|(exception, _)| {
        let Exception { path, written, reason } = exception;
        Finding::new(
            path,
            1,
            format!("the exception for `{written}` ({reason}) is needed no more: delete it from tests/tidy/streams.rs"),
        )
    }));
    findings
}

/// A question to a stream writes nothing. A process flushes standard output before it forks, because both processes
/// would print the pending bytes.
fn is_harmless(breach: &Breach) -> bool {
    match breach.method.as_deref() {
        Some("is_terminal") => true,
        Some("flush") => breach.path.starts_with("crates/killproof/src/process"),
        _ => false,
    }
}

/// The places that write in made-up files of crate `x`.
fn found(path: &str, text: &str) -> Vec<String> {
    let name = path.split('/').nth(1).unwrap_or_default();
    let module = path.rsplit_once('/').map_or("", |(_, file)| file).trim_end_matches(".rs");
    let (root, manifest) = (format!("crates/{name}/src/lib.rs"), format!("crates/{name}/Cargo.toml"));
    let files = [(manifest.as_str(), ""), (root.as_str(), &format!("mod {module};")), (path, text)];
    places(&writers(&Folder::of(files), &[]))
}

#[test]
fn a_stream_that_is_written_elsewhere_is_found() {
    let path = "crates/spawn/src/scene.rs";
    for text in [
        "fn f() { println!(\"\"); }",
        "fn f() { if x { std::eprint!(\"\") } }",
        "fn f() { write!(std::io::stdout(), \"\"); }",
        "use std::io::{self, Write};fn f() { io::stdout().write_all(b\"\"); }",
        "use std::io::{stderr};",
        "fn f() { let out = std::io::stdout().lock(); }",
        "fn f() { std::io::stdout().flush(); }",
        "fn f() { vec![dbg!(1)]; }",
        "fn f() { anstream::println!(\"\"); }",
        "use indicatif::ProgressDrawTarget as T; fn f() { g(T::stderr()) }",
        "fn f() { clap_error.print(); }",
    ] {
        let places = found(path, text);
        assert!(!places.is_empty() && places.iter().all(|place| *place == format!("{path}:1")), "{text}: {places:?}");
    }
}

#[test]
fn to_ask_and_to_flush_before_a_fork_is_no_finding() {
    let ask = "fn f() -> bool { std::io::stdout().is_terminal() } fn print() {} fn g() { print(); stage.print(1) }";
    assert_eq!(found("crates/spawn/src/scene.rs", ask), [""; 0]);
    let flush = "use std::io;\nfn f() { io::stdout().flush(); }\nfn g() { io::stdout().write(b\"\"); }";
    assert_eq!(found("crates/killproof/src/process.rs", flush), ["crates/killproof/src/process.rs:3"]);
    assert_eq!(found("crates/killproof/src/queue.rs", flush).len(), 2);
}

#[test]
fn an_exception_that_nothing_needs_is_found() {
    let exception = Exception { path: "crates/x/src/a.rs", written: "println", reason: "made up" };
    let of = |text| {
        let files = [("crates/x/Cargo.toml", ""), ("crates/x/src/lib.rs", "mod a;"), ("crates/x/src/a.rs", text)];
        places(&writers(&Folder::of(files), std::slice::from_ref(&exception)))
    };
    assert_eq!(of("fn f() { println!(); }"), [""; 0]);
    assert_eq!(of("fn f() {}"), ["crates/x/src/a.rs:1"]);
}
