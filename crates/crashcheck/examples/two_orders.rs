//! Two locks in two orders: each actor has one and waits for the other.
//!
//! `cargo run -p crashcheck --example two_orders`

use crashcheck::robust::RobustMutex;
use crashcheck::{Actor, Model};

fn transfer(from: &RobustMutex, to: &RobustMutex) {
    let locked = [from.lock(), to.lock()];
    assert!(locked.iter().all(Result::is_ok), "no holder dies here");
    to.unlock();
    from.unlock();
}

fn main() {
    let there = |accounts: &[RobustMutex; 2]| transfer(&accounts[0], &accounts[1]);
    let back = |accounts: &[RobustMutex; 2]| transfer(&accounts[1], &accounts[0]); // the same order would do
    let actors = [Actor::new("there", &there), Actor::new("back", &back)];
    let report = Model::new().preemptions(1).explore(Default::default, &actors, |_, _| Ok(()));
    println!("{}", report.violation.expect("a deadlock"));
}
