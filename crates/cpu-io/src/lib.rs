//! Notes 12: processes, threads or neither, for CPU-bound and for I/O-bound work?

#![forbid(unsafe_code)]

mod board;
mod claims;
mod clock;
mod help;
mod python;
mod rounds;
mod table;
mod verdict;
mod ways;
mod words;
mod work;

use std::time::Duration;

use common::Error;
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;
use common::pace::Speed;
use common::progress::ProgressBar;
use common::stage::Stage;
use common::words::Text;

use board::Board;
use clock::Clock;
use rounds::{ROUNDS, Rounds};
use table::{Size, Table, cores};
use verdict::{Needs, at_once};
use ways::Way;
use work::Work;

/// Processes, threads or neither, for CPU-bound and I/O-bound work.
///
/// A CPU-bound task computes: more of them at once help as far as there are cores. An I/O-bound
/// task waits: hundreds can wait at once on one core. In Rust threads do both well. In Python one
/// lock (the GIL) lets only one thread compute at a time, so CPU-bound work needs processes. And a
/// task must be big: if it takes less time than the start of a thread or a process, the start
/// decides. The notes measured only the start: they never joined.
///
/// Scenes:
///   cpu  the notes' sum, at their size and at --work's: one by one, in threads, in processes
///   io   tasks that wait: one by one, in threads, in processes
///
/// The three ways take turns, in three rounds, and the medians are compared. Where the rounds differ by
/// more than the ways do, or where the machine was busy with other work, there is no verdict.
///
/// With python3 (3.8 or newer) on the PATH, the table has rows for the same tasks in Python. Python
/// does fewer of them where all would take minutes.
#[derive(Debug, clap::Parser)]
#[command(name = "cpu-io", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// How many tasks
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    tasks: u32,
    /// How many iterations a CPU-bound task takes
    #[arg(long, value_name = "N", default_value = "2000000", value_parser = clap::value_parser!(u64).range(1..=MOST_WORK))]
    work: u64,
    /// How many milliseconds an I/O-bound task waits, divided by --speed
    #[arg(long, value_name = "MS", default_value = "50", value_parser = clap::value_parser!(u64).range(..=MOST_IO))]
    io: u64,
    #[command(flatten)]
    common: CommonOptions,
}

/// The sum of this many numbers fits into 64 bits.
const MOST_WORK: u64 = 4_000_000_000;
/// A day.
const MOST_IO: u64 = 86_400_000;
/// The notes' `range(100000)`.
const NOTES_WORK: u64 = 100_000;

const EXAMPLES: &str = "Examples:
  cpu-io                                     both scenes, Python beside Rust if there is one
  cpu-io --scene cpu --work 50000000         a task that dwarfs its start
  cpu-io --scene io --tasks 1000 --speed 1   a thousand waits of 50 ms at once
  cpu-io --format json                       the table for a program to read";

impl Section for Options {
    const NAME: &'static str = "cpu-io";
    const SCENES: &'static [Scene<Self>] = &[
        ("cpu", |options, stage| stage.play(claims::cpu(options), |stage| cpu(options, stage)).map(drop)),
        ("io", |options, stage| stage.play(claims::io(options, stage.speed()), |stage| io(options, stage)).map(drop)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

impl Options {
    /// How long an I/O-bound task waits.
    fn delay(&self, speed: Speed) -> Duration {
        speed.scale(Duration::from_millis(self.io))
    }
}

struct Cpu {
    clock: Clock,
    /// Tasks of the notes' size with the right sum, by all three ways together.
    right_at_notes_size: u64,
    /// The same for `--work`.
    right: u64,
    /// How many times as fast as serial threads did `--work`, and why that proves nothing, if it does not.
    threads: (f64, Option<Text>),
}

/// The notes' `for i in range(100000): res += i`, a hundred times, and the same with more iterations.
fn cpu(options: &Options, stage: &mut Stage) -> Result<Cpu, Error> {
    let clock = clock::stops_too_early(stage, options.tasks)?;
    let mut compute = |iterations, size| {
        stage.say(words::tasks_that_count(words::cpu_bound(), options.tasks, iterations))?;
        let needs = Needs::AllCores { starts: clock.starts, at_once: at_once(options.tasks, cores()) };
        let (table, boards) = measure(stage, options.tasks, Work::Cpu { iterations }, needs)?;
        table.report(stage, &words::cpu_bound(), size)?;
        let right: u64 = boards.iter().flatten().map(|board| u64::from(board.right())).sum();
        Ok::<_, Error>((right, table.compared(Way::Threads)))
    };
    let (right_at_notes_size, _) = compute(NOTES_WORK, Size::OfTheNotes)?;
    let (right, threads) = compute(options.work, Size::Chosen)?;
    Ok(Cpu { clock, right_at_notes_size, right, threads })
}

struct Io {
    /// How many tasks waited at the same moment, in the order of [`Way::ALL`]: one after the other the most of any
    /// round, and of the other ways the fewest.
    at_once: [u32; 3],
    /// Of the fastest round, in seconds.
    serial_wall: f64,
    /// How many times as fast as serial threads were, and why that proves nothing, if it does not.
    threads: (f64, Option<Text>),
}

/// A task that waits, as for a disk or a network, a hundred times.
fn io(options: &Options, stage: &mut Stage) -> Result<Io, Error> {
    let delay = options.delay(stage.speed());
    stage.say(words::tasks_that_wait(words::io_bound(), options.tasks, delay.as_secs_f64() * 1e3))?;
    stage.say(words::forced_start())?;
    let (table, boards) = measure(stage, options.tasks, Work::Io { delay }, Needs::Nothing)?;
    table.report(stage, &words::io_bound(), Size::Chosen)?;
    let peaks = |way: Way| boards.iter().map(move |round| round[way as usize].peak());
    let fewest = |way| peaks(way).min().unwrap_or_default();
    let at_once = [peaks(Way::Serial).max().unwrap_or_default(), fewest(Way::Threads), fewest(Way::Processes)];
    Ok(Io { at_once, serial_wall: table.rust[0].fastest(), threads: table.compared(Way::Threads) })
}

fn in_rust(way: Way) -> Text {
    match way {
        Way::Serial => words::rust_serial(),
        Way::Threads => words::rust_threads(),
        Way::Processes => words::rust_processes(),
    }
}

/// Measures the three ways in Rust, in rounds, with a board each, and then in Python.
fn measure(stage: &Stage, tasks: u32, work: Work, needs: Needs) -> Result<(Table, Vec<[Board; 3]>), Error> {
    let progress = ProgressBar::new((2 * Way::ALL.len() * ROUNDS) as u64, "{bar:30} {pos}/{len} {msg}");
    let mut rounds = Vec::new();
    let mut rust: [Rounds; 3] = Default::default();
    for _ in 0..ROUNDS {
        let boards = [Board::new()?, Board::new()?, Board::new()?];
        for way in Way::MEASURED {
            progress.set_message(in_rust(way).in_lang(stage.lang()));
            let board = &boards[way as usize];
            let meet = (way != Way::Serial && matches!(work, Work::Io { .. })).then_some(tasks);
            rust[way as usize].add(ways::measure(stage, way, tasks, board, || work.perform(board, meet))?);
            progress.advance();
        }
        rounds.push(boards);
    }
    progress.set_message("Python");
    let python = python::measure(stage, tasks, work, || progress.advance())?;
    Ok((Table { rust, needs, python }, rounds))
}
