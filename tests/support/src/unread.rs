//! Programs whose standard output is a pipe that is full and never read.

use std::fs;
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::os::fd::AsFd;
use std::process::Stdio;
use std::time::Duration;

use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::Signal;

use crate::Program;
use crate::forking::wait_until;

/// What the smallest pipe holds, in bytes: a page.
const PAGE: usize = 4096;
/// With fewer bytes of room than this an actor's next line may find none.
const A_LINE: usize = 512;
/// How long a program may take to end: much longer than it promises, for a busy machine, and much shorter
/// than any wait of a lesson.
const SOON: Duration = Duration::from_secs(20);

impl Program {
    /// Asserts that SIGINT and SIGTERM end it, with the exit code of each and in one line, while its standard
    /// output is a pipe that is never read: one that is full from the beginning, and one that it fills.
    ///
    /// The program prints more than a page before it ends by itself.
    ///
    /// # Panics
    ///
    /// If it does not end so.
    #[track_caller]
    pub fn expect_end_while_unread(&self) {
        for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
            for room in [0, PAGE] {
                let (output, mut input) = smallest_pipe();
                input.write_all(&vec![b'.'; PAGE - room]).expect("room in the pipe");
                let run = self.start_with_output(Stdio::from(input));
                wait_until("a handler", || handles(run.pid().as_raw(), signal) || run.has_ended());
                wait_until("a full pipe", || unread(&output) + A_LINE > PAGE || run.has_ended());
                run.signal(signal);
                run.wait_within(SOON).expect_error(code, &format!(": ended by {signal}"));
            }
        }
    }
}

/// Whether a process handles `signal` itself. One that has ended does not.
#[must_use]
pub fn handles(pid: i32, signal: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
    let mask = u64::from_str_radix(mask.trim(), 16).unwrap_or_default();
    mask & (1 << (signal as u32 - 1)) != 0
}

fn smallest_pipe() -> (PipeReader, PipeWriter) {
    let (output, input) = pipe().expect("a pipe");
    let size = fcntl(&input, FcntlArg::F_SETPIPE_SZ(1)).expect("a small pipe");
    assert_eq!(size.try_into(), Ok(PAGE), "the size of a page is that of a pipe of one page");
    (output, input)
}

fn unread(output: impl AsFd) -> usize {
    killproof::socket::unread(output).expect("a pipe tells how much it holds")
}
