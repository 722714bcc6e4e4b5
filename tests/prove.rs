//! The queue, the mutex and the events, explored: every schedule, every death between two accesses, every value that
//! a weakly ordered machine may show, within the bounds that each row states.
//!
//! `just prove` builds the toolkit on a machine that a model checker controls (`--cfg killproof_model`). Without that
//! there is nothing to explore here.

#[cfg(killproof_model)]
#[path = "prove/dish.rs"]
mod dish;
#[cfg(killproof_model)]
#[path = "prove/endings.rs"]
mod endings;
#[cfg(killproof_model)]
#[path = "prove/hard_cases.rs"]
mod hard_cases;
#[cfg(killproof_model)]
#[path = "prove/history.rs"]
mod history;
#[cfg(killproof_model)]
#[path = "prove/holders.rs"]
mod holders;
#[cfg(killproof_model)]
#[path = "prove/kept.rs"]
mod kept;
#[cfg(killproof_model)]
#[path = "prove/letters.rs"]
mod letters;
#[cfg(killproof_model)]
#[path = "prove/locks.rs"]
mod locks;
#[cfg(killproof_model)]
#[path = "prove/meetings.rs"]
mod meetings;
#[cfg(killproof_model)]
#[path = "prove/notices.rs"]
mod notices;
#[cfg(killproof_model)]
#[path = "prove/permits.rs"]
mod permits;
#[cfg(killproof_model)]
#[path = "prove/picture.rs"]
mod picture;
#[cfg(killproof_model)]
#[path = "prove/plain.rs"]
mod plain;
#[cfg(killproof_model)]
#[path = "prove/promises.rs"]
mod promises;
#[cfg(killproof_model)]
#[path = "prove/queues.rs"]
mod queues;
#[cfg(killproof_model)]
#[path = "prove/readers.rs"]
mod readers;
#[cfg(killproof_model)]
#[path = "prove/replay.rs"]
mod replay;
#[cfg(killproof_model)]
#[path = "prove/rows.rs"]
mod rows;
#[cfg(killproof_model)]
#[path = "prove/used.rs"]
mod used;

use std::process::ExitCode;

#[cfg(killproof_model)]
fn main() -> ExitCode {
    rows::main()
}

#[cfg(not(killproof_model))]
fn main() -> ExitCode {
    println!("nothing to explore: `just prove` builds the model");
    ExitCode::SUCCESS
}
