//! Work that is leased, done and reported, until `join` returns.

use common::Error;
use common::gate::{Barrier, PATIENCE};
use common::queue::JoinableQueue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CAPACITY;
use crate::case::{Amount, Case, Measure, Wanted};
use crate::contestant::{Contestant, How, Job, Sample, Work};
use crate::scripts::{JOINABLE_QUEUE, Script};
use crate::workers::{Workers, expect, sum_below};

/// What a message takes beyond its text, or a number at most, in bytes.
const HEAD: usize = 16;

pub(super) fn rows() -> Vec<Case> {
    const NUMBERS: &str = "so many producers and consumers, capacity 1024 on both sides; every item is taken, \
                           done and reported, until join returns";
    const TEXTS: &str = "as with u64, but a String of ours and a str of Python's, of so many ASCII letters";
    const LARGE: &str = "the same, capacity 64 on both sides: 4 MiB of messages, which a processor's cache can hold; \
                         the queue is new in every round, so the first use of its memory counts";
    vec![
        row("JoinableQueue, u64, 1/1", 1, 0, 40.0, NUMBERS),
        row("JoinableQueue, u64, 4/4", 4, 0, 20.0, NUMBERS),
        row("JoinableQueue, 1 KiB, 1/1", 1, 1 << 10, 20.0, TEXTS),
        row("JoinableQueue, 1 KiB, 4/4", 4, 1 << 10, 20.0, TEXTS),
        row("JoinableQueue, 64 KiB, 1/1", 1, 1 << 16, 10.0, LARGE),
        row("JoinableQueue, 64 KiB, 4/4", 4, 1 << 16, 10.0, LARGE),
    ]
}

/// How many messages of this size may be unfinished.
fn capacity(size: usize) -> usize {
    if size < 1 << 16 { CAPACITY } else { 64 }
}

/// Numbers if `size` is 0, else texts of so many letters; `pairs` producers and as many consumers.
fn row(what: &'static str, pairs: u32, size: usize, times: f64, note: &'static str) -> Case {
    let numbers = move |job: &Job| feed(job, pairs, 0, |i| i, |i: &u64| *i, sum_below(job.count));
    let texts = move |job: &Job| {
        let text = "x".repeat(size);
        let length = |text: &String| text.len() as u64;
        feed(job, pairs, size, |_| text.clone(), length, job.count * size as u64)
    };
    let ours: Work = if size == 0 { Box::new(numbers) } else { Box::new(texts) };
    let arguments = [pairs as usize, size, capacity(size)].iter().map(ToString::to_string).collect();
    let python = Script { arguments, ..Script::new(JOINABLE_QUEUE) };
    Case {
        what,
        ours: Contestant { name: "JoinableQueue", how: How::Rust(ours) },
        peer: Contestant { name: "Python's JoinableQueue", how: How::Python(python) },
        amount: Amount::Filling,
        measure: Measure::Rate("items"),
        wanted: Wanted::Faster(times),
        note,
    }
}

/// Puts item after item through a queue, and holds what the consumers weighed against `expected`.
fn feed<T: Serialize + DeserializeOwned>(
    job: &Job,
    pairs: u32,
    size: usize,
    make: impl Fn(u64) -> T + Sync,
    weigh: impl Fn(&T) -> u64 + Sync,
    expected: u64,
) -> Result<Sample, Error> {
    let queue = JoinableQueue::<T>::with_max_message(capacity(size), size + HEAD)?;
    let all_put = Barrier::new(pairs + 1)?;
    let mut workers = Workers::new(2 * pairs)?;
    for i in 0..pairs {
        workers.add("producer", |_| {
            for number in (u64::from(i)..job.count).step_by(pairs as usize) {
                queue.put(make(number))?;
            }
            all_put.wait(PATIENCE)?;
            Ok(0)
        })?;
        workers.add("consumer", |_| {
            let mut sum = 0;
            while let Ok(delivery) = queue.get() {
                sum += weigh(&delivery);
                delivery.done();
            }
            Ok(sum)
        })?;
    }
    all_put.wait(PATIENCE)?;
    queue.join()?;
    workers.watch().stop();
    queue.close();
    let (sum, took) = workers.join()?;
    expect("the sum", expected, sum)?;
    Ok(Sample::new(job.count, took))
}
