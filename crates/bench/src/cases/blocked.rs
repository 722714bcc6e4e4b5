//! What waiting costs: the CPU time of a `get` on an empty queue.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::actor::Failures;
use common::lang::Lang;
use common::pace::PATIENCE;
use common::queue::Queue;
use common::shared::Shared;
use common::sync::Barrier;
use common::{Error, interrupt, objects};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::CAPACITY;
use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::BLOCKED_GET;
use crate::verify::expect;

pub(super) fn cases() -> Vec<Case> {
    vec![Case {
        what: "Queue, CPU of a get blocked for 5 s",
        ours: Contestant::rust("Queue<u64>", blocked),
        peer: Contestant::python("Python's Queue", BLOCKED_GET),
        amount: Amount::Milliseconds(5000),
        measure: Measure::Share,
        wanted: Wanted::Below(1.0),
        note: Note::Own("CPU time of the waiting process, user and system; Python's is for information"),
        needs_disk: false,
    }]
}

fn blocked(job: &Job) -> Result<Sample, Error> {
    let queue = Queue::<u64>::builder(CAPACITY).max_message(16).build()?;
    let ready = Barrier::new(2)?;
    // The CPU time and the time in nanoseconds, and the item.
    let found = Shared::new([const { AtomicU64::new(0) }; 3])?;
    let get = || {
        ready.wait(PATIENCE)?;
        let (began, used) = (Instant::now(), cpu_time()?);
        let item = queue.get()?;
        let (took, used) = (began.elapsed(), cpu_time()?.saturating_sub(used));
        for (slot, value) in found.iter().zip([nanoseconds(used), nanoseconds(took), item]) {
            slot.store(value, Ordering::Release);
        }
        Ok::<(), Error>(())
    };
    let failures = Failures::new(Lang::En)?;
    let mut getter = failures.process("getter", get).daemon().linked().start()?;
    let ask = || -> Result<(), Error> {
        ready.wait(PATIENCE)?;
        interrupt::sleep(Duration::from_millis(job.count))?;
        Ok(queue.put(7)?)
    };
    ask().map_err(|error| failures.explained(error))?;
    failures.join(&mut getter)?;
    let [used, took, item] = found.each_ref().map(|slot| slot.load(Ordering::Acquire));
    expect("the item", 7, item)?;
    let used = Duration::from_nanos(used).as_secs_f64();
    Ok(Sample { count: used, ..Sample::new(0, Duration::from_nanos(took)) })
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// User and system time of this process.
fn cpu_time() -> Result<Duration, Error> {
    let usage = getrusage(UsageWho::RUSAGE_SELF);
    let usage = usage.map_err(|errno| Error::refused("measure", objects::processor_time(), errno))?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(microseconds.unsigned_abs()))
}
