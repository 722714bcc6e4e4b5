//! A harness for tests that fork, which is refused while other threads run: it runs them one after the
//! other on its only thread, and looks after each whether a process is left.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use killproof::{process, procfs};
use libtest_mimic::Arguments;
pub use libtest_mimic::Trial;

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

/// One test. It fails if a process of it is left.
///
/// # Panics
///
/// The test does, if `/proc` cannot be read.
pub fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        let left = procfs::children().expect("/proc");
        assert!(left.is_empty(), "processes are left: {left:?}");
        Ok(())
    })
}

/// The whole of a harness's `main`.
///
/// # Panics
///
/// If this process cannot become a subreaper.
#[must_use]
pub fn run(trials: Vec<Trial>) -> ExitCode {
    process::adopt_orphans().expect("a subreaper");
    signals::are_not_inherited();
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit_code()
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
