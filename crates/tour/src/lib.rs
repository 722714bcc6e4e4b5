//! The front door: every section of the notes, one after the other, and one table.
//!
//! Reading order: `sections` is the table of the sections; `schedule` goes from one to the next;
//! `running` runs one in a process of its own, `capture` keeps what it prints, `status` is how it ended;
//! `progress`, `live`, `table` and `report` show it, in the `words` of each language.

#![forbid(unsafe_code)]

mod browser;
mod capture;
mod export;
mod help;
mod live;
mod progress;
mod report;
mod running;
mod schedule;
mod sections;
mod status;
mod table;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use common::cli::{self, Speed};
use common::foreign;
use common::lang::Lang;
use common::settings::any_seed;
use common::words::Text;
use common::{Error, interrupt, process, terminal, view};

use export::Export;
use progress::{Narration, Progress};
use report::Report;
use schedule::{Rows, SectionOptions};
use sections::{SECTIONS, Section};
use table::Table;

/// Every section of the notes, one after the other, and one table.
///
/// Each section runs in a process of its own. A section that fails, hangs or crashes is a row of the
/// table, and the tour goes on. A server and its client run together: to choose or to leave out one of
/// them is to choose or to leave out both.
///
/// The exit code is 0 if every section held, and 1 otherwise. After Ctrl-C the table and the report have
/// the sections that were done.
///
/// The tour ends with a report: one file for a browser, which makes no request to any network. It shows
/// which process or thread ran, waited, held, slept and died, and when, beside the code that did it.
///
/// With the name of a section first, `tour` is that section's own program and takes its options.
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
    /// Repeat the random numbers of an earlier tour, which printed its seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// A table for people, or one JSON object with every section's whole report
    #[arg(long, default_value = "text")]
    format: Format,
    /// How many seconds a section may take before the tour ends it [default: 120, plus 120 divided by the speed]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    deadline: Option<u16>,
    /// Write the report to this file [default: data/tour.html in the workspace, tour.html elsewhere]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write plain pages and pictures into this new folder, to host, to print, for slides; the seed is then 1
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// Show the report at the end, in the browser that BROWSER names, or by xdg-open
    #[arg(long)]
    open: bool,
    /// Arguments that are no options: a section's name that does not come first, and all after it.
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
  tour --export pages             and pages and pictures to host, to print, for slides
  tour --format json > tour.json  every figure and every check, for a program to read
  tour race --threads 500         a section by name, with its own options
  tour race --help                its lesson";

const NAME: &str = "tour";
/// The seed of an export for which the user names none.
const EXPORTED_SEED: u64 = 1;
/// How long a section may take without its delays. Longer than any wait inside a section
/// ([`common::pace::PATIENCE`]): a section that gives up says what it waited for, and the tour cannot.
const WORK: Duration = Duration::from_mins(2);
/// More than the delays of any section take, all together, at the notes' pace.
const DELAYS: Duration = Duration::from_mins(2);

/// The whole of `main`.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let named = arguments.get(1).and_then(|name| sections::find(name.to_str()?));
    ExitCode::from(match named {
        // The section's own program, called by its own name.
        Some(section) => (section.main)(arguments[1..].to_vec()),
        None => run_with(arguments),
    })
}

fn run_with(arguments: Vec<OsString>) -> u8 {
    let mut shown = None;
    let code = cli::run_tool(NAME, help::HELP, arguments, |options| run(options, &mut shown));
    // Not before: `run_tool` reaps every process of the tour, and the browser shall live on.
    match shown.map(|(browser, report)| browser::show(&browser, &report)) {
        Some(Err(error)) => {
            cli::notice(NAME, &error);
            error.code()
        }
        _ => code,
    }
}

/// Runs the sections that the options ask for, writes the report, and prints the table; of a tour that ends early,
/// with the sections that were done. True if every section held. `shown` becomes the browser and the report that it shall show.
fn run(options: &Options, shown: &mut Option<(PathBuf, PathBuf)>) -> Result<bool, Error> {
    let sections = options.chosen()?;
    let export = options.export.as_deref().map(Export::prepare).transpose()?;
    let report = options.report()?;
    let browser = options.open.then(browser::find).transpose()?;
    interrupt::catch_signals()?;
    process::adopt_orphans()?;
    // The pictures of two exports are of the same delays.
    let seed = options.seed.unwrap_or_else(|| if export.is_some() { EXPORTED_SEED } else { any_seed() });
    let narration = if options.format == Format::Text { Narration::Lines } else { Narration::Nothing };
    if narration == Narration::Lines {
        view::write_line(&words::begins(seed, options.speed).in_lang(options.lang()))?;
    }
    let began = Instant::now();
    let mut progress = Progress::new(options.lang(), sections.len(), narration);
    let mut rows = Rows::new();
    let ran = schedule::run(&sections, &options.of_sections(seed), &mut progress, &mut rows);
    drop(progress); // before the table: both may be on the same terminal
    if let Err(error) = ran.as_ref()
        && (rows.is_empty() || error.is_quiet())
    {
        return ran.map(|()| false);
    }
    let (asked, elapsed) = (sections.len(), began.elapsed());
    let table = Table { lang: options.lang(), seed, speed: options.speed, elapsed, asked, rows };
    let written = report.map(|report| report.write(&table).map(|()| report.path().to_path_buf())).transpose();
    let exported = export.map(|export| export.write(&table).map(|()| export.path().to_path_buf())).transpose();
    let [place, pages] = [&written, &exported].map(|place| place.as_ref().ok().and_then(Option::as_deref));
    let in_json = || foreign::in_json(&table.json(place, pages)).into_owned();
    let in_text = || table.text(place, pages, terminal::line_room());
    view::write_line(&if options.format == Format::Text { in_text() } else { in_json() })?;
    ran?;
    exported?;
    *shown = browser.zip(written?);
    Ok(table.held())
}

impl Options {
    /// The sections to run, in the notes' order.
    fn chosen(&self) -> Result<Vec<&'static Section>, Error> {
        if let Some(name) = self.misplaced.first() {
            known(name)?;
            return Err(Error::Usage(words::name_comes_first(foreign::value(name))));
        }
        self.only.iter().chain(&self.skip).try_for_each(|name| known(name))?;
        let is_in = |names: &[String], section: &Section| names.iter().any(|name| section.goes_with(name));
        let is_asked = |section: &&Section| self.only.is_empty() || is_in(&self.only, section);
        let sections = SECTIONS.iter().filter(is_asked).filter(|section| !is_in(&self.skip, section));
        let sections: Vec<_> = sections.collect();
        if sections.is_empty() {
            return Err(Error::Usage(words::none_is_left()));
        }
        Ok(sections)
    }

    /// The report's file. Where none can be, and the user asked for none, the tour goes on without.
    fn report(&self) -> Result<Option<Report>, Error> {
        match Report::prepare(self.report.as_deref()) {
            Ok(report) => Ok(Some(report)),
            Err(error) if self.report.is_some() || self.open => Err(error),
            Err(error) => {
                cli::notice(NAME, words::no_report(Text::from(&error)));
                Ok(None)
            }
        }
    }

    fn of_sections(&self, seed: u64) -> SectionOptions {
        let options = ["--format", "jsonl", "--lang", self.lang().code(), "--speed", &self.speed.to_string()];
        let mut common = options.map(str::to_owned).to_vec();
        common.extend(["--seed".to_owned(), seed.to_string()]);
        let deadline = self.deadline.map(|seconds| Duration::from_secs(seconds.into()));
        SectionOptions { common, deadline: deadline.unwrap_or_else(|| WORK + self.speed.scale(DELAYS)) }
    }

    fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(common::lang::of_locale)
    }
}

fn known(name: &str) -> Result<(), Error> {
    if sections::find(name).is_some() {
        return Ok(());
    }
    let (name, known) = (foreign::value(name), sections::names());
    Err(Error::Usage(words::unknown_section(name, known)))
}
