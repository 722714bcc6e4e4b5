//! Notes 9: a process owns resources, a thread executes. What does each cost, and what is shared?

#![forbid(unsafe_code)]

mod claims;
mod cost;
mod help;
mod order;
mod words;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use common::Error;
use common::actor::{Actor, joined};
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::Task;
use common::shared::Shared;
use common::stage::Stage;
use common::sync::Event;

use cost::cost;
use order::order;

/// Thread or process?
///
/// A process owns resources: memory, files, a pid. A thread executes, inside a process, and shares
/// all of that with the process's other threads. So a thread is cheap to start and sees what the
/// others write; a process costs a memory map of its own, and what it writes is its own.
///
/// Scenes:
///   function  the same function as a thread and as a process; main goes on meanwhile
///   object    the run method of one type: called by main, by a thread, and by a process
///   order     who speaks first? Either, with both kinds: it says nothing about cost
///   memory    main sees the writes of a thread; those of a process only in shared memory
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
        ("function", |_, stage| stage.play(claims::function(), function).map(drop)),
        ("object", |_, stage| stage.play(claims::object(), object)),
        ("order", |_, stage| stage.play(claims::order(), order)),
        ("memory", |_, stage| stage.play(claims::memory(), memory).map(drop)),
        ("cost", |_, stage| stage.play(claims::cost(), cost).map(drop)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' `Thread(target=task, args=('悟空',))`, and then the same line with `Process`.
fn function(stage: &mut Stage) -> Result<i32, Error> {
    let main_spoke = scaffold(Event::new)?;
    thread::scope(|scope| {
        let t = stage.thread(scope, words::wukong(), |actor| task(actor, Some(&main_spoke)))?;
        let said = stage.say(words::main_line());
        // Set even if the line was not printed: the thread waits for it.
        main_spoke.set();
        said.and(joined(t))
    })?;

    let main_spoke = scaffold(Event::new)?;
    let mut t = stage.process(words::wukong(), |actor| task(actor, Some(&main_spoke))).start()?;
    stage.say(words::main_line())?;
    main_spoke.set();
    stage.join(&mut t)?;
    Ok(t.pid())
}

/// The notes' `task(name)`. If main is to speak meanwhile, it does not end before that: if the start
/// returned only at the end of the work, the event would never be set.
fn task(actor: &Actor, main_spoke: Option<&Event>) -> Result<(), Error> {
    actor.say(words::task_begins(words::wukong()))?;
    actor.pause(Duration::from_secs(3))?;
    main_spoke.map_or(Ok(()), |event| event.wait(PATIENCE))?;
    actor.say(words::task_done(words::wukong()))
}

/// The notes' `class MyThread(Thread)`: a type with a `run` method. Its caller decides where that runs.
struct MyThread(Actor);

impl Task for MyThread {
    type Output = Result<(), Error>;

    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    fn run(self) -> Self::Output {
        task(&self.0, None)
    }
}

fn object(stage: &mut Stage) -> Result<(), Error> {
    let my_thread = || MyThread(stage.other(words::wukong()));
    my_thread().run()?;
    thread::scope(|scope| {
        let t = my_thread();
        let t = stage.thread(scope, words::wukong(), move |_| t.run())?;
        let said = stage.say(words::main_line());
        said.and(joined(t))
    })?;
    let mut t = stage.task(words::wukong(), my_thread()).start()?;
    stage.say(words::main_line())?;
    stage.join(&mut t)
}

/// By the notes the threads of a process share its resources. Their memory, for a start.
fn memory(stage: &mut Stage) -> Result<[u32; 3], Error> {
    let number = AtomicU32::new(0);
    thread::scope(|scope| joined(stage.thread(scope, words::thread(), |actor| write(actor, &number, 1))?))?;
    let after_thread = read(stage, &number)?;
    stage.join(&mut stage.process(words::process(), |actor| write(actor, &number, 2)).start()?)?;
    let after_process = read(stage, &number)?;
    let shared = Shared::new(AtomicU32::new(0))?;
    stage.join(&mut stage.process(words::process(), |actor| write(actor, &shared, 3)).start()?)?;
    Ok([after_thread, after_process, read(stage, &shared)?])
}

fn write(actor: &Actor, number: &AtomicU32, value: u32) -> Result<(), Error> {
    number.store(value, Relaxed);
    actor.say(words::writes(value, format!("{number:p}")))
}

fn read(actor: &Actor, number: &AtomicU32) -> Result<u32, Error> {
    let value = number.load(Relaxed);
    actor.say(words::sees(value, format!("{number:p}")))?;
    Ok(value)
}
