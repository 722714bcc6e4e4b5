//! Notes 1 and 2: start a process, name it, wait for it; who is its parent, and how does it end?

use std::time::{Duration, Instant};

use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::pace::PATIENCE;
use common::process::{Child, Exit, Process, Task};
use common::report::Is;
use common::stage::Stage;
use common::sync::{Barrier, Event};
use common::{Error, claim, procfs, say, text};

/// Start, name and wait for processes.
///
/// A process is a program that runs: memory of its own, a number (pid), and a parent, which is the
/// process that started it. Its start returns at once, and both go on side by side; a join waits
/// until the other one has ended.
///
/// Scenes:
///   function  a function as a process; main goes on meanwhile
///   object    a type as a process; calling its run method starts none, start does
///   many      three tasks of 1, 2 and 3 s: join in the loop (6 s), or start all and then join (3 s)
///   pids      who is who, and who is whose parent
///   exits     a process ends by a code, by a panic, or by a signal
#[derive(Debug, clap::Parser)]
#[command(name = "spawn", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  spawn                        all scenes, ten times as fast as the notes
  spawn --scene many --speed 1 the six seconds and the three, in full
  spawn --lang zh              in the words of the notes";

impl Section for Options {
    const NAME: &'static str = "spawn";
    const SCENES: &'static [Scene<Self>] =
        &[("function", function), ("object", object), ("many", many), ("pids", pids), ("exits", exits)];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' `Process(target=func, args=('写讲话稿',))`.
fn function(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let goes_on =
        claim!(stage, Is(true), "main speaks while its child still works", "子进程还在工作时,主进程已经继续执行")?;
    let ends_well = claim!(stage, Is("code 0"), "the child ends with code 0", "子进程以代码 0 结束")?;

    say!(stage, "forced: the task does not end before main has spoken", "强制的顺序:主进程说话之前,任务不会结束")?;
    let name = text!(stage, "write a speech", "写讲话稿");
    let main_spoke = Event::new()?;
    let work = |actor: &Actor| {
        let name = actor.name();
        say!(actor, "{name}: process begins", "{name}进程开始")?;
        actor.pause(Duration::from_secs(5))?;
        // If start() did not return before the end of the work, nobody would ever open this gate.
        main_spoke.wait(PATIENCE)?;
        say!(actor, "{name}: task done", "{name}任务执行完毕")
    };
    let mut child = stage.process(name.clone(), work).start()?;
    let main_line = text!(stage, "main process", "主进程");
    stage.say(main_line.clone())?;
    main_spoke.set();
    stage.join(&mut child)?;

    let done = text!(stage, "{name}: task done", "{name}任务执行完毕");
    let before = stage.said_before(&main_line, &done)?;
    stage.check(goes_on, before)?;
    stage.check(ends_well, child.join()?.to_string())?;
    Ok(())
}

/// The notes' `class MyProcess(Process)`.
struct Game {
    actor: Actor,
}

impl Task for Game {
    type Output = Result<(), Error>;

    fn name(&self) -> String {
        self.actor.name().to_owned()
    }

    fn run(self) -> Self::Output {
        let (name, pid) = (self.actor.name(), std::process::id());
        say!(self.actor, "{name}: task begins, in process {pid}", "{name}任务开始,进程 {pid}")?;
        self.actor.pause(Duration::from_secs(3))?;
        say!(self.actor, "task done", "任务结束")
    }
}

fn object(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let same = claim!(
        stage,
        Is(true),
        "run() runs in main itself: it starts no process",
        "run() 就在主进程里执行:没有启动任何进程"
    )?;
    let other = claim!(stage, Is(true), "start() runs in a process of its own", "start() 在自己的进程里执行")?;

    let name = text!(stage, "play a game", "玩原神");
    let game = |name: &str| Game { actor: stage.other(name) };
    game(&name).run()?;
    let mut child = stage.follow(Process::from_task(game(&name))).start()?;
    stage.join(&mut child)?;

    let me = std::process::id().cast_signed();
    let begins = text!(stage, "task begins", "任务开始");
    let events = stage.events()?;
    let began = events.iter().filter(|event| event.text.as_ref().is_some_and(|text| text.contains(&begins)));
    let pids: Vec<i32> = began.map(|event| event.pid).collect();
    stage.check(same, pids.first() == Some(&me))?;
    stage.check(other, pids.get(1) == Some(&child.pid()) && child.pid() != me)?;
    Ok(())
}

fn many(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let one_by_one = claim!(
        stage,
        Is(true),
        "join inside the loop, as in the notes: each task begins after the one before has ended",
        "在循环里 join(笔记的写法):前一个任务结束后,下一个才开始"
    )?;
    let together = claim!(
        stage,
        Is(3),
        "start all, then join: three tasks are at work at the same moment",
        "全部 start 之后再 join:三个任务同时在工作"
    )?;

    say!(stage, "join inside the loop", "在循环里 join")?;
    let began = Instant::now();
    for i in 1..=3 {
        let mut child = stage.process(task_name(stage, i), |actor| speech(actor, i)).start()?;
        stage.join(&mut child)?;
    }
    let in_the_loop = began.elapsed();
    say!(stage, "main process", "主进程")?;
    let mut ordered = true;
    for i in 1..=2 {
        ordered &= stage.said_before(&done_line(stage, i), &begin_line(stage, i + 1))?;
    }

    say!(
        stage,
        "start all, then join (forced: no task goes on before all three have come)",
        "全部 start 之后再 join(强制:三个任务都到齐之后才继续)"
    )?;
    let began = Instant::now();
    // Each task waits in the middle until all three have come: one after the other, none would pass.
    let meeting = Barrier::new(3)?;
    let start = |i| {
        let name = format!("{}'", task_name(stage, i));
        let work = |actor: &Actor| Ok(meeting.wait(PATIENCE)?).and_then(|()| speech(actor, i));
        stage.process(name, work).start()
    };
    let mut children: Vec<Child> = (1..=3).map(start).collect::<Result<_, _>>()?;
    let mut met = 0;
    for child in &mut children {
        met += i32::from(child.join()? == Exit::Code(0));
    }
    let after_all = began.elapsed();
    say!(stage, "main process", "主进程")?;

    stage.figure("join in the loop", in_the_loop.as_secs_f64(), "s")?;
    stage.figure("start all, then join", after_all.as_secs_f64(), "s")?;
    stage.check(one_by_one, ordered)?;
    stage.check(together, met)?;
    Ok(())
}

/// The notes' `func(name, i)`: a task of `i` seconds.
fn speech(actor: &Actor, i: u64) -> Result<(), Error> {
    actor.say(begin_line(actor, i))?;
    actor.pause(Duration::from_secs(i))?;
    actor.say(done_line(actor, i))
}

fn task_name(actor: &Actor, i: u64) -> String {
    text!(actor, "speech {i}", "写演讲稿{i}")
}

fn begin_line(actor: &Actor, i: u64) -> String {
    text!(actor, "speech {i}: process begins", "写演讲稿{i}进程开始")
}

fn done_line(actor: &Actor, i: u64) -> String {
    text!(actor, "speech {i}: task done", "写演讲稿{i}任务执行完毕")
}

fn pids(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let own = claim!(stage, Is(true), "the child has a pid of its own", "子进程有自己的 pid")?;
    let parent =
        claim!(stage, Is(true), "the child's parent is main, as the kernel sees it", "内核记录的父进程就是主进程")?;

    say!(stage, "forced: the task does not end before it was looked at", "强制的顺序:查看之前,任务不会结束")?;
    let looked = Event::new()?;
    let task = text!(stage, "task", "任务");
    let work = |actor: &Actor| {
        let pid = std::process::id();
        say!(actor, "task {pid} at work", "任务{pid}执行中")?;
        actor.pause(Duration::from_secs(5))?;
        Ok::<(), Error>(looked.wait(PATIENCE)?)
    };
    let mut child = stage.process(task, work).start()?;
    let me = std::process::id();
    say!(stage, "main process {me}", "主进程 {me}")?;
    let pid = child.pid();
    let status = procfs::status(pid)?;
    looked.set();
    stage.join(&mut child)?;

    let its_parent = status.map(|status| status.parent);
    stage.check(own, pid != me.cast_signed())?;
    stage.check(parent, its_parent == Some(me.cast_signed()))?;
    Ok(())
}

fn exits(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let by_code = claim!(
        stage,
        Is("code 7"),
        "a closure that returns 7 ends its process with code 7",
        "闭包返回 7,进程以代码 7 结束"
    )?;
    let by_panic = claim!(
        stage,
        Is("code 101"),
        "a panic ends the process with code 101, and only that process",
        "panic 让进程以代码 101 结束,而且只影响它自己"
    )?;
    let by_signal = claim!(
        stage,
        Is("signal SIGKILL"),
        "kill() ends a process that would wait for ever",
        "kill() 能结束永远等待的进程"
    )?;

    let mut code = stage.process(text!(stage, "returns", "返回者"), |_| 7_u8).start()?;
    let code = code.join()?;
    let panics = |_: &Actor| -> u8 { panic!("this panic is part of the lesson") };
    let mut panicked = stage.process(text!(stage, "panics", "恐慌者"), panics).start()?;
    let panicked = panicked.join()?;
    let never = Event::new()?;
    let mut killed = stage.process(text!(stage, "waits", "等待者"), |_| never.wait(Duration::MAX)).start()?;
    killed.kill()?;
    let killed = killed.join()?;

    stage.check(by_code, code.to_string())?;
    stage.check(by_panic, panicked.to_string())?;
    stage.check(by_signal, killed.to_string())?;
    Ok(())
}
