//! What a task does: it counts, or it waits.

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::journal::wait;
use common::{Error, interrupt};

use crate::board::Board;

/// How many iterations a task counts between two checks whether the run was asked to end.
const CHUNK: u64 = 1 << 18;
/// How long a task waits between two such checks.
const TICK: Duration = Duration::from_millis(100);

/// What each task of a measurement does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// The notes' `for i in range(100000): res += i`.
    Cpu { iterations: u64 },
    /// Waits, as for a disk or a network.
    Io { delay: Duration },
}

impl Work {
    /// Performs one task. With `meet`, this many tasks are in flight before the first of them waits: the
    /// last task to begin releases the others. A long delay would have the same effect, without a gate.
    pub(crate) fn perform(self, board: &Board, meet: Option<u32>) -> Result<(), Error> {
        board.task(|in_flight| {
            match meet {
                Some(all) if all == in_flight => board.open(),
                Some(_) => board.wait()?,
                None => {}
            }
            match self {
                Self::Cpu { iterations } => Ok(count(iterations, board)? == sum_below(iterations)),
                Self::Io { delay } => wait(delay, board).map(|()| true),
            }
        })
    }
}

/// The sum of all numbers below `iterations`, by a loop.
fn count(iterations: u64, board: &Board) -> Result<u64, Error> {
    let (mut res, mut i) = (0, 0);
    while i < iterations {
        board.go_on()?;
        let end = iterations.min(i + CHUNK);
        // The black box keeps the compiler from replacing the loop by the formula below. In a build
        // without optimisation a range costs more than the sum itself, so this is a `while`.
        while i < end {
            res = black_box(res + i);
            i += 1;
        }
    }
    Ok(res)
}

/// The same by a formula.
fn sum_below(n: u64) -> u64 {
    if n.is_multiple_of(2) { n / 2 * (n - 1) } else { (n - 1) / 2 * n }
}

fn wait(delay: Duration, board: &Board) -> Result<(), Error> {
    let _waiting = wait::for_io("I/O");
    let began = Instant::now();
    while let Some(left) = delay.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
        board.go_on()?;
        interrupt::sleep(left.min(TICK))?;
    }
    board.go_on()
}
