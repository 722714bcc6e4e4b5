//! Notes 5: eight buyers, five tickets, one file, with and without the lock.

#![forbid(unsafe_code)]

mod byte_lock;
mod claims;
mod commands;
mod help;
mod patch;
pub mod record;
mod sale;
pub mod store;
mod words;

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use common::cli::{self, CommonOptions, Scene, Section};
use common::error::Error;
use common::help::Help;
use common::stage::Stage;
use store::reservation::{Purpose, Reservation, Wait};
use store::{Store, Sync};

/// Eight buyers, five tickets, one file: with and without the lock.
///
/// Each buyer is a process. It queries the file, then buys: read the number, wait for the network,
/// write the number less one. Between reading and writing no other buyer may read, or the same ticket
/// is sold twice; a mutex makes the three steps one. Here the mutex is a lock on a file, which any
/// process can take, from any terminal, and which the kernel frees if its holder is killed.
///
/// Scenes:
///   locked    --lock file: five buyers get a ticket, three do not, and the file says 0
///   unlocked  --lock none: all eight read 5 before any of them writes, so all eight buy
///
/// The commands work on the same file from as many terminals as you like. They wait for each other.
/// While a demonstration runs on the file, a command says so and waits for its end.
///
/// The file is data/tickets.json, in the workspace or below the current folder. Where there is no folder
/// data, a demonstration has a temporary file, of which nothing is left, and restock makes the folder.
#[derive(Debug, clap::Parser)]
#[command(name = "ticket-mutex", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// How many tickets there are at first
    #[arg(long, value_name = "N", default_value = "5")]
    tickets: u32,
    /// How many buyers come
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u32).range(1..))]
    buyers: u32,
    /// What protects the sale [default: file]
    #[arg(long, value_name = "LOCK")]
    lock: Option<Lock>,
    /// The tickets' file [default: data/tickets.json]
    #[arg(long, value_name = "PATH", global = true)]
    file: Option<PathBuf>,
    /// When a sale counts as made
    #[arg(long, value_name = "WHEN", default_value = "always", global = true)]
    sync: Sync,
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  ticket-mutex                    five sold, three refused, 0 left
  ticket-mutex --lock none        ticket 5 is sold eight times
  ticket-mutex restock 2          for real, from several terminals at once:
  ticket-mutex buy --user Ann     exit code 0 with a ticket, 1 when sold out
  ticket-mutex query";

/// Commands for real use of the same file.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Say how many tickets are left
    Query,
    /// Buy one ticket; exit code 1 if there is none
    Buy {
        /// Who buys
        #[arg(long, value_name = "NAME")]
        user: String,
    },
    /// Set the number of tickets, making the file if there is none
    Restock {
        /// How many tickets there are from now on
        tickets: u32,
    },
}

/// What protects the sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lock {
    /// A lock on the tickets' file.
    File,
    /// Nothing.
    None,
}

impl Lock {
    /// The scene that shows it.
    fn scene(self) -> &'static str {
        match self {
            Self::File => "locked",
            Self::None => "unlocked",
        }
    }
}

impl Section for Options {
    const NAME: &'static str = "ticket-mutex";
    const SCENES: &'static [Scene<Self>] = &[
        ("locked", |options, stage| {
            let claims = claims::locked(options.tickets, options.buyers);
            stage.play(claims, |stage| sale::locked(options, stage)).map(drop)
        }),
        ("unlocked", |options, stage| {
            let claims = claims::unlocked(options.tickets, options.buyers);
            stage.play(claims, |stage| sale::unlocked(options, stage)).map(drop)
        }),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }

    /// Without `--scene` only one scene is played, so that the file ends as its lock says.
    fn chosen(&self) -> Vec<&str> {
        match self.common.scene.as_slice() {
            [] => vec![self.lock.unwrap_or(Lock::File).scene()],
            asked => asked.iter().map(String::as_str).collect(),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        match self.lock {
            Some(lock) if self.chosen() != [lock.scene()] => Err(Error::Usage(words::lock_is_the_scene(lock.scene()))),
            _ => Ok(()),
        }
    }

    fn is_command(&self) -> bool {
        self.command.is_some()
    }

    fn run(&self, stage: &mut Stage) -> Result<(), Error> {
        match &self.command {
            None => cli::play(self, stage),
            Some(Command::Query) => commands::query(&self.store(), stage),
            Some(Command::Buy { user }) => commands::buy(&self.store(), user, stage),
            Some(Command::Restock { tickets }) => commands::restock(&self.made_store()?, *tickets, stage),
        }
    }
}

impl Options {
    /// The file that the user names, or the usual one.
    fn store(&self) -> Store {
        Store::new(self.file.clone().unwrap_or_else(usual_file), self.sync)
    }

    /// The same, in a folder that is made where the usual one is missing.
    fn made_store(&self) -> Result<Store, Error> {
        let store = self.store();
        if self.file.is_none() {
            store.make_folder()?;
        }
        Ok(store)
    }

    /// The file of a demonstration. It leaves no folder behind: where the usual one is missing, the file has no name.
    fn stage_store(&self) -> Result<Store, Error> {
        let is_missing = |path: &Path| !path.parent().is_some_and(Path::is_dir);
        if self.file.is_none() && is_missing(&usual_file()) { Store::nameless(self.sync) } else { Ok(self.store()) }
    }

    /// Reserves the file, and says on standard error what there is to wait for.
    fn reserve(store: &Store, purpose: Purpose) -> Result<Reservation, Error> {
        let path = store.path().display().to_string();
        let waits = move |wait| {
            let words = match wait {
                Wait::Demonstration => words::waits_for_the_demonstration(path.clone()),
                Wait::Use => words::waits_for_the_file(path.clone()),
            };
            cli::notice(Self::NAME, words);
        };
        store.reserve(purpose, Box::new(waits))
    }
}

fn usual_file() -> PathBuf {
    cli::workspace_file("data/tickets.json")
}
