//! What it costs to start a process that does nothing, and to join it.

use std::time::Instant;

use common::Error;
use common::process::{Process, fork_exit_wait};

use crate::case::{Amount, Case, Measure, Note, Wanted};
use crate::contestant::Contestant;
use crate::sample::{Job, Sample};
use crate::scripts::PROCESS;
use crate::verify::expect;

pub(super) fn cases() -> Vec<Case> {
    let case = |peer, wanted, note| Case {
        what: "Process, start and join",
        ours: Contestant::rust("Process", ours),
        peer,
        amount: Amount::Filling,
        measure: Measure::Time,
        wanted,
        note: Note::Own(note),
        needs_disk: false,
    };
    vec![
        case(
            Contestant::rust("fork, _exit, waitid", bare),
            Wanted::AtMost(1.2),
            "the peer is the bare system calls, the least that a process can cost",
        ),
        case(
            Contestant::python("Python's Process", PROCESS),
            Wanted::Faster(8.0),
            "both fork; the interpreter is the larger process",
        ),
    ]
}

fn ours(job: &Job) -> Result<Sample, Error> {
    let began = Instant::now();
    for _ in 0..job.count {
        let exit = Process::new("nothing", || ()).start()?.join()?;
        expect("the number of successes", 1, u64::from(exit.success()))?;
    }
    Ok(Sample::new(job.count, began.elapsed()))
}

fn bare(job: &Job) -> Result<Sample, Error> {
    let began = Instant::now();
    for _ in 0..job.count {
        fork_exit_wait()?;
    }
    Ok(Sample::new(job.count, began.elapsed()))
}
