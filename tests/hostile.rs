//! Hostile places: every section where the system refuses what a run needs in the middle of it.
//!
//! `REFUSED=all` tries everything; without it each section is tried with a share of it.

#[path = "hostile/calls.rs"]
mod calls;
#[path = "hostile/faults.rs"]
mod faults;
#[path = "hostile/places.rs"]
mod places;
#[path = "hostile/runs.rs"]
mod runs;
#[path = "hostile/tracer.rs"]
mod tracer;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use runs::Section;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(code) = tracer::run(&arguments).or_else(|| places::run(&arguments)) {
        return code;
    }
    let all = std::env::var_os("REFUSED").is_some_and(|value| value == "all");
    let trials = Section::all().flat_map(|section| {
        let (name, the_same) = (section.title.clone(), section.clone());
        let fails = move || calls::try_section(&section, all).map_err(Failed::from);
        let lives = move || places::try_section(&the_same).map_err(Failed::from);
        [Trial::test(format!("{name}::a_call_fails"), fails), Trial::test(format!("{name}::the_place_is_poor"), lives)]
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
