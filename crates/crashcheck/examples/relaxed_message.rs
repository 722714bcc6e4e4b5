//! A message behind a flag that is stored `Relaxed`: a weakly ordered machine shows the flag before the message.
//!
//! `cargo run -p crashcheck --example relaxed_message`

use crashcheck::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed},
};
use crashcheck::{Actor, Model};

#[derive(Default)]
struct Shared {
    message: AtomicU64,
    is_there: AtomicU64,
}

fn main() {
    let writes = |shared: &Shared| {
        shared.message.store(7, Relaxed);
        shared.is_there.store(1, Relaxed); // Release would keep it behind the message
    };
    let reads = |shared: &Shared| {
        if shared.is_there.load(Acquire) == 1 {
            assert_eq!(shared.message.load(Relaxed), 7);
        }
    };
    let actors = [Actor::new("writer", &writes), Actor::new("reader", &reads)];
    let report = Model::new().preemptions(2).stale(2).explore(Shared::default, &actors, |_, _| Ok(()));
    println!("{}", report.violation.expect("an old message"));
}
