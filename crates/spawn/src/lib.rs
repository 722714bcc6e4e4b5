//! Notes 1 and 2: start a process, name it, wait for it; which process is its parent, and how does it end?

#![forbid(unsafe_code)]

mod claims;
mod help;
mod words;

use std::time::{Duration, Instant};

use common::Error;
use common::actor::Actor;
use common::cli::{CommonOptions, Scene, Section};
use common::help::Help;
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::{Exit, Task};
use common::procfs::{self, Status};
use common::stage::Stage;
use common::sync::{Barrier, Event};
use common::units;

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
///   pids      the pids of parent and child
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
    const SCENES: &'static [Scene<Self>] = &[
        ("function", |_, stage| stage.play(claims::function(), function).map(drop)),
        ("object", |_, stage| stage.play(claims::object(), object).map(drop)),
        ("many", |_, stage| stage.play(claims::many(), many).map(drop)),
        ("pids", |_, stage| stage.play(claims::pids(), pids).map(drop)),
        ("exits", |_, stage| stage.play(claims::exits(), exits).map(drop)),
    ];
    const HELP: Help = help::HELP;

    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// The notes' `Process(target=func, args=('写讲话稿',))`.
fn function(stage: &mut Stage) -> Result<Exit, Error> {
    stage.say(words::forced_until_main_spoke())?;
    let main_spoke = scaffold(Event::new)?;
    let func = |actor: &Actor| {
        actor.say(words::process_begins(words::speech_name()))?;
        actor.pause(Duration::from_secs(5))?;
        // If start() returned only at the end of the work, this event would never be set.
        main_spoke.wait(PATIENCE)?;
        actor.say(words::task_done(words::speech_name()))
    };
    let mut process = stage.process(words::speech_name(), func).start()?;
    stage.say(words::main_line())?;
    main_spoke.set();
    stage.join(&mut process)?;
    Ok(process.join()?)
}

/// The notes' `class MyProcess(Process)`.
struct MyProcess(Actor);

impl Task for MyProcess {
    type Output = Result<(), Error>;

    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    fn run(self) -> Self::Output {
        self.0.say(words::game_begins(words::game_name(), std::process::id()))?;
        self.0.pause(Duration::from_secs(3))?;
        self.0.say(words::game_ends())
    }
}

fn object(stage: &mut Stage) -> Result<i32, Error> {
    let my_process = || MyProcess(stage.other(words::game_name()));
    my_process().run()?; // as in the notes: a method call, and no process
    let mut process = stage.task(words::game_name(), my_process()).start()?;
    stage.join(&mut process)?;
    Ok(process.pid())
}

fn many(stage: &mut Stage) -> Result<(), Error> {
    stage.say(words::join_in_the_loop())?;
    let began = Instant::now();
    for i in 1..=3 {
        let mut process = stage.process(words::speech(i), |actor| speech(actor, i)).start()?;
        stage.join(&mut process)?;
    }
    stage.say(words::main_line())?;
    stage.figure(words::in_the_loop(), began.elapsed().as_secs_f64(), units::s())?;

    stage.say(words::forced_meeting())?;
    let began = Instant::now();
    // Each task waits in the middle until all three have come: one after the other, none would pass.
    let meeting = scaffold(|| Barrier::new(3))?;
    let start = |i| {
        let work = |actor: &Actor| Ok(meeting.wait(PATIENCE)?).and_then(|()| speech(actor, i));
        stage.process(words::speech_again(i), work).start()
    };
    let mut processes = (1..=3).map(start).collect::<Result<Vec<_>, _>>()?;
    // The end of one that failed is an error: the others wait for it, and would be waited for.
    stage.join_all(&mut processes)?;
    stage.say(words::main_line())?;
    stage.figure(words::after_all(), began.elapsed().as_secs_f64(), units::s())
}

/// The notes' `func(name, i)`: a task of `i` seconds.
fn speech(actor: &Actor, i: u64) -> Result<(), Error> {
    actor.say(words::process_begins(words::speech(i)))?;
    actor.pause(Duration::from_secs(i))?;
    actor.say(words::task_done(words::speech(i)))
}

fn pids(stage: &mut Stage) -> Result<Option<Status>, Error> {
    stage.say(words::forced_until_looked_at())?;
    let looked = scaffold(Event::new)?;
    let task = |actor: &Actor| -> Result<(), Error> {
        actor.say(words::at_work(std::process::id()))?;
        actor.pause(Duration::from_secs(5))?;
        Ok(looked.wait(PATIENCE)?)
    };
    let mut process = stage.process(words::task_name(), task).start()?;
    stage.say(words::main_line_pid(std::process::id()))?;
    let status = procfs::status(process.pid())?;
    looked.set();
    stage.join(&mut process)?;
    Ok(status)
}

fn exits(stage: &mut Stage) -> Result<[Exit; 3], Error> {
    let code = stage.process(words::returns(), |_| 7_u8).start()?.join()?;
    let panics = |_: &Actor| -> u8 { panic!("this panic is part of the lesson") };
    let panic = stage.process(words::panics(), panics).start()?.join()?;
    let never = scaffold(Event::new)?;
    let mut waits = stage.process(words::waits(), |_| never.wait(Duration::MAX)).start()?;
    waits.kill()?;
    Ok([code, panic, waits.join()?])
}
