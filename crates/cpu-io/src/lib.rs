//! Notes 12: processes, threads or neither, for CPU-bound and for I/O-bound work?

#![forbid(unsafe_code)]

mod board;
mod clock;
mod python;
mod table;
mod ways;
mod work;

use std::time::Duration;

use common::cli::{CommonOptions, Scene, Section};
use common::progress::ProgressBar;
use common::report::{Expect, Is};
use common::stage::Stage;
use common::{Error, claim, say, text};

use board::Board;
use table::Table;
use ways::{Took, Way};
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
///   cpu  the notes' sum, in their size and in --work: one by one, as threads, as processes
///   io   tasks that wait: one by one, as threads, as processes
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
    #[arg(long, value_name = "N", default_value = "5000000", value_parser = clap::value_parser!(u64).range(1..=MOST_WORK))]
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
    const SCENES: &'static [Scene<Self>] = &[("cpu", cpu), ("io", io)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

fn cpu(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (tasks, work) = (options.tasks, options.work);
    clock::stops_too_early(options, stage)?;
    let all = 3 * u64::from(tasks);
    let small_right = claim!(
        stage,
        Is(all),
        "the notes' size: serial, threads and processes all compute the right sum, {tasks} times each",
        "笔记的大小:串行、多线程、多进程各 {tasks} 次,结果都正确"
    )?;
    let big_right = claim!(
        stage,
        Is(all),
        "--work {work}: serial, threads and processes all compute the right sum, {tasks} times each",
        "--work {work}:串行、多线程、多进程各 {tasks} 次,结果都正确"
    )?;

    let kind = text!(stage, "CPU-bound", "计算密集型");
    let mut observed = Vec::new();
    for (iterations, suffix) in [(NOTES_WORK, ", the notes' size"), (work, "")] {
        say!(
            stage,
            "{kind}: {tasks} tasks of {iterations} iterations",
            "{kind}:{tasks} 个任务,每个循环 {iterations} 次"
        )?;
        let (table, boards) = measure(stage, tasks, Work::Cpu { iterations })?;
        table.say(stage)?;
        if suffix.is_empty() {
            table.verdict(stage, &kind)?;
            table.figures(stage, suffix)?;
        } else {
            table.speed_ups(stage, suffix)?;
        }
        observed.push(boards.iter().map(|board| u64::from(board.right())).sum::<u64>());
    }
    stage.check(small_right, observed[0])?;
    stage.check(big_right, observed[1])?;
    Ok(())
}

fn io(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let tasks = options.tasks;
    let delay = stage.speed().scale(Duration::from_millis(options.io));
    let one = claim!(
        stage,
        Is(1),
        "one after the other: never more than one task waits at a time",
        "串行:任何时刻最多一个任务在等待"
    )?;
    let mut adds_up = None;
    if !delay.is_zero() {
        adds_up = Some(claim!(
            stage,
            Expect::AtLeast((delay * tasks).as_secs_f64()),
            "one after the other: the waits add up, in s",
            "串行:等待时间会累加(秒)"
        )?);
    }
    let threads =
        claim!(stage, Is(tasks), "a thread each: all tasks wait at the same moment", "多线程:所有任务同时在等待")?;
    let processes =
        claim!(stage, Is(tasks), "a process each: all tasks wait at the same moment", "多进程:所有任务同时在等待")?;

    let (kind, milliseconds) = (text!(stage, "I/O-bound", "IO密集型"), delay.as_secs_f64() * 1e3);
    say!(
        stage,
        "{kind}: {tasks} tasks that wait {milliseconds:.1} ms",
        "{kind}:{tasks} 个任务,每个等待 {milliseconds:.1} 毫秒"
    )?;
    say!(
        stage,
        "forced, at any speed: no thread or process of Rust's waits for its I/O before all have begun",
        "强制的调度:Rust 的线程(进程)全部开始之后,才各自等待 IO"
    )?;
    let (table, boards) = measure(stage, tasks, Work::Io { delay })?;
    table.say(stage)?;
    table.verdict(stage, &kind)?;

    table.figures(stage, "")?;
    let [at_serial, at_threads, at_processes] = boards.map(|board| board.peak());
    stage.check(one, at_serial)?;
    if let Some(adds_up) = adds_up {
        stage.check(adds_up, table.rust[0].wall)?;
    }
    stage.check(threads, at_threads)?;
    stage.check(processes, at_processes)?;
    Ok(())
}

/// The three ways in Rust, with the counters of their tasks, and then in Python.
fn measure(stage: &Stage, tasks: u32, work: Work) -> Result<(Table, [Board; 3]), Error> {
    let progress = ProgressBar::new(2 * Way::ALL.len() as u64, "{bar:30} {pos}/{len} {msg}");
    let boards = [Board::new()?, Board::new()?, Board::new()?];
    let mut rust = [Took { wall: 0.0, cpu: 0.0 }; 3];
    for way in Way::MEASURED {
        progress.set_message(format!("Rust {}", way.name()));
        let (took, board) = (&mut rust[way as usize], &boards[way as usize]);
        let meet = (way != Way::Serial && matches!(work, Work::Io { .. })).then_some(tasks);
        *took = ways::measure(stage, way, tasks, board, || work.perform(board, meet))?;
        progress.advance();
    }
    progress.set_message("Python");
    let python = python::measure(stage, tasks, work, || progress.advance())?;
    Ok((Table { rust, python }, boards))
}
