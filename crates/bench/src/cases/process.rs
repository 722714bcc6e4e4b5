//! What it costs to start a process that does nothing, and to join it.

use std::time::Instant;

use common::Error;
use common::process::{Process, fork_exit_wait};

use crate::case::{Amount, Case, Measure, Wanted};
use crate::contestant::{Contestant, How, Job, Sample};
use crate::scripts::{PROCESS, Script};
use crate::workers::expect;

pub(super) fn rows() -> Vec<Case> {
    let row = |peer, wanted, note| Case {
        what: "Process, start and join",
        ours: Contestant { name: "Process", how: How::Rust(Box::new(ours)) },
        peer,
        amount: Amount::Filling,
        measure: Measure::Time,
        wanted,
        note,
    };
    vec![
        row(
            Contestant { name: "fork, _exit, waitid", how: How::Rust(Box::new(bare)) },
            Wanted::AtMost(1.2),
            "the bare system calls: the limit",
        ),
        row(
            Contestant { name: "Python's Process", how: How::Python(Script::new(PROCESS)) },
            Wanted::Faster(8.0),
            "both fork; the interpreter is the larger process",
        ),
    ]
}

fn ours(job: &Job) -> Result<Sample, Error> {
    let began = Instant::now();
    for _ in 0..job.count {
        let exit = Process::new("nothing", || ()).start()?.join()?;
        expect("the exit code", 1, u64::from(exit.success()))?;
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
