//! The honesty of a scene: what does not hold, or was never looked at, is a failure.

use clap::Parser;
use common::cli::{CommonOptions, Scene, Section, run_with};
use common::process::{Exit, Process};
use common::report::Is;
use common::stage::Stage;
use common::{Error, claim};

/// A section with one scene for each way to end.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

impl Section for Options {
    const NAME: &'static str = "demo";
    const SCENES: &'static [Scene<Self>] =
        &[("holds", holds), ("does-not-hold", does_not_hold), ("forgets", forgets), ("fails", fails)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

fn holds(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let one = claim!(stage, Is(1), "one is one", "一等于一")?;
    assert!(stage.check(one, 1)?);
    Ok(())
}

fn does_not_hold(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let one = claim!(stage, Is(1), "two is one", "二等于一")?;
    assert!(!stage.check(one, 2)?);
    Ok(())
}

fn forgets(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let _never_checked = claim!(stage, Is(1), "one is one", "一等于一")?;
    Ok(())
}

/// A child fails first, and its error reaches main.
fn fails(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let fails = |_: &_| -> Result<(), Error> { Err(Error::Usage("on purpose".to_owned())) };
    let mut child = stage.process("child", fails).start()?;
    stage.join(&mut child)
}

/// The exit code of a run of these scenes, in a process of its own.
fn code_of(scenes: &[&str]) -> Exit {
    let arguments: Vec<_> = scenes.iter().flat_map(|scene| ["--scene", scene]).collect();
    let run = || run_with::<Options>(["demo", "--format", "json"].iter().chain(&arguments).map(Into::into));
    Process::new("run", run).start().expect("a process").join().expect("its end")
}

pub(crate) fn a_run_whose_checks_all_hold_ends_with_code_0() {
    assert_eq!(code_of(&["holds"]), Exit::Code(0));
}

pub(crate) fn one_check_that_does_not_hold_ends_the_run_with_code_1() {
    assert_eq!(code_of(&["holds", "does-not-hold"]), Exit::Code(1));
}

pub(crate) fn a_claim_that_is_never_checked_has_failed() {
    assert_eq!(code_of(&["forgets"]), Exit::Code(1));
}

pub(crate) fn an_error_of_a_child_is_the_runs_error() {
    assert_eq!(code_of(&["holds", "fails"]), Exit::Code(2));
}
