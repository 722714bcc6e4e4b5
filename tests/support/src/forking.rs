//! A harness for tests that fork, which is refused while other threads run: each test has a process of its own, with
//! one thread, and no process may be left when it is over.

use std::env;
use std::num::NonZero;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use killproof::process::{self, Child};
use killproof::procfs;
use libtest_mimic::{Arguments, Failed};
use nix::sys::prctl;
use nix::sys::signal::Signal;

use crate::signals;

/// Far longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Lists test functions under the name of their module.
#[macro_export]
macro_rules! trials {
    ($($module:ident: $($name:ident)*;)*) => {
        ::std::vec![$($($crate::forking::trial(
            concat!(stringify!($module), "::", stringify!($name)),
            $module::$name,
        ),)*)*]
    };
}

/// One test.
pub struct Trial {
    name: &'static str,
    test: fn(),
}

/// A test with its name.
pub fn trial(name: &'static str, test: fn()) -> Trial {
    Trial { name, test }
}

/// The whole of a harness's `main`. It runs as many tests side by side as `cargo test` does, each in a process of its
/// own: this program again, with `--exact` and the test's name, which runs that one test.
///
/// # Panics
///
/// If this program cannot be found.
#[must_use]
pub fn run(trials: Vec<Trial>) -> ExitCode {
    let mut arguments = Arguments::from_args();
    if arguments.exact && arguments.filter.is_some() {
        return run_one(&arguments, trials);
    }
    arguments.test_threads = arguments.test_threads.or_else(threads);
    let program = env::current_exe().expect("this program");
    let of_one = |trial: Trial| {
        let program = program.clone();
        libtest_mimic::Trial::test(trial.name, move || {
            let ended = Command::new(program).args(["--exact", trial.name]).output()?;
            if ended.status.success() {
                return Ok(());
            }
            let [out, error] = [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            Err(Failed::from(format!("{}\n{out}{error}", ended.status)))
        })
    };
    libtest_mimic::run(&arguments, trials.into_iter().map(of_one).collect()).exit_code()
}

/// How many tests run at a time, as `cargo test` reads it.
fn threads() -> Option<usize> {
    let wanted = env::var("RUST_TEST_THREADS").ok().and_then(|text| text.parse().ok());
    wanted.or_else(|| thread::available_parallelism().ok().map(NonZero::get))
}

/// Runs tests on the only thread of this process. A test fails if a process of it is left.
fn run_one(arguments: &Arguments, trials: Vec<Trial>) -> ExitCode {
    prctl::set_pdeathsig(Signal::SIGKILL).expect("a signal when the harness dies");
    process::adopt_orphans().expect("a subreaper");
    signals::are_not_inherited();
    let alone = Arguments { test_threads: Some(1), ..arguments.clone() };
    let of_one = |trial: Trial| {
        libtest_mimic::Trial::test(trial.name, move || {
            (trial.test)();
            let left = procfs::children().expect("/proc");
            assert!(left.is_empty(), "processes are left: {left:?}");
            Ok(())
        })
    };
    libtest_mimic::run(&alone, trials.into_iter().map(of_one).collect()).exit_code()
}

/// Asks again and again until `done`, for what no call can wait for.
///
/// # Panics
///
/// After [`PATIENCE`].
#[track_caller]
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

/// As [`wait_until`], for what this child does: the test fails as soon as the child has ended without it.
///
/// # Panics
///
/// When the child has ended, and after [`PATIENCE`].
#[track_caller]
pub fn wait_for(child: &Child, what: &str, mut done: impl FnMut() -> bool) {
    wait_until(what, || {
        // Looked at first: it may do it and end in between.
        let lives = child.is_alive();
        let is_done = done();
        assert!(is_done || lives, "{} has ended before {what}", child.name());
        is_done
    });
}
