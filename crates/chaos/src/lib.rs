//! Chaos: processes are killed at random instants and at every instrumented step, and what they
//! worked on is held against its promises.
//!
//! In reading order:
//!
//! - `plan.rs`: what the seed decides: who is killed, where, and when
//! - `crash_points.rs`: who passes which instrumented step
//! - `workers.rs`: the workers of a round: started, killed, replaced, sent home
//! - `slots.rs`: a place in shared memory for each, which tells what a dead one was doing
//! - `ledger.rs`, `item.rs`: what happened to every item, and how a torn one is seen
//! - `traffic.rs`, `workloads.rs`: the arenas
//! - `scratch.rs`: a folder that is gone after the run
//! - `leaks.rs`: what a run must not leave behind
//! - `tally.rs`: the sum, and the promises
//! - `compare.rs`: what a kill does to Python's `multiprocessing`, and what it does here
//!
//! **The longest stall** is the longest time between two completed operations (a put, a get, a done, a
//! lock, a purchase) of a whole crew, from the start of a round until its work is done. The workers
//! measure it themselves, with every operation. There is always work meanwhile: producers never
//! pause, consumers work for microseconds, and whoever is killed is replaced within milliseconds. So
//! it is long only if a death took something with it that the survivors wait for, and it contains all
//! of a recovery: noticing the death, making the queue whole, handing the item to somebody else.
//!
//! **The longest call** is the longest that one worker spent in one call of one operation, while the
//! others may have gone on; one that its caller's death cut short counts for as long as it lasted.
//! Locks and queues are not fair, and on a busy machine the kernel is not either, so this is allowed
//! to be longer; but nobody may be forgotten.

mod compare;
mod crash_points;
mod item;
mod leaks;
mod ledger;
mod plan;
mod scratch;
mod slots;
mod tally;
mod traffic;
mod workers;
mod workloads;

use std::cell::OnceCell;

use common::Error;
use common::cli::{self, CommonOptions, Format, Scene, Section};
use common::export::PictureOptions;
use common::lang::Lang;
use common::stage::Stage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use leaks::Holdings;
use ledger::Ledger;
use plan::{Arena, Planner, Round};
use scratch::Scratch;
use slots::Desks;
use tally::{Promise, Tally};

/// Kills processes at every instant and every step, and counts what is lost
///
/// Producers and consumers of queues, holders of mutexes, ticket buyers and parents of daemons work
/// as fast as they can, and are killed by SIGKILL: from outside at random instants, and by their own
/// hand at every step that the toolkit instruments. Whoever dies is replaced. What they did is put
/// down in shared memory, and held against what the toolkit promises.
///
/// The same seed gives the same choices: who is killed, at which step, at which microsecond. What
/// the victim was doing at that microsecond is decided by the machine, so a failure may take a few
/// runs with its seed to show again.
#[derive(Debug, clap::Parser)]
#[command(name = "chaos", version, after_help = EXAMPLES)]
pub struct Options {
    /// How many processes to kill
    #[arg(default_value = "10000", value_parser = clap::value_parser!(u32).range(i64::from(FEWEST)..))]
    kills: u32,
    /// Repeat the choices of an earlier run, which printed its seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only kill here
    #[arg(long, value_name = "ARENA")]
    only: Option<Arena>,
    /// Only this round of the seed, again and again
    #[arg(long, value_name = "N", requires = "seed")]
    round: Option<u64>,
    /// Instead: what a kill -9 does to Python's multiprocessing, and what it does here
    #[arg(long, conflicts_with_all = ["kills", "only", "round"])]
    compare: bool,
    /// Text, or one JSON object at the end
    #[arg(long, default_value = "text")]
    format: Shown,
    /// What every binary of this workspace can be told, as far as it is of use here.
    #[arg(skip)]
    common: OnceCell<CommonOptions>,
}

const EXAMPLES: &str = "Examples:
  chaos                       ten thousand kills
  chaos 1000 --seed 7         the choices of an earlier run
  chaos 2000 --only mutex
  chaos --compare             the same four kills in Python and here";

/// How many rounds are added until somebody has died at every step: a round that ends early, because
/// its ledger is full, leaves some of its kills out.
const ROUNDS_MORE: u32 = 50;
/// Fewer cannot die at every step.
const FEWEST: u32 = 500;

/// How the result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shown {
    Text,
    Json,
}

impl Section for Options {
    const NAME: &'static str = "chaos";
    const SCENES: &'static [Scene<Self>] = &[("chaos", chaos), ("compare", compare)];

    fn common(&self) -> &CommonOptions {
        self.common.get_or_init(|| CommonOptions {
            scene: Vec::new(),
            lang: Some(Lang::En),
            // There is no delay to be divided.
            speed: "inf".parse().expect("a speed that the options of every section have"),
            seed: Some(self.seed.unwrap_or_else(|| rand::random_range(0..1_000_000))),
            format: match self.format {
                Shown::Text => Format::Text,
                Shown::Json => Format::Json,
            },
            pictures: PictureOptions::default(),
        })
    }

    fn chosen(&self) -> Vec<&str> {
        vec![if self.compare { "compare" } else { "chaos" }]
    }

    /// The comparison prints its table and nothing else.
    fn is_command(&self) -> bool {
        self.compare
    }

    fn validate(&self) -> Result<(), Error> {
        if cfg!(debug_assertions) || self.compare {
            return Ok(());
        }
        Err(Error::Usage("this build has no points to die at; run it as `just chaos`".to_owned()))
    }
}

impl Options {
    fn seed(&self) -> u64 {
        self.common().seed.unwrap_or_default() // `common` always has one
    }

    /// An error that ended the run in this round, with the way to repeat it.
    fn ended(&self, round: u64, error: Error) -> Error {
        match error {
            Error::Child { .. }
            | Error::Toolkit(killproof::Error::TimedOut { .. } | killproof::Error::Unusable { .. }) => {
                Error::Relayed { code: error.code(), message: format!("{error}; {}", self.again(Some(round))) }
            }
            other => other,
        }
    }

    /// The command line that repeats the choices of this run, and the one for a single round of it.
    fn again(&self, round: Option<u64>) -> String {
        let only = self.only.and_then(|arena| clap::ValueEnum::to_possible_value(&arena));
        let only = only.map(|arena| format!(" --only {}", arena.get_name())).unwrap_or_default();
        let again = format!("chaos {} --seed {}{only}", self.kills, self.seed());
        let alone = round.map(|round| format!(", or its round alone with `{again} --round {round}`"));
        format!("repeat with `{again}`{}", alone.unwrap_or_default())
    }
}

fn compare(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    compare::compare(stage)
}

/// Claims what must hold, kills until enough are dead, and looks.
fn chaos(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let steps = if options.round.is_some() { 0 } else { crash_points::passed_in(options.only) };
    let promises = tally::promises(options.kills, steps);
    let claims = promises.iter().map(|promise| stage.claim(promise.text.as_str(), promise.expect.clone()));
    let claims: Vec<_> = claims.collect::<Result<_, _>>()?;

    let tally = kill(options, steps, &promises)?;

    if let Some((doing, lasted)) = tally.longest_call {
        stage.say(format!("the longest call, {} ms, was a {doing}", tally::millis(lasted)))?;
    }
    for (name, value, unit) in tally.figures() {
        stage.figure(&name, value, unit)?;
    }
    let mut held = true;
    for (promise, claim) in promises.iter().zip(claims) {
        held &= stage.check(claim, (promise.observe)(&tally))?;
    }
    if !held {
        cli::notice(Options::NAME, options.again(None));
    }
    Ok(())
}

/// Round after round, until enough have been killed. A round in which something breaks says so, and
/// how to repeat it.
fn kill(options: &Options, steps: usize, promises: &[Promise]) -> Result<Tally, Error> {
    let mut tally = Tally::new();
    let held_before = Holdings::now()?;
    let mut planner = Planner::new(options.seed(), options.only);
    let progress = progress(options.kills);
    {
        let (desks, ledger, scratch) = (Desks::new()?, Ledger::new()?, Scratch::new()?);
        let broken = |tally: &Tally| promises.iter().map(|promise| promise.breaks(tally)).collect::<Vec<_>>();
        let mut before = broken(&tally);
        let mut more = ROUNDS_MORE;
        while tally.kills() < u64::from(options.kills) || (tally.steps() < steps && more > 0) {
            more -= u32::from(tally.kills() >= u64::from(options.kills));
            let round = match options.round {
                Some(number) => Planner::round(options.seed(), options.only, number),
                None => planner.next_round(),
            };
            let number = round.number;
            play(round, &desks, &ledger, &scratch, &mut tally).map_err(|error| options.ended(number, error))?;
            (tally.stall, tally.longest_call) = (desks.stall(), desks.longest());
            let now = broken(&tally);
            for (promise, _) in promises.iter().zip(now.iter().zip(&before)).filter(|(_, (now, before))| now > before) {
                let what = format!("round {number} broke \"{}\"; {}", promise.text, options.again(Some(number)));
                cli::notice(Options::NAME, what);
            }
            before = now;
            progress.set_position(tally.kills());
            progress.set_message(format!("round {number}"));
        }
    }
    progress.finish_and_clear();
    tally.leaked = Holdings::now()?.since(held_before);
    Ok(tally)
}

fn play(round: Round, desks: &Desks, ledger: &Ledger, scratch: &Scratch, tally: &mut Tally) -> Result<(), Error> {
    match round.arena {
        Arena::Joinable => workloads::joinable::play(round, desks, ledger, tally),
        Arena::Queue => workloads::queue::play(round, desks, ledger, tally),
        Arena::Mutex => workloads::mutex::play(round, desks, tally),
        Arena::Tickets => workloads::tickets::play(round, desks, scratch, tally),
        Arena::Daemons => workloads::daemons::play(round, desks, tally),
    }
}

/// A bar on standard error, if somebody watches. It draws when it is told to: a thread that draws
/// by itself would forbid the forks.
fn progress(kills: u32) -> ProgressBar {
    let target = if common::terminal::progress_is_watched() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(kills.into()), target);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} kills, {msg}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
