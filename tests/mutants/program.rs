//! `just mutants`: tries every mutant, and prints a row for each.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::copy::{self, Copy};
use super::mutant::Mutant;
use super::survivors;
use super::trial::{self, Ending};

const USAGE: &str = "just mutants [--list] [--only N].. [--of FILE].. [--prove] [--bounds p1d0s0]..

Changes one place of killproof's algorithms at a time, and says what notices it. It takes hours.

  --list           the mutants, and nothing else
  --only N         this mutant alone
  --of FILE        the mutants of this file alone, as queue/ring.rs
  --prove          by the scenarios of `just prove` alone, without killproof's tests
  --bounds BOUNDS  the scenarios within these bounds alone: preemptions, deaths, stale values";

/// What the scenarios are explored within, the quickest first.
const LADDER: [&str; 5] = ["p0d0s0", "p0d1s0", "p1d0s0", "p0d1s1", "p1d0s1"];

/// Scenarios of each part, by their names. The queue's are the others.
const OF_THE_MUTEX: [&str; 4] =
    ["a mutex, two holders", "a mutex, three holders", "a mutex, poison", "a mutex, time-outs"];
const OF_SYNC: [&str; 3] = ["an event", "a barrier", "a barrier, given up"];

/// The modules of killproof's tests that are about each part.
const TESTS_OF_THE_QUEUE: [&str; 7] =
    ["queue::", "queue_kills::", "joinable::", "dead_letters::", "grace::", "places::", "stops::"];
const TESTS_OF_THE_MUTEX: [&str; 4] = ["mutex::", "holders::", "guards::", "stops::"];
const TESTS_OF_SYNC: [&str; 3] = ["barrier::", "process::a_barrier", "process::an_event"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Queue,
    Mutex,
    Sync,
}

#[derive(Default)]
struct Wanted {
    asks_for_help: bool,
    lists: bool,
    only: Vec<usize>,
    files: Vec<String>,
    prove_alone: bool,
    bounds: Vec<String>,
}

/// What became of a mutant.
enum Fate {
    Killed { by: String, after: Duration },
    Survived { after: Duration },
    Interrupted,
}

pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let wanted = match wanted(arguments) {
        Ok(wanted) => wanted,
        Err(why) => return refuse(&why),
    };
    if wanted.asks_for_help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let mutants = copy::list();
    let chosen: Vec<usize> = (1..=mutants.len()).filter(|number| is_wanted(&wanted, &mutants, *number)).collect();
    if chosen.is_empty() {
        return refuse("there is no such mutant: --list has those that there are");
    }
    if wanted.lists {
        for number in chosen {
            println!("{}", row(number, &mutants[number - 1]));
        }
        return ExitCode::SUCCESS;
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::clone(&stop)) {
            return refuse(&format!("cannot catch a signal: {error}"));
        }
    }
    match build(&mutants, &wanted) {
        Ok((prove, tests)) => Run { mutants: &mutants, prove, tests, wanted, stop: &stop }.all(&chosen),
        Err(error) => {
            eprintln!("mutants: {error}");
            ExitCode::from(3)
        }
    }
}

/// The programs that look for the mutants; the second one if it is wanted.
fn build(mutants: &[Mutant], wanted: &Wanted) -> io::Result<(PathBuf, Option<PathBuf>)> {
    let copy = Copy::new(mutants)?;
    let tests = if wanted.prove_alone { None } else { Some(copy.tests()?) };
    Ok((copy.prove()?, tests))
}

fn wanted(arguments: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => wanted.lists = true,
            "--prove" => wanted.prove_alone = true,
            "--of" => wanted.files.extend(arguments.next().cloned()),
            "--bounds" => wanted.bounds.extend(arguments.next().cloned()),
            "--only" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                wanted.only.push(number.ok_or("--only takes the number of a mutant")?);
            }
            "--help" | "-h" => wanted.asks_for_help = true,
            other => return Err(format!("there is no argument {other}: --help has those that there are")),
        }
    }
    Ok(wanted)
}

fn is_wanted(wanted: &Wanted, mutants: &[Mutant], number: usize) -> bool {
    let is_of = wanted.files.is_empty() || wanted.files.contains(&mutants[number - 1].file);
    is_of && (wanted.only.is_empty() || wanted.only.contains(&number))
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("mutants: {why}");
    ExitCode::from(2)
}

fn row(number: usize, mutant: &Mutant) -> String {
    let Mutant { file, line, function, change, text, .. } = mutant;
    let text: String = text.chars().take(60).collect();
    format!("{number:>4}  {:32} {:38} {:24} {text:60}", format!("{file}:{line}"), function, change.to_string())
}

struct Run<'a> {
    mutants: &'a [Mutant],
    prove: PathBuf,
    tests: Option<PathBuf>,
    wanted: Wanted,
    stop: &'a AtomicBool,
}

impl Run<'_> {
    fn all(&self, chosen: &[usize]) -> ExitCode {
        let argued = survivors::argued();
        let Some(limits) = self.limits(chosen) else { return ExitCode::from(130) };
        let next = AtomicUsize::new(0);
        let (tell, told) = mpsc::channel();
        let (mut killed, mut survived, mut wrong) = (0, 0, 0);
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (tell, next, limits) = (tell.clone(), &next, &limits);
                scope.spawn(move || {
                    while let Some(number) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let fate = self.fate(*number, limits);
                        if matches!(fate, Fate::Interrupted) || tell.send((*number, fate)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for (number, fate) in told {
                let mutant = &self.mutants[number - 1];
                let argument = argued.get(&mutant.name());
                let fate = match (fate, argument) {
                    (Fate::Killed { by, after }, None) => {
                        killed += 1;
                        format!("killed by {by} in {:.1} s", after.as_secs_f64())
                    }
                    (Fate::Killed { by, .. }, Some(_)) => {
                        wrong += 1;
                        format!("killed by {by}, and survivors.txt says that it survives")
                    }
                    (Fate::Survived { after }, Some(argument)) => {
                        survived += 1;
                        format!("survived {:.1} s, as argued: {argument}", after.as_secs_f64())
                    }
                    (Fate::Survived { after }, None) => {
                        wrong += 1;
                        format!("SURVIVED {:.1} s", after.as_secs_f64())
                    }
                    (Fate::Interrupted, _) => continue,
                };
                println!("{}  {fate}", row(number, mutant));
            }
        });
        println!("{killed} of {} killed, {survived} survived as argued, {wrong} otherwise", chosen.len());
        match (self.stop.load(Ordering::Relaxed), wrong) {
            (true, _) => ExitCode::from(130),
            (false, 0) => ExitCode::SUCCESS,
            (false, _) => ExitCode::FAILURE,
        }
    }

    /// How long each program may take as a mutant: ten times as long as without one, and a minute. `None`: this one is
    /// asked to end.
    fn limits(&self, chosen: &[usize]) -> Option<Vec<(Part, Vec<String>, Duration)>> {
        let mut limits = Vec::new();
        for part in [Part::Queue, Part::Mutex, Part::Sync] {
            if !chosen.iter().any(|number| of(&self.mutants[number - 1]) == part) {
                continue;
            }
            for arguments in self.arguments(part) {
                let began = Instant::now();
                match self.run(&arguments, 0, Duration::from_hours(1)) {
                    Ending::Clean => {}
                    Ending::Interrupted => return None,
                    other => panic!("without a mutant {arguments:?} is not clean: {other:?}"),
                }
                limits.push((part, arguments, 10 * began.elapsed() + Duration::from_mins(1)));
            }
        }
        Some(limits)
    }

    fn arguments(&self, part: Part) -> Vec<Vec<String>> {
        let rung = |bounds: &str| {
            let scenarios: Vec<&str> = match part {
                Part::Queue => vec!["--but", "a mutex", "--but", "an event", "--but", "a barrier"],
                Part::Mutex => OF_THE_MUTEX.iter().flat_map(|name| ["--scenario", name]).collect(),
                Part::Sync => OF_SYNC.iter().flat_map(|name| ["--scenario", name]).collect(),
            };
            ["prove", "--first", "--bounds", bounds].into_iter().chain(scenarios).map(str::to_owned).collect()
        };
        let tests: &[&str] = match part {
            Part::Queue => &TESTS_OF_THE_QUEUE,
            Part::Mutex => &TESTS_OF_THE_MUTEX,
            Part::Sync => &TESTS_OF_SYNC,
        };
        let test = |module: &&str| vec!["killproof".to_owned(), "--quiet".to_owned(), (*module).to_owned()];
        let tests = tests.iter().map(test).filter(|_| self.tests.is_some());
        let ladder: Vec<&str> = self.wanted.bounds.iter().map(String::as_str).collect();
        let ladder = if ladder.is_empty() { LADDER.to_vec() } else { ladder };
        ladder.into_iter().map(rung).chain(tests).collect()
    }

    fn run(&self, arguments: &[String], mutant: usize, limit: Duration) -> Ending {
        let (program, rest) = arguments.split_first().expect("a program");
        let program = self.tests.as_ref().filter(|_| program != "prove").unwrap_or(&self.prove);
        trial::run(program, &rest.iter().map(String::as_str).collect::<Vec<_>>(), mutant, limit, self.stop)
    }

    fn fate(&self, number: usize, limits: &[(Part, Vec<String>, Duration)]) -> Fate {
        let began = Instant::now();
        let part = of(&self.mutants[number - 1]);
        for (_, arguments, limit) in limits.iter().filter(|(of, ..)| *of == part) {
            let by = match self.run(arguments, number, *limit) {
                Ending::Clean => continue,
                Ending::Interrupted => return Fate::Interrupted,
                Ending::Found(text) if arguments[0] == "prove" => scenario(&text),
                Ending::Found(text) => format!("test {}", failed_test(&text).unwrap_or(&arguments[2])),
                Ending::Late(limit) => format!("{}, which does not end within {limit:.0?}", arguments.join(" ")),
            };
            return Fate::Killed { by, after: began.elapsed() };
        }
        Fate::Survived { after: began.elapsed() }
    }
}

fn of(mutant: &Mutant) -> Part {
    match mutant.file.split(['/', '.']).next() {
        Some("mutex") => Part::Mutex,
        Some("sync") => Part::Sync,
        _ => Part::Queue,
    }
}

/// What `prove` says of the first row that does not hold.
fn scenario(text: &str) -> String {
    let found: Option<support::serde_json::Value> = support::serde_json::from_str(text).ok();
    let Some(found) = found else { return "the end of the program".to_owned() };
    let word = |key: &str| found[key].as_str().unwrap_or("an exploration without an end").to_owned();
    let failure: String = word("failure").chars().take(80).collect();
    format!("{} {} ({failure})", word("scenario"), word("bounds"))
}

/// The first test that the harness lists as failed.
fn failed_test(text: &str) -> Option<&str> {
    let (_, failures) = text.rsplit_once("failures:\n")?;
    failures.lines().map(str::trim).find(|line| line.contains("::"))
}
