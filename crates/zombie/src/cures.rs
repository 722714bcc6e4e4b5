//! The three cures, each in a parent process of its own, because the second one changes the parent.

use std::time::Duration;

use common::Error;
use common::actor::Actor;
use common::endings;
use common::error::Toolkit;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::{self, Exit};
use common::procfs;
use common::queue::Queue;
use common::stage::Stage;
use common::sync::Event;

use crate::look::{final_state_of, look, state_of};
use crate::words;

/// What became of the child or grandchild of each cure.
pub(crate) struct Cured {
    /// The states before and after the join.
    pub(crate) waited: [Option<char>; 2],
    pub(crate) ignored: Ignored,
    pub(crate) grandchild: Grandchild,
}

pub(crate) struct Ignored {
    pub(crate) child: Option<char>,
    /// The number of the error for which the parent does not learn how the child ended.
    pub(crate) join: Option<i32>,
}

pub(crate) struct Grandchild {
    /// How many children the parent has after it joined the middle process.
    pub(crate) children: usize,
    pub(crate) adopter: i32,
    pub(crate) exit: Exit,
}

pub(crate) fn cures(stage: &mut Stage) -> Result<Cured, Error> {
    stage.say(words::first_cure())?;
    let waited = wait(stage)?;
    stage.say(words::second_cure())?;
    stage.say(words::forced_until_looked_at())?;
    let ignored = ignore(stage)?;
    stage.say(words::third_cure(std::process::id()))?;
    stage.say(words::forced_until_looked_at())?;
    let grandchild = fork_twice(stage)?;
    Ok(Cured { waited, ignored, grandchild })
}

/// The notes' `task()`, in a second.
fn task(actor: &Actor) -> Result<(), Error> {
    actor.say(words::task_begins())?;
    actor.pause(Duration::from_secs(1))?;
    actor.say(words::task_ends())
}

fn wait(stage: &Stage) -> Result<[Option<char>; 2], Error> {
    let seen = scaffold(|| Queue::new(1))?;
    let parent = |parent: &Actor| {
        let mut child = parent.process(words::task_name(), task).start()?;
        // It may have ended already: the entry of a zombie has its start time, too.
        let began = look(child.pid())?;
        child.wait_ended()?;
        let zombie = state_of(&began)?;
        child.join()?;
        let joined = state_of(&began)?;
        parent.say(words::before_and_after_join(words::state(zombie), words::state(joined)))?;
        seen.put([zombie, joined]).map_err(Error::from)
    };
    let mut parent = stage.process(words::waits(), parent).start()?;
    stage.join(&mut parent)?;
    Ok(seen.try_get()?)
}

fn ignore(stage: &Stage) -> Result<Ignored, Error> {
    let seen = scaffold(|| Queue::new(1))?;
    let noted = scaffold(Event::new)?;
    let parent = |parent: &Actor| {
        process::ignore_children()?;
        // Without a wait the child may end, and its entry vanish, before its start time is noted.
        let child = |actor: &Actor| Ok(noted.wait(PATIENCE)?).and_then(|()| task(actor));
        let mut child = parent.process(words::task_name(), child).start()?;
        let began = look(child.pid())?;
        noted.set();
        let join = match child.join() {
            Ok(_) => None,
            Err(Toolkit::Refused { source, .. }) => source.raw_os_error(),
            Err(other) => return Err(other.into()),
        };
        let child = final_state_of(&began)?;
        parent.say(words::join_fails(words::join_without_entry(join), words::state(child)))?;
        seen.put((child, join)).map_err(Error::from)
    };
    let mut parent = stage.process(words::ignores(), parent).start()?;
    stage.join(&mut parent)?;
    let (child, join) = seen.try_get()?;
    Ok(Ignored { child, join })
}

fn fork_twice(stage: &Stage) -> Result<Grandchild, Error> {
    let (born, counted) = (scaffold(|| Queue::new(1))?, scaffold(|| Queue::new(1))?);
    let looked = scaffold(Event::new)?;
    let grandchild = |actor: &Actor| {
        looked.wait(PATIENCE)?;
        task(actor)
    };
    let middle = |middle: &Actor| {
        let child = middle.process(words::grandchild(), grandchild).independent().start()?;
        born.put(child.pid())?;
        // Detached: otherwise the middle process would join its child before it ends.
        child.detach();
        Ok::<(), Error>(())
    };
    let parent = |parent: &Actor| {
        let mut middle = parent.process(words::middle(), middle).start()?;
        let exit = middle.join()?;
        if !exit.success() {
            return Err(Error::Child { name: middle.name().to_owned(), exit });
        }
        let left = procfs::children()?.len();
        parent.say(words::middle_ended(endings::of(exit), left))?;
        counted.put(left).map_err(Error::from)
    };
    let mut parent = stage.process(words::forks_twice(), parent).start()?;
    stage.join(&mut parent)?;
    // The middle process has ended, so the pid is there. No process waits for a grandchild that was killed.
    let pid = born.try_get()?;

    let adopter = look(pid)?.parent;
    stage.say(words::parent_of_grandchild(pid, adopter))?;
    looked.set();
    let exit = stage.adopted(pid, words::grandchild())?.join()?;
    Ok(Grandchild { children: counted.try_get()?, adopter, exit })
}
