//! Hostile places: every section where the system refuses what a run needs in the middle of it.
//!
//! `REFUSED=all` tries everything, which is 40,000 runs: half an hour on two processors without other work. Without it
//! each section is tried with a share of it. Calls fail by a tracer that
//! knows the registers of one processor, `x86_64`. On another one these trials say that they are left out.

#[cfg(target_arch = "x86_64")]
#[path = "hostile/calls.rs"]
mod calls;
#[cfg(target_arch = "x86_64")]
#[path = "hostile/faults.rs"]
mod faults;
#[path = "hostile/places.rs"]
mod places;
#[path = "hostile/runs.rs"]
mod runs;
#[cfg(target_arch = "x86_64")]
#[path = "hostile/tracer.rs"]
mod tracer;

/// What stands for the tracer where there is none.
#[cfg(not(target_arch = "x86_64"))]
mod tracer {
    use std::process::ExitCode;

    pub(crate) const SIGNALLED: i32 = 190;

    pub(crate) fn run(_: &[String]) -> Option<ExitCode> {
        None
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod calls {
    use crate::runs::Section;

    #[expect(clippy::unnecessary_wraps, reason = "as where calls fail")]
    pub(crate) fn try_section(section: &Section, _: bool) -> Result<(), String> {
        eprintln!("{} is left out: there is no tracer for this processor", section.title);
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "as where calls fail")]
    pub(crate) fn try_closes_of_an_export() -> Result<(), String> {
        Ok(())
    }
}

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
    let closes = || calls::try_closes_of_an_export().map_err(Failed::from);
    let trials = trials.chain([Trial::test("tour::an_export_that_cannot_be_closed_is_refused", closes)]);
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
