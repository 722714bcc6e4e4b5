//! The notes' clock: start 100 tasks, join an empty list, stop the clock.

use std::time::Instant;

use common::Error;
use common::stage::Stage;
use common::units;

use crate::board::Board;
use crate::work::Work;
use crate::{NOTES_WORK, ways, words};

/// How many tasks were done when the notes' clock stopped, and how many when they were joined.
pub(crate) struct Clock {
    pub(crate) threads_done: u32,
    pub(crate) processes_done: u32,
    /// Of both, with the right sum.
    pub(crate) done_when_joined: u32,
    /// How many seconds the starts of all tasks took, in the order of [`Way::ALL`](crate::ways::Way::ALL).
    pub(crate) starts: [f64; 3],
}

/// Shows that the notes' 22.8 s and 0.33 s measure no work: the clock stops although every task is
/// held back until it has stopped.
pub(crate) fn stops_too_early(stage: &mut Stage, tasks: u32) -> Result<Clock, Error> {
    stage.say(words::forced_gate())?;
    let work = Work::Cpu { iterations: NOTES_WORK };
    let held = |board: &Board| board.wait().and_then(|()| work.perform(board, None));
    let stop = |board: &Board, start: Instant| {
        let stopped = (start.elapsed().as_secs_f64() * 1e3, board.right());
        board.open();
        stopped
    };

    let (board, start) = (Board::new()?, Instant::now());
    let (threads_ms, threads_done) = ways::threads(stage, tasks, &board, || held(&board), || stop(&board, start))?;
    let mut done_when_joined = board.right();
    let (board, start) = (Board::new()?, Instant::now());
    let (processes_ms, processes_done) = ways::processes(stage, tasks, || held(&board), || stop(&board, start))?;
    done_when_joined += board.right();

    stage.say(words::clock_measures_starts(threads_ms, processes_ms))?;
    stage.figure(words::notes_clock_threads(), threads_ms, units::ms())?;
    stage.figure(words::notes_clock_processes(), processes_ms, units::ms())?;
    let starts = [0.0, threads_ms / 1e3, processes_ms / 1e3];
    Ok(Clock { threads_done, processes_done, done_when_joined, starts })
}
