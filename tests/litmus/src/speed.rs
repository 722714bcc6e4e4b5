//! Executions in a second on a program that all three can express: in turns, so that what else the machine does meets all.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::Duration;

use crate::machine::{Machine, Program, Size, Word};
use crate::machines::ours::Ours;
use crate::machines::peer_loom::Loom;
use crate::machines::peer_shuttle::Shuttle;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

/// Two actors of nine accesses each, on three words.
fn program<M: Machine>() -> Program<M> {
    let side = |mine: usize| -> crate::machine::Actor<M> {
        Arc::new(move |words| {
            for _ in 0..3 {
                words[mine].store(1, Relaxed);
                words[2].fetch_add(1, Release);
                words[1 - mine].load(Acquire);
            }
            Vec::new()
        })
    };
    let actors = vec![side(0), side(1)];
    let allowed = Default::default();
    Program { name: "speed", words: vec![0; 3], actors, last: vec![], size: Size::Preemptions(3), allowed }
}

/// Prints the median of each in executions per second, and the smallest and the largest round.
pub fn compare() {
    let mut rounds: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        rounds[0].push(Ours::executions(&program(), ROUND).per_second());
        rounds[1].push(Loom::executions(&program(), ROUND).per_second());
        rounds[2].push(Shuttle::executions(&program(), ROUND).per_second());
    }
    println!("| | executions a second | of {ROUNDS} rounds |\n|---|---|---|");
    for (name, mut rounds) in [Ours::NAME, Loom::NAME, Shuttle::NAME].into_iter().zip(rounds) {
        rounds.sort_by(f64::total_cmp);
        println!("| {name} | {:.0} | {:.0} to {:.0} |", rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
    }
}
