//! What a thread and a process cost: the time from start to joined, and the memory while they live.

use std::fs;
use std::hint::black_box;
use std::sync::{PoisonError, RwLock, mpsc};
use std::thread;
use std::time::Instant;

use common::journal::scaffold;
use common::pace::PATIENCE;
use common::process::Process;
use common::queue::Queue;
use common::refusal::Refusal;
use common::report::median;
use common::stage::Stage;
use common::sync::Event;
use common::units;
use common::{Error, interrupt, limits, objects};

use crate::words;

/// Starts of each kind. They are interleaved, so that a busy moment hits both alike.
const ROUNDS: usize = 101;
/// How many of a kind live at once while their memory is measured.
const CROWD: u32 = 16;

/// How many times as much memory a process takes as a thread.
pub(crate) fn cost(stage: &mut Stage) -> Result<f64, Error> {
    let (mut threads, mut processes) = (Vec::new(), Vec::new());
    let name = words::process().in_lang(stage.lang());
    for _ in 0..ROUNDS {
        interrupt::check()?;
        limits::allow_one_more_thread()?;
        threads.push(thread_microseconds()?);
        processes.push(process_microseconds(&name)?);
    }
    let (thread_time, process_time) = (median(&mut threads), median(&mut processes));
    let (thread_memory, process_memory) = (memory_of_a_thread()?, memory_of_a_process(stage)?);
    let (time_ratio, memory_ratio) = (process_time / thread_time, process_memory / thread_memory);
    stage.say(words::time_of_both(thread_time, process_time, time_ratio))?;
    stage.say(words::memory_of_both(thread_memory, process_memory, memory_ratio))?;
    stage.figure(words::start_and_join_thread(), thread_time, words::us_median())?;
    stage.figure(words::start_and_join_process(), process_time, words::us_median())?;
    stage.figure(words::memory_of_thread(), thread_memory, units::kilobytes())?;
    stage.figure(words::memory_of_process(), process_memory, units::kilobytes())?;
    Ok(memory_ratio)
}

fn thread_microseconds() -> Result<f64, Error> {
    let began = Instant::now();
    let thread = thread::Builder::new().spawn(|| black_box(()));
    let thread = thread.map_err(|source| Error::refused("start", objects::a_thread(), source))?;
    thread.join().unwrap_or_default(); // an empty closure does not panic
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

fn process_microseconds(name: &str) -> Result<f64, Error> {
    let began = Instant::now();
    Process::new(name, || black_box(())).die_with_parent().kill_on_drop().ignore_ctrl_c().start()?.join()?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

/// By how many kB this process grows with each thread that lives. The threads wait by std's means, which nothing
/// records: a line of the journal takes as much memory as a third of a thread.
fn memory_of_a_thread() -> Result<f64, Error> {
    let (come, here) = mpsc::channel();
    let measured = RwLock::new(());
    let me = std::process::id();
    thread::scope(|scope| {
        // Until this guard is dropped they wait for it; on an error as well.
        let not_yet = measured.write().unwrap_or_else(PoisonError::into_inner);
        let before = own_kilobytes(me)?;
        for _ in 0..CROWD {
            let (come, measured) = (come.clone(), &measured);
            limits::allow_one_more_thread()?;
            let live = move || {
                let _ = come.send(());
                drop(measured.read());
            };
            let spawned = thread::Builder::new().spawn_scoped(scope, live);
            spawned.map_err(|source| Error::refused("start", objects::a_thread(), source))?;
        }
        for _ in 0..CROWD {
            here.recv_timeout(PATIENCE).map_err(|_| Error::timed_out(objects::a_thread(), PATIENCE.as_secs_f64()))?;
        }
        let after = own_kilobytes(me)?;
        drop(not_yet);
        Ok((after - before) / f64::from(CROWD))
    })
}

/// How many kB each process takes, on average.
fn memory_of_a_process(stage: &Stage) -> Result<f64, Error> {
    let (here, go) = (scaffold(|| Queue::new(CROWD as usize))?, scaffold(Event::new)?);
    let live = || here.put(()).map_err(Error::from).and_then(|()| Ok(go.wait(PATIENCE)?));
    // By its code alone: main says for all of them why the run ends.
    let live = || live().map_or_else(|error: Error| error.code(), |()| 0);
    let name = |number| words::process_of_the_crowd(number).in_lang(stage.lang());
    let start = |number| Process::new(name(number), live).daemon().ignore_ctrl_c().linked().start();
    let mut crowd = (1..=CROWD).map(start).collect::<Result<Vec<_>, _>>()?;
    all_here(&here)?;
    let taken = crowd.iter().map(|child| own_kilobytes(child.pid().cast_unsigned()));
    let taken = taken.collect::<Result<Vec<_>, _>>();
    // Of a process that was killed there is nothing to read, and its end is what went wrong.
    interrupt::check()?;
    let taken = taken?;
    go.set();
    for child in &mut crowd {
        child.join()?;
    }
    Ok(taken.iter().sum::<f64>() / f64::from(CROWD))
}

fn all_here(here: &Queue<()>) -> Result<(), Error> {
    (0..CROWD).try_for_each(|_| here.get_timeout(PATIENCE).map_err(Error::from))
}

/// The memory that exists because this process does, in kB: the pages that it wrote (one that it
/// still shares with n - 1 others since the fork counts 1/n) and its page tables. The pages of the
/// program's file do not count: all processes share them. Nor does the kernel's own part (a stack of
/// 16 kB, mostly), which is the same for a thread.
fn own_kilobytes(pid: u32) -> Result<f64, Error> {
    let pages = read(&format!("/proc/{pid}/smaps_rollup"), "Pss_Anon:")?;
    let page_tables = read(&format!("/proc/{pid}/status"), "VmPTE:")?;
    Ok(pages + page_tables)
}

/// The number behind `key` in one of the kernel's tables.
fn read(path: &str, key: &str) -> Result<f64, Error> {
    let table = fs::read_to_string(path).map_err(|source| Error::refused("read", path, source))?;
    let value = table.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| Error::refused("read", path, std::io::Error::other(Refusal(words::key_is_missing(key)))))
}
