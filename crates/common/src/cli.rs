//! Every binary alike: its options, its errors on one line, its exit codes, its end.

mod browser;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;

use crate::error::{BAD_INPUT, Error, HELD, NOT_HELD, cause, complain};
use crate::interrupt;
use crate::journal::{self, Journal};
use crate::lang::Lang;
use crate::pictures::{PictureOptions, Pictures};
use crate::process;
use crate::stage::Stage;
use crate::sys::window;
use crate::view::View;

pub use browser::browser;

/// A line that is longer is no help to anybody.
const MOST_COLUMNS: usize = 1000;

/// The options that every section has.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of every section")]
pub struct Common {
    /// Play only this scene (may be given several times)
    #[arg(long, value_name = "NAME", global = true)]
    pub scene: Vec<String>,
    /// The language of the run [default: from the locale]
    #[arg(long, global = true)]
    pub lang: Option<Lang>,
    /// Divide the notes' delays by N; 1 is the notes' own pace, inf leaves the delays out
    #[arg(long, value_name = "N", default_value = "10", global = true)]
    pub speed: Speed,
    /// Repeat the random numbers of an earlier run, which printed its seed
    #[arg(long, value_name = "N", global = true)]
    pub seed: Option<u64>,
    /// Text as it happens, one JSON object at the end, or the journal as it happens and the object last
    #[arg(long, default_value = "text", global = true)]
    pub format: Format,
    /// What is drawn after the run.
    #[command(flatten)]
    pub pictures: PictureOptions,
}

/// How a run shows itself on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Narration as it happens, then figures, checks and the verdict.
    Text,
    /// One object at the end, and nothing else.
    Json,
    /// The journal as it happens, one event a line, and the object as the last line.
    Jsonl,
}

/// What the notes' delays are divided by: from 0.01 up, or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(f64);

impl Speed {
    const SLOWEST: f64 = 0.01;

    /// How long a delay of the notes takes in this run.
    #[must_use]
    pub fn scale(self, delay: Duration) -> Duration {
        delay.div_f64(self.0)
    }

    /// Whether there are no delays at all.
    #[must_use]
    pub fn is_infinite(self) -> bool {
        self.0.is_infinite()
    }
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(speed) if speed >= Self::SLOWEST => Ok(Self(speed)),
            _ => Err(format!("a speed is a number from {} up, or inf", Self::SLOWEST)),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One scene: its name and its act.
pub type Scene<S> = (&'static str, fn(&S, &mut Stage) -> Result<(), Error>);

/// A section of the notes: its options are a clap parser, its scenes are functions.
///
/// ```
/// use common::cli::{self, Common, Scene, Section};
/// use common::report::Is;
/// use common::stage::Stage;
/// use common::{Error, claim, say};
///
/// /// One process says hello.
/// #[derive(clap::Parser)]
/// struct Options {
///     #[command(flatten)]
///     common: Common,
/// }
///
/// impl Section for Options {
///     const NAME: &'static str = "hello";
///     const SCENES: &'static [Scene<Self>] = &[("hello", hello)];
///
///     fn common(&self) -> &Common {
///         &self.common
///     }
/// }
///
/// fn hello(_: &Options, stage: &mut Stage) -> Result<(), Error> {
///     let ends_well = claim!(stage, Is("code 0"), "the child ends with code 0", "子进程以代码 0 结束")?;
///     let mut child = stage.process("child", |actor| say!(actor, "hello", "你好")).start()?;
///     let exit = child.join()?;
///     stage.check(ends_well, exit.to_string())?;
///     Ok(())
/// }
///
/// let arguments = ["hello", "--format", "json"].map(Into::into);
/// assert_eq!(cli::run_with::<Options>(arguments), 0);
/// ```
pub trait Section: clap::Parser + 'static {
    /// The name of the section, which is also its crate's and its binary's.
    const NAME: &'static str;
    /// Its scenes, in the order in which they are played.
    const SCENES: &'static [Scene<Self>];
    /// Whether it comes to an end by itself, so that the whole of its journal can be kept.
    const ENDS: bool = true;

    /// The options that every section has.
    fn common(&self) -> &Common;

    /// The names of the scenes to play: those that were asked for, else all.
    fn chosen(&self) -> Vec<&str> {
        let asked = &self.common().scene;
        Self::SCENES
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| asked.is_empty() || asked.iter().any(|a| a == name))
            .collect()
    }

    /// Refuses options that do not fit together, before anything happens.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`].
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Whether the options ask for a command: then the text output is its answer and nothing else.
    fn is_command(&self) -> bool {
        false
    }

    /// Does what the options ask for: plays the chosen scenes, unless the section has commands.
    ///
    /// # Errors
    ///
    /// What a scene or command runs into.
    fn run(&self, stage: &mut Stage) -> Result<(), Error> {
        play(self, stage)
    }
}

/// Plays the scenes that a section's options ask for, in order.
///
/// # Errors
///
/// What a scene runs into.
pub fn play<S: Section>(options: &S, stage: &mut Stage) -> Result<(), Error> {
    for name in options.chosen() {
        if let Some((name, act)) = S::SCENES.iter().find(|(known, _)| *known == name) {
            stage.scene(name, |stage| act(options, stage))?;
        }
    }
    Ok(())
}

/// The whole of a section's `main`.
#[must_use]
pub fn main<S: Section>() -> ExitCode {
    ExitCode::from(run_with::<S>(std::env::args_os()))
}

/// Runs a section with these arguments, the first of which is the program's name. Returns the exit code.
pub fn run_with<S: Section>(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    run_tool(S::NAME, arguments, run::<S>)
}

/// Runs a program that has options of its own and no scenes, as a section is run otherwise: a wrong
/// option is one line and exit code 2, an error is one line and its own code, `false` is code 1,
/// and no process is left behind. Returns the exit code.
///
/// Signals are caught and orphans adopted from when `run` says so: [`interrupt::catch_signals`],
/// [`process::adopt_orphans`].
///
/// ```
/// #[derive(clap::Parser)]
/// struct Options {
///     #[arg(long)]
///     rounds: u8,
/// }
///
/// let run = |arguments: [&str; 3]| {
///     common::cli::run_tool("tool", arguments.map(Into::into), |options: &Options| Ok(options.rounds > 0))
/// };
/// assert_eq!(run(["tool", "--rounds", "7"]), 0);
/// assert_eq!(run(["tool", "--rounds", "0"]), 1);
/// assert_eq!(run(["tool", "--rounds", "-1"]), 2);
/// ```
pub fn run_tool<O: clap::Parser>(
    name: &str,
    arguments: impl IntoIterator<Item = OsString>,
    run: impl FnOnce(&O) -> Result<bool, Error>,
) -> u8 {
    let parsed = command::<O>().try_get_matches_from(arguments).and_then(|found| O::from_arg_matches(&found));
    let options = match parsed {
        Ok(options) => options,
        Err(error) if error.use_stderr() => {
            complain(name, one_line(&error));
            return BAD_INPUT;
        }
        // --help and --version. Nobody reading them is no failure.
        Err(help) => {
            let _ = help.print();
            return HELD;
        }
    };
    let result = run(&options);
    // Whatever happened: no process of this run is left behind.
    process::reap_all();
    match result {
        Ok(true) => HELD,
        Ok(false) => NOT_HELD,
        Err(error) => {
            if !error.is_quiet() {
                complain(name, &error);
            }
            error.code()
        }
    }
}

fn run<S: Section>(options: &S) -> Result<bool, Error> {
    let common = options.common();
    for asked in &common.scene {
        if !S::SCENES.iter().any(|(name, _)| name == asked) {
            let known: Vec<_> = S::SCENES.iter().map(|(name, _)| *name).collect();
            return Err(Error::Usage(format!("unknown scene '{asked}'; the scenes are {}", known.join(", "))));
        }
    }
    options.validate()?;
    let pictures = Pictures::prepare(&common.pictures, common.format, options.is_command())?;
    interrupt::catch_signals()?;
    process::adopt_orphans()?;
    let journal = if S::ENDS {
        Journal::new()?
    } else if pictures.is_any() {
        // Of a run that lasts for ever a picture shows the beginning.
        Journal::bounded(S::NAME, journal::MOST)?
    } else {
        Journal::forgetful()
    };
    let record = journal.clone();
    let mut stage = Stage::new(S::NAME, common, journal, View::new(common.format, options.is_command()))?;
    let played = options.run(&mut stage);
    // A run that failed is the one that somebody wants to look at.
    let drawn = pictures.draw(&record);
    played?;
    let held = stage.finish()?;
    drawn?;
    Ok(held)
}

/// How many columns standard output has for a line: as the user says in `COLUMNS`, as its terminal
/// says, else 80.
pub(crate) fn columns() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    said.or_else(|| window::columns(io::stdout())).unwrap_or(80).min(MOST_COLUMNS)
}

/// Whether the terminal says of itself that it shows letters and nothing else.
pub(crate) fn terminal_is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Tells on standard error, in one line, what the user must know of a program that goes on: that it
/// waits, that a client was lost.
pub fn notice(name: &str, message: impl fmt::Display) {
    complain(name, message);
}

/// The program's options. `-1` is a number, and a wrong one, not an option that nobody knows.
fn command<O: clap::Parser>() -> clap::Command {
    let allow = |argument: clap::Arg| {
        let takes_value = argument.get_action().takes_values();
        argument.allow_negative_numbers(takes_value)
    };
    let numbers = |command: clap::Command| command.mut_args(allow);
    numbers(O::command()).mut_subcommands(numbers)
}

/// Clap explains over several lines; ours is one, like every other error.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let telling = lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let told: Vec<_> = telling.filter(|line| !line.is_empty()).collect();
    let told = told.join(" ");
    format!("{}; see --help", told.strip_prefix("error: ").unwrap_or(&told))
}

/// What the name of a host means, with a port. Looked up before the signals are caught
/// ([`Section::validate`]), Ctrl-C ends even a long search.
///
/// # Errors
///
/// [`Error::Input`] if nobody knows the name.
pub fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    let found = (host, port).to_socket_addrs();
    found.map(Iterator::collect).map_err(|source| Error::input("find host", host, cause(&source)))
}

/// A file of the workspace for a program run by cargo or from inside the workspace, else the same
/// path below the current directory.
#[must_use]
pub fn workspace_file(path: &str) -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = std::env::current_dir().unwrap_or_default();
    let is_root = |folder: &&Path| folder.join("crates/common/Cargo.toml").is_file();
    let root = |from: &Path| from.ancestors().find(is_root).map(Path::to_path_buf);
    let root = manifest.as_deref().and_then(root).or_else(|| root(&here));
    // Short where it can be: a path that the user sees in messages.
    root.filter(|root| *root != here).map_or_else(|| PathBuf::from(path), |root| root.join(path))
}
