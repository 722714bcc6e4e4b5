//! The algorithms of `killproof` reach the machine through its module `primitive` alone, so a model can take its place.

use super::bans::{Banned, Breach, breaches};
use super::finding::{Finding, assert_none, places};
use super::folder::Folder;
use super::modules::Module;

const ROOT: &str = "crates/killproof/src/lib.rs";

/// What an algorithm may not name, and what it names instead.
const NOT_IN_ALGORITHMS: [(Banned, &str); 7] = [
    (Banned::Outside("std::sync::atomic"), "crate::primitive::atomic"),
    (Banned::Outside("std::thread::LocalKey"), "crate::primitive::thread_local"),
    (Banned::Macro("thread_local"), "crate::primitive::thread_local"),
    (Banned::Outside("std::time::Instant::now"), "the clock of crate::primitive"),
    (Banned::Outside("std::time::SystemTime::now"), "the clock of crate::primitive"),
    (Banned::Outside("std::hint::spin_loop"), "crate::primitive::spin_loop"),
    (Banned::Module("sys"), "crate::primitive"),
];

/// What the whole toolkit leaves to the program that uses it.
const NOT_IN_THE_TOOLKIT: [(Banned, &str); 10] = [
    (Banned::Outside("std::env::var"), AN_ARGUMENT),
    (Banned::Outside("std::env::var_os"), AN_ARGUMENT),
    (Banned::Outside("std::env::vars"), AN_ARGUMENT),
    (Banned::Outside("std::env::vars_os"), AN_ARGUMENT),
    (Banned::Outside("std::env::set_var"), AN_ARGUMENT),
    (Banned::Outside("std::env::remove_var"), AN_ARGUMENT),
    (Banned::Outside("std::panic::set_hook"), "a returned error: the panic hook belongs to the program"),
    (Banned::Outside("std::panic::take_hook"), "a returned error: the panic hook belongs to the program"),
    (Banned::Outside("std::process::exit"), "a returned error: the exit code belongs to the program"),
    (Banned::Outside("std::process::ExitCode"), "a returned error: the exit code belongs to the program"),
];

const AN_ARGUMENT: &str = "an argument: a library reads no environment";

#[test]
fn the_algorithms_reach_the_machine_through_primitive_alone() {
    let folder = Folder::of_the_workspace();
    assert!(folder.has(ROOT), "{ROOT}:1: the toolkit is missing");
    assert_none(named(&folder, &is_algorithm, &NOT_IN_ALGORITHMS));
}

#[test]
fn the_toolkit_reads_no_environment_sets_no_hook_and_decides_no_exit_code() {
    let folder = Folder::of_the_workspace();
    assert!(folder.has(ROOT), "{ROOT}:1: the toolkit is missing");
    assert_none(named(&folder, &|_| true, &NOT_IN_THE_TOOLKIT));
}

/// A module of the queue, the mutex, the pool, what processes wait for otherwise, or what these have in common.
fn is_algorithm(module: &Module) -> bool {
    let top = module.path.first().map_or("", String::as_str);
    ["queue", "mutex", "sync", "pool", "event_count", "places"].iter().any(|algorithm| top.starts_with(algorithm))
}

fn named(folder: &Folder, in_scope: &dyn Fn(&Module) -> bool, rules: &[(Banned, &'static str)]) -> Vec<Finding> {
    let finding = |breach: Breach| {
        Finding::new(&breach.path, breach.line, format!("`{}`: use {}", breach.written, breach.instead))
    };
    match breaches(folder, ROOT, in_scope, rules) {
        Ok(breaches) => breaches.into_iter().map(finding).collect(),
        Err(error) => vec![error],
    }
}

/// The lines of a made-up queue that name what an algorithm may not.
fn lines_of_a_queue(text: &str) -> Vec<usize> {
    let root = "mod queue; mod primitive; mod sys; mod shared;";
    let primitive = "pub use std::sync::atomic; pub use std::thread_local; pub use crate::sys::futex;";
    let files = [
        (ROOT, root),
        ("crates/killproof/src/primitive.rs", primitive),
        ("crates/killproof/src/sys.rs", "pub mod futex; pub trait ShmSafe {}"),
        ("crates/killproof/src/sys/futex.rs", "pub fn wait() {}"),
        ("crates/killproof/src/shared.rs", "pub use std::sync::atomic::AtomicU8; pub use crate::sys::ShmSafe;"),
        ("crates/killproof/src/queue.rs", text),
    ];
    let findings = named(&Folder::of(files), &is_algorithm, &NOT_IN_ALGORITHMS);
    let mut lines: Vec<_> = findings.iter().map(|finding| finding.line).collect();
    lines.dedup();
    lines
}

#[test]
fn an_algorithm_that_passes_primitive_by_is_found() {
    assert_eq!(lines_of_a_queue("use std::sync::atomic::AtomicU8;"), [1]);
    assert_eq!(lines_of_a_queue("use std::{\n    sync::{\n        atomic::{Ordering, fence}}};"), [3]);
    assert_eq!(lines_of_a_queue("use core::sync::{self};\nfn f() {\n    sync::atomic::fence(X) }"), [3]);
    assert_eq!(lines_of_a_queue("fn f() { ::std::sync::atomic::fence(X) }"), [1]);
    assert_eq!(lines_of_a_queue("use std::time::Instant;\nfn f() { Instant::now(); }"), [2]);
    assert_eq!(lines_of_a_queue("use std::time::*;\nfn f() { <Instant>::now(); }"), [2]);
    assert_eq!(lines_of_a_queue("use std::time::SystemTime as Clock;\nfn f() { g(Clock::now) }"), [2]);
    assert_eq!(lines_of_a_queue("fn f() {\n    assert!(std::time::Instant::now() > x); }"), [2]);
    assert_eq!(lines_of_a_queue("use std::hint;\nfn f() { hint::spin_loop() }"), [2]);
    assert_eq!(
        lines_of_a_queue("thread_local! { static X: u8 = 1; }\nstd::thread_local! { static Y: u8 = 1; }"),
        [1, 2]
    );
    assert_eq!(lines_of_a_queue("use crate::sys::futex;\nfn f() { futex::wait() }"), [1, 2]);
    assert_eq!(lines_of_a_queue("use crate::shared::AtomicU8;"), [1]);
}

#[test]
fn what_goes_through_primitive_is_no_finding() {
    let text = "use crate::primitive::{atomic::AtomicU8, futex, thread_local}; use crate::shared::ShmSafe;
        thread_local! { static X: u8 = 1; }
        fn f(deadline: std::time::Instant) { futex::wait(); std::thread::panicking(); }
        #[cfg(test)] mod tests { use std::sync::atomic::AtomicU8; }";
    assert_eq!(lines_of_a_queue(text), [0; 0]);
}

#[test]
fn a_toolkit_that_reads_the_environment_is_found() {
    let text = "use std::env;\nfn f() { env::var(x); }\nfn g() { std::panic::set_hook(h); std::process::exit(1) }";
    let findings = named(&Folder::of([(ROOT, text)]), &|_| true, &NOT_IN_THE_TOOLKIT);
    assert_eq!(places(&findings), [2, 3, 3].map(|line| format!("{ROOT}:{line}")));
}
