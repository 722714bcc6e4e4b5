//! "When a process is created main speaks first, when a thread is created the thread does; so a
//! thread is faster to create", say the notes. The order of two lines shows no such thing.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use common::actor::{Actor, joined};
use common::pace::PATIENCE;
use common::process::Process;
use common::report::Is;
use common::shared::Shared;
use common::stage::Stage;
use common::sync::Event;
use common::{Error, claim, interrupt, say, text};

use crate::Options;

/// How often each kind is started to see who comes first when nobody is held back.
const ROUNDS: u32 = 50;
const MAIN: u32 = 1;
const CHILD: u32 = 2;

/// Who was forced to speak first.
#[derive(Clone, Copy)]
enum First {
    Main,
    Child,
}

pub(crate) fn order(_: &Options, stage: &mut Stage) -> Result<(), Error> {
    let threads_do_both = claim!(
        stage,
        Is(2),
        "a thread may speak before main and after main: both orders happen",
        "线程可以先于主线程,也可以后于主线程:两种顺序都会出现"
    )?;
    let processes_do_both = claim!(
        stage,
        Is(2),
        "so may a process: who speaks first says nothing about what it costs",
        "进程也一样:谁先打印与开销无关"
    )?;

    let (mut thread_first, mut process_first) = (0, 0);
    for _ in 0..ROUNDS {
        thread_first += u32::from(thread_comes_first()?);
        process_first += u32::from(process_comes_first()?);
    }
    say!(
        stage,
        "nothing forced: of {ROUNDS} threads {thread_first} came before main, of {ROUNDS} processes {process_first}",
        "没有强制:{ROUNDS} 个线程中 {thread_first} 个先于主线程,{ROUNDS} 个进程中 {process_first} 个先于主进程"
    )?;
    say!(stage, "now forced, each kind in both orders:", "现在强制调度,每一种都演示两种顺序:")?;
    let (mut threads, mut processes) = (0, 0);
    for first in [First::Child, First::Main] {
        threads += u32::from(forced_thread(stage, first)?);
        processes += u32::from(forced_process(stage, first)?);
    }

    let of_rounds = format!("of {ROUNDS}");
    stage.figure("threads before main", thread_first, &of_rounds)?;
    stage.figure("processes before main", process_first, &of_rounds)?;
    stage.check(threads_do_both, threads)?;
    stage.check(processes_do_both, processes)?;
    Ok(())
}

fn thread_comes_first() -> Result<bool, Error> {
    interrupt::check()?;
    let first = AtomicU32::new(0);
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, || come(&first, CHILD));
        come(&first, MAIN);
        thread.map(joined).map_err(|source| Error::refused("start", "a thread", source))
    })?;
    Ok(first.into_inner() == CHILD)
}

fn process_comes_first() -> Result<bool, Error> {
    let first = Shared::new(AtomicU32::new(0))?;
    let mut process =
        Process::new("runner", || come(&first, CHILD)).die_with_parent().kill_on_drop().ignore_ctrl_c().start()?;
    come(&first, MAIN);
    process.join()?;
    Ok(first.load(Relaxed) == CHILD)
}

/// The first one to come leaves its mark.
fn come(first: &AtomicU32, who: u32) {
    let _ = first.compare_exchange(0, who, Relaxed, Relaxed);
}

/// Whether the order was as forced, by the journal.
fn forced_thread(stage: &mut Stage, first: First) -> Result<bool, Error> {
    let (child_line, main_line) = match first {
        First::Child => (text!(stage, "a thread: I am first", "线程:我先"), text!(stage, "main second", "主线程在后")),
        First::Main => (text!(stage, "a thread: I am second", "线程:我在后"), text!(stage, "main first", "主线程先")),
    };
    let spoken = Event::new()?;
    thread::scope(|scope| {
        let name = text!(stage, "thread", "线程");
        let thread = stage.thread(scope, name, |actor| speak(actor, first, &child_line, &spoken))?;
        answer(stage, first, &main_line, &spoken).and(joined(thread))
    })?;
    in_order(stage, first, &child_line, &main_line)
}

fn forced_process(stage: &mut Stage, first: First) -> Result<bool, Error> {
    let (child_line, main_line) = match first {
        First::Child => {
            (text!(stage, "a process: I am first", "进程:我先"), text!(stage, "main process second", "主进程在后"))
        }
        First::Main => {
            (text!(stage, "a process: I am second", "进程:我在后"), text!(stage, "main process first", "主进程先"))
        }
    };
    let spoken = Event::new()?;
    let name = text!(stage, "process", "进程");
    let mut process = stage.process(name, |actor| speak(actor, first, &child_line, &spoken)).start()?;
    answer(stage, first, &main_line, &spoken)?;
    stage.join(&mut process)?;
    in_order(stage, first, &child_line, &main_line)
}

/// The child's part: the first speaks and opens the gate, the second waits for it.
fn speak(actor: &Actor, first: First, line: &str, spoken: &Event) -> Result<(), Error> {
    match first {
        First::Child => say_and_open(actor, line, spoken),
        First::Main => wait_and_say(actor, line, spoken),
    }
}

/// Main's part.
fn answer(stage: &Stage, first: First, line: &str, spoken: &Event) -> Result<(), Error> {
    match first {
        First::Child => wait_and_say(stage, line, spoken),
        First::Main => say_and_open(stage, line, spoken),
    }
}

/// Opens the gate even if nobody listens any more: the other one waits for it.
fn say_and_open(actor: &Actor, line: &str, spoken: &Event) -> Result<(), Error> {
    let said = actor.say(line);
    spoken.set();
    said
}

fn wait_and_say(actor: &Actor, line: &str, spoken: &Event) -> Result<(), Error> {
    spoken.wait(PATIENCE)?;
    actor.say(line)
}

fn in_order(stage: &mut Stage, first: First, child_line: &str, main_line: &str) -> Result<bool, Error> {
    match first {
        First::Child => stage.said_before(child_line, main_line),
        First::Main => stage.said_before(main_line, child_line),
    }
}
