//! An error is one line on standard error, whichever process or thread of a run met it, and however many of them did.

use std::io::{Read, pipe};
use std::thread;

use clap::Parser;
use common::Error;
use common::actor::{Actor, joined};
use common::cli::{CommonOptions, Scene, Section, run_with};
use common::process::{Exit, Process, Task};
use common::stage::Stage;

/// A section with one scene for each place at which the system may refuse.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

impl Section for Options {
    const NAME: &'static str = "refused";
    const SCENES: &'static [Scene<Self>] =
        &[("task", task), ("thread", thread), ("crowd", crowd), ("grandchild", grandchild), ("leaves", leaves)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

fn is_refused(_: &Actor) -> Result<(), Error> {
    Err(Error::refused("write", "a file", std::io::Error::from_raw_os_error(libc::ENOSPC)))
}

struct Refused(Actor);

impl Task for Refused {
    type Output = Result<(), Error>;

    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    fn run(self) -> Self::Output {
        is_refused(&self.0)
    }
}

fn task(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let mut child = stage.task("task", Refused(stage.other("task"))).start()?;
    stage.join(&mut child)
}

fn thread(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    thread::scope(|scope| joined(stage.thread(scope, "thread", is_refused)?))
}

fn crowd(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let start = |name| stage.process(name, is_refused).start();
    let mut children = ["a", "b", "c"].map(start).into_iter().collect::<Result<Vec<_>, _>>()?;
    stage.join_all(&mut children)
}

fn grandchild(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let parent = |actor: &Actor| actor.join(&mut actor.process("grandchild", is_refused).start()?);
    stage.join(&mut stage.process("child", parent).start()?)
}

/// The scene ends with the error of its child before it has joined it.
fn leaves(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let _child = stage.process("child", is_refused).start()?;
    stage.pause(std::time::Duration::MAX)
}

pub(crate) fn an_error_is_one_line_whichever_process_or_thread_met_it() {
    for scene in ["task", "thread", "crowd", "grandchild", "leaves"] {
        let (mut said, error) = pipe().expect("a pipe");
        let run = move |error| {
            nix::unistd::dup2_stderr(error).expect("a standard stream");
            run_with::<Options>(["refused", "--format", "json", "--scene", scene].map(Into::into))
        };
        let mut run = Process::with_descriptor("run", error, run).start().expect("a process");
        let mut lines = String::new();
        said.read_to_string(&mut lines).expect("text");
        assert_eq!(run.join().expect("its end"), Exit::Code(3), "{scene}: {lines}");
        assert_eq!(lines, "refused: cannot write a file: no space left on device\n", "{scene}");
    }
}
