//! Every binary alike: its options, its errors on one line, its exit codes, its end.

use std::ffi::OsString;
use std::net::{SocketAddr, ToSocketAddrs};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Once;

use journal::Journal;
use killproof::{identity, interrupt, pool, process};
use timeline::foreign;

use crate::error::{BAD_INPUT, Error, HELD, NOT_HELD, cause, complain};
use crate::export::Pictures;
use crate::help::{self, Form, Help};
use crate::lang::{self, Lang};
use crate::settings::{Settings, any_seed};
use crate::stage::Stage;
use crate::terminal::help_columns;
use crate::usage_error;
use crate::words::Text;

pub use crate::options::CommonOptions;
pub use crate::pace::Speed;
pub use crate::view::Format;

crate::words! {
    fn unknown_scene(asked, known) {
        en: "unknown scene '{asked}'; the scenes are {known}", zh: "没有 '{asked}' 这个场景;场景有 {known}"
    }
    fn record_ends(kib) {
        en: "the record of the run is full at {kib} KiB: pictures end here", zh: "运行记录已满({kib} KiB):图到这里为止"
    }
    fn panicked_at(file, line, message) {
        en: "panicked at {file}:{line}: {message}", zh: "在 {file}:{line} 处 panic:{message}"
    }
    fn panicked(message) { en: "panicked: {message}", zh: "panic:{message}" }
    fn no_text() { en: "a value that is no text", zh: "一个不是文本的值" }
}

/// One scene: its name and its act.
pub type Scene<S> = (&'static str, fn(&S, &mut Stage) -> Result<(), Error>);

/// A section of the notes: its options are a clap parser, its scenes are functions.
///
/// ```
/// use common::claims::Claims;
/// use common::cli::{self, CommonOptions, Scene, Section};
/// use common::process::Exit;
/// use common::report::Is;
///
/// common::words! {
///     fn child() { en: "child", zh: "子进程" }
///     fn hello() { en: "hello", zh: "你好" }
///     fn ends_well() { en: "the child ends with code 0", zh: "子进程以代码 0 结束" }
/// }
///
/// /// One process says hello.
/// #[derive(clap::Parser)]
/// struct Options {
///     #[command(flatten)]
///     common: CommonOptions,
/// }
///
/// impl Section for Options {
///     const NAME: &'static str = "hello";
///     const SCENES: &'static [Scene<Self>] = &[("hello", |_, stage| {
///         let claims = Claims::<Exit>::new().claim(ends_well(), Is("code 0"), |exit, _| exit.to_string());
///         stage.play(claims, |stage| Ok(stage.process(child(), |actor| actor.say(hello())).start()?.join()?)).map(drop)
///     })];
///
///     fn common(&self) -> &CommonOptions {
///         &self.common
///     }
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

    /// Its help in other languages, and what a reader may predict.
    const HELP: Help = Help::ENGLISH;

    /// The options that every section has.
    fn common(&self) -> &CommonOptions;

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
    run_tool(S::NAME, S::HELP, arguments, run::<S>)
}

/// Runs a program that has options of its own and no scenes, as a section is run otherwise: a wrong
/// option is one line and exit code 2, an error is one line and its own code, `false` is code 1,
/// and no process is left behind. Returns the exit code.
///
/// Children are there until they are joined ([`process::keep_children`]), whatever the program was started by. Signals
/// are caught and orphans adopted from when `run` says so: [`interrupt::catch_signals`],
/// [`process::adopt_orphans`].
///
/// ```
/// use common::help::Help;
///
/// #[derive(clap::Parser)]
/// struct Options {
///     #[arg(long)]
///     rounds: u8,
/// }
///
/// let run = |arguments: [&str; 3]| {
///     let arguments = arguments.map(Into::into);
///     common::cli::run_tool("tool", Help::ENGLISH, arguments, |options: &Options| Ok(options.rounds > 0))
/// };
/// assert_eq!(run(["tool", "--rounds", "7"]), 0);
/// assert_eq!(run(["tool", "--rounds", "0"]), 1);
/// assert_eq!(run(["tool", "--rounds", "-1"]), 2);
/// ```
pub fn run_tool<O: clap::Parser>(
    name: &str,
    help: Help,
    arguments: impl IntoIterator<Item = OsString>,
    run: impl FnOnce(&O) -> Result<bool, Error>,
) -> u8 {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let lang = lang::of_arguments(&arguments);
    lang::speak(lang);
    let command = command::<O>(help, lang, Form::asked_for(&arguments));
    let parsed = command.try_get_matches_from(arguments).and_then(|found| O::from_arg_matches(&found));
    let options = match parsed {
        Ok(options) => options,
        Err(error) if error.use_stderr() => {
            complain(name, usage_error::one_line(&error).in_lang(lang));
            return BAD_INPUT;
        }
        // --help and --version. A missing reader is no failure.
        Err(help) => {
            let _ = help.print();
            return HELD;
        }
    };
    report_panics_on_one_line();
    let guard = ReapsDuringPanic;
    let result = process::keep_children().map_err(Error::from).and_then(|()| run(&options));
    drop(guard);
    // Whatever happened: no process of this run is left behind.
    let reaped = process::reap_all();
    match result.and_then(|held| Ok(reaped.map(|_| held)?)) {
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

/// Dropped by a panic, it ends what the panic leaves running.
struct ReapsDuringPanic;

impl Drop for ReapsDuringPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = process::reap_all();
        }
    }
}

fn run<S: Section>(options: &S) -> Result<bool, Error> {
    let common = options.common();
    for asked in &common.scene {
        if !S::SCENES.iter().any(|(name, _)| name == asked) {
            let known: Vec<_> = S::SCENES.iter().map(|(name, _)| *name).collect();
            let asked = foreign::value(asked);
            return Err(Error::Usage(unknown_scene(asked, known.join(", "))));
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
        Journal::bounded(journal::MOST, record_is_full::<S>)?
    } else {
        Journal::forgetful()
    };
    let record = journal.clone();
    let settings = Settings {
        lang: common.lang.unwrap_or_else(lang::of_locale),
        speed: common.speed,
        seed: common.seed.unwrap_or_else(any_seed),
        format: common.format,
        bare: options.is_command(),
    };
    let mut stage = Stage::new(S::NAME, settings, journal)?;
    let played = options.run(&mut stage).map_err(|error| stage.explained(error));
    // A run that failed is the one whose picture helps most.
    let drawn = pictures.draw(&record);
    let held = match played {
        Ok(()) => stage.finish()?,
        Err(error) => return Err(stage.fail(error)),
    };
    drawn?;
    Ok(held)
}

fn record_is_full<S: Section>(most: u64) {
    notice(S::NAME, record_ends(most >> 10));
}

/// From now on a panic of a process that this program starts is one line on standard error, like every
/// other error. Later calls change nothing, and neither does one by a destructor that a panic runs: the standard
/// library lets no thread that panics change the hook.
pub fn report_panics_on_one_line() {
    static ONCE: Once = Once::new();
    if std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| match identity::given_name() {
            // The process that waits for the task has the panic as an error.
            _ if pool::note_panic(info) => {}
            Some(name) => notice(&name, one_line_of_panic(info)),
            None => before(info),
        }));
    });
}

fn one_line_of_panic(info: &panic::PanicHookInfo<'_>) -> Text {
    let message = info.payload_as_str().map_or_else(no_text, |message| message.replace('\n', " ").into());
    match info.location() {
        Some(place) => panicked_at(place.file(), place.line(), message),
        None => panicked(message),
    }
}

/// Tells on standard error, in one line, what the user must know of a program that goes on: that it
/// waits, that a client was lost.
pub fn notice(name: &str, message: impl Into<Text>) {
    complain(name, message.into().in_lang(lang::spoken()));
}

/// The program's options, and their help. `-1` is a number, and a wrong one, not an unknown option.
fn command<O: clap::Parser>(help: Help, lang: Lang, form: Form) -> clap::Command {
    let allow = |argument: clap::Arg| {
        let takes_value = argument.get_action().takes_values();
        argument.allow_negative_numbers(takes_value)
    };
    let numbers = |command: clap::Command| command.mut_args(allow);
    let command = O::command();
    // clap would call the program in its help as the caller of exec(3) did, who may have called it anything.
    let name = command.get_name().to_owned();
    let command = numbers(command.bin_name(name)).mut_subcommands(numbers);
    help::in_lang(command, help, lang, help_columns(), form)
}

/// What the name of a host means, with a port. Looked up before the signals are caught
/// ([`Section::validate`]), Ctrl-C ends even a long search.
///
/// # Errors
///
/// [`Error::Input`] if the name is not known.
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
