//! A lock that nobody else wants, and one that two processes want.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

use common::Error;
use common::mutex::SharedMutex;

use crate::case::{Amount, Case, Measure, Wanted};
use crate::contestant::{Contestant, How, Job, Sample};
use crate::scripts::{CONTENDED_LOCK, LOCK, Script};
use crate::workers::{Workers, expect};

pub(super) fn rows() -> Vec<Case> {
    let row = |what, ours: fn(&Job) -> Result<Sample, Error>, peer, wanted, note| Case {
        what,
        ours: Contestant { name: "SharedMutex<u64>", how: How::Rust(Box::new(ours)) },
        peer,
        amount: Amount::Filling,
        measure: Measure::Time,
        wanted,
        note,
    };
    vec![
        row(
            "SharedMutex, nobody else wants it",
            alone,
            Contestant { name: "std's Mutex<u64>", how: How::Rust(Box::new(std_alone)) },
            Wanted::AtMost(3.0),
            "lock, add 1, unlock by one thread; std's is for one process and not robust",
        ),
        row(
            "SharedMutex, nobody else wants it",
            alone,
            Contestant { name: "Python's Lock", how: How::Python(Script::new(LOCK)) },
            Wanted::Faster(4.0),
            "lock, add 1, unlock by one thread",
        ),
        row(
            "SharedMutex, two processes want it",
            contended,
            Contestant { name: "Python's Lock", how: How::Python(Script::new(CONTENDED_LOCK)) },
            Wanted::Faster(4.0),
            "lock, add 1, unlock, on one number; Python's is a Value without a lock of its own",
        ),
    ]
}

fn alone(job: &Job) -> Result<Sample, Error> {
    let mutex = SharedMutex::new(0_u64)?;
    let began = Instant::now();
    for _ in 0..job.count {
        *black_box(&mutex).lock()? += 1;
    }
    let took = began.elapsed();
    let number = *mutex.lock()?;
    expect("the number", job.count, number)?;
    Ok(Sample::new(job.count, took))
}

fn std_alone(job: &Job) -> Result<Sample, Error> {
    let poisoned = |_| Error::Unusable { operation: "lock std's mutex", cause: "it is poisoned".to_owned() };
    let mutex = Mutex::new(0_u64);
    let began = Instant::now();
    for _ in 0..job.count {
        *black_box(&mutex).lock().map_err(poisoned)? += 1;
    }
    let took = began.elapsed();
    let number = *mutex.lock().map_err(poisoned)?;
    expect("the number", job.count, number)?;
    Ok(Sample::new(job.count, took))
}

fn contended(job: &Job) -> Result<Sample, Error> {
    let half = job.count / 2;
    let mutex = SharedMutex::new(0_u64)?;
    let mut workers = Workers::new(2)?;
    for name in ["one", "other"] {
        workers.add(name, |watch| {
            for _ in 0..half {
                *mutex.lock()? += 1;
            }
            watch.stop();
            Ok(half)
        })?;
    }
    let (total, took) = workers.join()?;
    let number = *mutex.lock()?;
    expect("the number", total, number)?;
    Ok(Sample::new(total, took))
}
