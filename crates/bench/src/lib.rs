//! Our primitives beside their peers: Python's, other crates', std's, and the bare system calls.
//!
//! Reading order: `row.rs` says what a row is, `rows.rs` and `rows/` which there are, `side.rs` and
//! `sandbox.rs` how one side is measured, `servers.rs` what the TCP rows ask, `rounds.rs` how two are
//! compared, `table.rs` how that is shown.

mod case;
mod cases;
mod contestant;
mod machine;
mod page;
mod rounds;
mod sandbox;
mod scripts;
mod servers;
mod workers;

use std::process::ExitCode;
use std::time::Duration;

use common::gate::PATIENCE;
use common::{Error, cli, interrupt, process, view};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use case::{Amount, Case, LONG_ROUNDS};
use contestant::{Contestant, Unmeasured};
use machine::Machine;
use page::Results;
use rounds::{Rounds, Who, calibrate};
use sandbox::Sandbox;

/// Our primitives beside their peers, measured side by side.
///
/// Each row of the table compares ours with one peer, in rounds: ours, the peer, the peer, ours, and
/// so on. Each side of a round runs in a fresh process, does as much as takes about 300 ms, and is
/// timed from when all of its processes are ready to when the last item has arrived. What arrives is
/// verified. The ratio is taken round by round. The TCP servers are under load for 500 ms, by one and
/// the same client.
///
/// A row that is slower than wanted says so, and is no failure: the exit code is 0 when every row
/// was measured, and 1 when one was not, because a peer is missing, hangs or is wrong.
#[derive(Debug, clap::Parser)]
#[command(name = "bench", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// Measure only the rows whose name contains this (may be given several times)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// How many rounds [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: Option<u16>,
    /// How much is done in a round, as a multiple of about 300 ms [default: 1]
    #[arg(long, value_name = "FACTOR", value_parser = work)]
    work: Option<f64>,
    /// A first look: 3 rounds of a third of the work
    #[arg(long)]
    quick: bool,
    /// How many seconds one side of one round may take before it is given up [default: 60, times --work if above 1]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    deadline: Option<u16>,
    /// How many seconds the TCP servers are under full load in the rows `soak`
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u16).range(1..))]
    soak: u16,
    /// Print one JSON object, with every single figure
    #[arg(long)]
    json: bool,
    /// Print the names of the rows, and measure nothing
    #[arg(long, conflicts_with = "json")]
    list: bool,
}

const EXAMPLES: &str = "Examples:
  bench                                  the whole table
  bench --quick --only queue             a first look at the queues
  bench --only ipc-channel --rounds 51   one row, closely
  bench --only soak --soak 60            the TCP servers under full load for a minute each
  bench --json > figures.json            every round's figures, for a program to read";

const NAME: &str = "bench";
/// How long one side of a round takes.
const ROUND: Duration = Duration::from_millis(300);

/// The whole of `main`.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(cli::run_tool(NAME, std::env::args_os(), run))
}

/// Measures what the options ask for and prints the table. True if every row was measured.
fn run(options: &Options) -> Result<bool, Error> {
    let rows = options.chosen()?;
    if options.list {
        rows.iter().try_for_each(|row| view::write_line(&row.name()))?;
        return Ok(true);
    }
    interrupt::catch_signals()?;
    process::adopt_orphans()?;
    let sandbox = Sandbox::new(options.deadline())?;
    let python = match scripts::version(&sandbox)? {
        Ok(version) => format!("Python {version}"),
        Err(Unmeasured::Missing(why)) => why,
        Err(Unmeasured::Failed(why)) => format!("python3: {why}"),
    };
    let machine = Machine::look(python, sandbox.folder());
    let table = measure(options, &sandbox, &rows, machine)?;
    view::write_line(&if options.json { table.json() } else { table.text() })?;
    if !table.is_complete() {
        cli::notice(NAME, "not every row was measured");
    }
    Ok(table.is_complete())
}

fn measure<'a>(options: &Options, sandbox: &Sandbox, rows: &'a [Case], machine: Machine) -> Result<Results<'a>, Error> {
    let progress = progress(rows.iter().map(|row| 2 * options.rounds_of(row)).sum());
    let round = ROUND.mul_f64(options.work());
    let mut table =
        Results { machine, rounds: options.rounds(), round_ms: round.as_secs_f64() * 1e3, rows: Vec::new() };
    for row in rows {
        progress.set_message(row.name());
        table.rows.push((row, compare(options, sandbox, row, &progress)?));
    }
    progress.finish_and_clear();
    Ok(table)
}

/// All rounds of one row.
fn compare(options: &Options, sandbox: &Sandbox, row: &Case, progress: &ProgressBar) -> Result<Rounds, Error> {
    let count = |side: &Contestant| match row.amount {
        Amount::Milliseconds(wait) | Amount::Load(wait) => Ok(Ok(scaled(wait, options.work()))),
        Amount::Soak => Ok(Ok(u64::from(options.soak) * 1000)),
        Amount::Filling => calibrate(ROUND.mul_f64(options.work()), |count| contestant::measure(sandbox, side, count)),
    };
    let counts = (count(&row.ours)?, count(&row.peer)?);
    Rounds::play(options.rounds_of(row), |who| {
        progress.inc(1);
        let (side, count) = match who {
            Who::Ours => (&row.ours, &counts.0),
            Who::Peer => (&row.peer, &counts.1),
        };
        match count {
            Ok(count) => contestant::measure(sandbox, side, *count),
            Err(why) => Ok(Err(why.clone())),
        }
    })
}

impl Options {
    fn chosen(&self) -> Result<Vec<Case>, Error> {
        let mut rows = cases::all();
        let contains = |row: &Case, part: &str| row.name().to_lowercase().contains(&part.to_lowercase());
        if let Some(unknown) = self.only.iter().find(|part| !rows.iter().any(|row| contains(row, part))) {
            return Err(Error::Usage(format!("no row's name contains '{unknown}'; see --list")));
        }
        rows.retain(|row| self.only.is_empty() || self.only.iter().any(|part| contains(row, part)));
        Ok(rows)
    }

    fn rounds(&self) -> usize {
        usize::from(self.rounds.unwrap_or(if self.quick { 3 } else { 7 }))
    }

    fn rounds_of(&self, row: &Case) -> usize {
        match row.amount {
            Amount::Filling | Amount::Load(_) => self.rounds(),
            Amount::Milliseconds(_) => self.rounds().min(LONG_ROUNDS),
            Amount::Soak => 1,
        }
    }

    fn work(&self) -> f64 {
        self.work.unwrap_or(if self.quick { 1.0 / 3.0 } else { 1.0 })
    }

    fn deadline(&self) -> Duration {
        let soak = Duration::from_secs(self.soak.into());
        let default = || PATIENCE.mul_f64(self.work().max(1.0)) + soak;
        self.deadline.map_or_else(default, |seconds| Duration::from_secs(seconds.into()))
    }
}

fn work(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(work) if (0.001..=100.0).contains(&work) => Ok(work),
        _ => Err("a factor is a number from 0.001 to 100".to_owned()),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, and is positive")]
fn scaled(milliseconds: u32, work: f64) -> u64 {
    (f64::from(milliseconds) * work).ceil() as u64
}

/// A bar on standard error, if somebody watches. It draws when it is told to: a thread that draws
/// by itself would forbid the forks.
fn progress(steps: usize) -> ProgressBar {
    let target = if view::progress_is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
