//! The three ways to do many tasks: one after the other, a thread each, a process each.

use std::thread;
use std::time::{Duration, Instant};

use common::actor::joined;
use common::limits;
use common::stage::Stage;
use common::words::Text;
use common::{Error, interrupt, objects};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::board::Board;
use crate::words;

/// How the tasks are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Serial,
    Threads,
    Processes,
}

impl Way {
    /// In the order of the tables.
    pub(crate) const ALL: [Self; 3] = [Self::Serial, Self::Threads, Self::Processes];
    /// In the order of measurement: what the system may refuse comes first, not after a long wait.
    pub(crate) const MEASURED: [Self; 3] = [Self::Threads, Self::Processes, Self::Serial];

    /// Its name in each language.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::Serial => words::serial(),
            Self::Threads => words::threads(),
            Self::Processes => words::processes(),
        }
    }

    /// Its name in Python, and beside the progress bar.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Threads => "threads",
            Self::Processes => "processes",
        }
    }
}

/// What one way took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Seconds from the first start to the last join.
    pub(crate) wall: f64,
    /// Seconds of processor time, of this process and of all its children.
    pub(crate) cpu: f64,
}

/// Does `task` as often as `tasks` says, and joins every thread or process, which the notes forgot.
pub(crate) fn measure(
    stage: &Stage,
    way: Way,
    tasks: u32,
    board: &Board,
    task: impl Fn() -> Result<(), Error> + Sync,
) -> Result<Took, Error> {
    let (began, used) = (Instant::now(), cpu_seconds()?);
    match way {
        Way::Serial => (0..tasks).try_for_each(|_| task())?,
        Way::Threads => threads(stage, tasks, board, task, || {})?,
        Way::Processes => processes(stage, tasks, task, || {})?,
    }
    Ok(Took { wall: began.elapsed().as_secs_f64(), cpu: cpu_seconds()? - used })
}

/// A thread for each task. Returns what `all_started` does, which is called between the last start and the
/// first join.
pub(crate) fn threads<T>(
    stage: &Stage,
    tasks: u32,
    board: &Board,
    task: impl Fn() -> Result<(), Error> + Sync,
    all_started: impl FnOnce() -> T,
) -> Result<T, Error> {
    limits::allow_threads(tasks)?;
    let task = &task;
    thread::scope(|scope| {
        let start = |i| {
            interrupt::check()?;
            stage.thread(scope, words::thread(i), move |_| task())
        };
        let started: Result<Vec<_>, Error> = (1..=tasks).map(start).collect();
        // The scope's end waits for the threads that did start.
        let threads = started.inspect_err(|_| board.give_up())?;
        let observed = all_started();
        threads.into_iter().try_for_each(joined)?;
        Ok(observed)
    })
}

/// The same with a process for each task.
pub(crate) fn processes<T>(
    stage: &Stage,
    tasks: u32,
    task: impl Fn() -> Result<(), Error> + Sync,
    all_started: impl FnOnce() -> T,
) -> Result<T, Error> {
    limits::allow_processes(tasks, ["process", "processes"])?;
    let task = &task;
    let start = |i| {
        interrupt::check()?;
        stage.process(words::process(i), move |_| task()).start()
    };
    let mut children: Vec<_> = (1..=tasks).map(start).collect::<Result<_, _>>()?;
    let observed = all_started();
    stage.join_all(&mut children)?;
    Ok(observed)
}

fn cpu_seconds() -> Result<f64, Error> {
    let used = |who| {
        let usage = getrusage(who).map_err(|errno| Error::refused("measure", objects::processor_time(), errno))?;
        let time = usage.user_time() + usage.system_time();
        let microseconds = u64::try_from(time.num_microseconds()).unwrap_or_default();
        Ok::<f64, Error>(Duration::from_micros(microseconds).as_secs_f64())
    };
    Ok(used(UsageWho::RUSAGE_SELF)? + used(UsageWho::RUSAGE_CHILDREN)?)
}
