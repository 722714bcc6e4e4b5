//! Notes 11: 180 threads take 1 each from 180. What protects the counter?

#![forbid(unsafe_code)]

mod claims;
mod cost;
mod crowd;
mod distribution;
mod help;
mod words;

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;
use common::journal::scaffold;
use common::mutex::SharedMutex;
use common::pace::PATIENCE;
use common::stage::Stage;
use common::sync::Barrier;
use common::{Error, interrupt};

/// 180 threads, one counter: what protects it?
///
/// Each thread reads the counter, takes 1 away, and writes the result back. If another thread
/// writes between the read and the write, its update is lost. Python's global interpreter lock
/// (GIL) protects the interpreter, not the program: it may change hands between the read and the
/// write. Rust has no such lock, and needs none to be safe: a counter that threads share must be an
/// atomic or inside a Mutex, else the program does not compile. What the compiler cannot see is
/// that a read and a write belong together. That is what the lock is for, or one atomic operation.
///
/// Scenes:
///   mutex          lock, read, pause, write, unlock: 0 is left
///   unlocked       read and write without a lock, in many rounds: what is left is a matter of chance
///   unlocked-slow  all threads read before any of them writes: all updates but one are lost
///   atomic         one operation that cannot be divided: 0 is left; and what each way costs
#[derive(Debug, clap::Parser)]
#[command(name = "race", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// How many threads; the counter starts at this number
    #[arg(long, value_name = "N", default_value = "180", value_parser = clap::value_parser!(u32).range(1..))]
    threads: u32,
    /// How many rounds of `unlocked` to play
    #[arg(long, value_name = "N", default_value = "200", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  race                                   all scenes, ten times as fast as the notes
  race --scene unlocked --rounds 2000    how often does it go wrong on this machine?
  race --scene mutex --speed 1           nine seconds: under a lock the pauses add up
  race --scene atomic --format json      the cost of each way, for a program to read";

/// The notes' `time.sleep(0.05)` between the read and the write.
const PAUSE: Duration = Duration::from_millis(50);

impl Section for Options {
    const NAME: &'static str = "race";
    const SCENES: &'static [Scene<Self>] = &[
        ("mutex", |options, stage| {
            let claims = claims::mutex(options.threads, stage.speed());
            stage.play(claims, |stage| mutex(options, stage)).map(drop)
        }),
        ("unlocked", |options, stage| {
            stage.play(claims::unlocked(options.threads), |stage| unlocked(options, stage)).map(drop)
        }),
        ("unlocked-slow", |options, stage| {
            stage.play(claims::unlocked_slow(options.threads), |stage| unlocked_slow(options, stage)).map(drop)
        }),
        ("atomic", |options, stage| {
            stage.play(claims::atomic(options.threads), |stage| atomic(options, stage)).map(drop)
        }),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' first listing. In Rust the lock owns the number: without the lock there is no way to it.
fn mutex(options: &Options, stage: &mut Stage) -> Result<(i64, f64), Error> {
    // Between threads std's Mutex would do, and is faster. The journal has the waiters and the holders of this one.
    let num = SharedMutex::new(i64::from(options.threads))?;
    let task = |actor: &Actor| {
        let mut num = num.lock()?;
        let temp = *num;
        actor.pause(PAUSE)?;
        *num = temp - 1;
        Ok(())
    };
    let began = Instant::now();
    crowd::actors(stage, options.threads, task)?;
    let seconds = began.elapsed().as_secs_f64();
    let left = *num.lock()?;
    show_left(stage, left)?;
    Ok((left, seconds))
}

/// The notes' second listing: no lock, no pause. The load and the store are atomic each, so there is no
/// data race in the language's sense. The update is lost all the same.
fn unlocked(options: &Options, stage: &mut Stage) -> Result<RangeInclusive<i64>, Error> {
    let (threads, rounds) = (options.threads, options.rounds);
    stage.say(words::nothing_forced(rounds, threads))?;
    let mut results = Vec::new();
    for _ in 0..rounds {
        let num = AtomicI64::new(threads.into());
        let pairs = crowd::Pairs::default();
        let task = || {
            pairs.meet();
            let temp = num.load(Relaxed);
            num.store(temp - 1, Relaxed);
            Ok(())
        };
        crowd::plain(stage, threads, task)?;
        results.push(num.into_inner());
    }
    results.sort_unstable();
    let (lowest, highest) = (results[0], results[results.len() - 1]);
    distribution::show(stage, &results)?;
    stage.figure(words::lowest(), lowest, words::left_unit())?;
    stage.figure(words::median(), results[results.len() / 2], words::left_unit())?;
    stage.figure(words::highest(), highest, words::left_unit())?;
    Ok(lowest..=highest)
}

/// The notes' third listing: a pause between the read and the write.
fn unlocked_slow(options: &Options, stage: &mut Stage) -> Result<i64, Error> {
    let threads = options.threads;
    let alone = slow_round(threads, stage, || Ok(()))?;
    stage.say(words::by_the_pause_alone(alone, threads))?;
    let all_have_read = scaffold(|| Barrier::new(threads))?;
    let forced = slow_round(threads, stage, || Ok(all_have_read.wait(PATIENCE)?))?;
    stage.say(words::forced(forced, threads))?;
    stage.figure(words::left_by_the_pause_alone(), alone, words::of_the_counter())?;
    stage.figure(words::left_when_forced(), forced, words::of_the_counter())?;
    Ok(forced)
}

/// What is left when `between` comes after the read and the pause, and before the write.
fn slow_round(threads: u32, stage: &Stage, between: impl Fn() -> Result<(), Error> + Sync) -> Result<i64, Error> {
    let num = AtomicI64::new(threads.into());
    let task = |actor: &Actor| {
        let temp = num.load(Relaxed);
        actor.pause(PAUSE)?;
        between()?;
        num.store(temp - 1, Relaxed);
        Ok(())
    };
    crowd::actors(stage, threads, task)?;
    Ok(num.into_inner())
}

/// Not in the notes: read, subtract and write as one operation of the processor.
fn atomic(options: &Options, stage: &mut Stage) -> Result<(i64, i64), Error> {
    let num = AtomicI64::new(options.threads.into());
    let task = |_: &Actor| {
        num.fetch_sub(1, Relaxed);
        Ok(interrupt::check()?)
    };
    crowd::actors(stage, options.threads, task)?;
    let left = num.into_inner();
    show_left(stage, left)?;
    Ok((left, cost::measure(stage)?))
}

fn show_left(stage: &mut Stage, left: i64) -> Result<(), Error> {
    stage.say(words::is_left(left))?;
    stage.figure(words::left(), left, words::of_the_counter())
}
