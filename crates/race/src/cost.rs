//! What each way of taking 1 from a counter costs.

use std::hint::black_box;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use common::report::median;
use common::stage::Stage;
use common::words::Text;
use common::{Error, interrupt};

use crate::{crowd, words};

/// Operations of one measurement: long against the clock, short against a time slice.
const OPERATIONS: u32 = 100_000;
/// Measurements of each way. They take turns, so a busy moment of the machine hits all ways alike.
const ROUNDS: usize = 15;

/// The counter in the three ways of the section.
struct Counters {
    locked: Mutex<i64>,
    split: AtomicI64,
    atomic: AtomicI64,
}

/// One way: its name, and how it takes 1 from its counter.
type Way = (fn() -> Text, fn(&Counters));

const WAYS: [Way; 3] = [
    (words::load_and_store, |counters| {
        let temp = counters.split.load(Relaxed);
        counters.split.store(black_box(temp - 1), Relaxed);
    }),
    (words::fetch_sub, |counters| {
        black_box(counters.atomic.fetch_sub(1, Relaxed));
    }),
    (words::mutex, |counters| {
        // Nothing panics while it holds the lock.
        *black_box(&mut *counters.locked.lock().unwrap_or_else(PoisonError::into_inner)) -= 1;
    }),
];

/// Measures every way, by one thread and by two at once, and reports the medians. Returns how many
/// updates the two right ways lost.
pub(crate) fn measure(stage: &mut Stage) -> Result<i64, Error> {
    let counters = Counters { locked: Mutex::new(0), split: AtomicI64::new(0), atomic: AtomicI64::new(0) };
    let mut samples = [[[0.0; ROUNDS]; 2]; WAYS.len()];
    for round in 0..ROUNDS {
        for ((_, way), samples) in WAYS.iter().zip(&mut samples) {
            for (threads, samples) in (1..).zip(samples) {
                samples[round] = nanoseconds(stage, &counters, threads, *way)?;
            }
        }
    }
    for ((name, _), [mut alone, mut contended]) in WAYS.iter().zip(samples) {
        let (alone, contended) = (median(&mut alone), median(&mut contended));
        stage.say(words::cost(name(), alone, contended))?;
        stage.figures_of_table(|stage| {
            stage.compare(name(), words::one_thread(), alone, words::ns_per_operation())?;
            stage.compare(name(), words::two_threads(), contended, words::ns_per_operation())
        })?;
    }
    if cfg!(debug_assertions) {
        stage.say(words::not_optimised())?;
    }
    let operations = i64::from(OPERATIONS) * 3 * i64::try_from(ROUNDS).unwrap_or(i64::MAX);
    let locked = counters.locked.into_inner().unwrap_or_else(PoisonError::into_inner);
    let lost = |left: i64| operations + left;
    stage.figure(
        words::lost_by_load_and_store(),
        lost(counters.split.into_inner()),
        words::of_the_measured_operations(),
    )?;
    Ok(lost(locked) + lost(counters.atomic.into_inner()))
}

/// How long one operation takes, in each of `threads` threads that do nothing else.
fn nanoseconds(stage: &Stage, counters: &Counters, threads: u32, way: fn(&Counters)) -> Result<f64, Error> {
    let times = Mutex::new(Vec::new());
    crowd::plain(stage, threads, || {
        interrupt::check()?;
        let began = Instant::now();
        for _ in 0..OPERATIONS {
            way(black_box(counters));
        }
        times.lock().unwrap_or_else(PoisonError::into_inner).push(began.elapsed());
        Ok(())
    })?;
    let times = times.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(times.iter().map(Duration::as_secs_f64).sum::<f64>() * 1e9 / f64::from(threads) / f64::from(OPERATIONS))
}
