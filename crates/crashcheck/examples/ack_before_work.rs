//! Python's order of `get` and `task_done` with the work behind both: a death in between loses the work.
//!
//! `cargo run -p crashcheck --example ack_before_work`

use crashcheck::atomic::{AtomicU64, Ordering::Relaxed};
use crashcheck::{Actor, Model};

/// A queue of one message: is it there, is it acknowledged, and is its work done.
#[derive(Default)]
struct Message {
    acknowledged: AtomicU64,
    done: AtomicU64,
}

fn main() {
    let consumes = |message: &Message| {
        if message.acknowledged.load(Relaxed) == 0 {
            message.acknowledged.store(1, Relaxed); // after the work, a death would have it done again
            message.done.store(1, Relaxed);
        }
    };
    let model = Model::new().deaths(1);
    let report = model.explore(Message::default, &[Actor::new("consumer", &consumes)], |message, _| {
        if message.acknowledged.load(Relaxed) == 1 && message.done.load(Relaxed) == 0 {
            return Err("it is acknowledged, and no consumer will do it".to_owned());
        }
        Ok(())
    });
    println!("{}", report.violation.expect("a lost message"));
}
