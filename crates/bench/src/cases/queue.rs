//! Numbers from one producer to one consumer, and there and back again.

use std::io::{Read, Write, pipe};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use common::actor::Failures;
use common::lang::Lang;
use common::queue::Queue;
use common::{Error, objects};
use ipc_channel::ipc;

use super::CAPACITY;
use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::QUEUE;
use crate::verify::{expect, sum_below};
use crate::workers::Workers;

/// The most bytes of a number.
const NUMBER: usize = 16;

pub(super) fn cases() -> Vec<Case> {
    let case = |peer, wanted, note| Case {
        what: "Queue, u64, 1/1",
        ours: Contestant::rust("Queue<u64>", ours),
        peer,
        amount: Amount::Filling,
        measure: Measure::Rate("items"),
        wanted,
        note: Note::Own(note),
        needs_disk: false,
    };
    vec![
        case(
            Contestant::python("Python's Queue", QUEUE),
            Wanted::Faster(60.0),
            "two processes, capacity 1024 on both sides; our queue is made for messages of up to 16 bytes",
        ),
        case(
            Contestant::rust("ipc-channel", through_ipc_channel),
            Wanted::Faster(10.0),
            "two processes; ipc-channel has no capacity to set, and its socket's buffer holds a few hundred numbers",
        ),
        case(
            Contestant::rust("crossbeam-channel", through_crossbeam),
            Wanted::Faster(0.5),
            "crossbeam's two ends are threads of one process, capacity 1024: the upper bound",
        ),
        Case {
            what: "Queue, u64, there and back",
            ours: Contestant::rust("two Queues", there_and_back),
            peer: Contestant::rust("two pipes", there_and_back_by_pipe),
            amount: Amount::Filling,
            measure: Measure::Time,
            wanted: Wanted::AtMost(1.0),
            note: Note::Own("two processes; a pipe carries 8 bytes by one write and one read"),
            needs_disk: false,
        },
    ]
}

fn ours(job: &Job) -> Result<Sample, Error> {
    let queue = Queue::<u64>::builder(CAPACITY).max_message(NUMBER).build()?;
    let mut workers = Workers::new(2)?;
    workers.start("producer", |_| {
        for i in 0..job.count {
            queue.put(i)?;
        }
        Ok(0)
    })?;
    workers.start("consumer", |stopwatch| {
        let mut sum = 0;
        for _ in 0..job.count {
            sum += queue.get()?;
        }
        stopwatch.stop();
        Ok(sum)
    })?;
    finish(job, workers)
}

fn through_ipc_channel(job: &Job) -> Result<Sample, Error> {
    let failed = |cause: String| Error::unusable("use ipc-channel", cause);
    let (sender, receiver) = ipc::channel::<u64>().map_err(|error| failed(error.to_string()))?;
    let mut workers = Workers::new(2)?;
    let count = job.count;
    // Each end moves into its process: ipc-channel wants no copy of it elsewhere.
    workers.start("producer", move |_| {
        for i in 0..count {
            sender.send(i).map_err(|error| failed(error.to_string()))?;
        }
        Ok(0)
    })?;
    workers.start("consumer", move |stopwatch| {
        let mut sum = 0;
        for _ in 0..count {
            sum += receiver.recv().map_err(|error| failed(error.to_string()))?;
        }
        stopwatch.stop();
        Ok(sum)
    })?;
    finish(job, workers)
}

fn finish(job: &Job, workers: Workers) -> Result<Sample, Error> {
    let (sum, took) = workers.join()?;
    expect("the sum", sum_below(job.count), sum)?;
    Ok(Sample::new(job.count, took))
}

fn through_crossbeam(job: &Job) -> Result<Sample, Error> {
    let (sender, receiver) = crossbeam_channel::bounded(CAPACITY);
    let ready = Barrier::new(2);
    let (sum, began, ended) = thread::scope(|scope| {
        let producer = scope.spawn(|| {
            ready.wait();
            let began = Instant::now();
            // The receiver lives until the end of this function.
            let sent = (0..job.count).all(|i| sender.send(i).is_ok());
            (began, sent)
        });
        ready.wait();
        let mut began = Instant::now();
        let sum = receiver.iter().take(usize::try_from(job.count).unwrap_or(usize::MAX)).sum::<u64>();
        let ended = Instant::now();
        if let Ok((first, true)) = producer.join() {
            began = began.min(first);
        }
        (sum, began, ended)
    });
    expect("the sum", sum_below(job.count), sum)?;
    Ok(Sample::new(job.count, ended - began))
}

fn there_and_back(job: &Job) -> Result<Sample, Error> {
    let there = Queue::<u64>::builder(CAPACITY).max_message(NUMBER).build()?;
    let back = Queue::<u64>::builder(CAPACITY).max_message(NUMBER).build()?;
    let echo = || {
        // One more than is measured: the first number finds this process still starting.
        let echoed = (0..=job.count).try_for_each(|_| Ok::<(), Error>(back.put(there.get()?)?));
        back.close();
        echoed
    };
    let failures = Failures::new(Lang::En)?;
    let mut echo = failures.process("echo", echo).daemon().start()?;
    let round_trip = |number| {
        there.put(number)?;
        expect("the number that came back", number, back.get()?)
    };
    let took = time_of(job.count, round_trip);
    // If the other process has failed, the reason is there.
    failures.join(&mut echo)?;
    Ok(Sample::new(job.count, took?))
}

fn there_and_back_by_pipe(job: &Job) -> Result<Sample, Error> {
    let refused = |source| Error::refused("use", objects::a_pipe(), source);
    let (mut there, mut to_echo) = pipe().map_err(refused)?;
    let (mut from_echo, mut back) = pipe().map_err(refused)?;
    let count = job.count;
    let echo = || {
        let mut bytes = [0; 8];
        for _ in 0..=count {
            there.read_exact(&mut bytes).map_err(refused)?;
            back.write_all(&bytes).map_err(refused)?;
        }
        Ok::<(), Error>(())
    };
    let failures = Failures::new(Lang::En)?;
    let mut echo = failures.process("echo", echo).daemon().start()?;
    drop((there, back));
    let round_trip = |number: u64| {
        let mut bytes = number.to_ne_bytes();
        to_echo.write_all(&bytes).map_err(refused)?;
        from_echo.read_exact(&mut bytes).map_err(refused)?;
        expect("the number that came back", number, u64::from_ne_bytes(bytes))
    };
    let took = time_of(count, round_trip);
    drop((to_echo, from_echo));
    failures.join(&mut echo)?;
    Ok(Sample::new(count, took?))
}

/// How long this number of round trips takes, behind one that is not measured.
fn time_of(count: u64, mut round_trip: impl FnMut(u64) -> Result<(), Error>) -> Result<Duration, Error> {
    round_trip(0)?;
    let began = Instant::now();
    (0..count).try_for_each(&mut round_trip)?;
    Ok(began.elapsed())
}
