//! Notes 9: a process owns resources, a thread executes. What does each cost, and what is shared?

#![forbid(unsafe_code)]

mod cost;
mod order;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use common::actor::{Actor, joined};
use common::cli::{CommonOptions, Scene, Section};
use common::pace::PATIENCE;
use common::process::{Process, Task};
use common::report::Is;
use common::shared::Shared;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, say, text};

/// Thread or process?
///
/// A process owns resources: memory, files, a pid. A thread executes, inside a process, and shares
/// all of that with the process's other threads. So a thread is cheap to start and sees what the
/// others write; a process costs a memory map of its own, and what it writes is its own.
///
/// Scenes:
///   function  the same function as a thread and as a process; main goes on meanwhile
///   object    the same type called, as a thread, and as a process
///   order     who speaks first? Either, with both kinds: it says nothing about cost
///   memory    who sees whose writes
///   cost      the time to start and the memory to run, of a thread and of a process
#[derive(Debug, clap::Parser)]
#[command(name = "threads", version, verbatim_doc_comment, after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    common: CommonOptions,
}

const EXAMPLES: &str = "Examples:
  threads                            all scenes, ten times as fast as the notes
  threads --scene order              why the notes' two lines prove nothing
  threads --scene cost               what does prove it, measured on this machine
  threads --scene memory --lang zh   in Chinese";

impl Section for Options {
    const NAME: &'static str = "threads";
    const SCENES: &'static [Scene<Self>] = &[
        ("function", function),
        ("object", object),
        ("order", order::order),
        ("memory", memory),
        ("cost", cost::cost),
    ];

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' `Thread(target=task, args=('悟空',))`, and then the same line with `Process`.
fn function(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let me = std::process::id();
    let thread_is_here = claim!(stage, Is(me), "the thread works inside main's process", "线程就在主进程里工作")?;
    let process_is_not = claim!(stage, Is(true), "the process works in one of its own", "进程在自己的进程里工作")?;
    let goes_on = claim!(
        stage,
        Is(2),
        "main goes on while the thread works, and while the process works",
        "线程工作时主线程继续执行,进程工作时也一样"
    )?;

    let name = wukong(stage);
    let main_line = text!(stage, "main thread", "主线程");
    let main_spoke = Event::new()?;
    thread::scope(|scope| {
        let thread = stage.thread(scope, name.clone(), |actor| task(actor, Some(&main_spoke)))?;
        let said = stage.say(main_line.clone());
        // Even if nobody listens any more: the thread waits for it.
        main_spoke.set();
        said.and(joined(thread))
    })?;
    let main_spoke = Event::new()?;
    let mut process = stage.process(name, |actor| task(actor, Some(&main_spoke))).start()?;
    stage.say(main_line.clone())?;
    main_spoke.set();
    stage.join(&mut process)?;

    let done = done_line(stage);
    let mut went_on = 0;
    let mut spoke = false;
    for event in stage.events()? {
        match event.text {
            Some(text) if text == main_line => spoke = true,
            // Each end comes after a word of main that was not there before.
            Some(text) if text == done => went_on += i32::from(std::mem::take(&mut spoke)),
            _ => {}
        }
    }
    let workers = who_began(stage)?;
    stage.check(thread_is_here, workers.first().map(|who| who.pid))?;
    stage.check(process_is_not, workers.get(1).is_some_and(|who| who.pid == process.pid() && who.pid != id(me)))?;
    stage.check(goes_on, went_on)?;
    Ok(())
}

/// The notes' `task(name)`. It does not end before main has spoken, if main is to speak: if main
/// were held up until its end, nobody would ever open this gate.
fn task(actor: &Actor, main_spoke: Option<&Event>) -> Result<(), Error> {
    actor.say(begin_line(actor))?;
    actor.pause(Duration::from_secs(3))?;
    main_spoke.map_or(Ok(()), |gate| gate.wait(PATIENCE))?;
    actor.say(done_line(actor))
}

/// The notes' `class MyThread(Thread)`. It is a type with a `run` method; who calls it decides.
struct Monkey {
    actor: Actor,
}

impl Task for Monkey {
    type Output = Result<(), Error>;

    fn name(&self) -> String {
        self.actor.name().to_owned()
    }

    fn run(self) -> Self::Output {
        task(&self.actor, None)
    }
}

fn object(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let me = std::process::id();
    let called = claim!(
        stage,
        Is(format!("pid {me}, tid {me}")),
        "run() called by main: main's own thread does the work",
        "主线程直接调用 run():由主线程自己执行"
    )?;
    let as_thread = claim!(
        stage,
        Is("main's pid, a tid of its own"),
        "as a thread: in main's process, but beside main's thread",
        "作为线程:在主进程里,但有自己的线程"
    )?;
    let as_process =
        claim!(stage, Is("a pid of its own"), "as a process: in a process of its own", "作为进程:在自己的进程里")?;

    let name = wukong(stage);
    let monkey = || Monkey { actor: stage.other(name.clone()) };
    monkey().run()?;
    thread::scope(|scope| {
        let monkey = monkey();
        let thread = stage.thread(scope, monkey.name(), move |_| monkey.run())?;
        let said = say!(stage, "main thread", "主线程");
        said.and(joined(thread))
    })?;
    let mut process = stage.follow(Process::from_task(monkey())).start()?;
    say!(stage, "main thread", "主线程")?;
    stage.join(&mut process)?;

    let workers = who_began(stage)?;
    let place = |who: &Worker| match *who {
        Worker { pid, tid } if pid == id(me) && tid == id(me) => format!("pid {me}, tid {me}"),
        Worker { pid, .. } if pid == id(me) => "main's pid, a tid of its own".to_owned(),
        Worker { .. } => "a pid of its own".to_owned(),
    };
    for (claim, i) in [called, as_thread, as_process].into_iter().zip(0..) {
        stage.check(claim, workers.get(i).map(place))?;
    }
    Ok(())
}

/// "Threads of the same process share its resources", say the notes. Their memory, for a start.
fn memory(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let by_thread = claim!(stage, Is(1), "main sees what a thread wrote", "主线程能看到线程写入的值")?;
    let by_process = claim!(
        stage,
        Is(1),
        "main does not see what a process wrote at the same address: it wrote to its copy",
        "进程在同一个地址写入,主进程看不到:它写的是自己的副本"
    )?;
    let through_shared = claim!(
        stage,
        Is(3),
        "main sees what a process wrote to memory that was made to be shared",
        "写进专门共享的内存,主进程就能看到"
    )?;

    let number = AtomicU32::new(0);
    let write = |actor: &Actor, number: &AtomicU32, value: u32| {
        number.store(value, Relaxed);
        say!(actor, "I write {value} at address {number:p}", "我在地址 {number:p} 写入 {value}")
    };
    let (a_thread, a_process) = (text!(stage, "thread", "线程"), text!(stage, "process", "进程"));
    let tell = |number: &AtomicU32| {
        let value = number.load(Relaxed);
        say!(stage, "at address {number:p} I see {value}", "我在地址 {number:p} 看到 {value}").map(|()| value)
    };
    thread::scope(|scope| joined(stage.thread(scope, a_thread, |actor| write(actor, &number, 1))?))?;
    let after_thread = tell(&number)?;
    stage.join(&mut stage.process(a_process.clone(), |actor| write(actor, &number, 2)).start()?)?;
    let after_process = tell(&number)?;
    let shared = Shared::new(AtomicU32::new(0))?;
    stage.join(&mut stage.process(a_process, |actor| write(actor, &shared, 3)).start()?)?;
    let after_shared = tell(&shared)?;

    stage.check(by_thread, after_thread)?;
    stage.check(by_process, after_process)?;
    stage.check(through_shared, after_shared)?;
    Ok(())
}

/// Where a task worked.
struct Worker {
    pid: i32,
    tid: i32,
}

/// Where the tasks of this scene worked, in the order of their first words.
fn who_began(stage: &mut Stage) -> Result<Vec<Worker>, Error> {
    let begins = begin_line(&stage.other(wukong(stage)));
    let mut events = stage.events()?;
    events.retain(|event| event.text.as_ref() == Some(&begins));
    Ok(events.iter().map(|event| Worker { pid: event.pid, tid: event.tid }).collect())
}

fn wukong(actor: &Actor) -> String {
    text!(actor, "Wukong", "悟空")
}

fn begin_line(actor: &Actor) -> String {
    let name = wukong(actor);
    text!(actor, "{name}: task begins", "{name} 任务开始")
}

fn done_line(actor: &Actor) -> String {
    let name = wukong(actor);
    text!(actor, "{name}: task done", "{name} 任务结束")
}

fn id(pid: u32) -> i32 {
    pid.cast_signed()
}
