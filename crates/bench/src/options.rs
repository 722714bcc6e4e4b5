//! The command line.

use std::time::Duration;

use common::Error;
use common::foreign;
use common::lang::Lang;
use common::pace::PATIENCE;
use common::refusal::Refusal;

use crate::case::{Amount, Case, LONG_ROUNDS};
use crate::cases;
use crate::words;

/// Our primitives beside their peers, measured side by side.
///
/// Each row of the table compares one of our primitives with one peer, in interleaved rounds: ours,
/// the peer, the peer, ours, and so on. In each round both run in a fresh process, do as much as takes
/// about 300 ms, and are timed from the moment when all their processes are ready to the arrival of
/// the last item. What arrives is verified. The ratio is taken round by round. The TCP servers are
/// under load for 500 ms, by the same client.
///
/// The result is a page of Markdown. A row that is slower than wanted says so, and is no failure: the
/// exit code is 0 when every row was measured, and 1 when one was not, because a peer is missing, hangs
/// or is wrong.
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
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    work: Option<f64>,
    /// A first look: 3 rounds of a third of the work
    #[arg(long)]
    quick: bool,
    /// How many seconds ours or the peer may take in one round [default: 60, times --work if above 1]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    deadline: Option<u16>,
    /// How many seconds the TCP servers are under full load in the rows `soak`
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = clap::value_parser!(u16).range(1..))]
    soak: u16,
    /// Print one JSON object, with every figure of every round
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the names of the rows, and measure nothing
    #[arg(long, conflicts_with = "json")]
    pub(crate) list: bool,
    /// The language of this help and of errors; the page is English [default: from the locale]
    #[arg(long, value_parser = common::options::languages())]
    lang: Option<Lang>,
}

const EXAMPLES: &str = "Examples:
  bench                                  the whole table
  bench --quick --only queue             a first look at the queues
  bench --only ipc-channel --rounds 51   one row, closely
  bench --only soak --soak 60            the TCP servers under full load for a minute each
  bench --json > figures.json            every figure, for a program to read";

/// How long a contestant takes in a round, if it is not asked for more or less.
const ROUND: Duration = Duration::from_millis(300);

impl Options {
    /// The cases to measure.
    pub(crate) fn chosen(&self) -> Result<Vec<Case>, Error> {
        let mut cases = cases::all();
        let contains = |case: &Case, part: &str| case.name().to_lowercase().contains(&part.to_lowercase());
        if let Some(unknown) = self.only.iter().find(|part| !cases.iter().any(|case| contains(case, part))) {
            return Err(Error::Usage(words::no_such_row(foreign::value(unknown))));
        }
        cases.retain(|case| self.only.is_empty() || self.only.iter().any(|part| contains(case, part)));
        Ok(cases)
    }

    pub(crate) fn rounds(&self) -> usize {
        usize::from(self.rounds.unwrap_or(if self.quick { 3 } else { 7 }))
    }

    pub(crate) fn rounds_of(&self, case: &Case) -> usize {
        match case.amount {
            Amount::Filling | Amount::Load(_) => self.rounds(),
            Amount::Milliseconds(_) => self.rounds().min(LONG_ROUNDS),
            Amount::Soak => 1,
        }
    }

    /// How long a contestant takes in a round.
    pub(crate) fn round(&self) -> Duration {
        ROUND.mul_f64(self.work())
    }

    /// A time in milliseconds, as much of it as the user asks for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, and is positive")]
    pub(crate) fn scaled(&self, milliseconds: u32) -> u64 {
        (f64::from(milliseconds) * self.work()).ceil() as u64
    }

    pub(crate) fn soak_milliseconds(&self) -> u64 {
        u64::from(self.soak) * 1000
    }

    /// How long a contestant may take in a round.
    pub(crate) fn deadline(&self) -> Duration {
        let soak = Duration::from_secs(self.soak.into());
        let default = || PATIENCE.mul_f64(self.work().max(1.0)) + soak;
        self.deadline.map_or_else(default, |seconds| Duration::from_secs(seconds.into()))
    }

    fn work(&self) -> f64 {
        self.work.unwrap_or(if self.quick { 1.0 / 3.0 } else { 1.0 })
    }
}

fn factor(text: &str) -> Result<f64, Refusal> {
    match text.parse() {
        Ok(factor) if (0.001..=100.0).contains(&factor) => Ok(factor),
        _ => Err(Refusal(words::factor_is_a_number())),
    }
}
