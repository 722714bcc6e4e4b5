//! The front door: every section of the notes, one after the other, and one table.
//!
//! Reading order: `sections.rs` says which sections there are, `running.rs` how one runs in a process
//! of its own, `capture.rs` what it tells, `status.rs` what became of it, `schedule.rs` the way from
//! one to the next, `progress.rs`, `live.rs`, `table.rs` and `report.rs` what of all that is shown.

mod capture;
mod files;
mod live;
mod progress;
mod report;
mod running;
mod schedule;
mod sections;
mod status;
mod table;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use common::cli::{self, Speed};
use common::lang::Lang;
use common::{Error, interrupt, process, view};

use progress::{Narrates, Progress};
use report::Report;
use schedule::Terms;
use sections::{CLIENT, SECTIONS, SERVER, Section};
use table::Table;

/// Every section of the notes, one after the other, and one table.
///
/// Each section runs in a process of its own. One that fails, hangs or crashes is a row of the
/// table, and the tour goes on. Server and client are visited together: whoever asks for one of them
/// gets both, and whoever leaves one out leaves out both.
///
/// The exit code is 0 if everything held, and 1 otherwise.
///
/// Everything that was seen is written to a report: one file for a browser, which asks no network for
/// anything. It shows who ran, waited, held, slept and died, and when, beside the code that did it.
///
/// With the name of a section first, it is that section's own program: all that follows are its
/// options.
#[derive(Debug, clap::Parser)]
#[command(name = "tour", version, verbatim_doc_comment, after_help = EXAMPLES)]
#[command(override_usage = "tour [OPTIONS]\n       tour SECTION [OPTIONS OF THE SECTION]")]
pub struct Options {
    /// Run only these sections (several times, or with commas between)
    #[arg(long, value_name = "SECTION", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave these sections out (several times, or with commas between)
    #[arg(long, value_name = "SECTION", value_delimiter = ',')]
    skip: Vec<String>,
    /// The language of the tour and its sections [default: from the locale]
    #[arg(long, value_parser = common::options::languages())]
    lang: Option<Lang>,
    /// Divide the notes' delays by N; 1 is the notes' own pace, inf leaves the delays out
    #[arg(long, value_name = "N", default_value = "10")]
    speed: Speed,
    /// Repeat the random numbers of an earlier tour, which told its seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// A table for people, or one JSON object with every section's whole report
    #[arg(long, default_value = "text")]
    format: Format,
    /// How many seconds a section may take before it is given up [default: 120, and 120 at the notes' pace]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    deadline: Option<u16>,
    /// Where the report is written [default: data/tour.html in the workspace, tour.html elsewhere]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Show the report afterwards, in the browser that BROWSER names, or by xdg-open
    #[arg(long)]
    open: bool,
    /// What is no option: a section's name in the wrong place, and whatever follows it.
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    misplaced: Vec<String>,
}

/// How the tour shows itself on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line as each section begins and ends (on a terminal: a bar), and then the table.
    Text,
    /// One object at the end, and nothing else.
    Json,
}

const EXAMPLES: &str = "Examples:
  tour                            everything, in about half a minute
  tour --lang zh --speed 1        in the words and at the pace of the notes
  tour --only race,cpu-io         two sections
  tour --open                     and the report in a browser
  tour --format json > tour.json  every figure and every check, for a program to read
  tour race --threads 500         a section by name, with its own options
  tour race --help                its lesson";

const NAME: &str = "tour";
/// How long a section may take, delays apart. More than any wait inside a section
/// ([`common::pace::PATIENCE`]): a section that gives up says what it waited for, which the tour cannot.
const WORK: Duration = Duration::from_mins(2);
/// More than any section's delays add up to at the notes' pace.
const DELAYS: Duration = Duration::from_mins(2);

/// The whole of `main`.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let named = arguments.get(1).and_then(|name| sections::find(name.to_str()?));
    ExitCode::from(match named {
        // Its own program, called by its own name.
        Some(section) => (section.main)(arguments[1..].to_vec()),
        None => run_with(arguments),
    })
}

fn run_with(arguments: Vec<OsString>) -> u8 {
    let mut shown = None;
    let code = cli::run_tool(NAME, arguments, |options| run(options, &mut shown));
    // Not before: no process of the tour is left behind, and the browser shall be.
    match shown.map(|(browser, report)| show(&browser, &report)) {
        Some(Err(error)) => {
            cli::notice(NAME, &error);
            error.code()
        }
        _ => code,
    }
}

/// Starts a browser, which is none of the tour's processes any more.
fn show(browser: &Path, report: &Path) -> Result<(), Error> {
    let mut command = Command::new(browser);
    command.arg(report).process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop).map_err(|source| Error::refused("start", browser.display(), source))
}

/// Visits the sections that the options ask for, writes the report, and prints the table. True if all
/// of them held. `shown` is the browser and the report that it shall show.
fn run(options: &Options, shown: &mut Option<(PathBuf, PathBuf)>) -> Result<bool, Error> {
    let sections = options.chosen()?;
    let report = options.report()?;
    let browser = options.open.then(cli::browser).transpose()?;
    interrupt::catch_signals()?;
    process::adopt_orphans()?;
    let seed = options.seed.unwrap_or_else(|| rand::random_range(0..1_000_000));
    let narrates = if options.format == Format::Text { Narrates::Yes } else { Narrates::No };
    if narrates == Narrates::Yes {
        view::write_line(&format!("tour seed {seed}, speed {}", options.speed))?;
    }
    let began = Instant::now();
    let mut progress = Progress::new(options.lang(), sections.len(), narrates);
    let rows = schedule::visit(&sections, &options.terms(seed), &mut progress)?;
    drop(progress); // before the table: both may stand on the same terminal
    let table = Table { lang: options.lang(), seed, speed: options.speed, elapsed: began.elapsed(), rows };
    let written = report.map(|report| report.write(&table).map(|()| report.path().to_path_buf())).transpose();
    let place = written.as_ref().ok().and_then(Option::as_deref);
    view::write_line(&if options.format == Format::Text { table.text(place) } else { table.json(place) })?;
    *shown = browser.zip(written?);
    Ok(table.held())
}

impl Options {
    /// The sections to visit, in the notes' order.
    fn chosen(&self) -> Result<Vec<&'static Section>, Error> {
        if let Some(name) = self.misplaced.first() {
            known(name)?;
            return Err(Error::Usage(format!("a section's name stands first: tour {name} ...; see --help")));
        }
        self.only.iter().chain(&self.skip).try_for_each(|name| known(name))?;
        let is_asked = |section: &&Section| self.only.is_empty() || is_in(&self.only, section.name);
        let sections = SECTIONS.iter().filter(is_asked).filter(|section| !is_in(&self.skip, section.name));
        let sections: Vec<_> = sections.collect();
        if sections.is_empty() {
            return Err(Error::Usage("--skip leaves out every section that --only asks for".to_owned()));
        }
        Ok(sections)
    }

    /// Where the report will be. That nobody asked for one, and the usual place is none, ends no tour.
    fn report(&self) -> Result<Option<Report>, Error> {
        match Report::prepare(self.report.as_deref()) {
            Ok(report) => Ok(Some(report)),
            Err(error) if self.report.is_some() || self.open => Err(error),
            Err(error) => {
                cli::notice(NAME, format!("no report: {error}; --report FILE says where"));
                Ok(None)
            }
        }
    }

    fn terms(&self, seed: u64) -> Terms {
        let lang = self.lang().code();
        let options = ["--format", "jsonl", "--lang", lang, "--speed", &self.speed.to_string()];
        let mut options = options.map(str::to_owned).to_vec();
        options.extend(["--seed".to_owned(), seed.to_string()]);
        let patience = self.deadline.map(|seconds| Duration::from_secs(seconds.into()));
        Terms { options, patience: patience.unwrap_or_else(|| WORK + self.speed.scale(DELAYS)) }
    }

    fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(common::lang::of_locale)
    }
}

/// Whether a section is in a list of names. Server and client are in it together.
fn is_in(names: &[String], section: &str) -> bool {
    let together = [SERVER, CLIENT];
    names.iter().any(|name| name == section || together.contains(&name.as_str()) && together.contains(&section))
}

fn known(name: &str) -> Result<(), Error> {
    match sections::find(name) {
        Some(_) => Ok(()),
        None => Err(Error::Usage(format!("unknown section '{name}'; the sections are {}", sections::names()))),
    }
}
