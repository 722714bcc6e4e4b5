//! Our primitives beside their peers: Python's, other crates', std's, and the bare system calls.
//!
//! Reading order: `case.rs` says what a case is, `cases.rs` and `cases/` which there are, `contestant.rs`
//! and `sandbox.rs` how a contestant is measured, `servers.rs` what the TCP cases ask, `rounds.rs` how
//! two contestants are compared, `page.rs` how the result is shown.

#![forbid(unsafe_code)]

mod calibration;
mod case;
mod cases;
mod contestant;
mod help;
mod json;
mod machine;
mod options;
mod page;
mod results;
mod rounds;
mod sample;
mod sandbox;
mod scripts;
mod servers;
mod spread;
mod units;
mod verify;
mod words;
mod workers;

use std::process::ExitCode;

use common::progress::ProgressBar;
use common::{Error, cli, interrupt, process, view};

use calibration::calibrate;
use case::{Amount, Case};
use contestant::Contestant;
use machine::Machine;
pub use options::Options;
use results::Results;
use rounds::{Rounds, Turn};
use sandbox::Sandbox;

const NAME: &str = "bench";

/// The whole of `main`.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(cli::run_tool(NAME, help::HELP, std::env::args_os(), run))
}

/// Measures what the options ask for and prints the result. True if every case was measured.
fn run(options: &Options) -> Result<bool, Error> {
    let cases = options.chosen()?;
    if options.list {
        cases.iter().try_for_each(|case| view::write_line(&case.name()))?;
        return Ok(true);
    }
    interrupt::catch_signals()?;
    process::adopt_orphans()?;
    let sandbox = Sandbox::new(options.deadline())?;
    let machine = Machine::describe(&sandbox)?;
    let results = measure(options, &sandbox, &cases, machine)?;
    view::write_line(&if options.json { json::object(&results) } else { page::page(&results) })?;
    if !results.is_complete() {
        cli::notice(NAME, words::not_every_row());
    }
    Ok(results.is_complete())
}

fn measure<'a>(
    options: &Options,
    sandbox: &Sandbox,
    cases: &'a [Case],
    machine: Machine,
) -> Result<Results<'a>, Error> {
    let turns: usize = cases.iter().map(|case| 2 * options.rounds_of(case)).sum();
    let progress = ProgressBar::new(turns as u64, "{bar:30} {pos}/{len} {wide_msg}");
    let round_ms = options.round().as_secs_f64() * 1e3;
    let mut results = Results { machine, rounds: options.rounds(), round_ms, cases: Vec::new() };
    for case in cases {
        progress.set_message(case.name());
        results.cases.push((case, compare(options, sandbox, case, &progress)?));
    }
    Ok(results)
}

/// All rounds of one case.
fn compare(options: &Options, sandbox: &Sandbox, case: &Case, progress: &ProgressBar) -> Result<Rounds, Error> {
    let count = |contestant: &Contestant| match case.amount {
        Amount::Milliseconds(wait) | Amount::Load(wait) => Ok(Ok(options.scaled(wait))),
        Amount::Soak => Ok(Ok(options.soak_milliseconds())),
        Amount::Filling => calibrate(options.round(), |count| contestant.measure(sandbox, count)),
    };
    let counts = (count(&case.ours)?, count(&case.peer)?);
    Rounds::play(options.rounds_of(case), |turn| {
        progress.advance();
        let (contestant, count) = match turn {
            Turn::Ours => (&case.ours, &counts.0),
            Turn::Peer => (&case.peer, &counts.1),
        };
        match count {
            Ok(count) => contestant.measure(sandbox, *count),
            Err(why) => Ok(Err(why.clone())),
        }
    })
}
