//! One schedule again: `just prove --replay SCHEDULE --scenario NAME`.

use std::process::ExitCode;

use crashcheck::Model;

use super::picture;
use super::rows::{SCENARIOS, Scenario, refuse};

/// Runs a schedule on the one scenario that has this name, or the one whose name contains it, and shows every step.
pub(crate) fn run(schedule: &str, names: &[String], svg: Option<&str>) -> ExitCode {
    let [name] = names else { return refuse("--replay takes the schedule of one scenario: --scenario NAME") };
    let Some(scenario) = scenario(name) else { return refuse(&format!("no one scenario is called {name}")) };
    let model = match Model::new().only(schedule) {
        Ok(model) => model,
        Err(error) => return refuse(&format!("cannot read the schedule: {error}")),
    };
    let report = (scenario.explore)(&model);
    if let Some(error) = report.refused {
        return refuse(&format!("cannot run the schedule in {}: {error}", scenario.name));
    }
    let Some(violation) = report.violation else {
        println!("{}: no promise is broken", scenario.name);
        return ExitCode::SUCCESS;
    };
    println!("{}: {violation:#}", scenario.name);
    if let Some(path) = svg
        && let Err(error) = picture::draw(path, scenario.name, &violation)
    {
        return refuse(&format!("cannot write {path}: {error}"));
    }
    ExitCode::FAILURE
}

fn scenario(name: &str) -> Option<&'static Scenario> {
    static ALL: &[Scenario] = &SCENARIOS;
    let mut containing = ALL.iter().filter(|scenario| scenario.name.contains(name));
    let only = containing.next().filter(|_| containing.next().is_none());
    ALL.iter().find(|scenario| scenario.name == name).or(only)
}
