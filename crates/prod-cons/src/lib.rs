//! Notes 8: producers and consumers, two cooks and two eaters around one table.

#![forbid(unsafe_code)]

mod claims;
mod feast;
mod help;
mod history;
mod kill;
mod killer;
mod seat;
mod table;
mod words;

use std::time::Duration;

use common::Error;
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;

/// Two cooks, two eaters and a joinable queue.
///
/// Producers and consumers do not wait for each other: they meet at a queue. Ours has room for a
/// few dishes only, so cooks who are too fast wait for the eaters, and eaters who are too fast wait
/// for the cooks. A joinable queue also knows whether the work is done: a dish counts as unfinished
/// until its eater says so, and join waits until none is. The eaters never learn that the feast is
/// over; they are daemons, and end with main.
///
/// An eater that is killed by kill -9 cannot say so, and in Python join then waits for ever. Here a
/// dish is only lent to its eater: when that one dies, the dish is served again, in front of all
/// others, and a supervisor starts another eater. So every dish is eaten at least once. Not exactly
/// once: an eater can be killed after it ate and before it said so.
///
/// Scenes:
///   feast  each cook makes all dishes, the eaters eat them, join returns when all are eaten
///   kill   the same, but an eater is killed in the middle of a meal; with --kill-every one after another
#[derive(Debug, clap::Parser)]
#[command(name = "prod-cons", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    /// How many dishes each cook makes
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    dishes: u32,
    /// How many dishes may be unfinished at once: those on the table and those being eaten
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    capacity: u32,
    /// Scene kill: kill again and again, MS milliseconds after the last time, until all is eaten
    /// [default: once]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..))]
    kill_every: Option<u32>,
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  prod-cons                           sixteen dishes, ten times as fast as the notes
  prod-cons --capacity 1 --speed 100  a table for one dish: the cooks wait for the eaters
  prod-cons --lang zh --speed 1       in the words of the notes, at their pace
  prod-cons --scene kill              an eater is killed: look for what is served again, and why
  prod-cons --scene kill --kill-every 50 --speed 5
                                      no eater lives for long, and yet every dish is eaten";

impl Section for Options {
    const NAME: &'static str = "prod-cons";
    const SCENES: &'static [Scene<Self>] = &[
        ("feast", |options, stage| stage.play(claims::feast(options), |stage| feast::feast(options, stage)).map(drop)),
        ("kill", |options, stage| stage.play(claims::kill(options), |stage| kill::kill(options, stage)).map(drop)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }

    fn validate(&self) -> Result<(), Error> {
        if self.kill_every.is_some() && !self.chosen().contains(&"kill") {
            return Err(Error::Usage(words::kill_every_is_for_kill()));
        }
        Ok(())
    }
}

impl Options {
    /// How many dishes both cooks make.
    fn all(&self) -> u32 {
        2 * self.dishes
    }

    fn kill_every(&self) -> Option<Duration> {
        self.kill_every.map(|millis| Duration::from_millis(millis.into()))
    }
}
