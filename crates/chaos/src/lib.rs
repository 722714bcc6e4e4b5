//! Chaos kills processes at random instants and at every crash point of the toolkit, and holds what they worked
//! on against what the toolkit promises.
//!
//! In reading order:
//!
//! - `roles.rs`: the workloads, and the roles of their workers
//! - `crash_points.rs`: which workers hit which crash point
//! - `plan.rs`, `random.rs`: what the seed decides: which workers are killed and stopped, where, and when
//! - `rounds.rs`: round after round, until enough processes were killed
//! - `workers.rs`: the workers of a round: started, killed, stopped, replaced, joined
//! - `hidden_proc.rs`, `namespace.rs`, `pids.rs`: workers that see no `/proc`, and workers with small pids
//! - `slots.rs`, `order.rs`, `latency.rs`: what a worker does, where it shall die, how long it all takes
//! - `ledger.rs`, `item.rs`: what happened to each item, and how a torn one is recognised
//! - `sections.rs`: the sections of the notes, as programs
//! - `traffic.rs`, `stop_flag.rs`: what workloads have in common
//! - `workloads.rs`: the two queues, the mutex, the log, the tickets' file, the daemons, the sections
//! - `record.rs`: what the journal of a recorded round must be
//! - `leaks.rs`: what a run must not leave behind
//! - `tally.rs`, `promises.rs`: the sum of all rounds, and what must hold of it
//! - `words.rs`: what is said, claimed and measured, in each language
//! - `compare.rs`: what a kill does to Python's `multiprocessing`, and what it does here

#![forbid(unsafe_code)]

mod compare;
mod crash_points;
mod help;
mod hidden_proc;
mod item;
mod latency;
mod leaks;
mod ledger;
mod namespace;
mod order;
mod pids;
mod plan;
mod promises;
mod random;
mod record;
mod roles;
mod rounds;
mod sections;
mod slots;
mod stop_flag;
mod tally;
mod traffic;
mod words;
mod workers;
mod workloads;

use std::process::ExitCode;

use common::cli::{self, Format, Speed};
use common::lang::{self, Lang};
use common::settings::{Settings, any_seed};
use common::stage::Stage;
use common::{Error, interrupt, process};

use roles::Workload;
use rounds::Rounds;
use sections::Tour;
use tally::millis;

const NAME: &str = "chaos";
/// Fewer kills do not reach every crash point.
const FEWEST: u32 = 500;

/// Kills processes at every instant and every crash point, and counts what is lost
///
/// Producers and consumers of queues, lock holders, ticket buyers and parents of daemons work as fast as
/// they can, and are killed by SIGKILL: from outside at random instants, and by their own hand at every
/// crash point, which is a place between two stores of the toolkit. Each dead worker is replaced. The
/// workers write down in shared memory what they did, and that is held against what the toolkit promises.
///
/// Some faults are no kills: workers stop for a while, are debugged, live in a pid namespace, see no /proc, or
/// execute another program. The sections of the notes run as well, and any process of theirs is killed.
///
/// The same seed gives the same choices: which worker is killed, at which crash point, at which
/// microsecond. What the victim is doing at that microsecond depends on the machine, so a failure may take
/// a few runs with its seed to come back.
#[derive(Debug, clap::Parser)]
#[command(name = NAME, version, after_help = EXAMPLES)]
struct Options {
    /// How many processes to kill
    #[arg(default_value = "10000", value_parser = clap::value_parser!(u32).range(i64::from(FEWEST)..))]
    kills: u32,
    /// Repeat the choices of an earlier run, which printed its seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run only this workload
    #[arg(long, value_name = "WORKLOAD")]
    only: Option<Workload>,
    /// Run only this round of the seed, again and again
    #[arg(long, value_name = "N", requires = "seed")]
    round: Option<u64>,
    /// Instead: what a kill -9 does to Python's multiprocessing, and what it does here
    #[arg(long, conflicts_with_all = ["kills", "only", "round"])]
    compare: bool,
    /// The language of the run [default: from the locale]
    #[arg(long, value_parser = common::options::languages())]
    lang: Option<Lang>,
    /// Text, or one JSON object at the end
    #[arg(long, default_value = "text")]
    format: ReportFormat,
}

const EXAMPLES: &str = "Examples:
  chaos                       ten thousand kills
  chaos 1000 --seed 7         the choices of an earlier run
  chaos 2000 --only mutex
  chaos --compare             the same six kills in Python and here";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ReportFormat {
    Text,
    Json,
}

/// The whole of `main`.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(cli::run_tool(NAME, help::HELP, std::env::args_os(), run))
}

/// Does what the options ask for. True if every check held.
fn run(options: &Options) -> Result<bool, Error> {
    interrupt::catch_signals()?;
    process::adopt_orphans()?;
    let seed = options.seed.unwrap_or_else(any_seed);
    let format = match options.format {
        ReportFormat::Text => Format::Text,
        ReportFormat::Json => Format::Json,
    };
    let lang = options.lang.unwrap_or_else(lang::of_locale);
    let settings = Settings { lang, speed: Speed::INFINITE, seed, format, bare: options.compare };
    let mut stage = Stage::for_tool(NAME, settings)?;
    if options.compare {
        stage.scene("compare", compare::compare)?;
    } else {
        let Options { kills, only, round, .. } = *options;
        let tour = match Tour::find() {
            Err(missing) if only == Some(Workload::Sections) => return Err(missing),
            Err(missing) if only.is_none() => {
                cli::notice(NAME, &missing);
                None
            }
            found => found.ok(),
        };
        stage.scene("chaos", |stage| chaos(&Rounds { kills, seed, only, round, tour }, stage))?;
    }
    stage.finish()
}

/// Claims what must hold, kills until enough processes are dead, and looks.
fn chaos(rounds: &Rounds, stage: &mut Stage) -> Result<(), Error> {
    let promises = promises::of(rounds.kills, rounds.crash_points().len(), rounds.kills_sections());
    let act = |stage: &mut Stage| {
        let tally = rounds.run(&promises, stage.lang())?;
        if let Some((operation, lasted)) = tally.longest_call {
            stage.say(words::longest_call_was(millis(lasted), operation.called()))?;
        }
        for (name, value, unit) in tally.figures() {
            stage.figure(name, value, unit)?;
        }
        Ok(tally)
    };
    let tally = stage.play(promises::claims(&promises), act)?;
    if promises.iter().any(|promise| promise.is_broken(&tally)) {
        cli::notice(NAME, rounds.repeat(None));
    }
    Ok(())
}
