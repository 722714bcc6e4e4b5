//! A lock without contention, and one that two processes contend for.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

use common::Error;
use common::mutex::SharedMutex;

use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::{CONTENDED_LOCK, LOCK};
use crate::verify::expect;
use crate::words;
use crate::workers::Workers;

pub(super) fn cases() -> Vec<Case> {
    let case = |what, ours: fn(&Job) -> Result<Sample, Error>, peer, wanted, note| Case {
        what,
        ours: Contestant::rust("SharedMutex<u64>", ours),
        peer,
        amount: Amount::Filling,
        measure: Measure::Time,
        wanted,
        note: Note::Own(note),
        needs_disk: false,
    };
    vec![
        case(
            "SharedMutex, uncontended",
            uncontended,
            Contestant::rust("std's Mutex<u64>", std_uncontended),
            Wanted::AtMost(3.0),
            "one thread locks, adds 1 and unlocks; std's mutex serves one process and is not robust",
        ),
        case(
            "SharedMutex, uncontended",
            uncontended,
            Contestant::python("Python's Lock", LOCK),
            Wanted::Faster(4.0),
            "one thread locks, adds 1 and unlocks",
        ),
        case(
            "SharedMutex, contended by two processes",
            contended,
            Contestant::python("Python's Lock", CONTENDED_LOCK),
            Wanted::Faster(4.0),
            "each locks, adds 1 to one number and unlocks; Python's number is a Value without a lock of its own",
        ),
    ]
}

fn uncontended(job: &Job) -> Result<Sample, Error> {
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

fn std_uncontended(job: &Job) -> Result<Sample, Error> {
    let poisoned = |_| Error::unusable("lock std's mutex", words::is_poisoned());
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
        workers.start(name, |stopwatch| {
            for _ in 0..half {
                *mutex.lock()? += 1;
            }
            stopwatch.stop();
            Ok(half)
        })?;
    }
    let (total, took) = workers.join()?;
    let number = *mutex.lock()?;
    expect("the number", total, number)?;
    Ok(Sample::new(total, took))
}
