//! What the programs of the tests inherit of the signals of the tests: nothing.
//!
//! exec(3) hands on which signals are ignored, and which are blocked. So a test would say something else under
//! nohup(1), or behind the `&` of a script, whose shell ignores SIGINT.

use std::sync::{Arc, Once};

use nix::sys::signal::{SigSet, Signal};
use signal_hook::consts::FORBIDDEN;
use signal_hook::flag;

/// Gives every signal its default effect in the programs that this thread starts from now on, and blocks none in them.
/// For the tests themselves an ignored signal is as good as ignored still.
///
/// # Panics
///
/// If `/proc` cannot be read.
pub(crate) fn are_not_inherited() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in ignored() {
            // A handler ends with exec(3), and the default effect takes its place.
            flag::register(signal as i32, Arc::default()).expect("a handler");
        }
    });
    SigSet::empty().thread_set_mask().expect("a mask");
}

/// The signals that this process ignores and that a handler can be set for. SIGPIPE is the standard library's: it has
/// its default effect in each program that the library starts.
fn ignored() -> impl Iterator<Item = Signal> {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let mask = mask(&status, "SigIgn:");
    let is_ignored = move |signal: &Signal| mask & (1 << (*signal as u32 - 1)) != 0;
    let can_be_caught = |signal: &Signal| !FORBIDDEN.contains(&(*signal as i32)) && *signal != Signal::SIGPIPE;
    Signal::iterator().filter(is_ignored).filter(can_be_caught)
}

/// A mask of signals in a process's `status`. (Those from 32 on are real-time signals, which no program here uses.)
fn mask(status: &str, name: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix(name)).expect("a mask of signals");
    u64::from_str_radix(mask.trim(), 16).expect("a number in hexadecimal") & ((1 << 31) - 1)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use super::mask;
    use crate::Program;

    #[test]
    fn a_program_starts_with_no_signal_ignored_and_none_blocked() {
        let status = Program::new("cat").arg("/proc/self/status").run().stdout();
        assert_eq!((mask(&status, "SigIgn:"), mask(&status, "SigBlk:")), (0, 0), "{status}");
    }

    #[test]
    fn so_it_does_where_the_tests_are_started_with_signals_ignored_and_blocked() {
        let test = "signals::tests::a_program_starts_with_no_signal_ignored_and_none_blocked";
        let ignored = "--ignore-signal=HUP,INT,QUIT,TERM,CHLD,USR1,PIPE";
        let mut again = Command::new("env");
        again.args([ignored, "--block-signal=HUP,TERM,USR2"]).arg(env::current_exe().expect("a path"));
        let output = again.args(["--exact", test]).output().expect("env");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    }
}
