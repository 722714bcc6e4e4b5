//! `just mutants`: finds the fate of every mutant, and prints a row for each and a table.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::copy::{self, Copy};
use super::detectors;
use super::fates::{self, Fates};
use super::hunt::Hunt;
use super::mutant::Mutant;
use super::survivors;
use super::table::{Table, row};

const USAGE: &str = "just mutants [--list] [--only N].. [--of FILE].. [--by NAME].. [--again]

Changes one place of killproof's algorithms at a time, and says what notices it. It takes hours. A run that was
interrupted goes on where it stopped, as long as the sources are the same.

  --list      the mutants, and nothing else
  --only N    this mutant alone
  --of FILE   the mutants of this file alone, as queue/ring.rs
  --by NAME   by those scenarios and tests alone whose name contains this; what it finds is not kept
  --again     from the beginning";

#[derive(Default)]
struct Wanted {
    asks_for_help: bool,
    lists: bool,
    only: Vec<usize>,
    files: Vec<String>,
    by: Vec<String>,
    again: bool,
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
    match hunt(&mutants, &chosen, &wanted, &stop) {
        _ if stop.load(Ordering::Relaxed) => ExitCode::from(130),
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("mutants: {error}");
            ExitCode::from(3)
        }
    }
}

/// Whether every mutant that was chosen is noticed, or argued.
fn hunt(mutants: &[Mutant], chosen: &[usize], wanted: &Wanted, stop: &AtomicBool) -> io::Result<bool> {
    let began = Instant::now();
    // Before the copy: a source that is changed meanwhile makes the fates those of other sources.
    let fingerprint = fates::fingerprint()?;
    let copy = Copy::new(mutants)?;
    let programs = copy.programs()?;
    let Some(mut measured) = detectors::measured(&programs, fingerprint, copy.folder(), stop)? else {
        return Ok(false);
    };
    let scratch = copy.folder().join("scratch");
    let mut fates = if wanted.by.is_empty() {
        Fates::open(copy.folder(), fingerprint, wanted.again)?
    } else {
        measured.retain(|one| wanted.by.iter().any(|name| one.detector.to_string().contains(name)));
        std::fs::create_dir_all(&scratch)?;
        Fates::open(&scratch, fingerprint, true)?
    };
    let (argued, mut table) = (survivors::argued(), Table::default());
    Hunt { mutants, programs: &programs, detectors: &measured, stop }.all(chosen, &mut fates, |number, fate| {
        let mutant = &mutants[number - 1];
        let said = table.add(mutant, fate, argued.get(&mutant.name()));
        println!("{}  {said}", row(number, mutant));
    })?;
    println!("\n{table}\n{:.0} s", began.elapsed().as_secs_f64());
    Ok(table.has_only_what_it_should())
}

fn wanted(arguments: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().cloned().ok_or(format!("{argument} takes a value"));
        match argument.as_str() {
            "--list" => wanted.lists = true,
            "--again" => wanted.again = true,
            "--of" => wanted.files.push(value()?),
            "--by" => wanted.by.push(value()?),
            "--only" => wanted.only.push(value()?.parse().map_err(|_| "--only takes the number of a mutant")?),
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
