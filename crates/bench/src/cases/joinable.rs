//! Work that is leased, done and reported, until `join` returns.

use common::Error;
use common::pace::PATIENCE;
use common::python::Script;
use common::queue::JoinableQueue;
use common::sync::Barrier;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CAPACITY;
use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::JOINABLE_QUEUE;
use crate::verify::{expect, sum_below};
use crate::workers::Workers;

/// The most bytes of a number, and of what a message holds beside its text.
const HEAD: usize = 16;

pub(super) fn cases() -> Vec<Case> {
    const NUMBERS: Note = Note::Shared {
        rows: "JoinableQueue, u64, …",
        text: "one producer and one consumer (1/1), or four of each (4/4); capacity 1024 on both sides; every item is \
               taken, done and reported, until join returns",
    };
    const TEXTS: Note = Note::Shared {
        rows: "JoinableQueue, 1 KiB, …",
        text: "as with u64, but each item is a text of 1024 ASCII letters, a String here and a str in Python",
    };
    const LARGE: Note = Note::Shared {
        rows: "JoinableQueue, 64 KiB, …",
        text: "as with 1 KiB, but the texts are longer and the capacity is 64 on both sides: 4 MiB of messages, which \
               a processor's cache can hold; every round makes a new queue, so the first use of its memory counts",
    };
    vec![
        Feed { pairs: 1, size: 0 }.case("JoinableQueue, u64, 1/1", 40.0, NUMBERS),
        Feed { pairs: 4, size: 0 }.case("JoinableQueue, u64, 4/4", 20.0, NUMBERS),
        Feed { pairs: 1, size: 1 << 10 }.case("JoinableQueue, 1 KiB, 1/1", 20.0, TEXTS),
        Feed { pairs: 4, size: 1 << 10 }.case("JoinableQueue, 1 KiB, 4/4", 20.0, TEXTS),
        Feed { pairs: 1, size: 1 << 16 }.case("JoinableQueue, 64 KiB, 1/1", 10.0, LARGE),
        Feed { pairs: 4, size: 1 << 16 }.case("JoinableQueue, 64 KiB, 4/4", 10.0, LARGE),
    ]
}

/// What goes through the queue.
#[derive(Clone, Copy)]
struct Feed {
    /// The number of producers, and of consumers.
    pairs: u32,
    /// The letters of a text. 0: the items are numbers.
    size: usize,
}

impl Feed {
    fn case(self, what: &'static str, times: f64, note: Note) -> Case {
        let ours = move |job: &Job| if self.size == 0 { self.numbers(job) } else { self.texts(job) };
        let script = move |job: &Job| {
            let arguments = [job.count, self.pairs.into(), self.size as u64, self.capacity() as u64];
            Script::new(JOINABLE_QUEUE).args(arguments.map(|number| number.to_string()))
        };
        Case {
            what,
            ours: Contestant::rust("JoinableQueue", ours),
            peer: Contestant::python_with("Python's JoinableQueue", script),
            amount: Amount::Filling,
            measure: Measure::Rate("items"),
            wanted: Wanted::Faster(times),
            note,
            needs_disk: false,
        }
    }

    fn capacity(self) -> usize {
        if self.size < 1 << 16 { CAPACITY } else { 64 }
    }

    fn numbers(self, job: &Job) -> Result<Sample, Error> {
        self.through_a_queue(job, |i| i, |i: &u64| *i, sum_below(job.count))
    }

    fn texts(self, job: &Job) -> Result<Sample, Error> {
        let text = "x".repeat(self.size);
        let length = |text: &String| text.len() as u64;
        self.through_a_queue(job, |_| text.clone(), length, job.count * self.size as u64)
    }

    /// Puts item after item through a queue, and holds the sum of what the consumers weighed against
    /// `expected`.
    fn through_a_queue<T: Serialize + DeserializeOwned>(
        self,
        job: &Job,
        make: impl Fn(u64) -> T + Sync,
        weigh: impl Fn(&T) -> u64 + Sync,
        expected: u64,
    ) -> Result<Sample, Error> {
        let queue = JoinableQueue::<T>::builder(self.capacity()).max_message(self.size + HEAD).build()?;
        let all_put = Barrier::new(self.pairs + 1)?;
        let mut workers = Workers::new(2 * self.pairs)?;
        for i in 0..self.pairs {
            workers.start("producer", |_| {
                for number in (u64::from(i)..job.count).step_by(self.pairs as usize) {
                    queue.put(make(number))?;
                }
                all_put.wait(PATIENCE)?;
                Ok(0)
            })?;
            workers.start("consumer", |_| {
                let mut sum = 0;
                while let Ok(delivery) = queue.get() {
                    sum += weigh(&delivery);
                    delivery.done();
                }
                Ok(sum)
            })?;
        }
        workers.explained(all_put.wait(PATIENCE))?;
        workers.explained(queue.join())?;
        workers.stopwatch().stop();
        queue.close();
        let (sum, took) = workers.join()?;
        expect("the sum", expected, sum)?;
        Ok(Sample::new(job.count, took))
    }
}
