//! Tasks for two worker processes, and their results.

use std::time::Instant;

use common::Error;
use common::pool::{Pool, PoolError};
use common::python::Script;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::POOL;
use crate::verify::{expect, sum_below};

const WORKERS: u32 = 2;

pub(super) fn cases() -> Vec<Case> {
    const ALIKE: Note = Note::Shared {
        rows: "Pool, …",
        text: "two workers, and a task that returns its input: a number, or a text of 1024 or 65,536 ASCII letters; the \
               time begins when the workers are started, except in the row that makes a pool for each task; both sides \
               choose their chunks of a map, and each alone is a chunk of one; as they come are chunks of 64 in Python, \
               and of one for texts of 64 KiB",
    };
    let case = |what, way: Way, peer: Peer, size: usize, wanted| {
        let ours = move |job: &Job| if size == 0 { way.numbers(job) } else { way.texts(job, size) };
        let script =
            move |job: &Job| Script::new(POOL).args([job.count.to_string(), peer.way.to_owned(), size.to_string()]);
        let measure = if matches!(wanted, Wanted::AtMost(_)) { Measure::Time } else { Measure::Rate("tasks") };
        Case {
            what,
            ours: Contestant::rust("Pool", ours),
            peer: Contestant::python_with(peer.name, script),
            amount: Amount::Filling,
            measure,
            wanted,
            note: ALIKE,
            needs_disk: false,
        }
    };
    let pool = |way| Peer { name: "Python's Pool", way };
    let executor = |way| Peer { name: "Python's ProcessPoolExecutor", way };
    vec![
        case("Pool, u64, map", Way::Map, pool("map"), 0, Wanted::Faster(6.0)),
        case("Pool, u64, map, each alone", Way::Alone, pool("alone"), 0, Wanted::Faster(18.0)),
        case("Pool, u64, as they come", Way::Unordered, pool("unordered"), 0, Wanted::Faster(22.0)),
        case("Pool, u64, submit", Way::Submit, executor("submit"), 0, Wanted::Faster(60.0)),
        case("Pool, 1 KiB, map", Way::Map, pool("map"), 1 << 10, Wanted::Faster(3.0)),
        case("Pool, 1 KiB, as they come", Way::Unordered, pool("unordered"), 1 << 10, Wanted::Faster(8.0)),
        case("Pool, 64 KiB, map", Way::Map, pool("map"), 1 << 16, Wanted::Faster(3.0)),
        case("Pool, 64 KiB, as they come", Way::Unordered, pool("unordered-alone"), 1 << 16, Wanted::Faster(5.0)),
        case("Pool, u64, there and back", Way::ThereAndBack, pool("there-and-back"), 0, Wanted::AtMost(0.08)),
        case("Pool, u64, there and back", Way::ThereAndBack, executor("executor"), 0, Wanted::AtMost(0.03)),
        case("Pool, made for each task", Way::Create, pool("create"), 0, Wanted::AtMost(0.15)),
    ]
}

/// A peer, and what its script does.
#[derive(Clone, Copy)]
struct Peer {
    name: &'static str,
    way: &'static str,
}

/// How the tasks are sent.
#[derive(Clone, Copy)]
enum Way {
    Map,
    /// Chunks of one.
    Alone,
    Unordered,
    /// All of them, and then every result is waited for.
    Submit,
    /// One after the other.
    ThereAndBack,
    /// A pool for each.
    Create,
}

impl Way {
    fn numbers(self, job: &Job) -> Result<Sample, Error> {
        self.measured(job, 0..job.count, |number| *number, sum_below(job.count))
    }

    fn texts(self, job: &Job, size: usize) -> Result<Sample, Error> {
        let text = "x".repeat(size);
        let texts = (0..job.count).map(|_| text.clone());
        self.measured(job, texts, |text| text.len() as u64, job.count * size as u64)
    }

    fn measured<T: Serialize + DeserializeOwned>(
        self,
        job: &Job,
        mut inputs: impl Iterator<Item = T>,
        weigh: impl Fn(&T) -> u64,
        expected: u64,
    ) -> Result<Sample, Error> {
        let chunk = u32::from(matches!(self, Self::Alone));
        let make = || Pool::options(WORKERS).chunk(chunk).build(|(), input: T| input);
        if matches!(self, Self::Create) {
            let began = Instant::now();
            let sum =
                inputs.try_fold(0, |sum, input| Ok::<_, PoolError>(sum + weigh(&make()?.submit(input)?.wait()?)))?;
            return finished(job, expected, sum, began);
        }
        let pool = make()?;
        let began = Instant::now();
        let sum = match self {
            Self::Map | Self::Alone => pool.map(inputs)?.iter().map(weigh).sum(),
            Self::Unordered => {
                pool.imap_unordered(inputs)?.try_fold(0, |sum, result| Ok::<_, PoolError>(sum + weigh(&result?)))?
            }
            Self::Submit => {
                let all = inputs.map(|input| pool.submit(input)).collect::<Result<Vec<_>, _>>()?;
                all.into_iter().try_fold(0, |sum, pending| Ok::<_, PoolError>(sum + weigh(&pending.wait()?)))?
            }
            Self::ThereAndBack | Self::Create => {
                inputs.try_fold(0, |sum, input| Ok::<_, PoolError>(sum + weigh(&pool.submit(input)?.wait()?)))?
            }
        };
        finished(job, expected, sum, began)
    }
}

fn finished(job: &Job, expected: u64, sum: u64, began: Instant) -> Result<Sample, Error> {
    let took = began.elapsed();
    expect("the sum", expected, sum)?;
    Ok(Sample::new(job.count, took))
}
