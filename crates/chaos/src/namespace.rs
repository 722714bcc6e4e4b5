//! A round in a pid namespace of its own: the pids of its workers are small, and a replacement often has the pid of
//! the dead worker.

use common::actor::Failures;
use common::process::{Exit, Process};
use common::queue::Queue;
use common::{Error, interrupt, lang};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::geteuid;

use crate::pids;
use crate::tally::Tally;
use crate::workers::bound_to_this_process;

/// How a process ends that the system gives no namespace.
const REFUSED: u8 = 7;

/// Runs a round as the first process of a namespace, and returns its tally. `None` if the system gives no
/// namespace, and then nothing was run.
///
/// The processes in it wait with deadlines of their own, so this one needs none.
pub(crate) fn run(round: impl FnOnce() -> Result<Tally, Error> + Send) -> Result<Option<Tally>, Error> {
    let (tallies, failures) = (Queue::new(1)?, Failures::new(lang::spoken())?);
    let first = || -> Result<u8, Error> {
        if !mount_proc() {
            return Ok(REFUSED);
        }
        pids::are_own();
        tallies.put(round()?)?;
        Ok(0)
    };
    let outside = || -> Result<u8, Error> {
        if !may() || unshare(CloneFlags::CLONE_NEWPID).is_err() {
            return Ok(REFUSED);
        }
        end(bound_to_this_process(failures.process("first of its namespace", first)))
    };
    match end(bound_to_this_process(failures.process("namespace", outside)))? {
        0 => Ok(Some(tallies.get()?)),
        REFUSED => Ok(None),
        code => Err(failures.of("namespace", Exit::Code(code.into()))),
    }
}

/// Starts a process, and returns the code with which it ends.
fn end(process: Process<'_>) -> Result<u8, Error> {
    let mut child = process.start()?;
    match child.join()? {
        Exit::Code(code) => Ok(u8::try_from(code).unwrap_or(u8::MAX)),
        exit => {
            interrupt::check()?;
            Err(Error::Child { name: child.name().to_owned(), exit })
        }
    }
}

fn may() -> bool {
    geteuid().is_root() || unshare(CloneFlags::CLONE_NEWUSER).is_ok()
}

/// Mounts the `/proc` of this process's namespace for it and its children.
fn mount_proc() -> bool {
    let nothing = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNS).is_ok()
        && mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing).is_ok()
        && mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), nothing).is_ok()
}
