//! The three cures: each in a parent process of its own, because the second one changes the parent.

use std::time::Duration;

use common::actor::Actor;
use common::error::{Toolkit, cause};
use common::pace::PATIENCE;
use common::process::{self, Exit};
use common::procfs::{self, Status};
use common::queue::Queue;
use common::report::Is;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, interrupt, say, text};

use crate::{LOOK, Options, forced, gone, look, state_of};

pub(crate) fn cures(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let me = std::process::id().cast_signed();
    let waited = claim!(
        stage,
        Is(text!(stage, "Z, then gone", "Z,然后已消失")),
        "wait: the parent joins its zombie, and it is gone",
        "等待:父进程 join 之后,僵尸消失"
    )?;
    let ignored = claim!(
        stage,
        Is(gone(stage)),
        "ignore SIGCHLD: the kernel itself removes the child that has ended",
        "忽略 SIGCHLD:子进程结束后由内核直接回收"
    )?;
    let no_status = claim!(
        stage,
        Is("no child processes"),
        "its price: nobody learns how it ended, a join fails",
        "代价:没人知道它是怎么结束的,join 会失败"
    )?;
    let free = claim!(
        stage,
        Is(0),
        "fork twice: the parent joins the middle process, and has no child to wait for",
        "两次 fork:父进程等完中间进程,就再没有要等的子进程"
    )?;
    let adopted = claim!(
        stage,
        Is(me),
        "the grandchild is adopted by main, which plays process 1",
        "孙进程由主进程收养,它扮演 1 号进程"
    )?;
    let reaped = claim!(stage, Is("code 0"), "its adopter reaps it when it has ended", "它结束后由收养者回收")?;
    let left = stage.claim_nothing_left()?;

    say!(stage, "first cure: wait", "办法一:等待")?;
    let after_wait = wait(stage)?;
    say!(stage, "second cure: ignore SIGCHLD", "办法二:忽略 SIGCHLD")?;
    forced(stage)?;
    let (after_ignoring, join_said) = ignore(stage)?;
    say!(stage, "third cure: fork twice; main is process {me}", "办法三:两次 fork;主进程是 {me}")?;
    forced(stage)?;
    let twice = fork_twice(stage)?;

    stage.check(waited, after_wait)?;
    stage.check(ignored, after_ignoring)?;
    stage.check(no_status, join_said)?;
    stage.check(free, twice.children_of_parent)?;
    stage.check(adopted, twice.adopter)?;
    stage.check(reaped, twice.end.to_string())?;
    stage.check_nothing_left(left)?;
    Ok(())
}

/// The child or grandchild of every cure: the notes' task, in a second.
fn task(actor: &Actor) -> Result<(), Error> {
    say!(actor, "task begins", "任务开始")?;
    actor.pause(Duration::from_secs(1))?;
    say!(actor, "task ends", "任务结束")
}

fn wait(stage: &Stage) -> Result<String, Error> {
    let seen = Queue::new(1)?;
    let parent = |parent: &Actor| {
        let mut child = parent.process(text!(parent, "task", "任务"), task).start()?;
        // Whether it has ended already or not: a zombie still tells when it started.
        let began = look(child.pid())?;
        child.wait_ended()?;
        let zombie = state_of(parent, &began)?;
        child.join()?;
        let joined = state_of(parent, &began)?;
        say!(parent, "before join: {zombie}, after join: {joined}", "join 之前:{zombie},join 之后:{joined}")?;
        seen.put(text!(parent, "{zombie}, then {joined}", "{zombie},然后{joined}")).map_err(Error::from)
    };
    let mut parent = stage.process(text!(stage, "waits", "等待者"), parent).start()?;
    stage.join(&mut parent)?;
    Ok(seen.try_get()?)
}

/// Where the child is after its end, and what a join says about it.
fn ignore(stage: &Stage) -> Result<(String, String), Error> {
    let seen = Queue::new(1)?;
    let noted = Event::new()?;
    let parent = |parent: &Actor| {
        process::ignore_children()?;
        // It must not vanish before its start time was noted: nothing would be left to look at.
        let child = |actor: &Actor| Ok(noted.wait(PATIENCE)?).and_then(|()| task(actor));
        let mut child = parent.process(text!(parent, "task", "任务"), child).start()?;
        let began = look(child.pid())?;
        noted.set();
        let join_said = match child.join() {
            Ok(exit) => exit.to_string(),
            Err(Toolkit::Refused { source, .. }) => cause(&source),
            Err(other) => return Err(other.into()),
        };
        let child = vanished(parent, &began)?;
        say!(parent, "join: {join_said}; the child: {child}", "join:{join_said};子进程:{child}")?;
        seen.put((child, join_said)).map_err(Error::from)
    };
    let mut parent = stage.process(text!(stage, "ignores", "忽略者"), parent).start()?;
    stage.join(&mut parent)?;
    Ok(seen.try_get()?)
}

/// The state of a process that is on its way out: it may be seen as `X`, dead, for an instant, but
/// a zombie would stay one.
fn vanished(actor: &Actor, seen: &Status) -> Result<String, Error> {
    loop {
        match state_of(actor, seen)? {
            dying if dying == "X" => interrupt::sleep(LOOK)?,
            state => return Ok(state),
        }
    }
}

/// What became of a grandchild whose parent has ended.
struct Twice {
    children_of_parent: usize,
    adopter: i32,
    end: Exit,
}

fn fork_twice(stage: &Stage) -> Result<Twice, Error> {
    let (born, counted) = (Queue::new(1)?, Queue::new(1)?);
    let looked = Event::new()?;
    let grandchild_name = text!(stage, "grandchild", "孙进程");
    let grandchild = |actor: &Actor| {
        born.put(std::process::id().cast_signed())?;
        looked.wait(PATIENCE)?;
        task(actor)
    };
    let middle = |middle: &Actor| {
        // Detached: otherwise the middle process would join its child before it ends.
        middle.process(&*grandchild_name, grandchild).independent().start()?.detach();
        Ok::<(), Error>(())
    };
    let parent = |parent: &Actor| {
        let mut middle = parent.process(text!(parent, "middle", "中间进程"), middle).start()?;
        let exit = middle.join()?;
        let left = procfs::children()?.len();
        say!(
            parent,
            "the middle process ended ({exit}); children left: {left}",
            "中间进程已结束({exit});剩下的子进程:{left}"
        )?;
        counted.put(left).map_err(Error::from)
    };
    let mut parent = stage.process(text!(stage, "forks twice", "两次 fork"), parent).start()?;
    let pid = born.get_timeout(PATIENCE)?;
    stage.join(&mut parent)?;

    let adopter = look(pid)?.parent;
    say!(stage, "/proc: the parent of grandchild {pid} is {adopter}", "/proc:孙进程 {pid} 的父进程是 {adopter}")?;
    looked.set();
    let end = stage.adopted(pid, grandchild_name)?.join()?;
    Ok(Twice { children_of_parent: counted.try_get()?, adopter, end })
}
