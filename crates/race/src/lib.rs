//! Notes 11: 180 threads take 1 each from 180. What protects the counter?

#![forbid(unsafe_code)]

mod cost;
mod crowd;

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::mutex::SharedMutex;
use common::pace::PATIENCE;
use common::report::{Expect, Is};
use common::stage::Stage;
use common::sync::Barrier;
use common::{Error, claim, interrupt, say, text};

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
///   unlocked-slow  everybody reads before anybody writes: all updates but one are lost
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
    const SCENES: &'static [Scene<Self>] =
        &[("mutex", mutex), ("unlocked", unlocked), ("unlocked-slow", unlocked_slow), ("atomic", atomic)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' first listing. In Rust the lock owns the number: without the lock there is no way to it.
fn mutex(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let threads = options.threads;
    let all_count = claim!(
        stage,
        Is(0),
        "under the lock no update is lost: {threads} - {threads} is 0",
        "有锁就不会丢失更新:{threads} - {threads} 等于 0"
    )?;
    let least = (stage.speed().scale(PAUSE) * threads).as_secs_f64();
    let mut one_by_one = None;
    if least > 0.0 {
        one_by_one = Some(claim!(
            stage,
            Expect::AtLeast(least),
            "the threads pass one by one: their pauses under the lock add up, in s",
            "线程只能一个一个通过:锁内的停顿会累加(秒)"
        )?);
    }

    // Between threads std's Mutex would do, and is faster. This one has the journal tell who waits and who holds.
    let num = SharedMutex::new(i64::from(threads))?;
    let began = Instant::now();
    crowd::actors(stage, threads, |actor| {
        let mut num = num.lock()?;
        let temp = *num;
        actor.pause(PAUSE)?;
        *num = temp - 1;
        Ok(())
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let left = *num.lock()?;
    tell_left(stage, left)?;

    stage.figure("left", left, "of the counter")?;
    stage.check(all_count, left)?;
    if let Some(one_by_one) = one_by_one {
        stage.check(one_by_one, seconds)?;
    }
    Ok(())
}

/// The notes' second listing: no lock, no pause. Two atomic halves, so there is no data race in the
/// language's sense; the update is lost all the same.
fn unlocked(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let (threads, rounds) = (options.threads, options.rounds);
    let not_below = claim!(
        stage,
        Expect::AtLeast(0.0),
        "a lost update leaves too much, never too little: no round ends below 0",
        "丢失更新只会剩多,不会剩少:没有一轮低于 0"
    )?;
    let not_above = claim!(
        stage,
        Expect::Below(f64::from(threads)),
        "somebody writes last, so no round leaves all {threads}",
        "总有最后一个写入者,所以没有一轮仍剩 {threads}"
    )?;

    say!(
        stage,
        "{rounds} rounds of {threads} threads, begun side by side, nothing forced: chance decides what is left",
        "{rounds} 轮,每轮 {threads} 个线程,尽量同时开始,没有强制:剩多少全凭运气"
    )?;
    let mut results = Vec::new();
    for _ in 0..rounds {
        let num = AtomicI64::new(i64::from(threads));
        let pairs = crowd::Pairs::default();
        crowd::plain(threads, |_| {
            pairs.meet();
            let temp = num.load(Relaxed);
            num.store(temp - 1, Relaxed);
            Ok(())
        })?;
        results.push(num.into_inner());
    }
    results.sort_unstable();
    let (lowest, highest) = (results[0], results[results.len() - 1]);
    distribution(stage, &results, i64::from(threads))?;

    stage.figure("lowest", lowest, "left")?;
    stage.figure("median", results[results.len() / 2], "left")?;
    stage.figure("highest", highest, "left")?;
    stage.check(not_below, lowest)?;
    stage.check(not_above, highest)?;
    Ok(())
}

/// How many rounds ended where, as a picture and as figures.
fn distribution(stage: &mut Stage, results: &[i64], start: i64) -> Result<(), Error> {
    let bins: [(&str, RangeInclusive<i64>); 5] =
        [("0", 0..=0), ("1", 1..=1), ("2-5", 2..=5), ("6-20", 6..=20), ("21+", 21..=start.max(21))];
    for (name, range) in bins {
        let count = results.iter().filter(|left| range.contains(left)).count();
        let bar = "█".repeat((count * 40).div_ceil(results.len()));
        let bin = common::timeline::text::padded(name, 5);
        let line = text!(stage, "left {bin} {count:>6} rounds {bar}", "剩 {bin} {count:>6} 轮 {bar}");
        stage.say(line.trim_end())?;
        stage.figure(format!("ended at {name}"), count, "rounds")?;
    }
    Ok(())
}

/// The notes' third listing: a pause between the read and the write.
fn unlocked_slow(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let threads = options.threads;
    let one_left = i64::from(threads) - 1;
    let all_lost = claim!(
        stage,
        Is(one_left),
        "when everybody reads {threads} before anybody writes, only one update survives: {one_left} is left",
        "如果人人都在写入之前读到 {threads},就只有一次更新有效:剩 {one_left}"
    )?;

    let alone = slow_round(options, stage, |_| Ok(()))?;
    say!(
        stage,
        "the pause alone, nothing forced: {alone} is left of {threads}",
        "只靠停顿,没有强制:{threads} 剩 {alone}"
    )?;
    let read = Barrier::new(threads)?;
    let forced = slow_round(options, stage, |_| Ok(read.wait(PATIENCE)?))?;
    say!(
        stage,
        "forced: nobody writes before everybody has read: {forced} is left of {threads}",
        "强制的调度:所有线程都读完之后才允许写入:{threads} 剩 {forced}"
    )?;

    stage.figure("left by the pause alone", alone, "of the counter")?;
    stage.figure("left when forced", forced, "of the counter")?;
    stage.check(all_lost, forced)?;
    Ok(())
}

fn slow_round(
    options: &Options,
    stage: &Stage,
    between: impl Fn(&Actor) -> Result<(), Error> + Sync,
) -> Result<i64, Error> {
    let num = AtomicI64::new(options.threads.into());
    crowd::actors(stage, options.threads, |actor| {
        let temp = num.load(Relaxed);
        actor.pause(PAUSE)?;
        between(actor)?;
        num.store(temp - 1, Relaxed);
        Ok(())
    })?;
    Ok(num.into_inner())
}

/// Not in the notes: read, subtract and write as one operation of the processor.
fn atomic(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let threads = options.threads;
    let all_count = claim!(
        stage,
        Is(0),
        "one indivisible operation needs no lock: {threads} - {threads} is 0",
        "不可分割的一次操作不需要锁:{threads} - {threads} 等于 0"
    )?;
    let none_lost = claim!(
        stage,
        Is(0),
        "while the cost is measured, two threads at once: mutex and atomic lose no update",
        "测量开销时两个线程同时在减:互斥锁和原子操作都不丢失更新"
    )?;

    let num = AtomicI64::new(threads.into());
    crowd::actors(stage, threads, |_| {
        num.fetch_sub(1, Relaxed);
        Ok(interrupt::check()?)
    })?;
    let left = num.into_inner();
    tell_left(stage, left)?;
    stage.figure("left", left, "of the counter")?;
    let lost = cost::measure(stage)?;

    stage.check(all_count, left)?;
    stage.check(none_lost, lost)?;
    Ok(())
}

fn tell_left(stage: &Stage, left: i64) -> Result<(), Error> {
    say!(stage, "{left} is left", "剩 {left}")
}
