//! "When a process is created main speaks first, when a thread is created the thread does; so a
//! thread is faster to create", say the notes. The order of two lines shows no such thing.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use common::actor::{Actor, joined};
use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::Process;
use common::shared::Shared;
use common::stage::Stage;
use common::sync::Event;
use common::words::Text;
use common::{Error, interrupt, limits, objects};

use crate::words;
use Turn::{First, Second};

/// How often each kind is started to see which comes first when none is held back.
const ROUNDS: u32 = 50;
const MAIN: u32 = 1;
const CHILD: u32 = 2;

pub(crate) fn order(stage: &mut Stage) -> Result<(), Error> {
    let (mut threads, mut processes) = (0, 0);
    for _ in 0..ROUNDS {
        threads += u32::from(thread_comes_first()?);
        processes += u32::from(process_comes_first(stage)?);
    }
    stage.say(words::not_forced(ROUNDS, threads, processes))?;
    stage.say(words::now_forced())?;
    thread_and_main(stage, First(words::thread_first()), Second(words::main_second()))?;
    process_and_main(stage, First(words::process_first()), Second(words::main_process_second()))?;
    thread_and_main(stage, Second(words::thread_second()), First(words::main_first()))?;
    process_and_main(stage, Second(words::process_second()), First(words::main_process_first()))?;

    let of_rounds = words::of_rounds(ROUNDS);
    stage.figure(words::threads_before_main(), threads, &of_rounds)?;
    stage.figure(words::processes_before_main(), processes, of_rounds)
}

fn thread_comes_first() -> Result<bool, Error> {
    interrupt::check()?;
    limits::allow_one_more_thread()?;
    let first = AtomicU32::new(0);
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, || come(&first, CHILD));
        come(&first, MAIN);
        thread.map(joined).map_err(|source| Error::refused("start", objects::a_thread(), source))
    })?;
    Ok(first.into_inner() == CHILD)
}

fn process_comes_first(stage: &Stage) -> Result<bool, Error> {
    let first = Shared::new(AtomicU32::new(0))?;
    let mut process = Process::new(words::process().in_lang(stage.lang()), || come(&first, CHILD))
        .die_with_parent()
        .kill_on_drop()
        .ignore_ctrl_c()
        .start()?;
    come(&first, MAIN);
    process.join()?;
    Ok(first.load(Relaxed) == CHILD)
}

/// The first of the two to come leaves its number.
fn come(first: &AtomicU32, number: u32) {
    let _ = first.compare_exchange(0, number, Relaxed, Relaxed);
}

/// The line of one of two, said before the other's or after it.
enum Turn {
    First(Text),
    Second(Text),
}

fn thread_and_main(stage: &Stage, of_thread: Turn, of_main: Turn) -> Result<(), Error> {
    let spoken = scaffold(Event::new)?;
    thread::scope(|scope| {
        let thread = stage.thread(scope, words::thread(), |actor| speak(actor, of_thread, &spoken))?;
        speak(stage, of_main, &spoken).and(joined(thread))
    })
}

fn process_and_main(stage: &Stage, of_process: Turn, of_main: Turn) -> Result<(), Error> {
    let spoken = scaffold(Event::new)?;
    let mut process = stage.process(words::process(), |actor| speak(actor, of_process, &spoken)).start()?;
    speak(stage, of_main, &spoken)?;
    stage.join(&mut process)
}

fn speak(actor: &Actor, turn: Turn, spoken: &Event) -> Result<(), Error> {
    match turn {
        First(line) => {
            let said = actor.say(line);
            // Set even if the line was not printed: the other one waits for it.
            spoken.set();
            said
        }
        Second(line) => {
            spoken.wait(PATIENCE)?;
            actor.say(line)
        }
    }
}
