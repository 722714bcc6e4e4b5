//! Round after round, until enough processes were killed.

use std::path::Path;

use clap::ValueEnum;
use common::error::Toolkit;
use common::journal::{self, Journal, Show};
use common::lang::Lang;
use common::progress::ProgressBar;
use common::scratch::Scratch;
use common::words::Text;
use common::{Error, cli};

use crate::NAME;
use crate::crash_points::{self, CrashPoint};
use crate::hidden_proc::HiddenProc;
use crate::leaks::Resources;
use crate::ledger::Ledger;
use crate::namespace;
use crate::plan::{Planner, Round};
use crate::promises::Promise;
use crate::record;
use crate::roles::Workload;
use crate::sections::Tour;
use crate::slots::Slots;
use crate::tally::Tally;
use crate::words;
use crate::workloads::{self, Lengths};

/// How many rounds are added until a process has died and stopped at every crash point: a round that ends early,
/// because its ledger is full, leaves some of its kills out.
const MORE_ROUNDS: u32 = 50;

/// What is killed, and the choices that repeat it.
#[derive(Debug)]
pub(crate) struct Rounds {
    pub(crate) kills: u32,
    pub(crate) seed: u64,
    pub(crate) only: Option<Workload>,
    /// Only this round, again and again.
    pub(crate) round: Option<u64>,
    /// The program that is every section. Without it none is run.
    pub(crate) tour: Option<Tour>,
}

impl Rounds {
    /// The crash points that the workers of these rounds hit. A single round promises none.
    pub(crate) fn crash_points(&self) -> Vec<CrashPoint> {
        if self.round.is_some() { Vec::new() } else { crash_points::reachable(self.only) }
    }

    /// Whether processes of sections are killed, too.
    pub(crate) fn kills_sections(&self) -> bool {
        self.tour.is_some() && self.only.is_none_or(|only| only == Workload::Sections)
    }

    /// Runs all rounds. After a round that breaks a promise, a line on standard error says so, and how to
    /// repeat it.
    pub(crate) fn run(&self, promises: &[Promise], lang: Lang) -> Result<Tally, Error> {
        let before = Resources::now()?;
        let mut tally = self.run_all(promises, lang)?;
        tally.leaked = Resources::now()?.since(before);
        Ok(tally)
    }

    fn run_all(&self, promises: &[Promise], lang: Lang) -> Result<Tally, Error> {
        let (slots, ledger, scratch) = (Slots::new()?, Ledger::new()?, Scratch::in_memory(NAME)?);
        let hidden_proc = HiddenProc::new(scratch.path())?;
        let progress = ProgressBar::new(self.kills.into(), &words::progress().in_lang(lang));
        let points = self.crash_points();
        let wanted = points.len();
        let mut tally = Tally::new(points);
        let mut planner = Planner::new(self.seed, self.only);
        let mut lengths = Lengths::default();
        // At first the promises of kills and crash points are broken.
        let mut broken: Vec<bool> = promises.iter().map(|promise| promise.is_broken(&tally)).collect();
        let mut more = MORE_ROUNDS;
        let misses_points = |tally: &Tally| tally.crash_points().min(tally.stop_points()) < wanted;
        while tally.kills() < u64::from(self.kills) || (misses_points(&tally) && more > 0) {
            more -= u32::from(tally.kills() >= u64::from(self.kills));
            let round = match self.round {
                Some(number) => Planner::round(self.seed, self.only, number),
                None => planner.next_round(),
            };
            let number = round.number;
            let ran = match (&self.tour, round.workload) {
                (Some(tour), Workload::Sections) => {
                    workloads::run_sections(round, tour, &mut lengths, scratch.path(), &mut tally)
                }
                (None, Workload::Sections) => Ok(()),
                _ => run_one(round, &slots, &ledger, (scratch.path(), &hidden_proc), &mut tally),
            };
            ran.map_err(|error| self.with_repeat(number, error))?;
            tally.longest_stall = slots.latency.longest_stall();
            tally.longest_call = slots.latency.longest_call();
            tally.longest_overrun = slots.latency.longest_overrun();
            tally.stalled_calls = slots.latency.stalled_calls();
            tally.without_proc = hidden_proc.entered();
            for (promise, was_broken) in promises.iter().zip(&mut broken) {
                let is_broken = promise.is_broken(&tally);
                if is_broken && !*was_broken {
                    let (promise, repeat) = (promise.text.clone(), self.repeat(Some(number)));
                    cli::notice(NAME, words::round_broke(number, promise, repeat));
                }
                *was_broken = is_broken;
            }
            progress.set_position(tally.kills());
            progress.set_message(words::in_round(number).in_lang(lang));
        }
        Ok(tally)
    }

    /// The command that repeats the choices of this run, and the one for a single round of it.
    pub(crate) fn repeat(&self, round: Option<u64>) -> Text {
        let only = self.only.and_then(|only| only.to_possible_value());
        let only = only.map(|only| format!(" --only {}", only.get_name())).unwrap_or_default();
        let command = format!("{NAME} {} --seed {}{only}", self.kills, self.seed);
        match round {
            None => words::repeat_with(command),
            Some(round) => words::repeat_with_or_alone(&command, round),
        }
    }

    /// An error that ended the run in this round, with the command that repeats it.
    fn with_repeat(&self, round: u64, error: Error) -> Error {
        match error {
            Error::Child { .. }
            | Error::TimedOut { .. }
            | Error::Unusable { .. }
            | Error::Toolkit(Toolkit::TimedOut { .. } | Toolkit::Unusable { .. }) => {
                let message = words::and_repeat(Text::from(&error), self.repeat(Some(round)));
                Error::Relayed { code: error.code(), message }
            }
            other => other,
        }
    }
}

fn run_one(
    round: Round,
    slots: &Slots,
    ledger: &Ledger,
    places: (&Path, &HiddenProc),
    tally: &mut Tally,
) -> Result<(), Error> {
    if round.has_own_pids() {
        let so_far = tally.clone();
        let here = || {
            let mut tally = so_far;
            run_here(round.clone(), slots, ledger, places, &mut tally)?;
            Ok(tally)
        };
        if let Some(then) = namespace::run(here)? {
            *tally = Tally { reachable: std::mem::take(&mut tally.reachable), ..then };
            tally.namespaces += 1;
            return Ok(());
        }
        tally.namespaces_refused += 1;
    }
    run_here(round, slots, ledger, places, tally)
}

/// Runs a round whose workers are children of this process.
fn run_here(
    round: Round,
    slots: &Slots,
    ledger: &Ledger,
    (folder, hidden_proc): (&Path, &HiddenProc),
    tally: &mut Tally,
) -> Result<(), Error> {
    // For this round only: a record of all rounds would fill the memory.
    let journal = round.is_recorded().then(Journal::new).transpose()?;
    let recording = journal.as_ref().map(|journal| journal::watch(journal, "main", Show::default())).transpose()?;
    tally.dead.clear();
    workloads::run(round, slots, ledger, folder, hidden_proc, tally)?;
    drop(recording);
    if let Some(journal) = journal {
        tally.records.add(&record::judge(&journal, &tally.dead)?);
    }
    Ok(())
}
