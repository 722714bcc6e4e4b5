//! Programs in trouble: one of their processes is killed, or their reader leaves, at any line of their output.

use std::env;
use std::io::{PipeReader, Read, pipe};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::group::living;
use crate::{Ended, Program, Running};

/// How long a program may take to end: much longer than it promises, for a busy machine, and much shorter
/// than any wait of a lesson.
const SOON: Duration = Duration::from_secs(45);
/// The variable that makes a test kill more often than a test must.
const KILLS: &str = "SECTION_KILLS";
/// How many runs of a program go on at once: they sleep most of the time.
const LANES: usize = 4;

/// The tests of a section for the troubles in which each of its runs ends, at the top level of a file:
/// `ends_in_every_trouble!(program!())`. A second program is a shorter run, for the tests that run it many times.
#[macro_export]
macro_rules! ends_in_every_trouble {
    ($program:expr) => {
        $crate::ends_in_every_trouble!($program, $program);
    };
    ($program:expr, $short:expr) => {
        #[test]
        fn a_signal_ends_it_while_its_output_is_full_and_unread() {
            $program.args(["--format", "jsonl", "--speed", "100"]).expect_end_while_unread();
        }

        #[test]
        fn it_ends_soon_when_any_of_its_processes_is_killed() {
            $short.args(["--format", "jsonl", "--speed", "20"]).expect_end_after_kills(32);
        }

        #[test]
        fn it_ends_soon_and_quietly_at_whichever_line_its_reader_leaves() {
            $short.args(["--speed", "20"]).expect_end_after_cuts(24);
        }
    };
}

impl Program {
    /// [`expect_end_after_kills`] of a program whose runs do not get in each other's way.
    ///
    /// # Panics
    ///
    /// If it does not end so.
    #[track_caller]
    pub fn expect_end_after_kills(&self, kills: u64) {
        expect_end_after_kills(kills, || (self.clone(), ()));
    }

    /// [`expect_end_after_cuts`] of a program whose runs do not get in each other's way.
    ///
    /// # Panics
    ///
    /// If it does not end so.
    #[track_caller]
    pub fn expect_end_after_cuts(&self, cuts: u64) {
        expect_end_after_cuts(cuts, || (self.clone(), ()));
    }

    fn count_lines(&self) -> u64 {
        let ended = self.run();
        ended.expect_code(0);
        ended.stdout().lines().count().try_into().expect("a small number")
    }
}

/// Asserts that a program ends by itself soon after any one of its processes was killed: with a verdict, or
/// with an error of one line. The killed one, and the line of output after which it is killed, are drawn anew
/// for each of `kills` runs, or of as many as the variable `SECTION_KILLS` says. `make` returns a program, and
/// what must live as long as its run.
///
/// # Panics
///
/// If it does not end so.
#[track_caller]
pub fn expect_end_after_kills<K>(kills: u64, make: impl Fn() -> (Program, K) + Sync) {
    let lines = make().0.count_lines();
    in_rounds(kills, |round| {
        let (line, victim) = (drawn(round, 0) % lines, drawn(round, 1));
        let (program, _keep) = make();
        let mut run = program.start();
        run.read_lines(line);
        let (main, killed) = (run.pid(), run.kill_one(victim));
        let ended = run.wait_soon();
        let ends_well = match (ended.code(), told(&ended).len()) {
            (None, 0) => killed == Some(main),
            (code, lines) => matches!((code, lines), (Some(0 | 1), 0) | (Some(1), 1)),
        };
        assert!(ends_well, "round {round}, line {line}: {killed:?} killed: {ended:?}");
    });
}

/// Asserts that a program ends quietly and soon, as if by SIGPIPE, when its reader leaves after any line of its
/// output. Which lines is drawn for each of `cuts` runs. `make` returns a program, and what must live as long
/// as its run.
///
/// # Panics
///
/// If it does not end so.
#[track_caller]
pub fn expect_end_after_cuts<K>(cuts: u64, make: impl Fn() -> (Program, K) + Sync) {
    let lines = make().0.count_lines();
    in_lanes(cuts, |round| {
        let line = drawn(round, 2) % lines;
        let (output, input) = pipe().expect("a pipe");
        let (program, _keep) = make();
        let run = program.start_with_output(Stdio::from(input));
        read_lines(output, line);
        let ended = run.wait_soon();
        // A run that had written all its lines before the reader left has come to its end.
        let ends_well = matches!(ended.code(), Some(0 | 141)) && told(&ended).is_empty();
        assert!(ends_well, "cut after line {line} of {lines}: {ended:?}");
    });
}

impl Running {
    /// Waits until it ends, for at most the time that a program in trouble may take.
    ///
    /// # Panics
    ///
    /// As [`Running::wait`].
    #[must_use]
    pub fn wait_soon(self) -> Ended {
        self.wait_within(SOON)
    }

    /// Kills a process of the program that lives, main or another, and returns which. `None` if the program
    /// has ended.
    fn kill_one(&self, draw: u64) -> Option<Pid> {
        let alive = living(self.pid());
        let place = usize::try_from(draw).unwrap_or(usize::MAX) % alive.len().max(1);
        let victim = *alive.get(place)?;
        // It may have ended meanwhile. Its zombie keeps its pid.
        let _ = kill(victim, Signal::SIGKILL);
        Some(victim)
    }
}

/// The lines of standard error, without the panic that is part of a lesson.
fn told(ended: &Ended) -> Vec<String> {
    let told = ended.stderr();
    told.lines().filter(|line| !line.ends_with("this panic is part of the lesson")).map(str::to_owned).collect()
}

/// Reads `count` lines byte by byte, and nothing beyond them; then closes the pipe.
fn read_lines(mut output: PipeReader, count: u64) {
    let (mut lines, mut byte) = (0, [0]);
    while lines < count && output.read(&mut byte).is_ok_and(|read| read > 0) {
        lines += u64::from(byte == [b'\n']);
    }
}

/// Plays a trouble with programs that are killed: as many rounds as wanted, or as the variable `SECTION_KILLS`
/// says, some of them at once. A round gets its number, for which it [draws](drawn) what happens in it.
///
/// # Panics
///
/// If a round does, or the variable is no number.
pub fn in_rounds(kills: u64, play: impl Fn(u64) + Sync) {
    in_lanes(env::var(KILLS).map_or(kills, |kills| kills.parse().expect("SECTION_KILLS is a number")), play);
}

/// Plays all rounds, some of them at once.
fn in_lanes(rounds: u64, play: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        let play = &play;
        let lanes: Vec<_> =
            (0..LANES as u64).map(|lane| scope.spawn(move || (lane..rounds).step_by(LANES).for_each(play))).collect();
        for lane in lanes {
            lane.join().expect("a lane whose rounds all end well");
        }
    });
}

/// A number for a round, the same in each run of the test: `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>.
#[must_use]
pub fn drawn(round: u64, which: u64) -> u64 {
    let mut number = (round * 8 + which + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
