//! A producer that wakes before it stores: the consumer looks in between, and sleeps for ever.
//!
//! `cargo run -p crashcheck --example notify_before_store`

use crashcheck::atomic::{
    AtomicU32,
    Ordering::{Acquire, Release},
};
use crashcheck::{Actor, Model, futex};

fn main() {
    let produces = |ready: &AtomicU32| {
        futex::wake(ready, 1); // the store belongs before it
        ready.store(1, Release);
    };
    let consumes = |ready: &AtomicU32| {
        while ready.load(Acquire) == 0 {
            futex::wait(ready, 0, None);
        }
    };
    let actors = [Actor::new("producer", &produces), Actor::new("consumer", &consumes)];
    let report = Model::new().preemptions(1).explore(AtomicU32::default, &actors, |_, _| Ok(()));
    println!("{}", report.violation.expect("a lost wake-up"));
}
