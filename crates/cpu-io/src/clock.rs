//! The notes' clock: start 100 tasks, join an empty list, stop the clock.

use std::time::Instant;

use common::report::Is;
use common::stage::Stage;
use common::{Error, claim, say};

use crate::board::Board;
use crate::ways;
use crate::work::Work;
use crate::{NOTES_WORK, Options};

/// What the notes' clock showed, and how many tasks were done by then.
struct Stopped {
    milliseconds: f64,
    done: u32,
}

/// Shows that the notes' 22.8 s and 0.33 s measure no work: the clock stops although every task is
/// held back until it has stopped.
pub(crate) fn stops_too_early(options: &Options, stage: &mut Stage) -> Result<(), Error> {
    let tasks = options.tasks;
    let no_thread = claim!(
        stage,
        Is(0),
        "the notes join an empty list: of {tasks} threads so many are done when their clock stops",
        "笔记 join 的是空列表:计时结束时,{tasks} 个线程中完成了这么多个"
    )?;
    let no_process = claim!(
        stage,
        Is(0),
        "and of {tasks} processes so many: their 22.8 s and 0.33 s compare no work at all",
        "{tasks} 个进程中完成了这么多个:22.8 秒和 0.33 秒根本没有比较计算"
    )?;
    let all_joined = claim!(
        stage,
        Is(2 * u64::from(tasks)),
        "joined properly, all of them are done, with the right sum",
        "正确地 join 之后,全部完成,而且结果正确"
    )?;

    say!(
        stage,
        "forced: every task is held at a gate until the notes' clock has stopped",
        "强制的调度:计时结束之前,所有任务都被拦在门外"
    )?;
    let work = Work::Cpu { iterations: NOTES_WORK };
    let held = |board: &Board| board.wait().and_then(|()| work.perform(board, None));
    let stop = |board: &Board, began: Instant, stopped: &mut Option<Stopped>| {
        *stopped = Some(Stopped { milliseconds: began.elapsed().as_secs_f64() * 1e3, done: board.right() });
        board.open();
    };

    let (board, mut threads, began) = (Board::new()?, None, Instant::now());
    ways::threads(stage, tasks, &board, || held(&board), || stop(&board, began, &mut threads))?;
    let mut joined = board.right();
    let (board, mut processes, began) = (Board::new()?, None, Instant::now());
    ways::processes(stage, tasks, || held(&board), || stop(&board, began, &mut processes))?;
    joined += board.right();

    if let (Some(threads), Some(processes)) = (&threads, &processes) {
        let (threads, processes) = (threads.milliseconds, processes.milliseconds);
        say!(
            stage,
            "the notes' clock: threads {threads:.1} ms, processes {processes:.1} ms: it measures how long a start takes",
            "笔记的计时:多线程 {threads:.1} 毫秒,多进程 {processes:.1} 毫秒:它量的只是启动的时间"
        )?;
    }
    for (claim, stopped, kind) in [(no_thread, threads, "threads"), (no_process, processes, "processes")] {
        let Some(Stopped { milliseconds, done }) = stopped else { continue };
        stage.figure(format!("the notes' clock, {kind}"), milliseconds, "ms")?;
        stage.check(claim, done)?;
    }
    stage.check(all_joined, joined)?;
    Ok(())
}
