//! Notes 3: what is a zombie, what is an orphan, and what is done about them?

#![forbid(unsafe_code)]

mod cures;

use std::fs;
use std::time::Duration;

use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::pace::PATIENCE;
use common::procfs::{self, Status};
use common::queue::Queue;
use common::report::Is;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, say, text};

/// Zombies and orphans, seen in /proc, and their cures.
///
/// A process that has ended stays in the table of processes, as a zombie, until its parent asks how
/// it ended. A process whose parent has ended is an orphan: it lives on, and is adopted, by the
/// nearest ancestor that offered to adopt orphans (a subreaper), or else by process 1. Here main
/// made that offer, so that no orphan of this program is left to somebody else.
///
/// Scenes:
///   zombie  a child that has ended is in state Z, even after kill -9, until join reaps it
///   orphan  a child goes on after its parent was killed: it has a new parent, which reaps it
///   cures   no zombie is left: wait, ignore SIGCHLD, or fork twice
#[derive(Debug, clap::Parser)]
#[command(name = "zombie", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  zombie                           all scenes, ten times as fast as the notes
  zombie --scene orphan --speed 1  time to look at the orphan with ps -o pid,ppid,stat,comm
  zombie --lang zh                 in the words of the notes";

impl Section for Options {
    const NAME: &'static str = "zombie";
    const SCENES: &'static [Scene<Self>] = &[("zombie", zombie), ("orphan", orphan), ("cures", cures::cures)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// How often whoever waits for something that sends no word looks again.
const LOOK: Duration = Duration::from_millis(1);

/// The notes' listing: main starts a task, prints its line, and does not join.
fn zombie(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let is_zombie = claim!(
        stage,
        Is("Z"),
        "a child that has ended, and that nobody waited for, is a zombie: state Z in /proc",
        "已经结束、却没人等待的子进程是僵尸进程:/proc 里的状态是 Z"
    )?;
    let is_empty = claim!(
        stage,
        Is(0),
        "its memory is given back already: only its entry is left",
        "它的内存早已归还:只剩进程表里的一项"
    )?;
    let stays =
        claim!(stage, Is("Z"), "kill -9 does not remove it: it is dead already", "kill -9 清除不了它:它已经死了")?;
    let kept = claim!(
        stage,
        Is("code 0"),
        "join gets its exit status, which is what the entry was kept for",
        "join 得到它的退出状态:那一项就是为此保留的"
    )?;
    let reaped = claim!(stage, Is(gone(stage)), "join reaps it: the entry is gone", "join 回收了它:那一项消失了")?;
    let left = stage.claim_nothing_left()?;

    forced(stage)?;
    let (began, looked) = (Event::new()?, Event::new()?);
    let work = |actor: &Actor| {
        say!(actor, "task begins", "任务开始")?;
        began.set();
        actor.pause(Duration::from_secs(4))?;
        looked.wait(PATIENCE)?;
        say!(actor, "task ends", "任务结束")
    };
    let mut child = stage.process(text!(stage, "task", "任务"), work).start()?;
    say!(stage, "main process", "主进程")?;
    began.wait(PATIENCE)?;
    let alive = look(child.pid())?;
    let (pid, at_first, at_work) = (alive.pid, alive.state, resident(alive.pid)?);
    say!(stage, "/proc: process {pid} is in state {at_first}", "/proc:进程 {pid} 的状态是 {at_first}")?;
    looked.set();

    child.wait_ended()?;
    let (ended, as_zombie) = (state_of(stage, &alive)?, resident(pid)?);
    say!(stage, "/proc: process {pid} is in state {ended}", "/proc:进程 {pid} 的状态是 {ended}")?;
    child.kill()?;
    let killed = state_of(stage, &alive)?;
    say!(stage, "after kill -9: state {killed}", "kill -9 之后:状态 {killed}")?;
    let exit = child.join()?;
    let joined = state_of(stage, &alive)?;
    say!(stage, "after join: {joined}", "join 之后:{joined}")?;

    stage.figure("memory of the task", at_work, "pages")?;
    stage.figure("memory of the zombie", as_zombie, "pages")?;
    stage.check(is_zombie, ended)?;
    stage.check(is_empty, as_zombie)?;
    stage.check(stays, killed)?;
    stage.check(kept, exit.to_string())?;
    stage.check(reaped, joined)?;
    stage.check_nothing_left(left)?;
    Ok(())
}

fn orphan(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let me = std::process::id().cast_signed();
    let before =
        claim!(stage, Is(true), "at first its parent is the one that started it", "起初,父进程就是启动它的进程")?;
    let lives = claim!(stage, Is(true), "its parent was killed, and it lives on", "父进程被杀死,它继续运行")?;
    let after = claim!(
        stage,
        Is(me),
        "now its parent is main, which adopts orphans; without a subreaper it would be process 1",
        "现在它的父进程是收养孤儿的主进程;没有收养者时则是 1 号进程"
    )?;
    let ends = claim!(stage, Is("code 0"), "main reaps it when it has ended", "它结束后由主进程回收")?;
    let left = stage.claim_nothing_left()?;

    forced(stage)?;
    let (born, looked) = (Queue::new(1)?, Event::new()?);
    let orphan = |actor: &Actor| {
        say!(actor, "task begins", "任务开始")?;
        born.put(std::process::id().cast_signed())?;
        actor.pause(Duration::from_secs(4))?;
        looked.wait(PATIENCE)?;
        say!(actor, "task ends", "任务结束")
    };
    let parent = |actor: &Actor| {
        let pid = std::process::id();
        say!(actor, "parent process {pid} starts a child", "父进程 {pid} 启动子进程")?;
        let _orphan = actor.process(text!(actor, "orphan", "孤儿"), orphan).independent().start()?;
        Ok::<(), Error>(Event::new()?.wait(Duration::MAX)?)
    };
    say!(stage, "main process {me}", "主进程 {me}")?;
    let mut parent = stage.process(text!(stage, "parent", "父进程"), parent).start()?;
    let pid = born.get_timeout(PATIENCE)?;
    let with_parent = look(pid)?;
    told(stage, &with_parent)?;

    // Killed, because a parent that ends by itself joins its child first: an untied Child does so when dropped.
    parent.kill()?;
    let exit = parent.join()?;
    say!(stage, "its parent ended with {exit}", "它的父进程已结束:{exit}")?;
    let alone = look(pid)?;
    told(stage, &alone)?;
    looked.set();
    let end = stage.adopted(pid, text!(stage, "orphan", "孤儿"))?.join()?;

    stage.check(before, with_parent.parent == parent.pid())?;
    stage.check(lives, alone.started == with_parent.started && alone.state != 'Z')?;
    stage.check(after, alone.parent)?;
    stage.check(ends, end.to_string())?;
    stage.check_nothing_left(left)?;
    Ok(())
}

fn told(actor: &Actor, status: &Status) -> Result<(), Error> {
    let Status { pid, parent, .. } = status;
    say!(actor, "/proc: the parent of process {pid} is {parent}", "/proc:进程 {pid} 的父进程是 {parent}")
}

fn forced(actor: &Actor) -> Result<(), Error> {
    say!(
        actor,
        "the order is forced: the task ends only after it was looked at in /proc",
        "顺序是强制的:在 /proc 里看过之后,任务才会结束"
    )
}

/// What /proc says about a process that cannot be gone yet.
fn look(pid: i32) -> Result<Status, Error> {
    let gone = || Error::refused("find", format_args!("process {pid}"), std::io::ErrorKind::NotFound);
    procfs::status(pid)?.ok_or_else(gone)
}

/// The state of a process that was seen before: `Z`, or [`gone`]. Another one with its pid is not it.
fn state_of(actor: &Actor, seen: &Status) -> Result<String, Error> {
    let now = procfs::status(seen.pid)?.filter(|now| now.started == seen.started);
    Ok(now.map_or_else(|| gone(actor), |now| now.state.to_string()))
}

/// The word for a process that is not even a zombie any more.
fn gone(actor: &Actor) -> String {
    text!(actor, "gone", "已消失")
}

/// How many pages of memory a process has, out of `proc_pid_statm(5)`.
fn resident(pid: i32) -> Result<u64, Error> {
    let path = format!("/proc/{pid}/statm");
    let refused = |source| Error::refused("read", &path, source);
    let line = fs::read_to_string(&path).map_err(refused)?;
    let pages = line.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse().ok());
    pages.ok_or_else(|| refused(std::io::ErrorKind::InvalidData.into()))
}
